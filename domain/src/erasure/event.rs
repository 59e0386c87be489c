//! What can have happened to the erasure of somebody's content.

use crate::event::events;
use crate::{ErasureId, Subject};

events! {
    /// What can have happened to the erasure of an account or a consultation. Its stream has the
    /// id of what is erased.
    ErasureEvent {
        /// It is to be erased, as soon as no hold is against it.
        Requested = "erasure.requested", "1.0.0" {
            erasure: ErasureId,
            subject: Subject,
        }
        /// Whoever asked for it thought better of it before anything was erased.
        Withdrawn = "erasure.withdrawn", "1.0.0" {
            erasure: ErasureId,
            subject: Subject,
        }
        /// All of it is gone: keys destroyed, read models and index without it, files removed.
        Completed = "erasure.completed", "1.0.0" {
            erasure: ErasureId,
            subject: Subject,
            /// Microseconds since the Unix epoch.
            requested_at: i64,
            /// Microseconds since the Unix epoch.
            completed_at: i64,
            /// How many consultations are erased with it.
            consultations: u64,
            /// How many files are gone.
            files: u64,
            /// The public key, Ed25519, hexadecimal: the one that signs seals.
            key: String,
            /// Ed25519 over the [receipt](crate::Receipt), hexadecimal.
            signature: String,
        }
    }
}
