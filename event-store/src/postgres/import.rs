//! Taking over the events of another log.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Mutex;

use super::batch::Rows;
use super::failure::{describe, is_unique_violation};
use super::row::encode_metadata;
use super::session::{Failed, Head, Question, Session};
use super::{Connections, PostgresUrl, schema};
use crate::heads::check;
use crate::limits::BATCH_EVENTS;
use crate::{Import, OpenError, Position, Recorded, StoreError, StreamName, Version, codec};

/// The log in PostgreSQL, open to take over events of another one.
pub struct PostgresImport {
    connections: Connections,
    /// None before the first events, and after a failure.
    session: Mutex<Option<Session>>,
}

impl PostgresImport {
    /// Opens the log, whose tables are made or brought up to date first.
    pub async fn open(url: &PostgresUrl) -> Result<Self, OpenError> {
        let connections = schema::connections(url)?;
        schema::bring_up_to_date(&connections).await?;
        Ok(Self {
            connections,
            session: Mutex::new(None),
        })
    }
}

#[async_trait]
impl Import for PostgresImport {
    async fn import(&self, events: &[Arc<Recorded>]) -> Result<Position, StoreError> {
        let mut kept = self.session.lock().await;
        let session = match kept.take() {
            Some(session) if !session.is_closed() => session,
            _ => Session::open(&self.connections).await?,
        };
        let position = import(&session, events).await.map_err(explain)?;
        *kept = Some(session);
        Ok(position)
    }
}

/// All in one transaction, which ends with the connection where it fails.
async fn import(session: &Session, events: &[Arc<Recorded>]) -> Result<Position, Failed> {
    let streams: HashSet<&StreamName> = events.iter().map(|event| &event.stream).collect();
    let question = Question {
        streams: streams.into_iter().cloned().collect(),
        ..Question::default()
    };
    let locked = session.lock(question).await?;
    let (mut head, mut versions) = (locked.head, locked.versions.into_iter().collect());
    let mut chunks = events.chunks(BATCH_EVENTS).peekable();
    if chunks.peek().is_none() {
        session.roll_back().await;
    }
    while let Some(chunk) = chunks.next() {
        let numbered = numbered(&mut head, &mut versions, chunk).map_err(Failed::Nothing)?;
        let columns: Vec<_> = numbered
            .iter()
            .map(|event| {
                let parts = codec::encode_parts(&event.parts);
                (encode_metadata(&event.metadata), parts)
            })
            .collect();
        let mut rows = Rows::default();
        for (event, (metadata, parts)) in numbered.iter().zip(&columns) {
            rows.push(event, metadata, parts.as_deref());
        }
        if chunks.peek().is_some() {
            session.insert(&rows).await?;
        } else {
            session.commit(&rows).await?;
            session.notify().await;
        }
    }
    Ok(head.position)
}

/// The events as they will stand here, each at the next position.
fn numbered(
    head: &mut Head,
    versions: &mut HashMap<StreamName, Version>,
    events: &[Arc<Recorded>],
) -> Result<Vec<Recorded>, StoreError> {
    events
        .iter()
        .map(|event| {
            if event.recorded_at < head.recorded_at {
                return Err(StoreError::Corrupt {
                    position: event.position,
                    reason: "it was recorded before the event before it".to_owned(),
                });
            }
            let version = versions.entry(event.stream.clone()).or_default();
            check(&event.stream, event.sequence.saturating_sub(1), *version)?;
            *version = event.sequence;
            head.position += 1;
            head.recorded_at = event.recorded_at;
            Ok(Recorded {
                position: head.position,
                number: Some(event.number()).filter(|number| *number != head.position),
                ..Recorded::clone(event)
            })
        })
        .collect()
}

fn explain(failed: Failed) -> StoreError {
    match failed {
        Failed::Nothing(error) | Failed::Refused(error) => error,
        Failed::Row(cause) if is_unique_violation(&cause) => StoreError::Duplicate,
        Failed::Row(cause) => StoreError::Invalid(describe(&cause)),
        Failed::Unknown(cause) => StoreError::Unknown(cause),
        Failed::Stale | Failed::Lost(_) => {
            StoreError::Unavailable("others append to the log".to_owned())
        }
    }
}
