//! What can have happened to the seal of the log.

use crate::event::events;

events! {
    /// What can have happened to the seal of the log. It is the only thing of its kind.
    SealEvent {
        /// What was recorded from one position up to another is as it was then. The next one
        /// begins where this one ends.
        Sealed = "log.sealed", "1.0.0" {
            /// The first position, 1 in the first seal.
            from: u64,
            /// The last position, before this event's own.
            to: u64,
            /// SHA-256, hexadecimal: the Merkle tree hash of RFC 6962 over the previous root and
            /// the canonical bytes of each event.
            root: String,
            /// The root of the seal before; zeros in the first one.
            previous: String,
            /// The first 8 bytes of each event's leaf hash, one after the other, base64. They
            /// prove nothing, and tell which event is not what it was.
            leaves: String,
            /// The public key, Ed25519, hexadecimal.
            key: String,
            /// Ed25519 over the [statement](crate::SealStatement), hexadecimal.
            signature: String,
        }
    }
}
