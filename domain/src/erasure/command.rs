//! What can be asked of the erasure of somebody's content.

use crate::{ErasureId, Subject};

/// What can be asked of the erasure of somebody's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErasureCommand {
    Request {
        erasure: ErasureId,
        subject: Subject,
    },
    /// It is not wanted any more. That nothing is erased yet is for the caller to have made sure.
    Withdraw,
    /// All of it is gone. That it is, and that the signature is true, is for the caller to have
    /// made sure. The fields are the event's.
    Complete {
        completed_at: i64,
        requested_at: i64,
        consultations: u64,
        files: u64,
        key: String,
        signature: String,
    },
}
