//! What is to be erased and what was, with its receipt; and the legal holds against it.

use domain::{
    AccountId, ConsultationId, ErasureEvent, ErasureId, Event, HoldEvent, HoldId, PersonId,
    Receipt, Subject,
};
use uuid::Uuid;

use crate::reader::{first, many};
use crate::row::{Columns, tags};
use crate::value::values;
use crate::{
    Batch, Fact, Projection, ReadError, Reader, Row, RowError, SealedColumn, Value, statements,
};

/// An erasure. All times are microseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureRow {
    pub id: ErasureId,
    pub number: u64,
    pub subject: Subject,
    pub requested_at: i64,
    /// None as long as it is outstanding.
    pub completed: Option<Completed>,
}

/// What the receipt of an erasure says, and who vouches for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completed {
    pub receipt: Receipt,
    /// The public key, Ed25519, hexadecimal.
    pub key: String,
    /// Ed25519 over the receipt as text, hexadecimal.
    pub signature: String,
}

/// A legal hold. All times are microseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldRow {
    pub id: HoldId,
    pub number: u64,
    pub subject: Subject,
    /// A string.
    pub reason: SealedColumn,
    pub placed_by: Option<PersonId>,
    pub placed_at: i64,
    pub lifted_at: Option<i64>,
}

/// The column `subject_kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Account,
    Consultation,
}

tags!(Kind);

macro_rules! erasure {
    ($rest:literal) => {
        concat!(
            "SELECT e.uuid, e.number, e.subject_kind, e.subject, e.requested_at, e.completed_at, \
             e.consultations, e.files, e.signed_by, e.signature FROM erasures e ",
            $rest
        )
    };
}

macro_rules! hold {
    ($rest:literal) => {
        concat!(
            "SELECT uuid, number, subject_kind, subject, reason, placed_by, placed_at, lifted_at \
             FROM holds ",
            $rest
        )
    };
}

statements! {
    REQUEST = "INSERT INTO erasures (number, uuid, subject_kind, subject, requested_at) \
               VALUES ($1, $2, $3, $4, $5)"
        => owns erasure(4);
    WITHDRAW = "DELETE FROM erasures WHERE subject = $1"
        => owns erasure(1);
    COMPLETE = "UPDATE erasures SET completed_at = $2, consultations = $3, files = $4, \
                signed_by = $5, signature = $6 WHERE subject = $1"
        => owns erasure(1);
    PLACE = "INSERT INTO holds (number, uuid, subject_kind, subject, reason, placed_by, \
             placed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"
        => owns hold(2);
    LIFT = "UPDATE holds SET lifted_at = $2 WHERE uuid = $1"
        => owns hold(1);

    BY_ID = erasure!("WHERE e.uuid = $1");
    BY_SUBJECT = erasure!("WHERE e.subject = $1");
    OUTSTANDING = erasure!(
        "WHERE e.completed_at IS NULL AND e.number > $1 AND NOT EXISTS \
         (SELECT 1 FROM holds h WHERE h.subject = e.subject AND h.lifted_at IS NULL) \
         ORDER BY e.number LIMIT $2"
    );
    HOLD = hold!("WHERE uuid = $1");
    HOLDS = hold!("WHERE number < $1 ORDER BY number DESC LIMIT $2");
    HOLD_ON_ACCOUNT = "SELECT h.number FROM holds h \
                       WHERE h.subject = $1 AND h.lifted_at IS NULL \
                       UNION ALL SELECT h.number FROM consultations c \
                       JOIN holds h ON h.subject = c.uuid AND h.lifted_at IS NULL \
                       WHERE c.requester = $1 AND c.erased_at IS NULL \
                       UNION ALL SELECT h.number FROM consultations c \
                       JOIN counselors k ON k.uuid = c.last_counselor \
                       JOIN holds h ON h.subject = k.account AND h.lifted_at IS NULL \
                       WHERE c.requester = $1 AND c.erased_at IS NULL LIMIT 1";
    HOLD_ON_CONSULTATION = "SELECT h.number FROM holds h \
                            WHERE h.subject = $1 AND h.lifted_at IS NULL \
                            UNION ALL SELECT h.number FROM consultations c \
                            JOIN holds h ON h.subject = c.requester AND h.lifted_at IS NULL \
                            WHERE c.uuid = $1 \
                            UNION ALL SELECT h.number FROM consultations c \
                            JOIN counselors k ON k.uuid = c.last_counselor \
                            JOIN holds h ON h.subject = k.account AND h.lifted_at IS NULL \
                            WHERE c.uuid = $1 LIMIT 1";
}

/// The projection of this file.
#[derive(Debug)]
pub struct Erasures;

impl Projection for Erasures {
    fn name(&self) -> &'static str {
        "erasures"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["erasures", "holds"]
    }

    fn project(&self, fact: &Fact, batch: &mut Batch) {
        match &fact.event {
            Event::Erasure(event) => erasure(fact, event, batch),
            Event::Hold(event) => hold(fact, event, batch),
            Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Counselor(_)
            | Event::Consultation(_)
            | Event::Room(_)
            | Event::Member(_)
            | Event::Message(_)
            | Event::Presence(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Upload(_)
            | Event::Emotion(_)
            | Event::Alert(_) => {}
        }
    }
}

fn erasure(fact: &Fact, event: &ErasureEvent, batch: &mut Batch) {
    let recorded = &fact.recorded;
    match event {
        ErasureEvent::Requested { erasure, subject } => {
            let (kind, id) = columns_of(*subject);
            let number = recorded.number();
            batch.push(
                REQUEST,
                values![number, erasure.0, kind, id, recorded.recorded_at],
            );
        }
        ErasureEvent::Withdrawn { subject, .. } => {
            let (_, id) = columns_of(*subject);
            batch.push(WITHDRAW, values![id]);
        }
        ErasureEvent::Completed {
            subject,
            completed_at,
            consultations,
            files,
            key,
            signature,
            ..
        } => {
            let (_, id) = columns_of(*subject);
            batch.push(
                COMPLETE,
                values![
                    id,
                    *completed_at,
                    *consultations,
                    *files,
                    &**key,
                    &**signature
                ],
            );
        }
    }
}

fn hold(fact: &Fact, event: &HoldEvent, batch: &mut Batch) {
    let recorded = &fact.recorded;
    match event {
        HoldEvent::Placed { hold, subject, .. } => {
            let (kind, id) = columns_of(*subject);
            let (number, at) = (recorded.number(), recorded.recorded_at);
            let (reason, by) = (SealedColumn::of(recorded, 0), recorded.metadata.actor);
            batch.push(PLACE, values![number, hold.0, kind, id, reason, by, at]);
        }
        HoldEvent::Lifted { hold, .. } => {
            batch.push(LIFT, values![hold.0, recorded.recorded_at]);
        }
    }
}

fn columns_of(subject: Subject) -> (Value, Uuid) {
    let kind = match subject {
        Subject::Account(_) => Kind::Account,
        Subject::Consultation(_) => Kind::Consultation,
    };
    (Value::tag(&kind), subject.id())
}

fn subject(columns: &mut Columns<'_>) -> Result<Subject, RowError> {
    let kind = columns.take()?;
    let id: Uuid = columns.take()?;
    Ok(match kind {
        Kind::Account => Subject::Account(AccountId(id)),
        Kind::Consultation => Subject::Consultation(ConsultationId(id)),
    })
}

/// An erasure by its own id.
pub async fn by_id(
    reader: &dyn Reader,
    erasure: ErasureId,
) -> Result<Option<ErasureRow>, ReadError> {
    first(reader, BY_ID, values![erasure.0], read).await
}

/// The erasure of an account or consultation.
pub async fn of_subject(
    reader: &dyn Reader,
    subject: Subject,
) -> Result<Option<ErasureRow>, ReadError> {
    first(reader, BY_SUBJECT, values![subject.id()], read).await
}

/// What was asked for and is not over, but for what is itself held; those with a number above
/// `after`, in the order of their numbers, at most `limit`.
pub async fn outstanding(
    reader: &dyn Reader,
    after: u64,
    limit: u32,
) -> Result<Vec<ErasureRow>, ReadError> {
    many(reader, OUTSTANDING, values![after, limit], read).await
}

/// Whether a hold is against erasing a subject: on itself; of a consultation on either of its two;
/// of an account on any of its consultations, or the counsellor of one.
pub async fn is_held(reader: &dyn Reader, subject: Subject) -> Result<bool, ReadError> {
    let sql = match subject {
        Subject::Account(_) => HOLD_ON_ACCOUNT,
        Subject::Consultation(_) => HOLD_ON_CONSULTATION,
    };
    let hold = first(reader, sql, values![subject.id()], |row| row.get::<u64>(0));
    Ok(hold.await?.is_some())
}

/// A hold by its id.
pub async fn hold_by_id(reader: &dyn Reader, hold: HoldId) -> Result<Option<HoldRow>, ReadError> {
    first(reader, HOLD, values![hold.0], read_hold).await
}

/// Holds, lifted ones as well, with a number below `before`, newest first, at most `limit`.
pub async fn holds(
    reader: &dyn Reader,
    before: u64,
    limit: u32,
) -> Result<Vec<HoldRow>, ReadError> {
    many(reader, HOLDS, values![before, limit], read_hold).await
}

fn read(row: &Row) -> Result<ErasureRow, RowError> {
    let mut columns = row.columns();
    let (id, number) = (ErasureId(columns.take()?), columns.take()?);
    let subject = subject(&mut columns)?;
    let requested_at = columns.take()?;
    let completed_at: Option<i64> = columns.take()?;
    let completed = match completed_at {
        None => None,
        Some(completed_at) => Some(Completed {
            receipt: Receipt {
                erasure: id,
                subject,
                requested_at,
                completed_at,
                consultations: columns.take()?,
                files: columns.take()?,
            },
            key: columns.take()?,
            signature: columns.take()?,
        }),
    };
    Ok(ErasureRow {
        id,
        number,
        subject,
        requested_at,
        completed,
    })
}

fn read_hold(row: &Row) -> Result<HoldRow, RowError> {
    let mut columns = row.columns();
    Ok(HoldRow {
        id: HoldId(columns.take()?),
        number: columns.take()?,
        subject: subject(&mut columns)?,
        reason: columns.take()?,
        placed_by: columns.take()?,
        placed_at: columns.take()?,
        lifted_at: columns.take()?,
    })
}
