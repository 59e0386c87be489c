//! The slow way through a transaction, for a stretch of the log in which something fails: one
//! statement after the other, and a savepoint for each projection.

use tokio_postgres::{Client, Error, Statement};

use super::error::{is_the_statements_fault, said};
use super::texts::Texts;
use super::value::{Parameter, misfits};
use crate::value::values;
use crate::{Failure, Sql, Turn, Value};

const FIRST_CHECKPOINT: Sql = Sql::Shared(
    "INSERT INTO checkpoints (projection, version, position, event_id) VALUES ($1, $2, $3, $4) \
     ON CONFLICT DO NOTHING",
);
const NEXT_CHECKPOINT: Sql = Sql::Shared(
    "UPDATE checkpoints SET position = $3, event_id = $4 \
     WHERE projection = $1 AND version = $2 AND position = $5",
);

/// What came of it.
pub(super) enum Outcome {
    /// Ready to be committed, without those that failed.
    Done(Vec<Failure>),
    /// The checkpoint of this projection is elsewhere: another one has written. Rolled back.
    Moved(&'static str),
}

/// Why one projection was not taken.
enum TurnError {
    Failed(Failure),
    Moved,
    Server(Error),
}

impl From<Error> for TurnError {
    fn from(cause: Error) -> Self {
        Self::Server(cause)
    }
}

/// Begins a transaction and executes in it what can be executed.
pub(super) async fn take(
    client: &Client,
    texts: &mut Texts,
    turns: &[Turn],
) -> Result<Outcome, Error> {
    client.batch_execute("BEGIN").await?;
    let mut failures = Vec::new();
    for turn in turns {
        client.batch_execute("SAVEPOINT turn").await?;
        match take_one(client, texts, turn).await {
            Ok(()) => client.batch_execute("RELEASE SAVEPOINT turn").await?,
            Err(TurnError::Failed(failure)) => {
                client.batch_execute("ROLLBACK TO SAVEPOINT turn").await?;
                failures.push(failure);
            }
            Err(TurnError::Moved) => {
                roll_back(client).await?;
                return Ok(Outcome::Moved(turn.projection));
            }
            Err(TurnError::Server(cause)) => return Err(cause),
        }
    }
    Ok(Outcome::Done(failures))
}

pub(super) async fn roll_back(client: &Client) -> Result<(), Error> {
    client.batch_execute("ROLLBACK").await
}

/// Executes what one projection writes and moves its checkpoint.
async fn take_one(client: &Client, texts: &mut Texts, turn: &Turn) -> Result<(), TurnError> {
    for one in turn.batch.statements() {
        let failed = |reason| {
            TurnError::Failed(Failure {
                projection: turn.projection,
                position: Some(one.position),
                reason,
            })
        };
        let blame = |cause: Error| {
            if is_the_statements_fault(&cause) {
                failed(said(&cause))
            } else {
                TurnError::Server(cause)
            }
        };
        let prepared = texts.prepare(client, one.sql).await.map_err(blame)?;
        if let Some(reason) = misfits(&one.parameters, prepared.types()) {
            return Err(failed(reason));
        }
        execute(client, &prepared.one, &one.parameters)
            .await
            .map_err(blame)?;
    }
    let mut values = values![turn.projection, turn.version, turn.to, turn.event_id];
    let sql = if turn.from == 0 {
        FIRST_CHECKPOINT
    } else {
        values.push(turn.from.into());
        NEXT_CHECKPOINT
    };
    let prepared = texts.prepare(client, sql).await?;
    match execute(client, &prepared.one, &values).await? {
        1 => Ok(()),
        _ => Err(TurnError::Moved),
    }
}

async fn execute(client: &Client, statement: &Statement, values: &[Value]) -> Result<u64, Error> {
    client
        .execute_raw(statement, values.iter().map(Parameter))
        .await
}
