//! Messages of all rooms. One index over room and position answers history and what was missed.

mod versions;

use std::collections::HashSet;

use domain::{Event, MessageEvent, MessageId, MessageKind, PersonId, RoomEvent, UploadId};
use event_store::{Direction, EventStore, Position, StreamName};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::reader::{Page, first, many, only};
use crate::value::values;
use crate::{
    Batch, Columns, Fact, Projection, ReadError, Reader, Row, RowError, SealedColumn, Sql, Value,
    statements,
};

pub use versions::{Version, VersionsError, versions};

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    pub position: Position,
    /// By which clients know it.
    pub number: u64,
    pub id: MessageId,
    /// The room's number.
    pub room: u64,
    pub sender: PersonId,
    pub kind: MessageKind,
    pub reply_to: Option<MessageId>,
    /// The number of the message that it answers.
    pub reply_number: Option<u64>,
    pub file: Option<UploadId>,
    /// A `domain::MessageBody`, the newest; none once it is deleted.
    pub body: Option<SealedColumn>,
    /// All times in microseconds since the Unix epoch.
    pub sent_at: i64,
    pub edited_at: Option<i64>,
    pub deleted_at: Option<i64>,
}

macro_rules! message {
    ($rest:literal) => {
        concat!(
            "SELECT position, COALESCE(number, position), uuid, room, sender, kind, reply_to, \
             reply_number, file, body, sent_at, edited_at, deleted_at FROM messages ",
            $rest
        )
    };
}

statements! {
    ADD_ROOM = "INSERT INTO message_rooms (uuid, number) VALUES ($1, $2)"
        => owns room(1);
    SEND = "INSERT INTO messages (position, number, uuid, room, sender, kind, reply_to, \
            reply_number, file, body, sent_at) \
            VALUES ($1, $2, $3, (SELECT r.number FROM message_rooms r WHERE r.uuid = $4), \
            $5, $6, $7, $8, $9, $10, $11)"
        => shares room(4), owns message(1), owns message(2);
    EDIT = "UPDATE messages SET body = $2, edited_at = $3 \
            WHERE ((position = $1 AND number IS NULL) OR number = $1) AND deleted_at IS NULL"
        => owns message(1);
    DELETE = "UPDATE messages SET body = NULL, deleted_at = $2 \
              WHERE (position = $1 AND number IS NULL) OR number = $1"
        => owns message(1);
    DESTROY_DAY = "DELETE FROM messages \
                   WHERE room = (SELECT r.number FROM message_rooms r WHERE r.uuid = $1) \
                   AND position < COALESCE((SELECT n.position FROM messages n \
                   WHERE n.room = (SELECT r.number FROM message_rooms r WHERE r.uuid = $1) \
                   AND n.sent_at >= $3 ORDER BY n.position LIMIT 1), $4) \
                   AND sent_at >= $2 AND sent_at < $3"
        => owns room(1);

    PAGE_NEWEST = message!("WHERE room = $1 ORDER BY position DESC LIMIT $2 OFFSET $3");
    PAGE = message!("WHERE room = $1 ORDER BY position LIMIT $2 OFFSET $3");
    COUNT = "SELECT count(*) FROM messages WHERE room = $1";
    AFTER = message!("WHERE room = $1 AND position > $2 AND position <= $3 \
                      ORDER BY position LIMIT $4");
    NEWEST_AFTER = message!("WHERE room = $1 AND position > $2 AND position <= $3 \
                             ORDER BY position DESC LIMIT $4");
    BY_POSITION = message!("WHERE position = $1");
    BY_OWN_NUMBER = message!("WHERE position = $1 AND number IS NULL");
    BY_COPIED_NUMBER = message!("WHERE number = $1");
    SENT_SINCE = "SELECT sent_at FROM messages WHERE room = $1 AND sent_at >= $2 \
                  ORDER BY position LIMIT 1";
    LAST_OF = message!("WHERE room = $1 ORDER BY position DESC LIMIT 1");
}

/// Some messages by their numbers, `[1,2,3]`: those that have the position for a number, and those
/// that have another one.
const BY_OWN_NUMBERS: Sql = Sql::Per {
    sqlite: message!("WHERE position IN (SELECT value FROM json_each($1)) AND number IS NULL"),
    postgres: message!(
        "WHERE position = ANY (CAST(translate($1, '[]', '{}') AS BIGINT[])) AND number IS NULL"
    ),
};
const BY_COPIED_NUMBERS: Sql = Sql::Per {
    sqlite: message!("WHERE number IN (SELECT value FROM json_each($1))"),
    postgres: message!("WHERE number = ANY (CAST(translate($1, '[]', '{}') AS BIGINT[]))"),
};

/// The statements that each engine has in words of its own, by name.
pub(crate) const ENGINE_STATEMENTS: &[(&str, Sql)] = &[
    ("BY_OWN_NUMBERS", BY_OWN_NUMBERS),
    ("BY_COPIED_NUMBERS", BY_COPIED_NUMBERS),
];

/// The projection of this file.
#[derive(Debug)]
pub struct Messages;

impl Projection for Messages {
    fn name(&self) -> &'static str {
        "messages"
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self) -> &'static [&'static str] {
        &["messages", "message_rooms"]
    }

    fn project(&self, fact: &Fact, batch: &mut Batch) {
        let recorded = &fact.recorded;
        match &fact.event {
            Event::Message(event) => message(fact, event, batch),
            Event::Room(event) => match event {
                RoomEvent::Opened { .. } => {
                    batch.push(ADD_ROOM, values![fact.id, recorded.number()]);
                }
                RoomEvent::DayDestroyed { day } => {
                    let (from, until) = (start_of(*day), start_of(day.saturating_add(1.day())));
                    batch.push(
                        DESTROY_DAY,
                        values![fact.id, from, until, recorded.position],
                    );
                }
                RoomEvent::MemberAdded { .. }
                | RoomEvent::MemberRemoved { .. }
                | RoomEvent::Closed {}
                | RoomEvent::Described { .. }
                | RoomEvent::Booked { .. }
                | RoomEvent::RetentionSet { .. } => {}
            },
            Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Counselor(_)
            | Event::Consultation(_)
            | Event::Member(_)
            | Event::Presence(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Upload(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Emotion(_)
            | Event::Alert(_) => {}
        }
    }
}

fn message(fact: &Fact, event: &MessageEvent, batch: &mut Batch) {
    let recorded = &fact.recorded;
    match event {
        MessageEvent::Sent {
            message,
            room,
            sender,
            message_kind,
            reply_to,
            reply_number,
            file,
            body: _,
        } => batch.push(
            SEND,
            values![
                recorded.position,
                recorded
                    .number
                    .filter(|number| *number != recorded.position),
                *message,
                *room,
                *sender,
                Value::tag(message_kind),
                *reply_to,
                *reply_number,
                *file,
                SealedColumn::of(recorded, 0),
                recorded.recorded_at,
            ],
        ),
        MessageEvent::Edited { number, .. } => batch.push(
            EDIT,
            values![*number, SealedColumn::of(recorded, 0), recorded.recorded_at],
        ),
        MessageEvent::Deleted { number, .. } => {
            batch.push(DELETE, values![*number, recorded.recorded_at]);
        }
    }
}

/// When a UTC day begins, in microseconds since the Unix epoch.
pub(crate) fn start_of(day: Date) -> i64 {
    let midnight = day.to_zoned(TimeZone::UTC);
    midnight.map_or(0, |midnight| midnight.timestamp().as_microsecond())
}

/// One page of a room's messages, counted from the newest; within it the oldest is first.
pub async fn page_newest(
    reader: &dyn Reader,
    room: u64,
    page: Page,
) -> Result<Vec<MessageRow>, ReadError> {
    let parameters = values![room, page.size, page.offset()];
    let mut rows = many(reader, PAGE_NEWEST, parameters, read).await?;
    rows.reverse();
    Ok(rows)
}

/// One page of a room's messages, oldest first. The room is given by its number.
pub async fn page(
    reader: &dyn Reader,
    room: u64,
    page: Page,
) -> Result<Vec<MessageRow>, ReadError> {
    many(reader, PAGE, values![room, page.size, page.offset()], read).await
}

/// How many messages a room has.
pub async fn count(reader: &dyn Reader, room: u64) -> Result<u64, ReadError> {
    only(reader, COUNT, values![room], |row| row.get(0)).await
}

/// A room's messages after one position and up to another, oldest first, at most `limit`.
pub async fn after(
    reader: &dyn Reader,
    room: u64,
    after: Position,
    up_to: Position,
    limit: u32,
) -> Result<Vec<MessageRow>, ReadError> {
    many(reader, AFTER, values![room, after, up_to, limit], read).await
}

/// A room's messages after one position and up to another, newest first, at most `limit`.
pub async fn newest_after(
    reader: &dyn Reader,
    room: u64,
    after: Position,
    up_to: Position,
    limit: u32,
) -> Result<Vec<MessageRow>, ReadError> {
    let parameters = values![room, after, up_to, limit];
    many(reader, NEWEST_AFTER, parameters, read).await
}

/// A message by its id.
///
/// The log itself finds the position, because each message is a stream. An index over ids here
/// would be paid for with every message: ids that are derived from a client's key come in no
/// order, and cost the projector a third of its speed.
pub async fn by_id(
    reader: &dyn Reader,
    store: &dyn EventStore,
    message: MessageId,
) -> Result<Option<MessageRow>, ReadError> {
    let stream = StreamName::new("message", message);
    let events = store
        .read_stream(&stream, 1, Direction::Forward, 1)
        .await
        .map_err(|cause| ReadError::Unavailable(cause.to_string()))?;
    match events.first() {
        Some(sent) => first(reader, BY_POSITION, values![sent.position], read).await,
        None => Ok(None),
    }
}

/// A message by its number.
pub async fn by_number(reader: &dyn Reader, number: u64) -> Result<Option<MessageRow>, ReadError> {
    match first(reader, BY_OWN_NUMBER, values![number], read).await? {
        Some(message) => Ok(Some(message)),
        None => first(reader, BY_COPIED_NUMBER, values![number], read).await,
    }
}

/// Those messages of some numbers that there are, in no order.
pub async fn by_numbers(
    reader: &dyn Reader,
    numbers: &[u64],
) -> Result<Vec<MessageRow>, ReadError> {
    let list = |numbers: &[u64]| values![Value::json(&numbers)];
    let mut rows = many(reader, BY_OWN_NUMBERS, list(numbers), read).await?;
    if rows.len() < numbers.len() {
        let found: HashSet<u64> = rows.iter().map(|row| row.number).collect();
        let others: Vec<u64> = numbers
            .iter()
            .copied()
            .filter(|one| !found.contains(one))
            .collect();
        rows.extend(many(reader, BY_COPIED_NUMBERS, list(&others), read).await?);
    }
    Ok(rows)
}

/// A message of one room by its number.
pub async fn in_room(
    reader: &dyn Reader,
    room: u64,
    number: u64,
) -> Result<Option<MessageRow>, ReadError> {
    let message = by_number(reader, number).await?;
    Ok(message.filter(|message| message.room == room))
}

/// The newest message of a room, deleted or not.
pub async fn last_of(reader: &dyn Reader, room: u64) -> Result<Option<MessageRow>, ReadError> {
    first(reader, LAST_OF, values![room], read).await
}

/// When the oldest message of a room was sent, of those that were sent at `since` or later: both in
/// microseconds since the Unix epoch. None where there is none.
pub async fn sent_since(
    reader: &dyn Reader,
    room: u64,
    since: i64,
) -> Result<Option<i64>, ReadError> {
    first(reader, SENT_SINCE, values![room, since], |row| row.get(0)).await
}

fn read(row: &Row) -> Result<MessageRow, RowError> {
    take(&mut row.columns())
}

/// Reads the columns of a message, in the order in which they are declared.
pub(crate) fn take(columns: &mut Columns<'_>) -> Result<MessageRow, RowError> {
    Ok(MessageRow {
        position: columns.take()?,
        number: columns.take()?,
        id: columns.take()?,
        room: columns.take()?,
        sender: columns.take()?,
        kind: columns.take()?,
        reply_to: columns.take()?,
        reply_number: columns.take()?,
        file: columns.take()?,
        body: columns.take()?,
        sent_at: columns.take()?,
        edited_at: columns.take()?,
        deleted_at: columns.take()?,
    })
}
