//! Every statement of every read model, held against the tables on PostgreSQL.

use test_support::Database;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, SimpleQueryMessage};

use super::many;
use super::texts::text_of;
use super::value::Parameter;

/// A fresh database with all tables, in which the planner uses an index wherever there is one.
async fn with_all_tables() -> (Database, Client) {
    let database = Database::new().await;
    let client = database.connect().await;
    let engine = migrations::read::POSTGRES_ENGINE.iter().copied();
    let names = crate::all().into_iter().map(|projection| projection.name());
    let tables = names.chain(["search"]).map(|name| {
        migrations::read::postgres(name).unwrap_or_else(|| panic!("{name} has no tables"))
    });
    for sql in engine.chain(tables) {
        client.batch_execute(sql).await.unwrap();
    }
    let settings = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;
                    SET enable_hashjoin = off; SET enable_mergejoin = off;";
    client.batch_execute(settings).await.unwrap();
    (database, client)
}

fn writes(text: &str) -> bool {
    ["INSERT ", "UPDATE ", "DELETE "]
        .iter()
        .any(|keyword| text.starts_with(keyword))
}

/// The steps that the server would take.
async fn plan(client: &Client, text: &str, parameters: usize) -> Vec<String> {
    let nulls = vec!["NULL"; parameters].join(", ");
    let arguments = if parameters == 0 {
        String::new()
    } else {
        format!("({nulls})")
    };
    let sql = format!(
        "PREPARE planned AS {text}; EXPLAIN (COSTS OFF) EXECUTE planned{arguments}; \
         DEALLOCATE planned"
    );
    let answer = client.simple_query(&sql).await;
    let answer = answer.unwrap_or_else(|cause| panic!("{cause:?}: {text}"));
    let rows = answer.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap().to_owned()),
        _ => None,
    });
    rows.collect()
}

#[tokio::test]
async fn every_statement_prepares_with_types_that_values_have() {
    let (_database, client) = with_all_tables().await;
    for (name, sql) in crate::every_statement() {
        let text = text_of(sql);
        let statement = client.prepare(text).await;
        let statement = statement.unwrap_or_else(|cause| panic!("{name}: {cause:?}: {text}"));
        for ty in statement.params() {
            assert!(
                <Parameter<'_> as ToSql>::accepts(ty),
                "{name} has a parameter of type {ty}: {text}"
            );
        }
        for column in statement.columns() {
            let ty = column.type_();
            let read = [Type::INT8, Type::FLOAT8, Type::TEXT, Type::BYTEA].contains(ty);
            assert!(read, "{name} has a column of type {ty}: {text}");
        }
    }
}

#[tokio::test]
async fn every_statement_that_writes_can_do_the_work_of_many() {
    let (_database, client) = with_all_tables().await;
    for (name, sql) in crate::every_statement() {
        let text = text_of(sql);
        if !writes(text) {
            continue;
        }
        let one = client.prepare(text).await.unwrap();
        let many = many::rewrite(text, one.params());
        let many = many.unwrap_or_else(|| panic!("{name} cannot: {text}"));
        let prepared = client.prepare(&many).await;
        let prepared = prepared.unwrap_or_else(|cause| panic!("{name}: {cause:?}: {many}"));
        assert_eq!(prepared.params().len(), one.params().len(), "{name}");
        // Arrays without a single element change nothing.
        let empty = one.params().iter().map(|_| Vec::<Parameter<'_>>::new());
        let changed = client.execute_raw(&prepared, empty).await.unwrap();
        assert_eq!(changed, 0, "{name}");
    }
}

#[tokio::test]
async fn no_statement_of_one_thing_scans_a_table() {
    let (_database, client) = with_all_tables().await;
    let lists = ["LIST", "WAITING", "SOCKETS_OF_OTHER_NODES"];
    for (name, sql) in crate::every_statement() {
        let text = text_of(sql);
        if lists.contains(&name) {
            continue;
        }
        let one = client.prepare(text).await.unwrap();
        let mut texts = vec![text.to_owned()];
        if writes(text) {
            texts.extend(many::rewrite(text, one.params()));
        }
        for text in texts {
            for step in plan(&client, &text, one.params().len()).await {
                assert!(!step.contains("Seq Scan"), "{name}: {step}: {text}");
            }
        }
    }
}
