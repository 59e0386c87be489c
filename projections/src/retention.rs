//! What is kept no longer than the settings say: consultations and log-ins since their end, accounts
//! and sessions about emotions since they were last used. What is to be erased already is left out,
//! and what a legal hold is against.

use uuid::Uuid;

use crate::reader::many;
use crate::value::values;
use crate::{ReadError, Reader, statements};

/// Something that may be kept no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expired {
    pub id: Uuid,
    /// By which such things are paged through; 0 where they are by their ids.
    pub number: u64,
    /// Since when nothing is done with it, in microseconds since the Unix epoch.
    pub since: i64,
}

statements! {
    ENDED = "SELECT c.number, c.uuid, c.ended_at FROM consultations c \
             WHERE c.ended_at < $1 AND c.number > $2 AND c.erased_at IS NULL \
             AND NOT EXISTS (SELECT 1 FROM erasures e WHERE e.subject = c.uuid) \
             AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.lifted_at IS NULL \
             AND (h.subject = c.uuid OR h.subject = c.requester OR h.subject = \
             (SELECT k.account FROM counselors k WHERE k.uuid = c.last_counselor))) \
             ORDER BY c.number LIMIT $3";
    UNUSED = "SELECT a.number, a.uuid, COALESCE(p.seen_at, a.created_at) FROM accounts a \
              LEFT JOIN presence p ON p.person = a.uuid \
              WHERE a.role = 'user' AND COALESCE(p.seen_at, a.created_at) < $1 AND a.number > $2 \
              AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.account = a.uuid \
              AND COALESCE(s.rotated_at, s.opened_at) >= $1) \
              AND NOT EXISTS (SELECT 1 FROM erasures e WHERE e.subject = a.uuid) \
              AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.lifted_at IS NULL \
              AND h.subject = a.uuid) \
              AND NOT EXISTS (SELECT 1 FROM consultations c \
              JOIN holds h ON h.lifted_at IS NULL AND (h.subject = c.uuid OR h.subject = \
              (SELECT k.account FROM counselors k WHERE k.uuid = c.last_counselor)) \
              WHERE c.requester = a.uuid AND c.erased_at IS NULL) \
              ORDER BY a.number LIMIT $3";
    EMOTIONS = "SELECT e.number, e.uuid, e.started_at, e.ended_at, e.card_at, \
                e.handed_over_at, \
                (SELECT MAX(COALESCE(s.settled_at, s.asked_at)) FROM emotion_steps s \
                WHERE s.session = e.uuid) FROM emotion_sessions e \
                WHERE e.started_at < $1 AND COALESCE(e.ended_at, e.started_at) < $1 \
                AND COALESCE(e.card_at, e.started_at) < $1 \
                AND COALESCE(e.handed_over_at, e.started_at) < $1 AND e.number > $2 \
                AND e.erased_at IS NULL \
                AND NOT EXISTS (SELECT 1 FROM emotion_steps s WHERE s.session = e.uuid \
                AND (s.status = 'open' OR COALESCE(s.settled_at, s.asked_at) >= $1)) \
                AND NOT EXISTS (SELECT 1 FROM erasures r WHERE r.subject = e.owner) \
                AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.lifted_at IS NULL \
                AND h.subject = e.owner) \
                ORDER BY e.number LIMIT $3";
    LOG_INS = "SELECT s.uuid, COALESCE(s.revoked_at, s.expires_at) FROM sessions s \
               WHERE COALESCE(s.revoked_at, s.expires_at) < $1 AND s.uuid > $2 \
               AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.lifted_at IS NULL \
               AND h.subject = s.account) \
               ORDER BY s.uuid LIMIT $3";
}

/// Consultations that ended before a time, in microseconds since the Unix epoch; those with a number
/// above `after`, in the order of their numbers, at most `limit`.
pub async fn consultations_ended_before(
    reader: &dyn Reader,
    at: i64,
    after: u64,
    limit: u32,
) -> Result<Vec<Expired>, ReadError> {
    many(reader, ENDED, values![at, after, limit], |row| {
        Ok(Expired {
            number: row.get(0)?,
            id: row.get(1)?,
            since: row.get(2)?,
        })
    })
    .await
}

/// Accounts of role `user` that were last used before a time, in microseconds since the Unix epoch;
/// those with a number above `after`, in the order of their numbers, at most `limit`.
pub async fn accounts_unused_since(
    reader: &dyn Reader,
    at: i64,
    after: u64,
    limit: u32,
) -> Result<Vec<Expired>, ReadError> {
    many(reader, UNUSED, values![at, after, limit], |row| {
        Ok(Expired {
            number: row.get(0)?,
            id: row.get(1)?,
            since: row.get(2)?,
        })
    })
    .await
}

/// Sessions about emotions with which nothing was done since a time, in microseconds since the Unix
/// epoch; those with a number above `after`, in the order of their numbers, at most `limit`.
pub async fn emotion_sessions_unused_since(
    reader: &dyn Reader,
    at: i64,
    after: u64,
    limit: u32,
) -> Result<Vec<Expired>, ReadError> {
    many(reader, EMOTIONS, values![at, after, limit], |row| {
        let started: i64 = row.get(2)?;
        let later: [Option<i64>; 4] = [row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?];
        Ok(Expired {
            number: row.get(0)?,
            id: row.get(1)?,
            since: later.into_iter().flatten().fold(started, i64::max),
        })
    })
    .await
}

/// Log-ins that were ended or expired before a time, in microseconds since the Unix epoch; those
/// with an id above `after`, in the order of their ids, at most `limit`.
pub async fn log_ins_over_before(
    reader: &dyn Reader,
    at: i64,
    after: Uuid,
    limit: u32,
) -> Result<Vec<Expired>, ReadError> {
    many(reader, LOG_INS, values![at, after, limit], |row| {
        Ok(Expired {
            number: 0,
            id: row.get(0)?,
            since: row.get(1)?,
        })
    })
    .await
}
