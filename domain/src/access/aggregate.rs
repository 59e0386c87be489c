//! The rules of access: who may read what is not theirs, and what a purpose is.

use serde::{Deserialize, Serialize};

use super::{AccessCommand, AccessEvent};
use crate::decide::{Decide, aggregate};
use crate::{Refusal, Role, limits};

/// The register of one day's accesses. Its stream's id is the day, in UTC. What stands in it
/// decides nothing that comes after.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {}

aggregate!(Access, "access", AccessCommand, AccessEvent);

impl Access {
    /// Whether this role may read the log.
    pub fn is_open_to(role: Role) -> bool {
        match role {
            Role::Admin | Role::Auditor => true,
            Role::User | Role::Guest | Role::Counselor | Role::Analyst | Role::Service => false,
        }
    }

    /// A purpose as it is recorded: 1 to 200 characters on one line, without white space around.
    pub fn purpose(text: &str) -> Result<&str, Refusal> {
        let text = text.trim();
        let length = text.chars().count();
        if !(1..=limits::PURPOSE_CHARS).contains(&length) || text.chars().any(char::is_control) {
            return Err(Refusal::PurposeLength);
        }
        Ok(text)
    }

    #[expect(
        clippy::needless_pass_by_value,
        clippy::unused_self,
        reason = "every aggregate takes its events so"
    )]
    fn evolve(&mut self, event: AccessEvent) {
        match event {
            AccessEvent::Recorded { .. } => {}
        }
    }
}

impl Decide for Access {
    fn decide(&self, command: AccessCommand) -> Result<Vec<AccessEvent>, Refusal> {
        let AccessCommand::Record {
            account,
            role,
            act,
            filter,
            from,
            to,
            events,
            concerned,
            purpose,
        } = command;
        if !act.is_open_to(role) {
            return Err(Refusal::NotAReader);
        }
        if act.needs_purpose() && purpose.is_none() {
            return Err(Refusal::PurposeRequired);
        }
        if concerned.len() > limits::CONCERNED || filter.positions.len() > limits::ACCESS_POSITIONS
        {
            return Err(Refusal::TooMuchAtOnce);
        }
        let purpose = match &purpose {
            Some(text) => Some(Self::purpose(text)?.to_owned()),
            None => None,
        };
        Ok(vec![AccessEvent::Recorded {
            account,
            role,
            act,
            filter,
            from,
            to,
            events,
            concerned,
            purpose,
        }])
    }
}
