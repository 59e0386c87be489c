//! Every statement of every read model, held against the tables.

use std::collections::BTreeSet;

use projections::{Sql, every_statement};
use rusqlite::Connection;

fn with_all_tables() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch(migrations::read::SQLITE_ENGINE)
        .unwrap();
    let names = projections::all().into_iter().map(|one| one.name());
    for name in names.chain(["search"]) {
        let tables =
            migrations::read::sqlite(name).unwrap_or_else(|| panic!("{name} has no tables"));
        connection.execute_batch(tables).unwrap();
    }
    connection
}

fn text(sql: Sql) -> &'static str {
    match sql {
        Sql::Shared(text) | Sql::Per { sqlite: text, .. } => text,
    }
}

#[test]
fn every_statement_prepares_and_numbers_its_parameters_without_a_gap() {
    let connection = with_all_tables();
    for (name, sql) in every_statement() {
        let numbered = text(sql).replace('$', "?");
        let statement = connection
            .prepare(&numbered)
            .unwrap_or_else(|cause| panic!("{name}: {cause}: {numbered}"));
        for number in 1..=statement.parameter_count() {
            assert!(
                numbered.contains(&format!("?{number}")),
                "{name}: parameter {number} is bound and not used: {numbered}"
            );
        }
    }
}

#[test]
fn a_projection_names_exactly_the_tables_that_are_made_for_it() {
    let mut owners = BTreeSet::new();
    for projection in projections::all() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(migrations::read::sqlite(projection.name()).unwrap())
            .unwrap();
        let made: BTreeSet<String> = connection
            .prepare(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
            )
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let named = projection
            .tables()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(made, named, "{}", projection.name());
        for table in named {
            assert!(
                owners.insert(table.clone()),
                "{table} is written by two projections"
            );
        }
    }
}

#[test]
fn no_statement_uses_what_postgresql_does_not_share() {
    for (name, sql) in every_statement() {
        let Sql::Shared(text) = sql else { continue };
        let folded = text.to_uppercase();
        for word in [
            " ANY",
            "IFNULL",
            "INSERT OR",
            " IIF",
            "LIMIT -1",
            " LIKE ",
            "DATETIME",
            "ROWID",
        ] {
            assert!(!folded.contains(word), "{name} uses {word}: {text}");
        }
        assert!(
            !text.contains('?'),
            "{name} numbers its parameters as SQLite does"
        );
    }
}

/// A query on a long table must not walk through all of it.
#[test]
fn no_query_of_one_thing_scans_a_table() {
    let connection = with_all_tables();
    let lists = ["LIST", "WAITING", "SOCKETS_OF_OTHER_NODES"];
    for (name, sql) in every_statement() {
        let numbered = text(sql).replace('$', "?");
        if lists.contains(&name) {
            continue;
        }
        let mut plan = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {numbered}"))
            .unwrap();
        for number in 1..=plan.parameter_count() {
            plan.raw_bind_parameter(number, 1).unwrap();
        }
        let mut steps = plan.raw_query();
        while let Some(step) = steps.next().unwrap() {
            let step: String = step.get(3).unwrap();
            // A sub-select that ends at its limit; what is in it has steps of its own.
            let is_capped = step == "SCAN capped";
            let scans = step.starts_with("SCAN") && !step.contains("INDEX") && !is_capped;
            assert!(!scans, "{name}: {step}: {numbered}");
        }
    }
}
