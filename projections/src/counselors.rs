//! Counsellors: the catalogue, how each of them stands, and whether they can be reached.

use domain::{
    AccountId, ConnectionId, CounselorEvent, CounselorId, CounselorStatus, Event, NodeId,
};

use crate::reader::{first, many};
use crate::row::Json;
use crate::value::values;
use crate::{Batch, Fact, Projection, ReadError, Reader, Row, RowError, Value, statements};

/// A counsellor. All times are microseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounselorRow {
    pub id: CounselorId,
    pub number: u64,
    pub account: AccountId,
    pub character_type_id: u32,
    pub counseling_fields: Vec<u32>,
    /// None for the setting's.
    pub max_active: Option<u32>,
    /// Not deactivated.
    pub active: bool,
    pub status: CounselorStatus,
    pub status_changed_at: i64,
    /// None unless waiting.
    pub waiting_since: Option<i64>,
    /// When a call of theirs ended last.
    pub last_ended_at: Option<i64>,
    pub active_consultations: u32,
    /// None while a notification socket is open.
    pub unreachable_since: Option<i64>,
}

/// An open notification socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketRow {
    pub connection: ConnectionId,
    pub counselor: CounselorId,
    pub node: NodeId,
    pub opened_at: i64,
}

macro_rules! counselor {
    ($rest:literal) => {
        concat!(
            "SELECT uuid, number, account, character_type_id, counseling_fields, max_active, \
             active, status, status_changed_at, waiting_since, last_ended_at, \
             active_consultations, unreachable_since FROM counselors ",
            $rest
        )
    };
}

statements! {
    REGISTER = "INSERT INTO counselors (number, uuid, account, character_type_id, \
                counseling_fields, max_active, active, status, status_changed_at, \
                active_consultations, unreachable_since) \
                VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, 0, $8)"
        => owns counselor(2);
    SET_STATUS = "UPDATE counselors SET status = $2, status_changed_at = $3, waiting_since = $4 \
                  WHERE uuid = $1"
        => owns counselor(1);
    SET_ACTIVE = "UPDATE counselors SET active = $2 WHERE uuid = $1"
        => owns counselor(1);
    TAKE_CALL = "UPDATE counselors SET active_consultations = active_consultations + 1 \
                 WHERE uuid = $1"
        => owns counselor(1);
    RELEASE_CALL = "UPDATE counselors SET active_consultations = active_consultations - 1, \
                    last_ended_at = $2 WHERE uuid = $1"
        => owns counselor(1);
    OPEN_SOCKET = "INSERT INTO counselor_sockets (connection, counselor, node, opened_at) \
                   VALUES ($1, $2, $3, $4)"
        => shares sockets(), shares sockets_of(2);
    REACHABLE = "UPDATE counselors SET unreachable_since = NULL WHERE uuid = $1"
        => owns counselor(1);
    CLOSE_SOCKET = "DELETE FROM counselor_sockets WHERE connection = $1"
        => owns sockets();
    PERHAPS_UNREACHABLE = "UPDATE counselors SET unreachable_since = $2 WHERE uuid = $1 \
                           AND unreachable_since IS NULL \
                           AND NOT EXISTS (SELECT 1 FROM counselor_sockets s WHERE s.counselor = $1)"
        => owns counselor(1), shares sockets(), owns sockets_of(1);

    LIST = counselor!("ORDER BY number");
    BY_ID = counselor!("WHERE uuid = $1");
    BY_NUMBER = counselor!("WHERE number = $1");
    BY_ACCOUNT = counselor!("WHERE account = $1 ORDER BY number LIMIT 1");
    WAITING = counselor!("WHERE status = 'waiting' AND active = 1 ORDER BY number");
    SOCKETS_OF = "SELECT connection, counselor, node, opened_at FROM counselor_sockets \
                  WHERE counselor = $1 ORDER BY connection";
    SOCKETS_OF_OTHER_NODES = "SELECT connection, counselor, node, opened_at \
                              FROM counselor_sockets WHERE node <> $1 ORDER BY connection";
}

/// The projection of this file.
#[derive(Debug)]
pub struct Counselors;

impl Projection for Counselors {
    fn name(&self) -> &'static str {
        "counselors"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["counselors", "counselor_sockets"]
    }

    fn project(&self, fact: &Fact, batch: &mut Batch) {
        match &fact.event {
            Event::Counselor(event) => counselor(fact, event, batch),
            Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Consultation(_)
            | Event::Room(_)
            | Event::Member(_)
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

fn counselor(fact: &Fact, event: &CounselorEvent, batch: &mut Batch) {
    let (id, at) = (fact.id, fact.recorded.recorded_at);
    match event {
        CounselorEvent::Registered {
            account,
            character_type_id,
            counseling_fields,
            max_active,
        } => batch.push(
            REGISTER,
            values![
                fact.recorded.number(),
                id,
                *account,
                *character_type_id,
                Value::json(counseling_fields),
                *max_active,
                Value::tag(&CounselorStatus::default()),
                at,
            ],
        ),
        CounselorEvent::StatusChanged { status, .. } => {
            let waiting_since = (*status == CounselorStatus::Waiting).then_some(at);
            batch.push(
                SET_STATUS,
                values![id, Value::tag(status), at, waiting_since],
            );
        }
        CounselorEvent::CallTaken { .. } => batch.push(TAKE_CALL, values![id]),
        CounselorEvent::CallReleased { .. } => batch.push(RELEASE_CALL, values![id, at]),
        CounselorEvent::SocketOpened { connection, node } => {
            batch.push(OPEN_SOCKET, values![*connection, id, *node, at]);
            batch.push(REACHABLE, values![id]);
        }
        CounselorEvent::SocketClosed { connection, .. } => {
            batch.push(CLOSE_SOCKET, values![*connection]);
            batch.push(PERHAPS_UNREACHABLE, values![id, at]);
        }
        CounselorEvent::Deactivated {} => batch.push(SET_ACTIVE, values![id, false]),
        CounselorEvent::Activated {} => batch.push(SET_ACTIVE, values![id, true]),
    }
}

/// All counsellors, in the order in which they were registered.
pub async fn list(reader: &dyn Reader) -> Result<Vec<CounselorRow>, ReadError> {
    many(reader, LIST, values![], read).await
}

/// A counsellor by their id.
pub async fn by_id(
    reader: &dyn Reader,
    counselor: CounselorId,
) -> Result<Option<CounselorRow>, ReadError> {
    first(reader, BY_ID, values![counselor], read).await
}

/// A counsellor by their number.
pub async fn by_number(
    reader: &dyn Reader,
    number: u64,
) -> Result<Option<CounselorRow>, ReadError> {
    first(reader, BY_NUMBER, values![number], read).await
}

/// The counsellor that an account is.
pub async fn by_account(
    reader: &dyn Reader,
    account: AccountId,
) -> Result<Option<CounselorRow>, ReadError> {
    first(reader, BY_ACCOUNT, values![account], read).await
}

/// All who are active and take calls.
pub async fn waiting(reader: &dyn Reader) -> Result<Vec<CounselorRow>, ReadError> {
    many(reader, WAITING, values![], read).await
}

/// The open notification sockets of a counsellor.
pub async fn sockets_of(
    reader: &dyn Reader,
    counselor: CounselorId,
) -> Result<Vec<SocketRow>, ReadError> {
    many(reader, SOCKETS_OF, values![counselor], read_socket).await
}

/// Sockets that other nodes hold, or held when they died.
pub async fn sockets_of_other_nodes(
    reader: &dyn Reader,
    node: NodeId,
) -> Result<Vec<SocketRow>, ReadError> {
    many(reader, SOCKETS_OF_OTHER_NODES, values![node], read_socket).await
}

fn read(row: &Row) -> Result<CounselorRow, RowError> {
    let mut columns = row.columns();
    Ok(CounselorRow {
        id: columns.take()?,
        number: columns.take()?,
        account: columns.take()?,
        character_type_id: columns.take()?,
        counseling_fields: columns.take::<Json<Vec<u32>>>()?.0,
        max_active: columns.take()?,
        active: columns.take()?,
        status: columns.take()?,
        status_changed_at: columns.take()?,
        waiting_since: columns.take()?,
        last_ended_at: columns.take()?,
        active_consultations: columns.take()?,
        unreachable_since: columns.take()?,
    })
}

fn read_socket(row: &Row) -> Result<SocketRow, RowError> {
    let mut columns = row.columns();
    Ok(SocketRow {
        connection: columns.take()?,
        counselor: columns.take()?,
        node: columns.take()?,
        opened_at: columns.take()?,
    })
}
