//! What the signature of a receipt is over: text that anybody can put together again.

use std::fmt;

use crate::{ErasureId, Subject};

/// What the signature of a receipt is over: the bytes of this as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    pub erasure: ErasureId,
    pub subject: Subject,
    /// Microseconds since the Unix epoch.
    pub requested_at: i64,
    /// Microseconds since the Unix epoch.
    pub completed_at: i64,
    pub consultations: u64,
    pub files: u64,
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            erasure,
            subject,
            requested_at,
            completed_at,
            consultations,
            files,
        } = self;
        write!(
            f,
            "maeum erasure 1\nerasure {erasure}\nsubject {subject}\nrequested_at {requested_at}\n\
             completed_at {completed_at}\nconsultations {consultations}\nfiles {files}\n"
        )
    }
}
