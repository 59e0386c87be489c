//! Requests put to counsellors, and why each went where it went.

use domain::{Candidate, ConsultationId, CounselorId, OfferId, OfferMode, Withdrawal};
use serde::{Deserialize, Serialize};

use crate::reader::{first, many};
use crate::row::{Json, tags};
use crate::value::values;
use crate::{ReadError, Reader, Row, RowError, SealedColumn, Value, statements};

/// How an offer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferStatus {
    Pending,
    Accepted,
    Rejected,
    Withdrawn,
    Expired,
}

tags!(OfferStatus);

/// An offer: what a counsellor knows as a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferRow {
    pub id: OfferId,
    pub number: u64,
    pub consultation: ConsultationId,
    pub counselor: CounselorId,
    pub mode: OfferMode,
    /// Counts from 1.
    pub round: u32,
    pub status: OfferStatus,
    /// Microseconds since the Unix epoch, as all times.
    pub offered_at: i64,
    /// When it left `pending`.
    pub decided_at: Option<i64>,
    pub withdrawal: Option<Withdrawal>,
    /// A string: what was said in rejecting it.
    pub response: Option<SealedColumn>,
    /// All who were waiting, and why each other one was passed over.
    pub candidates: Vec<Candidate>,
}

macro_rules! offer {
    ($rest:literal) => {
        concat!(
            "SELECT uuid, number, consultation, counselor, mode, round, status, offered_at, \
             decided_at, withdrawal, response, candidates FROM offers ",
            $rest
        )
    };
}

statements! {
    BY_ID = offer!("WHERE uuid = $1");
    BY_NUMBER = offer!("WHERE number = $1");
    OF_CONSULTATION = offer!("WHERE consultation = $1 ORDER BY number");
    OF_COUNSELOR = offer!("WHERE counselor = $1 ORDER BY number LIMIT $2");
    OF_COUNSELOR_IN = offer!("WHERE counselor = $1 AND status = $2 ORDER BY number LIMIT $3");
}

/// An offer by its id.
pub async fn offer_by_id(
    reader: &dyn Reader,
    offer: OfferId,
) -> Result<Option<OfferRow>, ReadError> {
    first(reader, BY_ID, values![offer], read).await
}

/// An offer by its number, which clients know as the request's id.
pub async fn offer_by_number(
    reader: &dyn Reader,
    number: u64,
) -> Result<Option<OfferRow>, ReadError> {
    first(reader, BY_NUMBER, values![number], read).await
}

/// All offers of a consultation, oldest first.
pub async fn offers_of(
    reader: &dyn Reader,
    consultation: ConsultationId,
) -> Result<Vec<OfferRow>, ReadError> {
    many(reader, OF_CONSULTATION, values![consultation], read).await
}

/// Offers to a counsellor, of one status or of all, oldest first, at most `limit`.
pub async fn offers_of_counselor(
    reader: &dyn Reader,
    counselor: CounselorId,
    status: Option<OfferStatus>,
    limit: u32,
) -> Result<Vec<OfferRow>, ReadError> {
    match status {
        None => many(reader, OF_COUNSELOR, values![counselor, limit], read).await,
        Some(status) => {
            let values = values![counselor, Value::tag(&status), limit];
            many(reader, OF_COUNSELOR_IN, values, read).await
        }
    }
}

fn read(row: &Row) -> Result<OfferRow, RowError> {
    let mut columns = row.columns();
    Ok(OfferRow {
        id: columns.take()?,
        number: columns.take()?,
        consultation: columns.take()?,
        counselor: columns.take()?,
        mode: columns.take()?,
        round: columns.take()?,
        status: columns.take()?,
        offered_at: columns.take()?,
        decided_at: columns.take()?,
        withdrawal: columns.take()?,
        response: columns.take()?,
        candidates: columns.take::<Json<Vec<Candidate>>>()?.0,
    })
}
