//! Read models: one file each with its rows and the queries that read them, the one loop that
//! drives them, and the reading of recorded events as events of the domain.

mod batch;
mod recorded;

pub use batch::{Batch, Projection, Sql, Value};
pub use recorded::{Fact, FactError, fact};
