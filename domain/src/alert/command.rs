//! What can be asked of an alert.

use uuid::Uuid;

use crate::{AccountId, AlertAudience, AlertSource, PersonId, Risk};

/// What can be asked of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertCommand {
    /// Once; a second time is already so.
    Raise {
        source: AlertSource,
        said: Uuid,
        person: PersonId,
        level: Risk,
        rule: String,
        audience: AlertAudience,
    },
    /// Nothing happens once it is acknowledged, or where it was raised more often meanwhile than
    /// `seen` times.
    RaiseAgain { seen: u32, audience: AlertAudience },
    /// Once; whoever comes second finds it so already.
    Acknowledge { by: AccountId },
}
