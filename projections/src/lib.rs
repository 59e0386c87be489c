//! Read models: one file each with its rows and the queries that read them, the one loop that
//! drives them, and the reading of recorded events as events of the domain.

pub mod accounts;
mod batch;
pub mod consultations;
pub mod counselors;
pub mod directory;
pub mod due;
mod executor;
pub mod messages;
mod name_column;
mod reader;
mod recorded;
pub mod rooms;
mod row;
mod sealed_column;
pub mod timeline;
mod value;

pub(crate) use batch::statements;
pub use batch::{Batch, Projection, Sql, Statement};
pub use executor::{Checkpoint, Executor, Failure, Turn};
pub use name_column::NameColumn;
pub use reader::{Page, ReadError, Reader};
pub use recorded::{Fact, FactError, fact};
pub use row::{Columns, FromValue, Json, Row, RowError};
pub use sealed_column::SealedColumn;
pub use value::Value;

/// Every read model there is, in the order in which they are driven.
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
    ]
}

/// Every statement of every read model, named, so that a test can prepare each of them.
pub fn every_statement() -> Vec<(String, Sql)> {
    let files: [(&str, &[&[(&str, Sql)]]); 8] = [
        ("directory", &[directory::STATEMENTS]),
        ("accounts", &[accounts::STATEMENTS]),
        ("counselors", &[counselors::STATEMENTS]),
        ("rooms", &[rooms::STATEMENTS]),
        ("messages", &[messages::STATEMENTS]),
        ("consultations", consultations::STATEMENTS),
        ("timeline", &[timeline::STATEMENTS]),
        ("due", &[due::STATEMENTS]),
    ];
    let named = |file: &'static str, lists: &'static [&'static [(&'static str, Sql)]]| {
        lists
            .iter()
            .copied()
            .flatten()
            .map(move |(name, sql)| (format!("{file}::{name}"), *sql))
    };
    files
        .into_iter()
        .flat_map(|(file, lists)| named(file, lists))
        .collect()
}
