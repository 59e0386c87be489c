//! Why the server does not depend on postgres-es, each reason as a test. One that fails after a
//! new release is a reason less: see `docs/decisions/0009-own-postgres-store.md`.

use std::sync::{Arc, Mutex};

use crate::database::Database;
use async_trait::async_trait;
use cqrs_es::event_sink::EventSink;
use cqrs_es::persist::{PersistedEventStore, QueryReplay};
use cqrs_es::{
    Aggregate, AggregateContext, CqrsFramework, DomainEvent, EventEnvelope, EventStore, Query,
};
use postgres_es::PostgresEventRepository;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;

/// What postgres-es asks for.
const TABLES: &str = "
    CREATE TABLE events (
        aggregate_type text NOT NULL, aggregate_id text NOT NULL, sequence bigint NOT NULL,
        event_type text NOT NULL, event_version text NOT NULL,
        payload json NOT NULL, metadata json NOT NULL,
        PRIMARY KEY (aggregate_type, aggregate_id, sequence)
    );
    CREATE TABLE snapshots (
        aggregate_type text NOT NULL, aggregate_id text NOT NULL, last_sequence bigint NOT NULL,
        current_snapshot bigint NOT NULL, payload json NOT NULL,
        PRIMARY KEY (aggregate_type, aggregate_id, last_sequence)
    );";

#[derive(Debug, Default, Serialize, Deserialize)]
struct Counter(u32);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Incremented;

impl DomainEvent for Incremented {
    fn event_type(&self) -> String {
        "counter.incremented".to_owned()
    }

    fn event_version(&self) -> String {
        "1.0.0".to_owned()
    }
}

impl Aggregate for Counter {
    const TYPE: &'static str = "counter";
    type Command = Incremented;
    type Event = Incremented;
    type Error = std::fmt::Error;
    type Services = ();

    async fn handle(
        &mut self,
        command: Incremented,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), std::fmt::Error> {
        sink.write(command, self).await;
        Ok(())
    }

    fn apply(&mut self, _: Incremented) {
        self.0 += 1;
    }
}

type Store = PersistedEventStore<PostgresEventRepository, Counter>;

async fn with_tables() -> (Database, PgPool) {
    let database = Database::new().await;
    let pool = PgPool::connect(&database.url()).await.unwrap();
    sqlx::raw_sql(TABLES).execute(&pool).await.unwrap();
    (database, pool)
}

fn repository(pool: &PgPool) -> PostgresEventRepository {
    PostgresEventRepository::new(pool.clone())
}

/// What a counter says after four increments, each a command of its own.
async fn after_four(store: impl Fn(PostgresEventRepository) -> Store) -> u32 {
    let (_database, pool) = with_tables().await;
    let framework = CqrsFramework::new(store(repository(&pool)), vec![], ());
    for _ in 0..4 {
        framework.execute("c", Incremented).await.unwrap();
    }
    let mut context = store(repository(&pool)).load_aggregate("c").await.unwrap();
    context.aggregate().0
}

#[tokio::test]
async fn its_snapshot_and_aggregate_stores_apply_events_twice() {
    assert_eq!(after_four(Store::new_event_store).await, 4);
    assert_eq!(after_four(|it| Store::new_snapshot_store(it, 2)).await, 6);
    assert_eq!(after_four(Store::new_aggregate_store).await, 8);
}

/// The streams of the events that it is given.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl Query<Counter> for Seen {
    async fn dispatch(&self, id: &str, events: &[EventEnvelope<Counter>]) {
        let ids = events.iter().map(|_| id.to_owned());
        self.0.lock().unwrap().extend(ids);
    }
}

#[tokio::test]
async fn its_replay_that_failed_says_that_it_went_well() {
    let (_database, pool) = with_tables().await;
    let framework = CqrsFramework::new(Store::new_event_store(repository(&pool)), vec![], ());
    framework.execute("c", Incremented).await.unwrap();

    let seen = Seen::default();
    let told = Arc::new(Mutex::new(0));
    let mut replay = QueryReplay::<_, _, Counter>::new(repository(&pool), seen.clone());
    let errors = Arc::clone(&told);
    replay.use_error_handler(Box::new(move |_| *errors.lock().unwrap() += 1));
    replay.replay("c").await.unwrap();
    assert_eq!(seen.0.lock().unwrap().len(), 1);

    sqlx::raw_sql("ALTER TABLE events RENAME TO lost")
        .execute(&pool)
        .await
        .unwrap();
    let result = replay.replay("c").await;
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(
        seen.0.lock().unwrap().len(),
        1,
        "nothing came of a table that is not there"
    );
    assert_eq!(*told.lock().unwrap(), 0, "and nobody was told");
}

#[tokio::test]
async fn its_replay_of_all_streams_is_not_in_the_order_in_which_things_happened() {
    let (_database, pool) = with_tables().await;
    let framework = CqrsFramework::new(Store::new_event_store(repository(&pool)), vec![], ());
    let happened = ["a", "a", "a", "b", "b"];
    for id in happened {
        framework.execute(id, Incremented).await.unwrap();
    }
    let seen = Seen::default();
    let replay = QueryReplay::<_, _, Counter>::new(repository(&pool), seen.clone());
    replay.replay_all().await.unwrap();
    let replayed = seen.0.lock().unwrap().clone();
    assert_eq!(replayed.len(), happened.len());
    assert_eq!(
        replayed[4], "a",
        "{replayed:?}: the first stream ends after the second"
    );
}

/// Its table has no order over all streams; the one that is usually added is a serial number,
/// taken when a row is written and visible when its transaction commits.
#[tokio::test]
async fn a_follower_by_serial_numbers_misses_what_commits_late() {
    let (_database, pool) = with_tables().await;
    sqlx::raw_sql("ALTER TABLE events ADD COLUMN position bigserial")
        .execute(&pool)
        .await
        .unwrap();
    let insert = "INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, \
                  event_version, payload, metadata) \
                  VALUES ('counter', $1, 1, 'counter.incremented', '1.0.0', 'null', '{}')";
    let after = "SELECT position FROM events WHERE position > $1 ORDER BY position";
    let mut slow = pool.begin().await.unwrap();
    sqlx::query(insert)
        .bind("slow")
        .execute(&mut *slow)
        .await
        .unwrap();
    sqlx::query(insert)
        .bind("quick")
        .execute(&pool)
        .await
        .unwrap();
    let first: Vec<i64> = sqlx::query_scalar(after)
        .bind(0_i64)
        .fetch_all(&pool)
        .await
        .unwrap();
    slow.commit().await.unwrap();
    let then: Vec<i64> = sqlx::query_scalar(after)
        .bind(first[0])
        .fetch_all(&pool)
        .await
        .unwrap();
    let all: Vec<i64> = sqlx::query_scalar(after)
        .bind(0_i64)
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(
        (first.as_slice(), then.as_slice(), all.as_slice()),
        (&[2][..], &[][..], &[1, 2][..])
    );
}
