//! The baseline of our benchmark: the published cqrs-es with postgres-es, appending to its own
//! tables as its documentation has it.
//!
//! `append URL WRITERS SECONDS STREAMS BYTES [commit|execute]`: so many writers, each on streams
//! of its own, each waiting for its answer before the next event. `commit` (the default) hands
//! single events to the event store with the sequence already known, which is the least that
//! postgres-es can be asked for; `execute` is a whole command of the framework, which reads the
//! stream before it writes. Prints one line of JSON and removes its tables.

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cqrs_es::event_sink::EventSink;
use cqrs_es::persist::{EventStoreAggregateContext, PersistedEventStore};
use cqrs_es::{Aggregate, CqrsFramework, DomainEvent, EventStore};
use postgres_es::PostgresEventRepository;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// Connections of the pool: one for each writer, up to this.
const MAX_CONNECTIONS: u32 = 64;
/// Where its tables are, apart from any others of the database.
const SCHEMA: &str = "postgres_es_baseline";
/// The tables that postgres-es asks for.
const TABLES: &str = "
    CREATE TABLE events (
        aggregate_type text NOT NULL,
        aggregate_id text NOT NULL,
        sequence bigint CHECK (sequence >= 0) NOT NULL,
        event_type text NOT NULL,
        event_version text NOT NULL,
        payload json NOT NULL,
        metadata json NOT NULL,
        PRIMARY KEY (aggregate_type, aggregate_id, sequence)
    );
    CREATE TABLE snapshots (
        aggregate_type text NOT NULL,
        aggregate_id text NOT NULL,
        last_sequence bigint CHECK (last_sequence >= 0) NOT NULL,
        current_snapshot bigint CHECK (current_snapshot >= 0) NOT NULL,
        payload json NOT NULL,
        PRIMARY KEY (aggregate_type, aggregate_id, last_sequence)
    );";

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Journal {
    entries: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Written {
    text: String,
}

impl DomainEvent for Written {
    fn event_type(&self) -> String {
        "journal.written".to_owned()
    }

    fn event_version(&self) -> String {
        "1.0.0".to_owned()
    }
}

#[derive(Debug)]
struct Never;

impl std::fmt::Display for Never {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a journal refuses nothing")
    }
}

impl std::error::Error for Never {}

impl Aggregate for Journal {
    const TYPE: &'static str = "journal";
    type Command = Written;
    type Event = Written;
    type Error = Never;
    type Services = ();

    async fn handle(
        &mut self,
        command: Written,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), Never> {
        sink.write(command, self).await;
        Ok(())
    }

    fn apply(&mut self, _: Written) {
        self.entries += 1;
    }
}

#[derive(Clone, Copy, PartialEq)]
enum How {
    Commit,
    Execute,
}

struct Arguments {
    url: String,
    writers: usize,
    seconds: u64,
    streams: usize,
    bytes: usize,
    how: How,
}

impl Arguments {
    fn parse(given: &[String]) -> Result<Self, String> {
        let (url, numbers, how) = match given {
            [url, numbers @ ..] if numbers.len() == 4 => (url, numbers, How::Commit),
            [url, numbers @ .., how] if numbers.len() == 4 => {
                let how = match how.as_str() {
                    "commit" => How::Commit,
                    "execute" => How::Execute,
                    other => return Err(format!("{other} is neither commit nor execute")),
                };
                (url, numbers, how)
            }
            _ => {
                return Err(
                    "usage: append URL WRITERS SECONDS STREAMS BYTES [commit|execute]".into(),
                );
            }
        };
        let number = |index: usize, name: &str| match numbers[index].parse::<usize>() {
            Ok(number) if number > 0 => Ok(number),
            _ => Err(format!(
                "{name} must be a number from 1, not {}",
                numbers[index]
            )),
        };
        let arguments = Self {
            url: url.clone(),
            writers: number(0, "WRITERS")?,
            seconds: number(1, "SECONDS")? as u64,
            streams: number(2, "STREAMS")?,
            bytes: number(3, "BYTES")?,
            how,
        };
        if arguments.streams < arguments.writers {
            return Err("STREAMS must be at least WRITERS: each writer has its own".into());
        }
        Ok(arguments)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let arguments = match Arguments::parse(&given) {
        Ok(arguments) => arguments,
        Err(problem) => {
            eprintln!("append: {problem}");
            return ExitCode::from(2);
        }
    };
    match measure(Arc::new(arguments)).await {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(cause) => {
            eprintln!("append: {cause}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(arguments: Arc<Arguments>) -> Result<serde_json::Value, Failure> {
    let options: PgConnectOptions = arguments.url.parse()?;
    let connections = u32::try_from(arguments.writers)?.min(MAX_CONNECTIONS);
    let pool = PgPoolOptions::new()
        .min_connections(connections)
        .max_connections(connections)
        .acquire_timeout(Duration::from_mins(1))
        .connect_with(options.options([("search_path", SCHEMA)]))
        .await?;
    let made = format!("DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}; {TABLES}");
    sqlx::raw_sql(&made).execute(&pool).await?;
    let begun = Instant::now();
    let until = begun + Duration::from_secs(arguments.seconds);
    let writers: Vec<_> = (0..arguments.writers)
        .map(|writer| tokio::spawn(write(Arc::clone(&arguments), pool.clone(), writer, until)))
        .collect();
    let mut latencies = Vec::new();
    for writer in writers {
        latencies.extend(writer.await??);
    }
    let took = begun.elapsed();
    let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM events")
        .fetch_one(&pool)
        .await?;
    sqlx::raw_sql(&format!("DROP SCHEMA {SCHEMA} CASCADE"))
        .execute(&pool)
        .await?;
    if usize::try_from(stored)? != latencies.len() {
        return Err(format!("{} answers for {stored} stored events", latencies.len()).into());
    }
    latencies.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "counts of one run are small")]
    let per_second = latencies.len() as f64 / took.as_secs_f64();
    Ok(serde_json::json!({
        "events_per_second": per_second.round(),
        "p50_ms": percentile_ms(&latencies, 50),
        "p99_ms": percentile_ms(&latencies, 99),
        "events": latencies.len(),
        "writers": arguments.writers,
        "connections": connections,
        "streams": arguments.streams,
        "bytes": arguments.bytes,
        "how": if arguments.how == How::Commit { "commit" } else { "execute" },
    }))
}

/// One writer, on every stream whose number has this remainder. How long each event took.
async fn write(
    arguments: Arc<Arguments>,
    pool: PgPool,
    writer: usize,
    until: Instant,
) -> Result<Vec<Duration>, Failure> {
    let event = Written {
        text: "x".repeat(arguments.bytes),
    };
    let store = |pool| {
        PersistedEventStore::<_, Journal>::new_event_store(PostgresEventRepository::new(pool))
    };
    let framework = CqrsFramework::new(store(pool.clone()), vec![], ());
    let store = store(pool);
    let mut streams: Vec<(String, usize)> = (writer..arguments.streams)
        .step_by(arguments.writers)
        .map(|stream| (format!("{stream:036}"), 0))
        .collect();
    let mut latencies = Vec::new();
    let mut next = 0;
    loop {
        let asked = Instant::now();
        if asked >= until {
            return Ok(latencies);
        }
        let (id, sequence) = &mut streams[next];
        match arguments.how {
            How::Commit => {
                let context = EventStoreAggregateContext {
                    aggregate_id: id.clone(),
                    aggregate: Journal::default(),
                    current_sequence: *sequence,
                    current_snapshot: None,
                };
                let events = vec![event.clone()];
                store.commit(events, context, HashMap::new()).await?;
            }
            How::Execute => framework.execute(id, event.clone()).await?,
        }
        *sequence += 1;
        latencies.push(asked.elapsed());
        next = (next + 1) % streams.len();
    }
}

/// Of sorted durations.
fn percentile_ms(sorted: &[Duration], percent: usize) -> f64 {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    let took = sorted.get(index).copied().unwrap_or_default();
    (took.as_secs_f64() * 100_000.0).round() / 100.0
}
