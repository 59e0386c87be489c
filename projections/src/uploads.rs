//! Uploads: whose they are, which message has each, and what is to be cleared away.

use domain::{
    Event, MessageEvent, MessageId, PersonId, RoomEvent, RoomId, UploadEvent, UploadId, UploadKind,
};
use event_store::Position;

use uuid::Uuid;

use crate::messages::start_of;
use crate::reader::{first, many, only};
use crate::value::values;
use crate::{
    Batch, Fact, Projection, ReadError, Reader, Row, RowError, SealedColumn, Value, statements,
};

/// An upload. All times are microseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRow {
    /// By which clients know it.
    pub number: u64,
    pub id: UploadId,
    /// By which the object store knows it.
    pub object: Uuid,
    pub owner: PersonId,
    /// The room that it was brought to, then that of its message.
    pub room: Option<RoomId>,
    /// Bytes, unsealed.
    pub size: u64,
    pub media_type: String,
    pub kind: UploadKind,
    /// A `domain::FileDetails`, under the keys under which the bytes are as well.
    pub details: SealedColumn,
    pub stored_at: i64,
    /// None as long as no message has it.
    pub message: Option<MessageId>,
    /// When its message was deleted.
    pub deleted_at: Option<i64>,
    /// When the day of its message was destroyed.
    pub destroyed_at: Option<i64>,
    pub erased_at: Option<i64>,
}

/// An upload that is no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedRow {
    pub id: UploadId,
    pub object: Uuid,
    /// Where the log says so.
    pub position: Position,
}

macro_rules! upload {
    ($rest:literal) => {
        concat!(
            "SELECT number, uuid, object, owner, room, size, media_type, kind, details, \
             stored_at, message, deleted_at, destroyed_at, erased_at FROM uploads ",
            $rest
        )
    };
}

statements! {
    STORE = "INSERT INTO uploads (number, uuid, object, owner, room, size, media_type, kind, \
             details, stored_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        => owns upload(2);
    ATTACH = "UPDATE uploads SET message = $2, room = $3, day = $4 WHERE uuid = $1"
        => owns upload(1), owns upload_of(2), shares room(3);
    MESSAGE_DELETED = "UPDATE uploads SET deleted_at = $2 WHERE message = $1"
        => owns upload_of(1);
    DAY_DESTROYED = "UPDATE uploads SET destroyed_at = $3 WHERE room = $1 AND day = $2"
        => owns room(1);
    ERASE = "UPDATE uploads SET erased_at = $2, erased = $3 WHERE uuid = $1"
        => owns upload(1);

    BY_ID = upload!("WHERE uuid = $1");
    BY_NUMBER = upload!("WHERE number = $1");
    OF_MESSAGE = upload!("WHERE message = $1");
    USED_BY = "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM uploads \
               WHERE owner = $1 AND erased_at IS NULL";
    UNATTACHED = upload!("WHERE message IS NULL AND erased_at IS NULL AND stored_at < $1 \
                          AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.lifted_at IS NULL \
                          AND (h.subject = uploads.owner OR h.subject IN \
                          (SELECT c.uuid FROM consultations c WHERE c.room = uploads.room))) \
                          ORDER BY stored_at LIMIT $2");
    DESTROYED = upload!("WHERE destroyed_at IS NOT NULL AND erased_at IS NULL \
                         ORDER BY destroyed_at LIMIT $1");
    ERASED_AFTER = "SELECT uuid, object, erased FROM uploads WHERE erased > $1 \
                    ORDER BY erased LIMIT $2";
    OF_OWNER = upload!("WHERE owner = $1 AND number > $2 ORDER BY number LIMIT $3");
    IN_ROOM = upload!("WHERE room = $1 AND number > $2 ORDER BY number LIMIT $3");
    OF_OBJECT = upload!("WHERE object = $1");
}

/// The projection of this file.
#[derive(Debug)]
pub struct Uploads;

impl Projection for Uploads {
    fn name(&self) -> &'static str {
        "uploads"
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self) -> &'static [&'static str] {
        &["uploads"]
    }

    fn project(&self, fact: &Fact, batch: &mut Batch) {
        match &fact.event {
            Event::Upload(event) => upload(fact, event, batch),
            Event::Message(event) => message(fact, event, batch),
            Event::Room(event) => room(fact, event, batch),
            Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Counselor(_)
            | Event::Consultation(_)
            | Event::Member(_)
            | Event::Presence(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Emotion(_)
            | Event::Alert(_) => {}
        }
    }
}

fn upload(fact: &Fact, event: &UploadEvent, batch: &mut Batch) {
    let recorded = &fact.recorded;
    let at = recorded.recorded_at;
    match event {
        UploadEvent::Stored {
            upload,
            owner,
            room,
            object,
            size,
            media_type,
            kind,
            ..
        } => batch.push(
            STORE,
            values![
                recorded.number(),
                *upload,
                *object,
                *owner,
                *room,
                *size,
                &**media_type,
                Value::tag(kind),
                SealedColumn::of(recorded, 0),
                at,
            ],
        ),
        UploadEvent::Attached {
            upload,
            message,
            room,
        } => batch.push(ATTACH, values![*upload, *message, *room, day_at(at)]),
        UploadEvent::Erased { upload, .. } => {
            batch.push(ERASE, values![*upload, at, recorded.position]);
        }
    }
}

fn message(fact: &Fact, event: &MessageEvent, batch: &mut Batch) {
    match event {
        MessageEvent::Deleted { message, .. } => {
            batch.push(
                MESSAGE_DELETED,
                values![*message, fact.recorded.recorded_at],
            );
        }
        MessageEvent::Sent { .. } | MessageEvent::Edited { .. } => {}
    }
}

fn room(fact: &Fact, event: &RoomEvent, batch: &mut Batch) {
    match event {
        RoomEvent::DayDestroyed { day } => {
            let day = day_at(start_of(*day));
            batch.push(
                DAY_DESTROYED,
                values![fact.id, day, fact.recorded.recorded_at],
            );
        }
        RoomEvent::Opened { .. }
        | RoomEvent::MemberAdded { .. }
        | RoomEvent::MemberRemoved { .. }
        | RoomEvent::Closed {}
        | RoomEvent::Described { .. }
        | RoomEvent::Booked { .. }
        | RoomEvent::RetentionSet { .. } => {}
    }
}

/// The UTC day of a time in microseconds, in days since 1970-01-01.
fn day_at(at_us: i64) -> i64 {
    at_us.div_euclid(86_400_000_000)
}

/// An upload by its id.
pub async fn by_id(reader: &dyn Reader, upload: UploadId) -> Result<Option<UploadRow>, ReadError> {
    first(reader, BY_ID, values![upload], read).await
}

/// An upload by its number.
pub async fn by_number(reader: &dyn Reader, number: u64) -> Result<Option<UploadRow>, ReadError> {
    first(reader, BY_NUMBER, values![number], read).await
}

/// What a message has.
pub async fn of_message(
    reader: &dyn Reader,
    message: MessageId,
) -> Result<Option<UploadRow>, ReadError> {
    first(reader, OF_MESSAGE, values![message], read).await
}

/// The upload whose bytes the object store has under this name.
pub async fn of_object(reader: &dyn Reader, object: Uuid) -> Result<Option<UploadRow>, ReadError> {
    first(reader, OF_OBJECT, values![object], read).await
}

/// Bytes of all that somebody uploaded and that is not erased.
pub async fn used_by(reader: &dyn Reader, owner: PersonId) -> Result<u64, ReadError> {
    only(reader, USED_BY, values![owner], |row| row.get(0)).await
}

/// What somebody brought, erased or not; those with a number above `after`, in the order of their
/// numbers, at most `limit`.
pub async fn of_owner(
    reader: &dyn Reader,
    owner: PersonId,
    after: u64,
    limit: u32,
) -> Result<Vec<UploadRow>, ReadError> {
    many(reader, OF_OWNER, values![owner, after, limit], read).await
}

/// What was brought to a room or sent there, erased or not; those with a number above `after`, in
/// the order of their numbers, at most `limit`.
pub async fn in_room(
    reader: &dyn Reader,
    room: RoomId,
    after: u64,
    limit: u32,
) -> Result<Vec<UploadRow>, ReadError> {
    many(reader, IN_ROOM, values![room, after, limit], read).await
}

/// What was stored before `stored_limit` (microseconds), has no message, and is neither of
/// anybody nor of a consultation under a legal hold, the oldest first, at most `limit`.
pub async fn unattached(
    reader: &dyn Reader,
    stored_limit: i64,
    limit: u32,
) -> Result<Vec<UploadRow>, ReadError> {
    many(reader, UNATTACHED, values![stored_limit, limit], read).await
}

/// What is not erased although the day of its message was destroyed, at most `limit`.
pub async fn destroyed(reader: &dyn Reader, limit: u32) -> Result<Vec<UploadRow>, ReadError> {
    many(reader, DESTROYED, values![limit], read).await
}

/// What was erased after a position, in order, at most `limit`.
pub async fn erased_after(
    reader: &dyn Reader,
    after: Position,
    limit: u32,
) -> Result<Vec<ErasedRow>, ReadError> {
    many(reader, ERASED_AFTER, values![after, limit], |row| {
        let mut columns = row.columns();
        Ok(ErasedRow {
            id: columns.take()?,
            object: columns.take()?,
            position: columns.take()?,
        })
    })
    .await
}

fn read(row: &Row) -> Result<UploadRow, RowError> {
    let mut columns = row.columns();
    Ok(UploadRow {
        number: columns.take()?,
        id: columns.take()?,
        object: columns.take()?,
        owner: columns.take()?,
        room: columns.take()?,
        size: columns.take()?,
        media_type: columns.take()?,
        kind: columns.take()?,
        details: columns.take()?,
        stored_at: columns.take()?,
        message: columns.take()?,
        deleted_at: columns.take()?,
        destroyed_at: columns.take()?,
        erased_at: columns.take()?,
    })
}
