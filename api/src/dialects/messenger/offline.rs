//! What was sent to somebody while they were not connected, from the log and the marks of how far
//! it has reached them.

use std::sync::Arc;

use domain::{MessageBody, PersonId, RoomId};
use event_store::Position;
use projections::messages::{self, MessageRow};
use projections::rooms::Hearing;
use serde_json::Value;

use super::frames::{About, NewMessage};
use super::seats::Elsewhere;
use super::session::{hearing, is_of_two};
use crate::app::App;
use crate::live::{Brought, Ended};

/// How far back messages are brought.
const KEPT_US: i64 = 24 * 3_600_000_000;

/// Messages that are brought at most, the newest ones.
const MAX_MESSAGES: usize = 2_000;

/// What was missed.
pub(super) struct Batch {
    /// A list of messages, oldest first.
    pub messages: Value,
    pub brought: Vec<Arc<Brought>>,
}

impl Batch {
    /// How far each room has reached them with it.
    pub fn reached(&self) -> Vec<(RoomId, Position)> {
        let mut reached = std::collections::HashMap::new();
        for brought in &self.brought {
            let last: &mut Position = reached.entry(brought.room).or_default();
            *last = brought.position.max(*last);
        }
        reached.into_iter().collect()
    }
}

/// All messages of others in somebody's rooms, up to a position that the read models have passed,
/// of the last 24 hours, that no connection of theirs has received. None where there are none.
pub(super) async fn gather(
    app: &App,
    person: PersonId,
    up_to: Position,
    elsewhere: &Elsewhere,
) -> Result<Option<Batch>, Ended> {
    let oldest = app.clock.now_us() - KEPT_US;
    let mut found = Vec::new();
    for room in hearing(app, person).await? {
        let after = missed_after(&room, elsewhere);
        if after >= up_to || room.newest.is_none_or(|newest| newest <= after) {
            continue;
        }
        let limit = u32::try_from(MAX_MESSAGES).unwrap_or(u32::MAX);
        let rows = messages::newest_after(&*app.reader, room.number, after, up_to, limit).await;
        let rows = rows.map_err(unreadable)?;
        let missed = rows.into_iter().filter(|row| {
            row.sender != person && row.deleted_at.is_none() && row.sent_at >= oldest
        });
        found.extend(missed.map(|row| (row, room.clone())));
    }
    found.sort_unstable_by_key(|(row, _)| row.position);
    let surplus = found.len().saturating_sub(MAX_MESSAGES);
    found.drain(..surplus);
    let mut messages = Vec::with_capacity(found.len());
    let mut brought = Vec::with_capacity(found.len());
    for (row, room) in &found {
        if let Some(shown) = shown(app, row, room)? {
            messages.push(shown);
            brought.push(Arc::new(Brought {
                message: row.id,
                room: room.id,
                sender: row.sender,
                position: row.position,
                is_of_two: is_of_two(room),
            }));
        }
    }
    Ok((!messages.is_empty()).then_some(Batch {
        messages: Value::Array(messages),
        brought,
    }))
}

/// After which position nothing of a room has reached anybody's connection: what another one was
/// given, or hears, is on its way to them.
fn missed_after(room: &Hearing, elsewhere: &Elsewhere) -> Position {
    match elsewhere.cut {
        None => room.delivered,
        Some(_) if elsewhere.hears.contains(&room.id) => Position::MAX,
        Some(cut) => room.delivered.max(cut),
    }
}

/// A message as it is brought; none once it is erased.
fn shown(app: &App, row: &MessageRow, room: &Hearing) -> Result<Option<Value>, Ended> {
    let body: Option<MessageBody> = match &row.body {
        Some(body) => body.open(&*app.keys).map_err(unreadable)?,
        None => None,
    };
    let Some(body) = body else { return Ok(None) };
    let about = About {
        message: row.id,
        number: row.number,
        room: room.id,
        sender: row.sender,
        kind: row.kind,
        reply_to: row.reply_to,
        file: row.file,
        sent_at: row.sent_at,
    };
    let mut shown = serde_json::to_value(NewMessage::of(&about, &body)).map_err(unreadable)?;
    shown["position"] = row.position.into();
    Ok(Some(shown))
}

fn unreadable(error: impl std::fmt::Display) -> Ended {
    tracing::error!(%error, "what somebody missed cannot be read");
    Ended::TryAgain
}
