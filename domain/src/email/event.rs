//! What can have happened to an email address, named by its keyed hash.

use crate::AccountId;
use crate::event::events;

events! {
    /// What can have happened to an email address. Each address belongs to one account at a time.
    EmailEvent {
        Reserved = "email.reserved", "1.0.0" { account: AccountId }
        Released = "email.released", "1.0.0" { account: AccountId }
    }
}
