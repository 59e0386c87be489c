//! Read models in a PostgreSQL schema that several nodes may share: all of them read, and one at
//! a time projects.

mod apart;
mod digest;
mod error;
mod groups;
mod many;
mod pipeline;
mod session;
#[cfg(test)]
mod tests;
mod texts;
mod together;
mod value;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use event_store::postgres::{Component, Connections, PoolOptions, PostgresUrl, migrate};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use tokio_postgres::Error;

use crate::{Checkpoint, Executor, Failure, Lead, ReadError, Reader, Row, Sql, Turn, Value};
use error::{no_connection, read_error, unavailable};
use session::{Bells, Door, Session};
use value::Parameter;

#[cfg(test)]
pub(crate) use many::rewrite as rewritten;

pub use crate::dump::TableDigest;
pub use digest::{digest, dump};

/// The schema of the read models unless another is asked for.
pub const SCHEMA: &str = "read_models";

/// How long a query may take, waiting for a connection included.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// How often those who stand by look for themselves.
const POLL: Duration = Duration::from_millis(50);

/// How long the server may take over anything short.
const REPLY_WITHIN: Duration = Duration::from_secs(2);

/// How long one transaction of the projector may take.
const EXECUTE_WITHIN: Duration = Duration::from_secs(30);

/// How a read store is opened.
#[derive(Debug, Clone)]
pub struct PostgresReadOptions {
    /// The schema that holds its tables; made if it is not there.
    pub schema: &'static str,
    /// Connections that answer queries, at most.
    pub readers: usize,
}

impl Default for PostgresReadOptions {
    fn default() -> Self {
        Self {
            schema: SCHEMA,
            readers: 8,
        }
    }
}

/// What the engine itself keeps in a schema, and how it comes about.
pub fn component(options: &PostgresReadOptions) -> Component {
    Component {
        name: "read_models",
        schema: Some(options.schema),
        steps: migrations::read::POSTGRES_ENGINE,
    }
}

/// Read models in one schema of a PostgreSQL database.
pub struct PostgresReadStore {
    readers: Connections,
    door: Door,
    /// None where it is broken, or closed.
    session: Mutex<Option<Session>>,
    bells: Bells,
    /// How often this node has led.
    terms: AtomicU64,
    taken_apart: AtomicU64,
}

impl PostgresReadStore {
    /// Connects, and makes the schema if it is not there.
    pub async fn open(url: &PostgresUrl, options: &PostgresReadOptions) -> Result<Self, ReadError> {
        let readers = Connections::new(url, &pool_options(options))?;
        let mut connection = readers.open().await?;
        migrate(&mut connection, &component(options)).await?;
        drop(connection);
        let lasting = PoolOptions {
            schema: Some(options.schema),
            ..PoolOptions::default()
        };
        let (config, tls) = Connections::new(url, &lasting)?.outside_the_pool();
        Ok(Self {
            readers,
            door: Door {
                config,
                tls,
                lock: lock_of(options.schema),
                channel: format!("{}_progress", options.schema),
            },
            session: Mutex::new(None),
            bells: Bells::default(),
            terms: AtomicU64::new(0),
            taken_apart: AtomicU64::new(0),
        })
    }

    /// How many transactions were executed one statement after the other, because something in
    /// them failed or was not where it must be. A healthy log leads to none.
    pub fn taken_apart(&self) -> u64 {
        self.taken_apart.load(Ordering::Relaxed)
    }

    /// Ends all connections. What is asked for afterwards is refused.
    pub async fn close(&self) {
        self.resign().await;
        self.readers.close();
    }

    async fn ask(&self, sql: Sql, parameters: &[Value]) -> Result<Vec<Row>, ReadError> {
        let connection = self.readers.get().await.map_err(no_connection)?;
        let text = texts::text_of(sql);
        let failed = |cause: Error| {
            // Until the one that leads has made them.
            if cause.code() == Some(&tokio_postgres::error::SqlState::UNDEFINED_TABLE) {
                return unavailable(&cause);
            }
            // Prepared for a table that was made anew since.
            if cause.code() == Some(&tokio_postgres::error::SqlState::FEATURE_NOT_SUPPORTED) {
                connection.statement_cache.clear();
                return unavailable(&cause);
            }
            read_error(&cause)
        };
        let statement = connection.prepare_cached(text).await.map_err(failed)?;
        if let Some(reason) = value::misfits(parameters, statement.params()) {
            return Err(ReadError::Statement(reason));
        }
        let parameters = parameters.iter().map(Parameter);
        let parameters: Vec<_> = parameters.collect();
        let parameters: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> =
            parameters.iter().map(|one| one as _).collect();
        let rows = connection.query(&statement, &parameters).await;
        rows.map_err(failed)?.iter().map(value::row).collect()
    }

    /// Does something with the session that leads. A failure ends the session, and so does
    /// whoever does not wait for the result.
    async fn leading<T>(
        &self,
        within: Duration,
        work: impl AsyncFnOnce(&mut Session) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let mut slot = self.session.lock().await;
        let Some(mut session) = slot.take().filter(|session| session.term.is_some()) else {
            let reason = "this node does not lead the read store";
            return Err(ReadError::Unavailable(reason.into()));
        };
        let result = limited(within, work(&mut session)).await;
        if result.is_ok() {
            *slot = Some(session);
        }
        result
    }

    /// One transaction: fast if nothing is wrong in it, else with care.
    async fn take(&self, session: &mut Session, turns: &[Turn]) -> Result<Vec<Failure>, ReadError> {
        let failed = |cause: Error| unavailable(&cause);
        let Session { client, texts, .. } = session;
        let mut failures = Vec::new();
        let taken = together::take(client, texts, turns).await;
        if let together::Outcome::Failed = taken.map_err(failed)? {
            self.taken_apart.fetch_add(1, Ordering::Relaxed);
            match apart::take(client, texts, turns).await.map_err(failed)? {
                apart::Outcome::Done(found) => failures = found,
                apart::Outcome::Moved(projection) => {
                    let reason = format!("another node has moved the checkpoint of {projection}");
                    return Err(ReadError::Unavailable(reason));
                }
            }
        }
        let channel = &self.door.channel;
        session::commit(client, channel).await.map_err(failed)?;
        Ok(failures)
    }

    /// Takes or holds the lead, or looks how far the one has come that has it.
    async fn try_to_lead(&self, session: Option<Session>) -> Result<(Session, Lead), ReadError> {
        let failed = |cause: Error| unavailable(&cause);
        let mut session = match session.filter(|session| !session.client.is_closed()) {
            Some(session) => session,
            None => Session::open(&self.door, self.bells.clone()).await?,
        };
        if let Some(term) = session.term {
            session.ping().await.map_err(failed)?;
            return Ok((session, Lead::Ours(term)));
        }
        let term = self.terms.fetch_add(1, Ordering::Relaxed) + 1;
        let leads = session.try_to_lead(self.door.lock, term).await;
        if leads.map_err(failed)? {
            return Ok((session, Lead::Ours(term)));
        }
        let standing = session.standing().await.map_err(failed)?;
        Ok((session, Lead::Others(standing)))
    }
}

#[async_trait]
impl Reader for PostgresReadStore {
    async fn query(&self, sql: Sql, parameters: Vec<Value>) -> Result<Vec<Row>, ReadError> {
        limited(ANSWER_WITHIN, self.ask(sql, &parameters)).await
    }
}

#[async_trait]
impl Executor for PostgresReadStore {
    async fn lead(&self) -> Result<Lead, ReadError> {
        let mut slot = self.session.lock().await;
        let session = slot.take();
        let (session, lead) = limited(REPLY_WITHIN, self.try_to_lead(session)).await?;
        *slot = Some(session);
        Ok(lead)
    }

    async fn changed(&self) {
        tokio::select! {
            () = self.bells.changed.notified() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }

    fn is_shared(&self) -> bool {
        true
    }

    async fn lost(&self) {
        self.bells.lost.notified().await;
    }

    async fn report(&self, stopped: Vec<(&'static str, String)>) -> Result<(), ReadError> {
        let channel = &self.door.channel;
        self.leading(REPLY_WITHIN, async |session| {
            let reported = session.report(channel, &stopped).await;
            reported.map_err(|cause| unavailable(&cause))
        })
        .await
    }

    async fn resign(&self) {
        let session = self.session.lock().await.take();
        if let Some(session) = session
            && let Err(cause) = limited(REPLY_WITHIN, session.unlock()).await
        {
            // Then it goes with the connection.
            tracing::warn!(%cause, "the lead could not be given up in order");
        }
    }

    async fn checkpoints(&self) -> Result<Vec<Checkpoint>, ReadError> {
        self.leading(REPLY_WITHIN, async |session| {
            let checkpoints = session.checkpoints().await;
            checkpoints.map_err(|cause| unavailable(&cause))
        })
        .await
    }

    async fn reset(
        &self,
        projection: &'static str,
        tables: &'static [&'static str],
    ) -> Result<(), ReadError> {
        self.leading(EXECUTE_WITHIN, async |session| {
            let reset = session.reset(projection, tables).await;
            reset.map_err(|cause| read_error(&cause))
        })
        .await
    }

    async fn execute(&self, turns: Vec<Turn>) -> Result<Vec<Failure>, ReadError> {
        self.leading(EXECUTE_WITHIN, async |session| {
            self.take(session, &turns).await
        })
        .await
    }
}

async fn limited<T>(
    within: Duration,
    work: impl Future<Output = Result<T, ReadError>>,
) -> Result<T, ReadError> {
    let late = |_| ReadError::Unavailable(format!("no answer within {} s", within.as_secs()));
    tokio::time::timeout(within, work).await.map_err(late)?
}

/// For connections that answer.
fn pool_options(options: &PostgresReadOptions) -> PoolOptions {
    PoolOptions {
        size: options.readers.max(1),
        schema: Some(options.schema),
        statement_timeout: ANSWER_WITHIN,
        ..PoolOptions::default()
    }
}

/// The number of the lock that belongs to a schema.
fn lock_of(schema: &str) -> i64 {
    let hash = Sha256::digest(format!("maeum projects into {schema}"));
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    i64::from_be_bytes(first)
}
