//! The rules of presence: a connection that comes and goes does not fill the log.

use serde::{Deserialize, Serialize};

use super::{PresenceCommand, PresenceEvent};
use crate::decide::{Decide, aggregate};
use crate::{Refusal, limits};

/// Somebody's presence. When they were last here stands in the envelope of its newest event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {}

aggregate!(Presence, "presence", PresenceCommand, PresenceEvent);

impl Decide for Presence {
    fn decide(&self, command: PresenceCommand) -> Result<Vec<PresenceEvent>, Refusal> {
        let PresenceCommand::Leave {
            person,
            now,
            before,
        } = command;
        let is_recent = before.is_some_and(|before| now - before < limits::LEAVE_INTERVAL_US);
        if is_recent {
            return Ok(vec![]);
        }
        Ok(vec![PresenceEvent::Left { person }])
    }
}

impl Presence {
    #[expect(
        clippy::needless_pass_by_value,
        clippy::unused_self,
        reason = "every aggregate takes its events so"
    )]
    fn evolve(&mut self, event: PresenceEvent) {
        match event {
            PresenceEvent::Left { .. } => {}
        }
    }
}
