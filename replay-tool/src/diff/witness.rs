//! Which event wrote a row last: the log is replayed once more, and triggers on the rows in
//! question note the event in hand.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use event_store::Position;
use projections::{Batch, Fact, Value};
use rusqlite::{Connection, params_from_iter};

use super::difference::{Difference, Kind, Writer};
use super::projecting::{Log, Projecting};
use super::snapshot::FileSnapshot;
use super::table::{Table, Values};
use crate::failure::Failure;

/// Executed before what each event changes.
const NOTE_EVENT: &str = "UPDATE replay_event SET position = $1";

/// Names the event behind each of the rows, in a new file at `path`.
pub async fn testify(
    log: &Log,
    path: &Path,
    positions: &BTreeMap<&'static str, Position>,
    differences: &mut [Difference],
) -> Result<(), Failure> {
    let rows = differences
        .iter()
        .filter(|difference| difference.kind != Kind::Table);
    let concerned: BTreeSet<&str> = rows.clone().map(|row| row.projection).collect();
    if concerned.is_empty() {
        return Ok(());
    }
    let mut projections = projections::all();
    projections.retain(|projection| concerned.contains(projection.name()));
    let mut replay = Projecting::begin(log, path, projections)
        .await?
        .with_prelude(note_event);

    let mut watched: BTreeMap<&str, Vec<&Values>> = BTreeMap::new();
    for row in rows {
        watched.entry(&row.table).or_default().push(&row.key_values);
    }
    let mut tables = HashMap::new();
    for name in watched.keys() {
        let table = FileSnapshot::open(path)?.table(name)?;
        tables.insert((*name).to_owned(), table);
    }
    watch(path, &tables, &watched).map_err(|cause| failure(&cause))?;
    replay
        .up_to(positions, "looking for the events behind")
        .await?;
    drop(replay);

    let file = Connection::open(path).map_err(|cause| failure(&cause))?;
    for difference in differences {
        let Some(table) = tables.get(&difference.table) else {
            continue;
        };
        let position =
            written_at(&file, table, &difference.key_values).map_err(|cause| failure(&cause))?;
        let events = log.store.read_positions(&Vec::from_iter(position)).await?;
        difference.event = events.first().map(|event| Writer::of(event));
    }
    Ok(())
}

fn note_event(fact: &Fact, batch: &mut Batch) {
    batch.push(NOTE_EVENT, [Value::from(fact.recorded.position)]);
}

/// Makes a table of the keys of the watched rows beside each table, and the triggers that write
/// the event in hand into it.
fn watch(
    path: &Path,
    tables: &HashMap<String, Table>,
    watched: &BTreeMap<&str, Vec<&Values>>,
) -> rusqlite::Result<()> {
    let file = Connection::open(path)?;
    file.execute_batch(
        "CREATE TABLE replay_event (position INTEGER NOT NULL);
         INSERT INTO replay_event VALUES (0)",
    )?;
    for (name, keys) in watched {
        let Some(table) = tables.get(*name) else {
            continue;
        };
        file.execute_batch(&watching(table))?;
        let places = (1..=table.key.len()).map(|place| format!("?{place}"));
        let places = places.collect::<Vec<_>>().join(", ");
        let mut insert = file.prepare(&format!(
            "INSERT OR IGNORE INTO replay_watched_{name} VALUES ({places}, NULL)"
        ))?;
        for key in keys {
            insert.execute(params_from_iter(key.iter()))?;
        }
    }
    Ok(())
}

fn watching(table: &Table) -> String {
    let name = &table.name;
    let key = table.key_columns().collect::<Vec<_>>().join(", ");
    let note = |row: &str| {
        let same = table
            .key_columns()
            .map(|column| format!("{column} = {row}.{column}"));
        format!(
            "UPDATE replay_watched_{name} SET written_at = (SELECT position FROM replay_event)
             WHERE {};",
            same.collect::<Vec<_>>().join(" AND ")
        )
    };
    let (old, new) = (note("OLD"), note("NEW"));
    format!(
        "CREATE TABLE replay_watched_{name} ({key}, written_at INTEGER, PRIMARY KEY ({key}));
         CREATE TRIGGER replay_{name}_1 AFTER INSERT ON {name} BEGIN {new} END;
         CREATE TRIGGER replay_{name}_2 AFTER UPDATE ON {name} BEGIN {old} {new} END;
         CREATE TRIGGER replay_{name}_3 AFTER DELETE ON {name} BEGIN {old} END;"
    )
}

/// None where no event touched the row.
fn written_at(
    file: &Connection,
    table: &Table,
    key: &Values,
) -> rusqlite::Result<Option<Position>> {
    let name = &table.name;
    let same = (1..)
        .zip(table.key_columns())
        .map(|(place, column)| format!("{column} = ?{place}"));
    let same = same.collect::<Vec<_>>().join(" AND ");
    let sql = format!("SELECT written_at FROM replay_watched_{name} WHERE {same}");
    file.query_row(&sql, params_from_iter(key.iter()), |row| {
        Ok(row.get::<_, Option<i64>>(0)?.map(i64::cast_unsigned))
    })
}

fn failure(cause: &rusqlite::Error) -> Failure {
    Failure::Rebuild(cause.to_string())
}
