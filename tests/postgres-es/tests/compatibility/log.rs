//! A log of a test's own, and its rows as they are, read without postgres-es.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::database::Database;
use domain::Event;
use domain::sealed::PartContent;
use serde_json::Value;
use sqlx::{PgPool, Row};

/// A database of which postgres-es is a reader.
pub struct Log {
    pub database: Database,
    pub pool: PgPool,
}

/// An event as the log holds it.
pub struct Stored {
    pub event_type: String,
    pub event_version: String,
    pub metadata: HashMap<String, String>,
    pub event: Event,
}

impl Log {
    /// Without tables; the server makes them.
    pub async fn new() -> Self {
        let database = Database::new().await;
        let pool = PgPool::connect(&database.url()).await.unwrap();
        Self { database, pool }
    }

    /// With the tables that the server would make.
    pub async fn with_tables() -> Self {
        let log = Self::new().await;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/events/postgres");
        let entries = std::fs::read_dir(folder).unwrap();
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files {
            let sql = std::fs::read_to_string(&file).unwrap();
            sqlx::raw_sql(&sql).execute(&log.pool).await.unwrap();
        }
        log
    }

    /// Adds one event behind the others, as the server lays it out.
    pub async fn insert(
        &self,
        stream: (&str, &str),
        sequence: i64,
        of: (&str, &str),
        payload: &Value,
    ) {
        let insert = "INSERT INTO events (position, aggregate_type, aggregate_id, sequence, \
                      event_id, event_type, event_version, recorded_at, payload, metadata) \
                      SELECT coalesce(max(position), 0) + 1, $1, $2, $3, gen_random_uuid(), $4, \
                      $5, 0, $6, '{\"role\":\"system\"}' FROM events";
        let query = sqlx::query(insert)
            .bind(stream.0)
            .bind(stream.1)
            .bind(sequence);
        let query = query.bind(of.0).bind(of.1).bind(payload);
        query.execute(&self.pool).await.unwrap();
    }

    /// Categories of streams with the number of their events.
    pub async fn categories(&self) -> BTreeMap<String, usize> {
        let sql = "SELECT aggregate_type, count(*) FROM events GROUP BY aggregate_type";
        let rows = sqlx::query(sql).fetch_all(&self.pool).await.unwrap();
        let count = |row: &sqlx::postgres::PgRow| usize::try_from(row.get::<i64, _>(1)).unwrap();
        rows.iter().map(|row| (row.get(0), count(row))).collect()
    }

    /// The streams of a category, each with its events in the order of the log.
    pub async fn streams(&self, category: &str) -> BTreeMap<String, Vec<Stored>> {
        let sql = "SELECT aggregate_id, event_type, event_version, \
                   CAST(payload AS text), CAST(metadata AS text) \
                   FROM events WHERE aggregate_type = $1 ORDER BY position";
        let rows = sqlx::query(sql)
            .bind(category)
            .fetch_all(&self.pool)
            .await
            .unwrap();
        let mut streams = BTreeMap::<String, Vec<Stored>>::new();
        for row in rows {
            let (event_type, event_version): (String, String) = (row.get(1), row.get(2));
            let (payload, metadata): (String, String) = (row.get(3), row.get(4));
            let stored = Stored {
                metadata: serde_json::from_str(&metadata).unwrap(),
                event: decode(&event_type, &event_version, &payload),
                event_type,
                event_version,
            };
            streams.entry(row.get(0)).or_default().push(stored);
        }
        streams
    }
}

/// With every personal part closed: whoever has the table alone has no keys.
pub fn decode(event_type: &str, event_version: &str, payload: &str) -> Event {
    let payload = domain::upcast(event_type, event_version, payload.as_bytes()).unwrap();
    Event::decode(event_type, &payload, vec![PartContent::Erased; 64]).unwrap()
}
