//! The rooms of somebody, and how far each has reached them: what a connection begins with.

use domain::{PersonId, RoomId, RoomKind};
use event_store::Position;

use super::kind_of;
use crate::reader::many;
use crate::value::values;
use crate::{ReadError, Reader, Row, RowError, statements};

/// A room in which somebody is present, and how far it has reached them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hearing {
    pub id: RoomId,
    pub number: u64,
    pub kind: RoomKind,
    /// Everything up to this position reached a connection of theirs.
    pub delivered: Position,
    /// The position of the newest message, deleted or not.
    pub newest: Option<Position>,
}

statements! {
    HEARING = "SELECT r.uuid, r.number, r.kind, r.consultation, m.delivered_number, \
               (SELECT a.position FROM messages a WHERE a.room = r.number \
               ORDER BY a.position DESC LIMIT 1) AS newest \
               FROM members m JOIN rooms r ON r.number = m.room \
               WHERE m.person = $1 AND m.removed_at IS NULL ORDER BY r.number DESC LIMIT $2";
}

/// The rooms in which a person is present, newest first, at most `limit`.
pub async fn hearing(
    reader: &dyn Reader,
    person: PersonId,
    limit: u32,
) -> Result<Vec<Hearing>, ReadError> {
    many(reader, HEARING, values![person, limit], read).await
}

fn read(row: &Row) -> Result<Hearing, RowError> {
    let mut columns = row.columns();
    Ok(Hearing {
        id: columns.take()?,
        number: columns.take()?,
        kind: kind_of(&mut columns)?,
        delivered: columns.take()?,
        newest: columns.take()?,
    })
}
