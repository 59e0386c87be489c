//! Every statement of this folder, held against the tables of both engines.

use rusqlite::Connection;
use test_support::Database;

use super::{Counts, Metric, Pseudonyms, every_statement};
use crate::{Projection, Sql};

fn text(sql: Sql) -> &'static str {
    match sql {
        Sql::Shared(text) | Sql::Per { sqlite: text, .. } => text,
    }
}

fn with_all_tables() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    let tables = migrations::read::sqlite("analytics").unwrap();
    for sql in [migrations::read::SQLITE_ENGINE, tables] {
        connection.execute_batch(sql).unwrap();
    }
    connection
}

#[test]
fn every_statement_prepares_on_sqlite_and_reads_no_long_table_whole() {
    let connection = with_all_tables();
    for (name, sql) in every_statement() {
        let numbered = text(sql).replace('$', "?");
        let mut plan = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {numbered}"))
            .unwrap_or_else(|cause| panic!("{name}: {cause}: {numbered}"));
        for number in 1..=plan.parameter_count() {
            plan.raw_bind_parameter(number, 1).unwrap();
        }
        let mut steps = plan.raw_query();
        while let Some(step) = steps.next().unwrap() {
            let step: String = step.get(3).unwrap();
            let scans = step.starts_with("SCAN t") && !step.contains("INDEX");
            assert!(!scans, "{name}: {step}: {numbered}");
        }
    }
}

#[test]
fn a_metric_names_the_columns_that_its_query_gives() {
    let connection = with_all_tables();
    for metric in Metric::ALL {
        let numbered = text(metric.sql()).replace('$', "?");
        let statement = connection.prepare(&numbered).unwrap();
        let named = metric.columns().iter().map(|column| column.name);
        let named: Vec<&str> = ["position"].into_iter().chain(named).collect();
        let given: Vec<&str> = statement.column_names().collect();
        assert_eq!(given, named, "{}", metric.name());
        assert_eq!(Metric::parse(metric.name()), Some(metric));
    }
    assert_eq!(Metric::parse("names"), None);
}

#[test]
fn the_projection_names_the_tables_that_are_made_for_it() {
    let connection = with_all_tables();
    let projection = Counts::new(Pseudonyms::new([1; 32]).into());
    let mut named = projection.tables().to_vec();
    named.push("checkpoints");
    named.sort_unstable();
    let made = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    let mut made = connection.prepare(made).unwrap();
    let made = made.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let made: Vec<String> = made.collect::<Result<_, _>>().unwrap();
    assert_eq!(made, named);
    // Made anew while the views of the old ones are there.
    for table in projection.tables() {
        let drop = format!("DROP TABLE {table}");
        connection.execute_batch(&drop).unwrap();
    }
    let tables = migrations::read::sqlite("analytics").unwrap();
    connection.execute_batch(tables).unwrap();
}

#[tokio::test]
async fn every_statement_prepares_on_postgresql() {
    let database = Database::new().await;
    let client = database.connect().await;
    let tables = migrations::read::postgres("analytics").unwrap();
    for sql in migrations::read::POSTGRES_ENGINE.iter().chain([&tables]) {
        client.batch_execute(sql).await.unwrap();
    }
    for (name, sql) in every_statement() {
        let text = text(sql);
        let prepared = client.prepare(text).await;
        let prepared = prepared.unwrap_or_else(|cause| panic!("{name}: {cause:?}: {text}"));
        let reads = text.starts_with("SELECT");
        let many = crate::postgres::rewritten(text, prepared.params());
        assert!(
            reads || many.is_some(),
            "{name} cannot do the work of many: {text}"
        );
        if let Some(many) = many {
            client.prepare(&many).await.unwrap();
        }
    }
}
