//! Counts and averages over consultations and offers.

use domain::CounselorId;

use crate::reader::{many, only};
use crate::value::values;
use crate::{ReadError, Reader, Row, RowError, statements};

/// All that a counsellor has done. An average of nothing is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CounselorStats {
    /// Those they have or had until the end: completed, terminated and active ones.
    pub total: u64,
    pub completed: u64,
    /// They had it last, it went back to waiting, and then nobody took it.
    pub terminated: u64,
    /// Offers that they rejected.
    pub rejected: u64,
    pub active: u64,
    /// From the first acceptance to the end, of completed ones; microseconds.
    pub average_duration_us: Option<f64>,
    /// From an offer to its acceptance or rejection; microseconds.
    pub average_response_us: Option<f64>,
    pub average_score: Option<f64>,
}

/// What a counsellor has done since some time. An average of nothing is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CounselorSummary {
    /// Consultations that they accepted.
    pub accepted: u64,
    pub rejected: u64,
    pub expired: u64,
    pub completed: u64,
    /// From the request to the first acceptance, of those accepted; microseconds.
    pub average_wait_us: Option<f64>,
    /// Of those completed; microseconds.
    pub average_duration_us: Option<f64>,
}

statements! {
    STATS = "SELECT \
        CAST(COALESCE(sum(CASE WHEN status = 'completed' THEN 1 ELSE 0 END), 0) AS BIGINT), \
        CAST(COALESCE(sum(CASE WHEN status = 'terminated' THEN 1 ELSE 0 END), 0) AS BIGINT), \
        CAST(COALESCE(sum(CASE WHEN status = 'active' THEN 1 ELSE 0 END), 0) AS BIGINT), \
        CAST(avg(CASE WHEN status = 'completed' THEN ended_at - accepted_at END) \
             AS DOUBLE PRECISION), \
        CAST(avg(score) AS DOUBLE PRECISION) \
        FROM consultations WHERE last_counselor = $1";
    OFFER_STATS = "SELECT \
        CAST(COALESCE(sum(CASE WHEN status = 'rejected' THEN 1 ELSE 0 END), 0) AS BIGINT), \
        CAST(avg(decided_at - offered_at) AS DOUBLE PRECISION) \
        FROM offers WHERE counselor = $1 AND status IN ('accepted', 'rejected')";
    SUMMARY = "SELECT count(*), CAST(avg(ended_at - accepted_at) AS DOUBLE PRECISION) \
        FROM consultations \
        WHERE last_counselor = $1 AND status = 'completed' AND ended_at >= $2";
    OFFER_SUMMARY = "SELECT \
        CAST(COALESCE(sum(CASE WHEN o.status = 'accepted' THEN 1 ELSE 0 END), 0) AS BIGINT), \
        CAST(COALESCE(sum(CASE WHEN o.status = 'rejected' THEN 1 ELSE 0 END), 0) AS BIGINT), \
        CAST(COALESCE(sum(CASE WHEN o.status = 'expired' THEN 1 ELSE 0 END), 0) AS BIGINT), \
        CAST(avg(CASE WHEN o.status = 'accepted' THEN c.accepted_at - c.requested_at END) \
             AS DOUBLE PRECISION) \
        FROM offers o JOIN consultations c ON c.uuid = o.consultation \
        WHERE o.counselor = $1 AND o.decided_at >= $2";
    RECENT_DURATIONS = "SELECT ended_at - accepted_at FROM consultations \
        WHERE status = 'completed' ORDER BY ended_at DESC, number DESC LIMIT $1";
}

/// All that a counsellor has done.
pub async fn stats(
    reader: &dyn Reader,
    counselor: CounselorId,
) -> Result<CounselorStats, ReadError> {
    let of_offers = only(reader, OFFER_STATS, values![counselor], |row| {
        Ok((row.get::<u64>(0)?, row.get::<Option<f64>>(1)?))
    });
    let (rejected, average_response_us) = of_offers.await?;
    let stats = only(reader, STATS, values![counselor], read_stats).await?;
    Ok(CounselorStats {
        rejected,
        average_response_us,
        ..stats
    })
}

/// What a counsellor has done since a time, in microseconds since the Unix epoch.
pub async fn summary(
    reader: &dyn Reader,
    counselor: CounselorId,
    since: i64,
) -> Result<CounselorSummary, ReadError> {
    let ended = only(reader, SUMMARY, values![counselor, since], |row| {
        Ok((row.get::<u64>(0)?, row.get::<Option<f64>>(1)?))
    });
    let (completed, average_duration_us) = ended.await?;
    let offered = only(
        reader,
        OFFER_SUMMARY,
        values![counselor, since],
        read_summary,
    )
    .await?;
    Ok(CounselorSummary {
        completed,
        average_duration_us,
        ..offered
    })
}

/// How long the consultations lasted that were completed last, newest first; microseconds.
pub async fn recent_durations(reader: &dyn Reader, limit: u32) -> Result<Vec<i64>, ReadError> {
    many(reader, RECENT_DURATIONS, values![limit], |row| row.get(0)).await
}

fn read_stats(row: &Row) -> Result<CounselorStats, RowError> {
    let mut columns = row.columns();
    let (completed, terminated, active): (u64, u64, u64) =
        (columns.take()?, columns.take()?, columns.take()?);
    Ok(CounselorStats {
        total: completed + terminated + active,
        completed,
        terminated,
        rejected: 0,
        active,
        average_duration_us: columns.take()?,
        average_response_us: None,
        average_score: columns.take()?,
    })
}

fn read_summary(row: &Row) -> Result<CounselorSummary, RowError> {
    let mut columns = row.columns();
    Ok(CounselorSummary {
        accepted: columns.take()?,
        rejected: columns.take()?,
        expired: columns.take()?,
        completed: 0,
        average_wait_us: columns.take()?,
        average_duration_us: None,
    })
}
