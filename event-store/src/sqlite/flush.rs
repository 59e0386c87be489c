//! What a failed flush or commit of SQLite leaves behind.

use rusqlite::{ErrorCode, ffi};

/// What a failed commit leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterCommit {
    /// The record that completes a transaction is its last write, and was not written: nothing
    /// is stored, and the next append may succeed.
    NothingStored,
    /// It may be on disk, although it is not visible; the next transaction overwrites it.
    Unknown,
    /// The system may have dropped what it could not flush: to flush again proves nothing.
    Poisoned,
}

impl AfterCommit {
    pub fn of(cause: &rusqlite::Error) -> Self {
        match (
            cause.sqlite_error_code(),
            cause.sqlite_extended_error_code(),
        ) {
            (Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy), _)
            | (_, Some(ffi::SQLITE_IOERR_WRITE)) => Self::NothingStored,
            // The index of the WAL grows after its records are flushed.
            (
                _,
                Some(
                    ffi::SQLITE_IOERR_SHMOPEN
                    | ffi::SQLITE_IOERR_SHMSIZE
                    | ffi::SQLITE_IOERR_SHMMAP
                    | ffi::SQLITE_IOERR_SHMLOCK,
                ),
            ) => Self::Unknown,
            _ => Self::Poisoned,
        }
    }
}

/// Whether the system said that it could not bring something to disk.
pub(super) fn is_failed_flush(cause: &rusqlite::Error) -> bool {
    matches!(
        cause.sqlite_extended_error_code(),
        Some(ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit_failed_with(code: i32) -> AfterCommit {
        AfterCommit::of(&rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))
    }

    #[test]
    fn only_a_failed_flush_or_the_unforeseen_poisons_the_log() {
        assert_eq!(
            commit_failed_with(ffi::SQLITE_FULL),
            AfterCommit::NothingStored
        );
        assert_eq!(
            commit_failed_with(ffi::SQLITE_IOERR_WRITE),
            AfterCommit::NothingStored
        );
        assert_eq!(
            commit_failed_with(ffi::SQLITE_IOERR_SHMSIZE),
            AfterCommit::Unknown
        );
        assert_eq!(
            commit_failed_with(ffi::SQLITE_IOERR_FSYNC),
            AfterCommit::Poisoned
        );
        assert_eq!(commit_failed_with(ffi::SQLITE_NOMEM), AfterCommit::Poisoned);
        assert_eq!(
            commit_failed_with(ffi::SQLITE_CORRUPT),
            AfterCommit::Poisoned
        );
    }
}
