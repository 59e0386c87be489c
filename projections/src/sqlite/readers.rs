//! The threads that answer queries.

use std::sync::Arc;

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::statement::{self, Texts};
use crate::{ReadError, Row, Sql, Value};

/// A query and where its answer goes.
pub(super) struct Query {
    pub sql: Sql,
    pub parameters: Vec<Value>,
    pub reply: oneshot::Sender<Result<Vec<Row>, ReadError>>,
}

/// Answers until nobody can ask any more. All readers share one queue.
pub(super) fn run(connection: &Connection, queries: &Arc<Mutex<mpsc::Receiver<Query>>>) {
    let mut texts = Texts::default();
    loop {
        // The one that waits holds the queue; the others wait for it.
        let query = queries.lock().blocking_recv();
        let Some(query) = query else { return };
        if query.reply.is_closed() {
            continue;
        }
        let rows = statement::rows(connection, &mut texts, query.sql, &query.parameters);
        let answer = rows.map_err(|cause| statement::read_error(&cause));
        // An error says that the asker went away.
        let _went_away = query.reply.send(answer);
    }
}
