//! A fresh database on the server that all tests share.

use tokio_postgres::{Config, NoTls};
use uuid::Uuid;

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
        let server = std::env::var(SHARED).unwrap_or_else(|_| {
            panic!(
                "{SHARED} is not set: run scripts/test, or start a server for tests by \
                 `eval \"$(scripts/postgres start)\"`"
            )
        });
        Self::on(&server).await
    }

    /// On a server whose superuser's database has this address.
    #[expect(
        clippy::disallowed_methods,
        reason = "the name of a test's database is no event's id"
    )]
    pub async fn on(server: &str) -> Self {
        let name = format!("test_{}", Uuid::now_v7().simple());
        execute(server, &format!("CREATE DATABASE {name}")).await;
        Self {
            server: server.to_owned(),
            name,
        }
    }

    /// Its address.
    pub fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').unwrap();
        format!("{server}/{}", self.name)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address of the superuser's database on the same server.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Executes statements in it.
    pub async fn execute(&self, sql: &str) {
        execute(&self.url(), sql).await;
    }

    /// A connection of the test's own.
    pub async fn connect(&self) -> tokio_postgres::Client {
        connect(&self.url()).await
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
            runtime.block_on(async {
                let config: Config = server.parse().unwrap();
                // The server may be gone by then, and its databases with it.
                if let Ok((client, connection)) = config.connect(NoTls).await {
                    tokio::spawn(connection);
                    let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                    if let Err(cause) = client.batch_execute(&sql).await {
                        eprintln!("{name} is left behind: {cause}");
                    }
                }
            });
        });
        if dropping.join().is_err() {
            eprintln!("{} is left behind", self.name);
        }
    }
}

/// Executes statements in the database at an address.
pub async fn execute(url: &str, sql: &str) {
    connect(url).await.batch_execute(sql).await.unwrap();
}

async fn connect(url: &str) -> tokio_postgres::Client {
    let config: Config = url.parse().unwrap();
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
