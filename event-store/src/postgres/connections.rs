//! A pool of connections in which nothing waits for ever.

use std::time::Duration;

use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, Timeouts,
};
use rustls::ClientConfig;
use rustls_platform_verifier::ConfigVerifierExt;
use tokio_postgres::Config;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::PostgresUrl;
use crate::{OpenError, StoreError};

/// How long a caller waits for a connection before the store is unavailable.
pub const POOL_WAIT: Duration = Duration::from_secs(2);

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(2);

/// After this long without traffic the other end is asked whether it is there.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(5);

/// After this long without an acknowledgement a connection is given up.
const UNACKNOWLEDGED: Duration = Duration::from_secs(10);

/// How a pool is opened.
#[derive(Debug, Clone)]
pub struct PoolOptions {
    /// Connections at most.
    pub size: usize,
    /// The schema in which tables are looked for and made; none for the database's default.
    pub schema: Option<&'static str>,
    /// The longest that one statement may run.
    pub statement_timeout: Duration,
    /// The longest that one statement may wait for a lock.
    pub lock_timeout: Duration,
    /// Whether the server is to refuse whatever would change something.
    pub read_only: bool,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self {
            size: 8,
            schema: None,
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(2),
            read_only: false,
        }
    }
}

/// A pool of connections to one database, and the means for connections outside it.
#[derive(Clone)]
pub struct Connections {
    pool: Pool,
    config: Config,
    tls: MakeRustlsConnect,
    place: String,
}

impl Connections {
    /// Prepares the pool; connects to nothing yet.
    pub fn new(url: &PostgresUrl, options: &PoolOptions) -> Result<Self, OpenError> {
        let place = url.to_string();
        let failed = |reason: String| OpenError::Server {
            place: place.clone(),
            reason,
        };
        let mut config = url.config();
        let session = session_options(&config, options);
        config
            .application_name("maeum")
            .connect_timeout(CONNECT)
            .keepalives_idle(KEEPALIVE_IDLE)
            .tcp_user_timeout(UNACKNOWLEDGED)
            .options(session);
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        // An error says that another part of the process has chosen the same before.
        let _chosen_before = provider.install_default();
        let tls = ClientConfig::with_platform_verifier().map_err(|e| failed(e.to_string()))?;
        let tls = MakeRustlsConnect::new(tls);
        let manager = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let pool = Pool::builder(Manager::from_config(config.clone(), tls.clone(), manager))
            .max_size(options.size)
            .timeouts(Timeouts {
                wait: Some(POOL_WAIT),
                create: Some(POOL_WAIT),
                recycle: Some(POOL_WAIT),
            })
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|e| failed(e.to_string()))?;
        Ok(Self {
            pool,
            config,
            tls,
            place,
        })
    }

    /// A connection, waited for no longer than [`POOL_WAIT`].
    pub async fn get(&self) -> Result<Object, StoreError> {
        self.pool.get().await.map_err(|cause| unavailable(&cause))
    }

    /// The same while a store is opened.
    pub async fn open(&self) -> Result<Object, OpenError> {
        self.pool.get().await.map_err(|cause| OpenError::Server {
            place: self.place.clone(),
            reason: describe(&cause),
        })
    }

    /// What the driver needs for a connection of its own, e.g. one that listens.
    pub fn outside_the_pool(&self) -> (Config, MakeRustlsConnect) {
        (self.config.clone(), self.tls.clone())
    }

    /// The address, without a password.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Ends idle connections at once, and those in use when they come back.
    pub fn close(&self) {
        self.pool.close();
    }
}

/// Settings of every session, after those of the address itself.
fn session_options(config: &Config, options: &PoolOptions) -> String {
    let given = config.get_options().unwrap_or_default();
    let schema = options
        .schema
        .map_or_else(String::new, |schema| format!(" -c search_path={schema}"));
    let access = if options.read_only {
        " -c default_transaction_read_only=on"
    } else {
        ""
    };
    format!(
        "{given}{schema}{access} -c statement_timeout={} -c lock_timeout={} \
         -c idle_in_transaction_session_timeout=1000 -c client_min_messages=warning",
        options.statement_timeout.as_millis(),
        options.lock_timeout.as_millis(),
    )
}

fn unavailable(cause: &PoolError) -> StoreError {
    StoreError::Unavailable(describe(cause))
}

/// With what the server said, which the driver's own message leaves out.
fn describe(cause: &PoolError) -> String {
    match cause {
        PoolError::Backend(cause) => match cause.as_db_error() {
            Some(said) => said.message().to_owned(),
            None => cause.to_string(),
        },
        cause => cause.to_string(),
    }
}
