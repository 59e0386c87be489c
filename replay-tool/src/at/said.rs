//! The words of the past, as the server opens them for a purpose that it records first.

use std::sync::Arc;

use domain::ConsultationId;
use event_store::{Direction, EventStore, Recorded, StreamName};
use projections::messages::{self, MessageRow};
use projections::{Page, Reader};

use super::answers::time;
use super::past::Past;
use super::view::{About, Said};
use crate::failure::Failure;
use crate::timeline::texts::Server;

/// Events of one thing that are read: a message is edited far less often.
const MAX_EVENTS: usize = 10_000;

/// Events whose texts are asked for at a time.
const EVENTS_AT_ONCE: usize = 500;

/// The types of events of a message that hold its words.
const WORDS: [&str; 2] = ["message.sent", "message.edited"];

/// The newest messages of a room with the words that counted then, oldest first.
pub async fn newest(
    past: &Past,
    reader: &dyn Reader,
    server: &Server,
    room: u64,
    count: u32,
) -> Result<Vec<Said>, Failure> {
    let page = Page {
        page: 1,
        size: count,
    };
    let rows = messages::page_newest(reader, room, page).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let event = match row.deleted_at {
            None => last_words(past, &row).await?,
            Some(_) => None,
        };
        found.push((row, event));
    }
    let events: Vec<_> = found
        .iter()
        .filter_map(|(_, event)| event.clone())
        .collect();
    let mut texts = std::collections::HashMap::new();
    for events in events.chunks(EVENTS_AT_ONCE) {
        texts.extend(server.texts(events).await?);
    }
    let said = |(row, event): (MessageRow, Option<Arc<Recorded>>)| {
        let position = event.as_ref().map_or(row.position, |event| event.position);
        let text = texts
            .get(&position)
            .and_then(|texts| texts.first().cloned());
        Said {
            number: row.number,
            position,
            sender: row.sender.0,
            sent_at: time(row.sent_at),
            edited: row.edited_at.is_some(),
            deleted: row.deleted_at.is_some(),
            text: event.and(text),
        }
    };
    Ok(found.into_iter().map(said).collect())
}

/// The event that holds what a message said at last.
async fn last_words(past: &Past, row: &MessageRow) -> Result<Option<Arc<Recorded>>, Failure> {
    let stream = StreamName::new("message", row.id);
    let events = past
        .read_stream(&stream, 1, Direction::Forward, MAX_EVENTS)
        .await?;
    let mut words = events.into_iter().rev();
    Ok(words.find(|event| WORDS.contains(&&*event.event_type)))
}

/// What the events of a consultation say.
pub async fn about(
    past: &Past,
    server: &Server,
    consultation: ConsultationId,
) -> Result<Vec<About>, Failure> {
    let stream = StreamName::new("consultation", consultation);
    let mut events = past
        .read_stream(&stream, 1, Direction::Forward, MAX_EVENTS)
        .await?;
    events.retain(|event| !event.parts.is_empty());
    let mut about = Vec::with_capacity(events.len());
    for events in events.chunks(EVENTS_AT_ONCE) {
        let mut texts = server.texts(events).await?;
        for event in events {
            about.push(About {
                position: event.position,
                event_type: event.event_type.to_string(),
                texts: texts.remove(&event.position).unwrap_or_default(),
            });
        }
    }
    Ok(about)
}
