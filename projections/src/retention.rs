//! What is kept no longer than the settings say: consultations since their end, accounts since they
//! were last used. What is to be erased already is left out, and what a legal hold is against.

use domain::{AccountId, ConsultationId, Subject};

use crate::reader::many;
use crate::value::values;
use crate::{ReadError, Reader, statements};

/// Something that may be kept no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expired {
    pub subject: Subject,
    /// Of the consultation or account.
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
            subject: Subject::Consultation(row.get::<ConsultationId>(1)?),
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
            subject: Subject::Account(row.get::<AccountId>(1)?),
            since: row.get(2)?,
        })
    })
    .await
}
