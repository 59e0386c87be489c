//! Read models: one file each with its rows and the queries that read them, the one loop that
//! drives them, and the reading of recorded events as events of the domain.

pub mod accesses;
pub mod accounts;
pub mod alerts;
pub mod analytics;
mod batch;
pub mod consultations;
pub mod counselors;
pub mod destructions;
pub mod directory;
pub mod due;
mod dump;
pub mod emotions;
pub mod erasures;
mod executor;
pub mod messages;
mod name_column;
pub mod postgres;
pub mod presence;
mod progress;
mod projector;
mod reader;
mod rebuild;
mod recorded;
pub mod retention;
pub mod rooms;
mod row;
mod sealed_column;
pub mod search;
pub mod sqlite;
mod tail;
pub mod timeline;
mod track;
pub mod uploads;
mod value;

pub(crate) use batch::statements;
pub use batch::{Access, Batch, Change, Projection, Sql, Statement, Touch};
pub use executor::{Checkpoint, Executor, Failure, Lead, ReadStore, Standing, Turn};
pub use name_column::NameColumn;
pub use postgres::{PostgresReadOptions, PostgresReadStore};
pub use progress::{ProjectionStatus, ProjectorHandle, ProjectorStatus};
pub use projector::{Projector, StartError};
pub use reader::{Page, ReadError, Reader};
pub use rebuild::{RebuildError, RebuildProgress, rebuild, rebuild_into};
pub use recorded::{Fact, FactError, closed_fact, fact};
pub use row::{Columns, FromValue, Json, Row, RowError};
pub use sealed_column::SealedColumn;
pub use sqlite::{ReadStoreOptions, SqliteReadStore};
pub use tail::{FactStream, Facts, Tail, TailError, TailStatus};
pub use value::Value;

/// Every read model there is, in the order in which they are driven. The index of [`search`] and
/// the counts of [`analytics`] are apart, each in a store of its own.
pub fn all() -> Vec<Box<dyn Projection>> {
    vec![
        Box::new(directory::Directory),
        Box::new(accounts::Accounts),
        Box::new(counselors::Counselors),
        Box::new(rooms::Rooms),
        Box::new(messages::Messages),
        Box::new(consultations::Consultations),
        Box::new(timeline::Timeline),
        Box::new(due::Due),
        Box::new(presence::Presence),
        Box::new(uploads::Uploads),
        Box::new(destructions::Destructions),
        Box::new(erasures::Erasures),
        Box::new(accesses::Accesses),
        Box::new(emotions::Emotions),
        Box::new(alerts::Alerts),
    ]
}

/// Every statement of every read model with the name of its file, so that a test can prepare each
/// of them.
pub fn every_statement() -> Vec<(&'static str, Sql)> {
    let one_file = [
        directory::STATEMENTS,
        accounts::STATEMENTS,
        counselors::STATEMENTS,
        messages::STATEMENTS,
        messages::ENGINE_STATEMENTS,
        timeline::STATEMENTS,
        due::STATEMENTS,
        search::STATEMENTS,
        presence::STATEMENTS,
        retention::STATEMENTS,
        uploads::STATEMENTS,
        destructions::STATEMENTS,
        erasures::STATEMENTS,
        accesses::STATEMENTS,
        alerts::STATEMENTS,
    ];
    one_file
        .iter()
        .chain(consultations::STATEMENTS)
        .chain(&emotions::STATEMENTS)
        .chain(rooms::ALL_STATEMENTS)
        .copied()
        .flatten()
        .copied()
        .collect()
}
