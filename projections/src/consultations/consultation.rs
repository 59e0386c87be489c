//! Consultations themselves: their row, and the questions asked of it.

use domain::{ConsultationId, CounselorId, EndReason, PersonId, Requester, RoomId};
use event_store::Position;
use serde::{Deserialize, Serialize};

use crate::name_column::NameColumn;
use crate::reader::{Page, first, many, only};
use crate::row::tags;
use crate::value::values;
use crate::{ReadError, Reader, Row, RowError, SealedColumn, Value, statements};

/// How a consultation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsultationStatus {
    Waiting,
    Active,
    Completed,
    Terminated,
}

/// What sort of person asked for a consultation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequesterKind {
    Guest,
    Account,
}

tags!(ConsultationStatus, RequesterKind);

/// A consultation. All times are microseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsultationRow {
    pub id: ConsultationId,
    pub number: u64,
    pub requester: Requester,
    /// A `domain::RequestText`: the code, and the nickname at first.
    pub request: SealedColumn,
    /// The present nickname.
    pub nickname: NameColumn,
    pub character_type_preference: Option<u32>,
    pub quick_match: bool,
    pub status: ConsultationStatus,
    /// Who has it, or had it when it ended.
    pub counselor: Option<CounselorId>,
    /// The counsellor's character.
    pub character_type_id: Option<u32>,
    /// Since the first acceptance.
    pub room: Option<RoomId>,
    pub requested_at: i64,
    /// The first acceptance.
    pub accepted_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub end_reason: Option<EndReason>,
    /// A `domain::Notes`.
    pub notes: Option<SealedColumn>,
    /// 1 to 5.
    pub score: Option<u8>,
    /// A string.
    pub comment: Option<SealedColumn>,
    pub rated_at: Option<i64>,
    /// When all that was personal of it was erased.
    pub erased_at: Option<i64>,
}

macro_rules! consultation {
    ($rest:literal) => {
        concat!(
            "SELECT uuid, number, requester_kind, requester, request, nickname, \
             character_type_preference, quick_match, status, counselor, character_type_id, room, \
             requested_at, accepted_at, ended_at, end_reason, notes, score, comment, rated_at, \
             erased_at \
             FROM consultations ",
            $rest
        )
    };
}

statements! {
    BY_ID = consultation!("WHERE uuid = $1");
    BY_NUMBER = consultation!("WHERE number = $1");
    BY_ROOM = consultation!("WHERE room = $1 ORDER BY number LIMIT 1");
    OF_REQUESTER = consultation!("WHERE requester = $1 ORDER BY number DESC LIMIT $2 OFFSET $3");
    OF_REQUESTER_AFTER =
        consultation!("WHERE requester = $1 AND number > $2 ORDER BY number LIMIT $3");
    OF_COUNSELOR = consultation!(
        "WHERE last_counselor = $1 AND counselor IS NOT NULL \
         ORDER BY number DESC LIMIT $2 OFFSET $3"
    );
    OF_COUNSELOR_IN = consultation!(
        "WHERE last_counselor = $1 AND status = $2 AND counselor IS NOT NULL \
         ORDER BY number DESC LIMIT $3 OFFSET $4"
    );
    COUNT_OF_COUNSELOR = "SELECT count(*) FROM consultations \
                          WHERE last_counselor = $1 AND counselor IS NOT NULL";
    COUNT_OF_COUNSELOR_IN = "SELECT count(*) FROM consultations \
                             WHERE last_counselor = $1 AND status = $2 AND counselor IS NOT NULL";
    OPEN_REQUESTS = consultation!("WHERE status = 'waiting' ORDER BY number LIMIT $1");
    QUEUE_POSITION = "SELECT count(*) FROM consultations w JOIN consultations c \
                      ON w.number <= c.number \
                      WHERE c.uuid = $1 AND c.status = 'waiting' AND w.status = 'waiting'";
    NICKNAME_AT = "SELECT name, name_form FROM nicknames \
                   WHERE consultation = $1 AND from_position <= $2 \
                   ORDER BY from_position DESC LIMIT 1";
    NICKNAMES_OF = "SELECT from_position, name, name_form FROM nicknames \
                    WHERE consultation = $1 ORDER BY from_position";
}

/// A consultation by its id, which is derived from its code.
pub async fn by_id(
    reader: &dyn Reader,
    consultation: ConsultationId,
) -> Result<Option<ConsultationRow>, ReadError> {
    first(reader, BY_ID, values![consultation], read).await
}

/// A consultation by its number.
pub async fn by_number(
    reader: &dyn Reader,
    number: u64,
) -> Result<Option<ConsultationRow>, ReadError> {
    first(reader, BY_NUMBER, values![number], read).await
}

/// The consultation that a room belongs to.
pub async fn by_room(
    reader: &dyn Reader,
    room: RoomId,
) -> Result<Option<ConsultationRow>, ReadError> {
    first(reader, BY_ROOM, values![room], read).await
}

/// What a person has asked for, newest first.
pub async fn of_requester(
    reader: &dyn Reader,
    requester: PersonId,
    page: Page,
) -> Result<Vec<ConsultationRow>, ReadError> {
    many(
        reader,
        OF_REQUESTER,
        values![requester, page.size, page.offset()],
        read,
    )
    .await
}

/// What a person has asked for, those with a number above `after`, oldest first, at most `limit`.
pub async fn of_requester_after(
    reader: &dyn Reader,
    requester: PersonId,
    after: u64,
    limit: u32,
) -> Result<Vec<ConsultationRow>, ReadError> {
    let values = values![requester, after, limit];
    many(reader, OF_REQUESTER_AFTER, values, read).await
}

/// What a counsellor has or had, of one status or of all, newest first.
pub async fn of_counselor(
    reader: &dyn Reader,
    counselor: CounselorId,
    status: Option<ConsultationStatus>,
    page: Page,
) -> Result<Vec<ConsultationRow>, ReadError> {
    let (size, offset) = (page.size, page.offset());
    match status {
        None => many(reader, OF_COUNSELOR, values![counselor, size, offset], read).await,
        Some(status) => {
            let values = values![counselor, Value::tag(&status), size, offset];
            many(reader, OF_COUNSELOR_IN, values, read).await
        }
    }
}

/// How many a counsellor has or had, of one status or of all.
pub async fn count_of_counselor(
    reader: &dyn Reader,
    counselor: CounselorId,
    status: Option<ConsultationStatus>,
) -> Result<u64, ReadError> {
    let (sql, values) = match status {
        None => (COUNT_OF_COUNSELOR, values![counselor]),
        Some(status) => (
            COUNT_OF_COUNSELOR_IN,
            values![counselor, Value::tag(&status)],
        ),
    };
    only(reader, sql, values, |row| row.get(0)).await
}

/// Consultations that wait, the first request first, at most `limit`.
pub async fn open_requests(
    reader: &dyn Reader,
    limit: u32,
) -> Result<Vec<ConsultationRow>, ReadError> {
    many(reader, OPEN_REQUESTS, values![limit], read).await
}

/// Its place among those that wait, from 1; none unless it waits.
pub async fn queue_position(
    reader: &dyn Reader,
    consultation: ConsultationId,
) -> Result<Option<u64>, ReadError> {
    let place: u64 = only(reader, QUEUE_POSITION, values![consultation], |row| {
        row.get(0)
    })
    .await?;
    Ok((place > 0).then_some(place))
}

/// What the requester was called at a position of the log.
pub async fn nickname_at(
    reader: &dyn Reader,
    consultation: ConsultationId,
    position: Position,
) -> Result<Option<NameColumn>, ReadError> {
    let values = values![consultation, position];
    let name = first(reader, NICKNAME_AT, values, |row| {
        NameColumn::take(&mut row.columns())
    });
    Ok(name.await?.flatten())
}

/// All that the requester was called, each with the position from which on.
pub async fn nicknames_of(
    reader: &dyn Reader,
    consultation: ConsultationId,
) -> Result<Vec<(Position, NameColumn)>, ReadError> {
    many(reader, NICKNAMES_OF, values![consultation], |row| {
        let mut columns = row.columns();
        let from = columns.take()?;
        let name = NameColumn::take(&mut columns)?;
        Ok((
            from,
            name.ok_or(RowError {
                column: 1,
                expected: "a name",
            })?,
        ))
    })
    .await
}

fn read(row: &Row) -> Result<ConsultationRow, RowError> {
    let mut columns = row.columns();
    let (id, number) = (columns.take()?, columns.take()?);
    let requester = match columns.take()? {
        RequesterKind::Guest => Requester::Guest(columns.take()?),
        RequesterKind::Account => Requester::Account(columns.take()?),
    };
    let request: SealedColumn = columns.take()?;
    let nickname = match columns.take()? {
        Some(nickname) => NameColumn::Nickname(nickname),
        None => NameColumn::Request(request.clone()),
    };
    Ok(ConsultationRow {
        id,
        number,
        requester,
        request,
        nickname,
        character_type_preference: columns.take()?,
        quick_match: columns.take()?,
        status: columns.take()?,
        counselor: columns.take()?,
        character_type_id: columns.take()?,
        room: columns.take()?,
        requested_at: columns.take()?,
        accepted_at: columns.take()?,
        ended_at: columns.take()?,
        end_reason: columns.take()?,
        notes: columns.take()?,
        score: columns.take()?,
        comment: columns.take()?,
        rated_at: columns.take()?,
        erased_at: columns.take()?,
    })
}
