//! Read models in memory, of a few events that somebody asks about and that are then forgotten.

use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use rusqlite::Connection;

use super::statement::{self, Texts};
use crate::{Batch, Fact, Projection, ReadError, Reader, Row, Sql, Value};

/// Events whose statements are executed before the next ones are projected.
const BATCH_EVENTS: usize = 512;

/// The rows that projections make of some events. Nothing of it is on any disk.
pub struct ScratchReadModels(Mutex<(Connection, Texts)>);

impl ScratchReadModels {
    /// Projects events, which are in the order of the log but need not be all of it. Takes as long
    /// as they are many: not for a thread that others wait for.
    ///
    /// # Errors
    /// A statement does not take the rows of so few events, or there is no memory.
    pub fn of(projections: &[Box<dyn Projection>], facts: &[Arc<Fact>]) -> Result<Self, ReadError> {
        let made = make(projections, facts);
        let (connection, texts) = made.map_err(|cause| statement::read_error(&cause))?;
        Ok(Self(Mutex::new((connection, texts))))
    }
}

fn make(
    projections: &[Box<dyn Projection>],
    facts: &[Arc<Fact>],
) -> rusqlite::Result<(Connection, Texts)> {
    let mut connection = Connection::open_in_memory()?;
    let mut texts = Texts::default();
    let transaction = connection.transaction()?;
    for projection in projections {
        if let Some(tables) = migrations::read::sqlite(projection.name()) {
            transaction.execute_batch(tables)?;
        }
    }
    for facts in facts.chunks(BATCH_EVENTS) {
        for projection in projections {
            let mut batch = Batch::default();
            for fact in facts {
                batch.add(&**projection, fact);
            }
            for one in batch.statements() {
                let mut statement = texts.prepare(&transaction, one.sql)?;
                statement.execute(rusqlite::params_from_iter(&one.parameters))?;
            }
        }
    }
    transaction.commit()?;
    Ok((connection, texts))
}

#[async_trait]
impl Reader for ScratchReadModels {
    async fn query(&self, sql: Sql, parameters: Vec<Value>) -> Result<Vec<Row>, ReadError> {
        let (connection, texts) = &mut *self.0.lock();
        statement::rows(connection, texts, sql, &parameters)
            .map_err(|cause| statement::read_error(&cause))
    }
}
