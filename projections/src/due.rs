//! What is outstanding and will come due: the process managers' list. How long each kind may last
//! is theirs to know; here stands since when.

use domain::{ConsultationEvent, CounselorEvent, CounselorStatus, Event, OfferMode};
use event_store::Position;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::reader::{first, many};
use crate::row::tags;
use crate::value::values;
use crate::{Batch, Fact, Projection, ReadError, Reader, Row, RowError, Value, statements};

/// What can come due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueKind {
    /// A pending offer to one at a time, since it was made. Its aggregate is the consultation.
    Offer,
    /// A consultation that waits, since it was requested or went back to waiting.
    WaitingConsultation,
    /// A consultation in progress, since it was accepted. Whether it is idle is told by its last
    /// message, which is looked up when this comes due, so that messages write nothing here.
    ActiveConsultation,
    /// A counsellor who waits without an open notification socket, since the later of the two.
    UnreachableCounselor,
}

impl DueKind {
    pub const ALL: [Self; 4] = [
        Self::Offer,
        Self::WaitingConsultation,
        Self::ActiveConsultation,
        Self::UnreachableCounselor,
    ];
}

tags!(DueKind);

/// Something outstanding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueRow {
    pub kind: DueKind,
    /// The offer, consultation or counsellor.
    pub subject: Uuid,
    /// The consultation or counsellor that the command goes to.
    pub aggregate: Uuid,
    /// Microseconds since the Unix epoch.
    pub since: i64,
    /// The position of the event that began it.
    pub cause: Position,
}

statements! {
    ADD = "INSERT INTO due (kind, subject, aggregate, since, cause) VALUES ($1, $2, $3, $4, $5)"
        => owns due(2);
    SETTLE = "DELETE FROM due WHERE kind = $1 AND subject = $2"
        => owns due(2);
    KNOW_COUNSELOR = "INSERT INTO due_counselors (counselor, unreachable_since, cause) \
                      VALUES ($1, $2, $3)"
        => owns counselor(1);
    SET_WAITING = "UPDATE due_counselors SET waiting_since = $2, cause = $3 WHERE counselor = $1"
        => owns counselor(1);
    OPEN_SOCKET = "INSERT INTO due_sockets (connection, counselor) VALUES ($1, $2)"
        => shares sockets(), shares sockets_of(2);
    REACHABLE = "UPDATE due_counselors SET unreachable_since = NULL WHERE counselor = $1"
        => owns counselor(1);
    CLOSE_SOCKET = "DELETE FROM due_sockets WHERE connection = $1"
        => owns sockets();
    PERHAPS_UNREACHABLE = "UPDATE due_counselors SET unreachable_since = $2, cause = $3 \
                           WHERE counselor = $1 AND unreachable_since IS NULL AND NOT EXISTS \
                           (SELECT 1 FROM due_sockets s WHERE s.counselor = $1)"
        => owns counselor(1), shares sockets(), owns sockets_of(1);
    ADD_COUNSELOR = "INSERT INTO due (kind, subject, aggregate, since, cause) \
                     SELECT 'unreachable_counselor', c.counselor, c.counselor, \
                     CASE WHEN c.waiting_since > c.unreachable_since THEN c.waiting_since \
                     ELSE c.unreachable_since END, c.cause FROM due_counselors c \
                     WHERE c.counselor = $1 AND c.waiting_since IS NOT NULL \
                     AND c.unreachable_since IS NOT NULL"
        => shares counselor(1), owns due(1);

    DUE_BEFORE = "SELECT kind, subject, aggregate, since, cause FROM due \
                  WHERE kind = $1 AND since <= $2 ORDER BY since, cause LIMIT $3";
    NEXT = "SELECT since FROM due WHERE kind = $1 ORDER BY since LIMIT 1";
    FIND = "SELECT kind, subject, aggregate, since, cause FROM due \
            WHERE kind = $1 AND subject = $2";
}

/// The projection of this file.
#[derive(Debug)]
pub struct Due;

impl Projection for Due {
    fn name(&self) -> &'static str {
        "due"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["due", "due_counselors", "due_sockets"]
    }

    fn project(&self, fact: &Fact, batch: &mut Batch) {
        match &fact.event {
            Event::Consultation(event) => consultation(fact, event, batch),
            Event::Counselor(event) => counselor(fact, event, batch),
            Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
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

fn consultation(fact: &Fact, event: &ConsultationEvent, batch: &mut Batch) {
    use DueKind::{ActiveConsultation, Offer, WaitingConsultation};
    let id = fact.id;
    match event {
        ConsultationEvent::Requested { .. } => add(fact, WaitingConsultation, id, batch),
        ConsultationEvent::Offered {
            offer,
            mode: OfferMode::OneAtATime,
            ..
        } => {
            add(fact, Offer, offer.0, batch);
        }
        ConsultationEvent::OfferRejected { offer, .. }
        | ConsultationEvent::OfferExpired { offer, .. }
        | ConsultationEvent::OfferWithdrawn { offer, .. } => settle(Offer, offer.0, batch),
        ConsultationEvent::Accepted { offer, .. } => {
            settle(Offer, offer.0, batch);
            settle(WaitingConsultation, id, batch);
            add(fact, ActiveConsultation, id, batch);
        }
        ConsultationEvent::ReturnedToWaiting { .. } => {
            settle(ActiveConsultation, id, batch);
            add(fact, WaitingConsultation, id, batch);
        }
        ConsultationEvent::Completed { .. } => settle(ActiveConsultation, id, batch),
        ConsultationEvent::Terminated { .. } => settle(WaitingConsultation, id, batch),
        ConsultationEvent::Offered {
            mode: OfferMode::Broadcast,
            ..
        }
        | ConsultationEvent::NicknameChanged { .. }
        | ConsultationEvent::NotesWritten { .. }
        | ConsultationEvent::CardIssued { .. }
        | ConsultationEvent::CardNoted { .. }
        | ConsultationEvent::Rated { .. }
        | ConsultationEvent::RiskFlagged { .. }
        | ConsultationEvent::HistoryGranted { .. }
        | ConsultationEvent::Erased {} => {}
    }
}

fn counselor(fact: &Fact, event: &CounselorEvent, batch: &mut Batch) {
    let (id, at, position) = (fact.id, fact.recorded.recorded_at, fact.recorded.position);
    match event {
        CounselorEvent::Registered { .. } => {
            batch.push(KNOW_COUNSELOR, values![id, at, position]);
            return;
        }
        CounselorEvent::StatusChanged { status, .. } => {
            let waiting_since = (*status == CounselorStatus::Waiting).then_some(at);
            batch.push(SET_WAITING, values![id, waiting_since, position]);
        }
        CounselorEvent::SocketOpened { connection, .. } => {
            batch.push(OPEN_SOCKET, values![*connection, id]);
            batch.push(REACHABLE, values![id]);
        }
        CounselorEvent::SocketClosed { connection, .. } => {
            batch.push(CLOSE_SOCKET, values![*connection]);
            batch.push(PERHAPS_UNREACHABLE, values![id, at, position]);
        }
        CounselorEvent::CallTaken { .. }
        | CounselorEvent::CallReleased { .. }
        | CounselorEvent::Deactivated {}
        | CounselorEvent::Activated {} => return,
    }
    settle(DueKind::UnreachableCounselor, id, batch);
    batch.push(ADD_COUNSELOR, values![id]);
}

fn add(fact: &Fact, kind: DueKind, subject: Uuid, batch: &mut Batch) {
    let (since, cause) = (fact.recorded.recorded_at, fact.recorded.position);
    batch.push(
        ADD,
        values![Value::tag(&kind), subject, fact.id, since, cause],
    );
}

fn settle(kind: DueKind, subject: Uuid, batch: &mut Batch) {
    batch.push(SETTLE, values![Value::tag(&kind), subject]);
}

/// What has been outstanding since `since_limit` (microseconds) or longer, the longest first, at
/// most `limit`.
pub async fn due_before(
    reader: &dyn Reader,
    kind: DueKind,
    since_limit: i64,
    limit: u32,
) -> Result<Vec<DueRow>, ReadError> {
    many(
        reader,
        DUE_BEFORE,
        values![Value::tag(&kind), since_limit, limit],
        read,
    )
    .await
}

/// Since when the longest outstanding one has been; none where nothing is.
pub async fn next(reader: &dyn Reader, kind: DueKind) -> Result<Option<i64>, ReadError> {
    first(reader, NEXT, values![Value::tag(&kind)], |row| row.get(0)).await
}

/// One outstanding thing.
pub async fn find(
    reader: &dyn Reader,
    kind: DueKind,
    subject: Uuid,
) -> Result<Option<DueRow>, ReadError> {
    first(reader, FIND, values![Value::tag(&kind), subject], read).await
}

fn read(row: &Row) -> Result<DueRow, RowError> {
    let mut columns = row.columns();
    Ok(DueRow {
        kind: columns.take()?,
        subject: columns.take()?,
        aggregate: columns.take()?,
        since: columns.take()?,
        cause: columns.take()?,
    })
}
