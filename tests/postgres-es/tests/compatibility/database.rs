//! A fresh database on the server that all tests share.
//!
//! It is not the one of `tests/support`: what that crate depends on would have to be in this
//! workspace's lock file too.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};

/// Where the shared server is told: the address of a superuser's database.
const SHARED: &str = "MAEUM_TEST_POSTGRES";

/// A database of one test's own, dropped with it.
pub struct Database {
    server: String,
    name: String,
}

impl Database {
    /// On the shared server. Fails where there is none.
    pub async fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var(SHARED).unwrap_or_else(|_| {
            panic!(
                "{SHARED} is not set: run scripts/test, or start a server for tests by \
                 `eval \"$(scripts/postgres start)\"`"
            )
        });
        let made = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("postgres_es_{}_{made}", std::process::id());
        // A run that was killed may have left one, by a process of the same number.
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        execute(&server, &drop).await.unwrap();
        execute(&server, &format!("CREATE DATABASE {name}"))
            .await
            .unwrap();
        Self { server, name }
    }

    /// Its address.
    pub fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').unwrap();
        format!("{server}/{}", self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            if let Err(cause) = runtime.block_on(execute(&server, &drop)) {
                eprintln!("{name} is left behind: {cause}");
            }
        });
        if dropping.join().is_err() {
            eprintln!("{} is left behind", self.name);
        }
    }
}

async fn execute(url: &str, sql: &str) -> sqlx::Result<()> {
    let options: PgConnectOptions = url.parse()?;
    let mut connection = PgConnection::connect_with(&options).await?;
    sqlx::raw_sql(sql).execute(&mut connection).await?;
    connection.close().await
}
