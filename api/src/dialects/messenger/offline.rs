//! What was sent to somebody while they were not connected, from the log and the marks of how far
//! it has reached them.

use std::collections::HashMap;
use std::sync::Arc;

use domain::{MessageBody, PersonId, RoomId, RoomKind};
use event_store::Position;
use projections::messages::{self, MessageRow};
use projections::rooms::RoomRow;
use serde_json::Value;

use super::arrival::{hearing, is_of_two};
use super::frames::{About, NewMessage};
use super::packet::durable;
use crate::app::App;
use crate::live::{Brought, Ended, Frame};

/// How far back messages are brought.
const KEPT_US: i64 = 24 * 3_600_000_000;

/// Messages that are brought at most, the newest ones.
const MAX_MESSAGES: usize = 2_000;

/// What they have at most in bytes, for they go out in one packet.
pub(super) const MAX_BYTES: usize = 4 * 1024 * 1024;

/// What was missed.
pub(super) struct Batch {
    /// A list of messages, oldest first, as JSON.
    pub messages: String,
    /// The same.
    pub brought: Vec<Arc<Brought>>,
}

impl Batch {
    /// How far each room has reached them with it.
    pub fn reached(&self) -> Vec<(RoomId, Position)> {
        let mut reached = HashMap::new();
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
    elsewhere: &HashMap<RoomId, Position>,
) -> Result<Option<Batch>, Ended> {
    let oldest = app.clock.now_us() - KEPT_US;
    let mut found = Vec::new();
    for room in hearing(app, person).await? {
        // What another connection has received is not missed.
        let elsewhere = elsewhere.get(&room.id).copied().unwrap_or_default();
        let after = room.delivered.max(elsewhere);
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
    let mut bytes = 0;
    for (row, room) in found.iter().rev() {
        let Some(shown) = shown(app, row, room.id)? else {
            continue;
        };
        let shown = shown.to_string();
        bytes += shown.len() + 1;
        if bytes > MAX_BYTES {
            break;
        }
        messages.push(shown);
        brought.push(Arc::new(self::brought(row, room.id, is_of_two(room))));
    }
    messages.reverse();
    brought.reverse();
    Ok((!messages.is_empty()).then(|| Batch {
        messages: format!("[{}]", messages.join(",")),
        brought,
    }))
}

/// The messages of others in a room that went by before a connection joined it, oldest first.
pub(super) async fn before_joining(
    app: &App,
    person: PersonId,
    room: &RoomRow,
    after: Position,
    up_to: Position,
) -> Result<Vec<Frame>, Ended> {
    if after >= up_to {
        return Ok(Vec::new());
    }
    if !app.projected(up_to).await {
        return Err(Ended::TryAgain);
    }
    let limit = u32::try_from(MAX_MESSAGES).unwrap_or(u32::MAX);
    let rows = messages::newest_after(&*app.reader, room.number, after, up_to, limit).await;
    let rows = rows.map_err(unreadable)?;
    let mut frames = Vec::new();
    for row in rows.into_iter().rev() {
        if row.sender == person || row.deleted_at.is_some() {
            continue;
        }
        if let Some(shown) = shown(app, &row, room.id)? {
            let mut frame = durable("message:new", &shown, row.position);
            let is_of_two = room.kind != RoomKind::Group;
            frame.message = Some(Arc::new(brought(&row, room.id, is_of_two)));
            frames.push(frame);
        }
    }
    Ok(frames)
}

fn brought(row: &MessageRow, room: RoomId, is_of_two: bool) -> Brought {
    Brought {
        message: row.id,
        room,
        sender: row.sender,
        position: row.position,
        is_of_two,
    }
}

/// A message as it is brought; none once it is erased.
fn shown(app: &App, row: &MessageRow, room: RoomId) -> Result<Option<Value>, Ended> {
    let body: Option<MessageBody> = match &row.body {
        Some(body) => body.open(&*app.keys).map_err(unreadable)?,
        None => None,
    };
    let Some(body) = body else { return Ok(None) };
    let about = About {
        message: row.id,
        number: row.number,
        room,
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
