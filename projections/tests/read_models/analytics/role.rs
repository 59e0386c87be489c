//! The role of analysts on PostgreSQL, made as the page for operators says.

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};

use super::counted::Counted;
use super::small::{does_everything, opens_room};
use crate::fixture::Live;
use crate::places::{Engine, Place};

const PAGE: &str = include_str!("../../../../docs/analytics.md");

const VIEWS: [&str; 7] = [
    "consultations",
    "waits",
    "offers",
    "counselor_load",
    "messages_per_day",
    "emotions_per_day",
    "ratings",
];

/// The statements of the page: those that make the role, and those that let it read.
fn statements() -> [&'static str; 2] {
    let blocks = PAGE.split("```sql").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().unwrap());
    let blocks: Vec<_> = blocks.collect();
    blocks.try_into().expect("two blocks of SQL in the page")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_analyst_on_postgresql_reads_the_views_and_nothing_else() {
    let counted = Counted::new(Engine::Postgres).await;
    opens_room(&counted).await;
    for person in 0..5 {
        does_everything(&counted, person).await;
    }
    counted.catch_up().await;
    let live = Live::start(&counted.log).await;
    live.catch_up(&counted.log).await;
    let Place::Database(database) = &counted.log.place else {
        panic!("not on PostgreSQL");
    };
    let operator = database.connect().await;
    let [making, granting] = statements();
    let known = "SELECT 1 FROM pg_roles WHERE rolname = 'maeum_analyst'";
    if operator.query(known, &[]).await.unwrap().is_empty() {
        operator.batch_execute(making).await.unwrap();
    }
    operator.batch_execute(granting).await.unwrap();
    let analyst = analyst(&database.url()).await;
    reads_the_views_and_nothing_else(&analyst).await;

    // What is made anew is granted anew.
    let log = counted.stop().await;
    let drop = "DROP SCHEMA analytics CASCADE";
    operator.batch_execute(drop).await.unwrap();
    let counted = Counted::over(log).await;
    counted.catch_up().await;
    reads_the_views_and_nothing_else(&analyst).await;
    live.stop().await;
}

async fn analyst(database: &str) -> Client {
    let mut config: Config = database.parse().unwrap();
    config.user("maeum_analyst").password("of your own");
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn reads_the_views_and_nothing_else(analyst: &Client) {
    let limit = analyst.query_one("SHOW statement_timeout", &[]).await;
    assert_eq!(limit.unwrap().get::<_, &str>(0), "5s");
    for view in VIEWS {
        let rows = format!("SELECT as_of_position FROM {view}");
        let rows = analyst.query(&rows, &[]).await.unwrap();
        assert!(!rows.is_empty(), "{view}");
    }
    let writes = format!("INSERT INTO {} (day) VALUES ('2026-11-21')", VIEWS[1]);
    let refused = analyst.batch_execute(&writes).await.unwrap_err();
    assert!(refused.code().is_some(), "{refused:?}");
    // The role may turn this off again: it is not what protects the rows.
    let writable = "SET default_transaction_read_only = off";
    analyst.batch_execute(writable).await.unwrap();
    for statement in [
        "SELECT * FROM consultation_facts",
        "SELECT * FROM offer_facts",
        "SELECT * FROM message_days",
        "SELECT * FROM emotion_days",
        "SELECT * FROM room_kinds",
        "SELECT * FROM checkpoints",
        "SELECT * FROM stopped_projections",
        "SELECT * FROM read_models.accounts",
        "SELECT * FROM read_models.consultations",
        "UPDATE consultations SET score = 5",
        "DELETE FROM emotion_days",
        "DROP VIEW analytics.waits",
        "CREATE TABLE analytics.mine (a INT)",
        "ALTER ROLE maeum_analyst SUPERUSER",
    ] {
        let refused = analyst.batch_execute(statement).await;
        let refused = refused.expect_err(statement);
        let code = refused.code();
        assert_eq!(
            code,
            Some(&SqlState::INSUFFICIENT_PRIVILEGE),
            "{statement}: {refused:?}"
        );
    }
}
