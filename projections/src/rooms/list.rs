//! Rooms as one of their members sees them in a list: what was said last, and how much is unread.
//!
//! All of it is counted when it is asked for, from the messages' one index: a message that is sent
//! writes nothing here.

use domain::PersonId;

use super::{RoomRow, take};
use crate::messages::{self, MessageRow};
use crate::reader::{first, many, only};
use crate::row::Columns;
use crate::value::values;
use crate::{NameColumn, ReadError, Reader, Row, RowError, statements};

/// Unread messages are counted up to this many.
pub const MAX_UNREAD: u64 = 10_000;

/// A room as one of its members sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRoom {
    pub room: RoomRow,
    /// Present members.
    pub participants: u32,
    /// Messages of others, not deleted, after the member's mark; at most [`MAX_UNREAD`].
    pub unread: u64,
    /// The other one in a room of two, present or former.
    pub other: Option<PersonId>,
    pub other_name: Option<NameColumn>,
    /// When something last happened in it: microseconds since the Unix epoch.
    pub active_at: i64,
    /// The newest message that is not deleted.
    pub last: Option<MessageRow>,
}

/// The position up to which a member has read. A mark is a message's number, which is its position
/// unless it was copied; before the first reading it is the position of the joining.
macro_rules! mark {
    () => {
        "CASE WHEN m.read_at IS NULL THEN m.read_number ELSE COALESCE((SELECT c.position \
         FROM messages c WHERE c.number = m.read_number), m.read_number) END"
    };
}

macro_rules! listed {
    ($which:literal, $rest:literal) => {
        concat!(
            "SELECT l.uuid, l.number, l.kind, l.consultation, l.creator, l.max_participants, \
             l.opened_at, l.closed_at, l.description, l.retention_days, l.auto_delete, \
             l.changed_at, l.booking, l.participants, l.unread, l.other, d.name, d.name_form, \
             CASE WHEN n.sent_at > l.changed_at THEN n.sent_at ELSE l.changed_at END AS active_at, \
             v.position, COALESCE(v.number, v.position), v.uuid, v.room, v.sender, v.kind, \
             v.reply_to, v.reply_number, v.file, v.body, v.sent_at, v.edited_at, v.deleted_at \
             FROM (SELECT r.uuid, r.number, r.kind, r.consultation, r.creator, \
             r.max_participants, r.opened_at, r.closed_at, r.description, r.retention_days, \
             r.auto_delete, r.changed_at, r.booking, \
             (SELECT count(*) FROM members p WHERE p.room = r.number AND p.removed_at IS NULL) \
             AS participants, \
             (SELECT count(*) FROM (SELECT u.position FROM messages u WHERE u.room = r.number \
             AND u.position > ",
            mark!(),
            " AND u.sender <> m.person AND u.deleted_at IS NULL LIMIT 10000) capped) AS unread, \
             CASE WHEN r.kind = 'group' THEN NULL ELSE (SELECT o.person FROM members o \
             WHERE o.room = r.number AND o.person <> m.person \
             ORDER BY CASE WHEN o.removed_at IS NULL THEN 0 ELSE 1 END, o.joined_position DESC \
             LIMIT 1) END AS other, \
             (SELECT a.position FROM messages a WHERE a.room = r.number \
             ORDER BY a.position DESC LIMIT 1) AS newest, \
             (SELECT b.position FROM messages b WHERE b.room = r.number AND b.deleted_at IS NULL \
             ORDER BY b.position DESC LIMIT 1) AS shown \
             FROM members m JOIN rooms r ON r.number = m.room \
             WHERE m.person = $1 AND m.removed_at IS NULL",
            $which,
            ") l \
             LEFT JOIN messages n ON n.position = l.newest \
             LEFT JOIN messages v ON v.position = l.shown \
             LEFT JOIN directory d ON d.uuid = l.other AND d.kind IN ('account', 'guest') ",
            $rest
        )
    };
}

statements! {
    LIST_OF = listed!("", "ORDER BY active_at DESC, l.number DESC LIMIT $2");
    LISTED = listed!(" AND r.number = $2", "");
    UNREAD = concat!(
        "SELECT count(*) FROM (SELECT u.position FROM members m JOIN messages u \
         ON u.room = m.room AND u.position > ", mark!(), " WHERE m.room = $1 AND m.person = $2 \
         AND u.sender <> m.person AND u.deleted_at IS NULL LIMIT 10000) capped"
    );
}

/// The rooms in which a person is present, the one in which something happened last first, at most
/// `limit`.
pub async fn list_of(
    reader: &dyn Reader,
    person: PersonId,
    limit: u32,
) -> Result<Vec<ListedRoom>, ReadError> {
    many(reader, LIST_OF, values![person, limit], read).await
}

/// One room, given by its number, as a present member sees it in the list; none to all others.
pub async fn listed(
    reader: &dyn Reader,
    room: u64,
    person: PersonId,
) -> Result<Option<ListedRoom>, ReadError> {
    first(reader, LISTED, values![person, room], read).await
}

/// Messages of others in a room, given by its number, that are not deleted and come after a
/// member's mark; at most [`MAX_UNREAD`], 0 for whoever never was a member.
pub async fn unread(reader: &dyn Reader, room: u64, person: PersonId) -> Result<u64, ReadError> {
    only(reader, UNREAD, values![room, person], |row| row.get(0)).await
}

fn read(row: &Row) -> Result<ListedRoom, RowError> {
    let mut columns = row.columns();
    Ok(ListedRoom {
        room: take(&mut columns)?,
        participants: columns.take()?,
        unread: columns.take()?,
        other: columns.take()?,
        other_name: NameColumn::take(&mut columns)?,
        active_at: columns.take()?,
        last: last(&mut columns)?,
    })
}

fn last(columns: &mut Columns<'_>) -> Result<Option<MessageRow>, RowError> {
    if columns.is_null() {
        return Ok(None);
    }
    messages::take(columns).map(Some)
}
