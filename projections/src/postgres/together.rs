//! The fast way through a transaction: statements of one text as one, and everything sent before
//! the first answer is waited for. It works out for all projections, or for none.

use std::pin::Pin;
use std::task::Poll;

use tokio_postgres::{Client, Error};

use super::apart;
use super::error::is_the_statements_fault;
use super::groups::{Group, group};
use super::pipeline;
use super::texts::{Prepared, Texts};
use super::value::{Parameter, misfits};
use crate::Turn;

const FIRST_CHECKPOINTS: &str = "INSERT INTO checkpoints (projection, version, position, event_id) \
     SELECT projection, version, position, event_id \
     FROM unnest($1::text[], $2::int8[], $3::int8[], $4::bytea[], $5::int8[]) \
     AS turns(projection, version, position, event_id, before) WHERE before = 0 \
     ON CONFLICT DO NOTHING";
const NEXT_CHECKPOINTS: &str = "UPDATE checkpoints c SET position = t.position, event_id = t.event_id \
     FROM unnest($1::text[], $2::int8[], $3::int8[], $4::bytea[], $5::int8[]) \
     AS t(projection, version, position, event_id, before) \
     WHERE c.projection = t.projection AND c.version = t.version AND c.position = t.before";

/// What came of it.
pub(super) enum Outcome {
    /// Ready to be committed.
    Done,
    /// A statement failed, or the checkpoints are elsewhere: nothing was done.
    Failed,
}

type Answer<'t> = Pin<Box<dyn Future<Output = Result<u64, Error>> + Send + 't>>;

/// Begins a transaction and executes everything in it.
pub(super) async fn take(
    client: &Client,
    texts: &mut Texts,
    turns: &[Turn],
) -> Result<Outcome, Error> {
    let mut groups = Vec::new();
    for turn in turns {
        for group in group(turn.batch.statements()) {
            let prepared = match texts.prepare(client, group.sql).await {
                Ok(prepared) => prepared,
                Err(cause) if is_the_statements_fault(&cause) => return Ok(Outcome::Failed),
                Err(cause) => return Err(cause),
            };
            let types = prepared.types();
            let misfit = |values| misfits(values, types).is_some();
            if group.statements.iter().any(|one| misfit(&one.parameters)) {
                return Ok(Outcome::Failed);
            }
            groups.push((prepared, group));
        }
    }
    let first = texts.prepare(client, FIRST_CHECKPOINTS.into()).await?.one;
    let next = texts.prepare(client, NEXT_CHECKPOINTS.into()).await?.one;
    let moves = Moves::of(turns);

    let mut answers: Vec<Answer<'_>> = Vec::with_capacity(groups.len() + 3);
    answers.push(Box::pin(async {
        client.batch_execute("BEGIN").await.map(|()| 0)
    }));
    for (prepared, group) in &groups {
        add(client, prepared, group, &mut answers);
    }
    for statement in [&first, &next] {
        answers.push(Box::pin(moves.send(client, statement)));
    }
    let counts = match in_order(answers).await {
        Ok(counts) => counts,
        Err(cause) if is_the_statements_fault(&cause) => {
            apart::roll_back(client).await?;
            return Ok(Outcome::Failed);
        }
        Err(cause) => return Err(cause),
    };
    let arrived: u64 = counts.iter().rev().take(2).sum();
    if arrived != turns.len() as u64 {
        apart::roll_back(client).await?;
        return Ok(Outcome::Failed);
    }
    Ok(Outcome::Done)
}

/// Adds what executes a group, as one statement where that is possible.
fn add<'t>(
    client: &'t Client,
    prepared: &'t Prepared,
    group: &'t Group<'_>,
    answers: &mut Vec<Answer<'t>>,
) {
    match &prepared.many {
        Some(many) if group.statements.len() > 1 => answers.push(Box::pin(async move {
            let columns = (0..prepared.types().len()).map(|column| {
                let values = group.statements.iter();
                let values = values.map(|one| Parameter(&one.parameters[column]));
                values.collect::<Vec<_>>()
            });
            client.execute_raw(many, columns).await
        })),
        _ => answers.extend(group.statements.iter().map(|statement| -> Answer<'t> {
            let parameters = statement.parameters.iter().map(Parameter);
            Box::pin(client.execute_raw(&prepared.one, parameters))
        })),
    }
}

/// Sends all, each behind the one before it, and then waits for all answers. Once one failed, the
/// server refuses those behind it: the first error is the one that counts.
async fn in_order(mut answers: Vec<Answer<'_>>) -> Result<Vec<u64>, Error> {
    let mut ready = Vec::with_capacity(answers.len());
    for answer in &mut answers {
        ready.push(pipeline::send(answer.as_mut()).await);
    }
    let mut counts = Vec::with_capacity(answers.len());
    let mut failed = None;
    for (ready, answer) in ready.into_iter().zip(answers) {
        let result = match ready {
            Poll::Ready(result) => result,
            Poll::Pending => answer.await,
        };
        match result {
            Ok(count) => counts.push(count),
            Err(cause) => failed = failed.or(Some(cause)),
        }
    }
    match failed {
        Some(cause) => Err(cause),
        None => Ok(counts),
    }
}

/// Where the checkpoints are to be moved, a column each.
struct Moves<'t> {
    projections: Vec<&'static str>,
    versions: Vec<i64>,
    positions: Vec<i64>,
    event_ids: Vec<&'t [u8]>,
    before: Vec<i64>,
}

impl<'t> Moves<'t> {
    fn of(turns: &'t [Turn]) -> Self {
        let position = |position: u64| i64::try_from(position).unwrap_or(i64::MAX);
        Self {
            projections: turns.iter().map(|turn| turn.projection).collect(),
            versions: turns.iter().map(|turn| turn.version.into()).collect(),
            positions: turns.iter().map(|turn| position(turn.to)).collect(),
            event_ids: turns.iter().map(|t| &t.event_id.as_bytes()[..]).collect(),
            before: turns.iter().map(|turn| position(turn.from)).collect(),
        }
    }

    async fn send(
        &self,
        client: &Client,
        statement: &tokio_postgres::Statement,
    ) -> Result<u64, Error> {
        let (projections, versions) = (&self.projections, &self.versions);
        let (positions, event_ids, before) = (&self.positions, &self.event_ids, &self.before);
        client
            .execute(
                statement,
                &[projections, versions, positions, event_ids, before],
            )
            .await
    }
}
