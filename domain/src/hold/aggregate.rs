//! The rules of legal holds: what one is against is not destroyed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{HoldCommand, HoldEvent};
use crate::decide::{Decide, aggregate};
use crate::{AccountId, HoldId, PersonId, Refusal, Subject, limits, text};

/// The register of legal holds. There is one, so that a decision to destroy something stands on
/// one version whatever it destroys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Those that were not lifted.
    placed: BTreeMap<HoldId, Subject>,
}

aggregate!(Hold, "hold", HoldCommand, HoldEvent);

impl Hold {
    /// What stands behind the hyphen in the name of its stream.
    pub const KEY: &str = "register";

    /// Whether a hold is against destroying anything of a subject.
    pub fn keeps(&self, subject: Subject) -> bool {
        self.placed.values().any(|held| *held == subject)
    }

    /// Whether a hold is against destroying what somebody wrote, or was told.
    pub fn keeps_what_concerns(&self, person: PersonId) -> bool {
        self.keeps(Subject::Account(AccountId(person.0)))
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.placed.is_empty()
    }
}

impl Decide for Hold {
    fn decide(&self, command: HoldCommand) -> Result<Vec<HoldEvent>, Refusal> {
        match command {
            HoldCommand::Place {
                hold,
                subject,
                reason,
            } => {
                if self.placed.contains_key(&hold) {
                    return Ok(vec![]);
                }
                if self.placed.len() >= limits::HOLDS {
                    return Err(Refusal::TooManyHolds);
                }
                let chars = 1..=limits::HOLD_REASON_CHARS;
                text::check(text::content(&reason)?, chars, Refusal::HoldReasonLength)?;
                Ok(vec![HoldEvent::Placed {
                    hold,
                    subject,
                    reason,
                }])
            }
            HoldCommand::Lift { hold } => {
                let subject = self.placed.get(&hold).ok_or(Refusal::UnknownHold)?;
                let subject = *subject;
                Ok(vec![HoldEvent::Lifted { hold, subject }])
            }
        }
    }
}

impl Hold {
    #[expect(
        clippy::needless_pass_by_value,
        reason = "every aggregate takes its events so"
    )]
    fn evolve(&mut self, event: HoldEvent) {
        match event {
            HoldEvent::Placed { hold, subject, .. } => {
                self.placed.insert(hold, subject);
            }
            HoldEvent::Lifted { hold, .. } => {
                self.placed.remove(&hold);
            }
        }
    }
}
