//! Rooms that destroy what is older than they keep it, each with its oldest message; but for those
//! in which somebody is or was who is under a legal hold.

use domain::RoomId;

use crate::reader::{first, many};
use crate::value::values;
use crate::{ReadError, Reader, Row, RowError, statements};

/// A room that destroys what is older than it keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForgetfulRoom {
    pub id: RoomId,
    pub number: u64,
    /// For how many whole days it keeps messages.
    pub days: u16,
    /// When its oldest message was sent, in microseconds since the Unix epoch; none where it has
    /// none.
    pub oldest: Option<i64>,
}

macro_rules! forgetful {
    ($rest:literal) => {
        concat!(
            "SELECT r.uuid, r.number, r.retention_days, (SELECT m.sent_at FROM messages m \
             WHERE m.room = r.number ORDER BY m.position LIMIT 1) \
             FROM rooms r WHERE r.auto_delete = 1 AND NOT EXISTS \
             (SELECT 1 FROM members k JOIN holds h ON h.subject = k.person \
             AND h.lifted_at IS NULL WHERE k.room = r.number) ",
            $rest
        )
    };
}

statements! {
    ALL_AFTER = forgetful!("AND r.number > $1 ORDER BY r.number LIMIT $2");
    ONE = forgetful!("AND r.uuid = $1");
}

/// Those with a number above `after`, in the order of their numbers, at most `limit`.
pub async fn forgetful_after(
    reader: &dyn Reader,
    after: u64,
    limit: u32,
) -> Result<Vec<ForgetfulRoom>, ReadError> {
    many(reader, ALL_AFTER, values![after, limit], read).await
}

/// One of them; none for a room that keeps all.
pub async fn forgetful(
    reader: &dyn Reader,
    room: RoomId,
) -> Result<Option<ForgetfulRoom>, ReadError> {
    first(reader, ONE, values![room], read).await
}

fn read(row: &Row) -> Result<ForgetfulRoom, RowError> {
    let mut columns = row.columns();
    Ok(ForgetfulRoom {
        id: columns.take()?,
        number: columns.take()?,
        days: columns.take()?,
        oldest: columns.take()?,
    })
}
