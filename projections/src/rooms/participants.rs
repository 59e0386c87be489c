//! The members of a room with what they are called and when they were last here.

use std::collections::BTreeSet;

use domain::PersonId;

use super::{MemberRow, take_member};
use crate::reader::{first, many};
use crate::value::values;
use crate::{NameColumn, ReadError, Reader, Row, RowError, statements};

/// A member of a room, and who that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    pub member: MemberRow,
    /// The number of the account, or of a guest's consultation; none where the directory does not
    /// know them.
    pub person_number: Option<u64>,
    pub name: Option<NameColumn>,
    /// Microseconds since the Unix epoch; none for somebody who was never seen.
    pub seen_at: Option<i64>,
}

macro_rules! participant {
    ($rest:literal) => {
        concat!(
            "SELECT m.room, m.person, m.number, m.role, m.joined_at, m.joined_position, \
             m.removed_at, m.read_number, m.read_at, m.delivered_number, \
             m.notification_enabled, m.read_receipt_enabled, d.number, d.name, d.name_form, \
             p.seen_at FROM members m \
             LEFT JOIN directory d ON d.uuid = m.person AND d.kind IN ('account', 'guest') \
             LEFT JOIN presence p ON p.person = m.person ",
            $rest
        )
    };
}

statements! {
    PARTICIPANTS = participant!("WHERE m.room = $1 AND m.removed_at IS NULL \
                                 ORDER BY m.joined_position, m.person");
    PARTICIPANT = participant!("WHERE m.room = $1 AND m.person = $2");
    EVER_IN = "SELECT person FROM members WHERE room = $1 ORDER BY joined_position LIMIT $2";
}

/// The present members of a room, given by its number, in the order in which they joined.
pub async fn participants(reader: &dyn Reader, room: u64) -> Result<Vec<Participant>, ReadError> {
    many(reader, PARTICIPANTS, values![room], read).await
}

/// One member of a room, given by its number; former members too.
pub async fn participant(
    reader: &dyn Reader,
    room: u64,
    person: PersonId,
) -> Result<Option<Participant>, ReadError> {
    first(reader, PARTICIPANT, values![room, person], read).await
}

/// Whoever is or was in a room, given by its number: the first `limit` to join.
pub async fn ever_in(
    reader: &dyn Reader,
    room: u64,
    limit: u32,
) -> Result<BTreeSet<PersonId>, ReadError> {
    let people = many(reader, EVER_IN, values![room, limit], |row| row.get(0)).await?;
    Ok(people.into_iter().collect())
}

fn read(row: &Row) -> Result<Participant, RowError> {
    let mut columns = row.columns();
    Ok(Participant {
        member: take_member(&mut columns)?,
        person_number: columns.take()?,
        name: NameColumn::take(&mut columns)?,
        seen_at: columns.take()?,
    })
}
