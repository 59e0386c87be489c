//! Rooms, who is in them, and how far each member has read.

mod hearing;
mod list;
mod participants;
mod retention;

use domain::{
    ConsultationId, Event, MemberEvent, MemberRole, MemberSettings, PersonId, Retention, RoomEvent,
    RoomId, RoomKind,
};
use jiff::ToSpan;

use crate::messages::start_of;
use crate::reader::{first, many};
use crate::value::values;
use crate::{
    Batch, Columns, Fact, Projection, ReadError, Reader, Row, RowError, SealedColumn, Value,
    statements,
};

pub use hearing::{Hearing, hearing};
pub use list::{ListedRoom, MAX_UNREAD, list_of, listed, unread};
pub use participants::{Participant, ever_in, participant, participants};
pub use retention::{ForgetfulRoom, forgetful, forgetful_after};

/// Every statement of this folder.
pub(crate) const ALL_STATEMENTS: &[&[(&str, crate::Sql)]] = &[
    STATEMENTS,
    hearing::STATEMENTS,
    list::STATEMENTS,
    participants::STATEMENTS,
    retention::STATEMENTS,
];

/// A room. All times are microseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomRow {
    pub id: RoomId,
    pub number: u64,
    pub kind: RoomKind,
    pub creator: PersonId,
    pub max_participants: u32,
    pub opened_at: i64,
    pub closed_at: Option<i64>,
    /// A `domain::RoomText`.
    pub description: Option<SealedColumn>,
    pub retention: Retention,
    /// When something other than a message last happened to it.
    pub changed_at: i64,
    /// A string.
    pub booking: Option<SealedColumn>,
}

/// Somebody's place in a room, present or former.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// The room's number.
    pub room: u64,
    pub person: PersonId,
    /// The membership's number.
    pub number: u64,
    pub role: MemberRole,
    pub joined_at: i64,
    pub joined_position: u64,
    /// None for a present member.
    pub removed_at: Option<i64>,
    /// Everything up to this number was read; at first the position of the joining.
    pub read_number: u64,
    /// None as long as nothing was read.
    pub read_at: Option<i64>,
    /// Everything up to this number reached a connection of the member.
    pub delivered_number: u64,
    pub settings: MemberSettings,
}

macro_rules! room {
    ($rest:literal) => {
        concat!(
            "SELECT r.uuid, r.number, r.kind, r.consultation, r.creator, r.max_participants, \
             r.opened_at, r.closed_at, r.description, r.retention_days, r.auto_delete, \
             r.changed_at, r.booking FROM rooms r ",
            $rest
        )
    };
}

macro_rules! member {
    ($rest:literal) => {
        concat!(
            "SELECT room, person, number, role, joined_at, joined_position, removed_at, \
             read_number, read_at, delivered_number, notification_enabled, read_receipt_enabled \
             FROM members ",
            $rest
        )
    };
}

statements! {
    OPEN = "INSERT INTO rooms (number, uuid, kind, consultation, creator, max_participants, \
            opened_at, retention_days, auto_delete, changed_at) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $7)"
        => owns room(2);
    CLOSE = "UPDATE rooms SET closed_at = $2, changed_at = $2 WHERE uuid = $1"
        => owns room(1);
    DESCRIBE = "UPDATE rooms SET description = $2, changed_at = $3 WHERE uuid = $1"
        => owns room(1);
    BOOK = "UPDATE rooms SET booking = $2, changed_at = $3 WHERE uuid = $1"
        => owns room(1);
    SET_RETENTION = "UPDATE rooms SET retention_days = $2, auto_delete = $3, changed_at = $4 \
                     WHERE uuid = $1"
        => owns room(1);
    OUTLIVE = "UPDATE rooms SET changed_at = $2 WHERE uuid = $1 AND changed_at < $2"
        => owns room(1);
    ADD_MEMBER = "INSERT INTO members (room, person, number, role, joined_at, joined_position, \
                  read_number, delivered_number, notification_enabled, read_receipt_enabled) \
                  VALUES ((SELECT number FROM rooms WHERE uuid = $1), $2, $3, $4, $5, $6, $6, $6, \
                  1, 1) \
                  ON CONFLICT (room, person) DO UPDATE SET number = excluded.number, \
                  role = excluded.role, joined_at = excluded.joined_at, \
                  joined_position = excluded.joined_position, removed_at = NULL, \
                  read_number = excluded.read_number, read_at = NULL, \
                  delivered_number = excluded.delivered_number"
        => shares room(1), owns member(1, 2);
    REMOVE_MEMBER = "UPDATE members SET removed_at = $3 \
                     WHERE room = (SELECT number FROM rooms WHERE uuid = $1) AND person = $2"
        => shares room(1), owns member(1, 2);
    READ = "UPDATE members SET read_number = $3, read_at = $4 \
            WHERE room = (SELECT number FROM rooms WHERE uuid = $1) AND person = $2 \
            AND read_number < $3"
        => shares room(1), owns member(1, 2);
    DELIVERED = "UPDATE members SET delivered_number = $3 \
                 WHERE room = (SELECT number FROM rooms WHERE uuid = $1) AND person = $2 \
                 AND delivered_number < $3"
        => shares room(1), owns member(1, 2);
    SET_OWN = "UPDATE members SET notification_enabled = $3, read_receipt_enabled = $4 \
               WHERE room = (SELECT number FROM rooms WHERE uuid = $1) AND person = $2"
        => shares room(1), owns member(1, 2);

    BY_ID = room!("WHERE r.uuid = $1");
    BY_NUMBER = room!("WHERE r.number = $1");
    BY_CONSULTATION = room!("WHERE r.consultation = $1 ORDER BY r.number LIMIT 1");
    ROOMS_OF = room!("JOIN members m ON m.room = r.number \
                      WHERE m.person = $1 AND m.removed_at IS NULL ORDER BY r.number");
    EVER_ROOMS_OF = room!("JOIN members m ON m.room = r.number \
                           WHERE m.person = $1 AND m.room > $2 ORDER BY m.room LIMIT $3");
    OPEN_ROOMS_OF = "SELECT r.uuid FROM rooms r JOIN members m ON m.room = r.number \
                     WHERE m.person = $1 AND m.removed_at IS NULL AND r.closed_at IS NULL \
                     ORDER BY r.number DESC LIMIT $2";
    SHARED = "SELECT m.room FROM members m JOIN members o ON o.room = m.room AND o.person = $2 \
              AND o.removed_at IS NULL WHERE m.person = $1 AND m.removed_at IS NULL LIMIT 1";
    MEMBERS = member!("WHERE room = $1 AND removed_at IS NULL ORDER BY joined_position, person");
    MEMBER = member!("WHERE room = $1 AND person = $2");
}

/// The projection of this file.
#[derive(Debug)]
pub struct Rooms;

impl Projection for Rooms {
    fn name(&self) -> &'static str {
        "rooms"
    }

    fn version(&self) -> u32 {
        3
    }

    fn tables(&self) -> &'static [&'static str] {
        &["rooms", "members"]
    }

    fn project(&self, fact: &Fact, batch: &mut Batch) {
        match &fact.event {
            Event::Room(event) => room(fact, event, batch),
            Event::Member(event) => member(fact, event, batch),
            Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Counselor(_)
            | Event::Consultation(_)
            | Event::Message(_)
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

fn room(fact: &Fact, event: &RoomEvent, batch: &mut Batch) {
    let (id, recorded) = (fact.id, &fact.recorded);
    let at = recorded.recorded_at;
    match event {
        RoomEvent::Opened {
            room_kind,
            creator,
            max_participants,
        } => {
            let (kind, consultation) = match room_kind {
                RoomKind::Direct => ("direct", None),
                RoomKind::Group => ("group", None),
                RoomKind::Consultation(consultation) => ("consultation", Some(*consultation)),
            };
            let retention = Retention::default();
            batch.push(
                OPEN,
                values![
                    recorded.number(),
                    id,
                    kind,
                    consultation,
                    *creator,
                    *max_participants,
                    at,
                    u32::from(retention.days),
                    retention.auto_delete
                ],
            );
        }
        RoomEvent::MemberAdded { person, role } => batch.push(
            ADD_MEMBER,
            values![
                id,
                *person,
                recorded.number(),
                Value::tag(role),
                at,
                recorded.position
            ],
        ),
        RoomEvent::MemberRemoved { person } => {
            batch.push(REMOVE_MEMBER, values![id, *person, at]);
        }
        RoomEvent::Closed {} => batch.push(CLOSE, values![id, at]),
        RoomEvent::Described { .. } => {
            batch.push(DESCRIBE, values![id, SealedColumn::of(recorded, 0), at]);
        }
        RoomEvent::Booked { .. } => {
            batch.push(BOOK, values![id, SealedColumn::of(recorded, 0), at]);
        }
        RoomEvent::RetentionSet { days, auto_delete } => {
            let days = u32::from(*days);
            batch.push(SET_RETENTION, values![id, days, *auto_delete, at]);
        }
        // Its newest message may have been of that day: the room is as young as it was.
        RoomEvent::DayDestroyed { day } => {
            let end = start_of(day.saturating_add(1.day())) - 1;
            batch.push(OUTLIVE, values![id, end]);
        }
    }
}

fn member(fact: &Fact, event: &MemberEvent, batch: &mut Batch) {
    match event {
        MemberEvent::Read {
            room,
            person,
            number,
            ..
        } => {
            batch.push(
                READ,
                values![*room, *person, *number, fact.recorded.recorded_at],
            );
        }
        MemberEvent::Delivered {
            room,
            person,
            number,
        } => {
            batch.push(DELIVERED, values![*room, *person, *number]);
        }
        MemberEvent::SettingsChanged {
            room,
            person,
            notification_enabled,
            read_receipt_enabled,
        } => batch.push(
            SET_OWN,
            values![*room, *person, *notification_enabled, *read_receipt_enabled],
        ),
    }
}

/// A room by its id.
pub async fn by_id(reader: &dyn Reader, room: RoomId) -> Result<Option<RoomRow>, ReadError> {
    first(reader, BY_ID, values![room], read).await
}

/// A room by its number.
pub async fn by_number(reader: &dyn Reader, number: u64) -> Result<Option<RoomRow>, ReadError> {
    first(reader, BY_NUMBER, values![number], read).await
}

/// The room of a consultation; none before it was first accepted.
pub async fn by_consultation(
    reader: &dyn Reader,
    consultation: ConsultationId,
) -> Result<Option<RoomRow>, ReadError> {
    first(reader, BY_CONSULTATION, values![consultation], read).await
}

/// The rooms in which a person is present, oldest first.
pub async fn rooms_of(reader: &dyn Reader, person: PersonId) -> Result<Vec<RoomRow>, ReadError> {
    many(reader, ROOMS_OF, values![person], read).await
}

/// The rooms in which a person is or was, those with a number above `after`, oldest first, at most
/// `limit`.
pub async fn ever_rooms_of(
    reader: &dyn Reader,
    person: PersonId,
    after: u64,
    limit: u32,
) -> Result<Vec<RoomRow>, ReadError> {
    many(reader, EVER_ROOMS_OF, values![person, after, limit], read).await
}

/// The rooms in which a person is present and that are not closed, newest first, at most `limit`.
pub async fn open_rooms_of(
    reader: &dyn Reader,
    person: PersonId,
    limit: u32,
) -> Result<Vec<RoomId>, ReadError> {
    many(reader, OPEN_ROOMS_OF, values![person, limit], |row| {
        row.get(0)
    })
    .await
}

/// Whether there is a room in which both are present.
pub async fn share_a_room(
    reader: &dyn Reader,
    one: PersonId,
    other: PersonId,
) -> Result<bool, ReadError> {
    let room: Option<u64> = first(reader, SHARED, values![one, other], |row| row.get(0)).await?;
    Ok(room.is_some())
}

/// The present members of a room, given by its number, in the order in which they joined.
pub async fn members(reader: &dyn Reader, room: u64) -> Result<Vec<MemberRow>, ReadError> {
    many(reader, MEMBERS, values![room], read_member).await
}

/// One member of a room, given by its number; former members too.
pub async fn member_of(
    reader: &dyn Reader,
    room: u64,
    person: PersonId,
) -> Result<Option<MemberRow>, ReadError> {
    first(reader, MEMBER, values![room, person], read_member).await
}

fn read(row: &Row) -> Result<RoomRow, RowError> {
    take(&mut row.columns())
}

fn take(columns: &mut Columns<'_>) -> Result<RoomRow, RowError> {
    Ok(RoomRow {
        id: columns.take()?,
        number: columns.take()?,
        kind: kind_of(columns)?,
        creator: columns.take()?,
        max_participants: columns.take()?,
        opened_at: columns.take()?,
        closed_at: columns.take()?,
        description: columns.take()?,
        retention: Retention {
            days: columns.take()?,
            auto_delete: columns.take()?,
        },
        changed_at: columns.take()?,
        booking: columns.take()?,
    })
}

/// What a room is, by its columns `kind` and `consultation`.
fn kind_of(columns: &mut Columns<'_>) -> Result<RoomKind, RowError> {
    let kind: String = columns.take()?;
    match (kind.as_str(), columns.take()?) {
        ("direct", None) => Ok(RoomKind::Direct),
        ("group", None) => Ok(RoomKind::Group),
        (_, Some(consultation)) => Ok(RoomKind::Consultation(consultation)),
        _ => Err(RowError {
            column: 2,
            expected: "a kind of room",
        }),
    }
}

fn read_member(row: &Row) -> Result<MemberRow, RowError> {
    take_member(&mut row.columns())
}

fn take_member(columns: &mut Columns<'_>) -> Result<MemberRow, RowError> {
    Ok(MemberRow {
        room: columns.take()?,
        person: columns.take()?,
        number: columns.take()?,
        role: columns.take()?,
        joined_at: columns.take()?,
        joined_position: columns.take()?,
        removed_at: columns.take()?,
        read_number: columns.take()?,
        read_at: columns.take()?,
        delivered_number: columns.take()?,
        settings: MemberSettings {
            notification_enabled: columns.take()?,
            read_receipt_enabled: columns.take()?,
        },
    })
}
