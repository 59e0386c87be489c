//! The PostgreSQL server that was named, and databases of our own on it.

use test_support::Database;
use tokio_postgres::{Client, Config, NoTls};

use crate::arguments::Common;
use crate::failure::Failure;

/// A database that holds nothing, dropped with what is given back.
pub async fn fresh_database(common: &Common) -> Result<Database, Failure> {
    let server = server(common)?;
    // A server that is not there is told as a failure; making the database would panic.
    connect(server).await?;
    Ok(Database::on(server).await)
}

/// A plain connection.
pub async fn connect(url: &str) -> Result<Client, Failure> {
    let config: Config = url.parse()?;
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(async move {
        if let Err(cause) = connection.await {
            eprintln!("maeum-bench: a connection ended: {cause}");
        }
    });
    Ok(client)
}

/// What must be known of the server to quote figures.
pub async fn note(common: &Common) -> Result<String, Failure> {
    let client = connect(server(common)?).await?;
    let row = client
        .query_one(
            "SELECT split_part(version(), ' ', 2), current_setting('fsync'),
                 current_setting('full_page_writes'), current_setting('synchronous_commit')",
            &[],
        )
        .await?;
    let (version, fsync): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    let (pages, commit): (String, String) = (row.try_get(2)?, row.try_get(3)?);
    let quotable = if fsync == "on" && pages == "on" {
        ""
    } else {
        ": NOT DURABLE, no figures to quote"
    };
    Ok(format!(
        "PostgreSQL {version}, fsync {fsync}, full_page_writes {pages}, synchronous_commit \
         {commit}{quotable}"
    ))
}

fn server(common: &Common) -> Result<&str, Failure> {
    common.postgres.as_deref().ok_or_else(|| {
        Failure::Asked(
            "no PostgreSQL server was named: --postgres URL, or MAEUM_TEST_POSTGRES as \
             `scripts/postgres start --durable` prints it"
                .to_owned(),
        )
    })
}
