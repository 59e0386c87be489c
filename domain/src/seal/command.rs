//! What can be asked of the seal of the log.

/// What can be asked of the seal of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealCommand {
    /// Seal what was recorded from one position up to another, both included. That root, leaves
    /// and signature are true is for the caller to have made sure. The fields are the event's.
    Seal {
        from: u64,
        to: u64,
        root: String,
        previous: String,
        leaves: String,
        key: String,
        signature: String,
    },
}
