//! What a program of cqrs-es and postgres-es needs in order to read our log: nothing of ours but
//! the domain, a wrapper for its aggregates and one upcaster.

mod read;
mod tag;

pub use read::{Read, ReadEvent};
pub use tag::Tag;

use cqrs_es::persist::{PersistedEventStore, QueryReplay};
use domain::Decide;
use postgres_es::PostgresEventRepository;
use sqlx::PgPool;

/// The published event store, over a log of ours.
pub fn open<A>(pool: &PgPool) -> PersistedEventStore<PostgresEventRepository, Read<A>>
where
    A: Decide<Command: Send>,
{
    let repository = PostgresEventRepository::new(pool.clone());
    PersistedEventStore::new_event_store(repository).with_upcasters(vec![Box::new(Tag)])
}

/// The published replay of a query, over a log of ours.
pub fn replay<A, Q>(pool: &PgPool, query: Q) -> QueryReplay<PostgresEventRepository, Q, Read<A>>
where
    A: Decide<Command: Send>,
    Q: cqrs_es::Query<Read<A>>,
{
    let repository = PostgresEventRepository::new(pool.clone());
    QueryReplay::new(repository, query).with_upcasters(vec![Box::new(Tag)])
}
