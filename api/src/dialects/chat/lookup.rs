//! A message by the number that a path or a frame names: here, no more, or never.

use domain::{Event, MessageEvent, Refusal};
use projections::messages::{self, MessageRow};
use projections::{closed_fact, rooms};

use super::access::lagging;
use crate::app::App;
use crate::error::ApiError;

/// A message of a room, both by their numbers. The read models have caught up.
///
/// # Errors
/// `MessageErased` where its day was destroyed; `UnknownMessage` where the room never had it.
pub(super) async fn message_in(app: &App, room: u64, number: u64) -> Result<MessageRow, ApiError> {
    if let Some(message) = messages::in_room(&*app.reader, room, number).await? {
        return Ok(message);
    }
    if !was_sent(app, room, number).await? {
        return Err(Refusal::UnknownMessage.into());
    }
    // It may be too new for the read models, which forget nothing but destroyed days.
    if !app.projected(number).await {
        return Err(lagging());
    }
    let message = messages::in_room(&*app.reader, room, number).await?;
    message.ok_or_else(|| Refusal::MessageErased.into())
}

/// Whether the log has a message of this number in a room. One that was copied with its number
/// from another log is not found here.
async fn was_sent(app: &App, room: u64, number: u64) -> Result<bool, ApiError> {
    let Some(room) = rooms::by_number(&*app.reader, room).await? else {
        return Ok(false);
    };
    let found = app.store.read_positions(&[number]).await?;
    let Some(recorded) = found.into_iter().find(|event| event.number() == number) else {
        return Ok(false);
    };
    let fact = closed_fact(recorded).map_err(|error| {
        tracing::error!(%error, "the event of a message's number cannot be read");
        ApiError::internal()
    })?;
    Ok(matches!(
        fact.event,
        Event::Message(MessageEvent::Sent { room: sent_to, .. }) if sent_to == room.id
    ))
}
