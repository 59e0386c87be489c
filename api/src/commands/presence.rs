//! Somebody's last live connection is gone.

use domain::{PersonId, Presence, PresenceCommand};
use event_store::StreamName;

use super::{Command, CommandError, Work};

/// Records that somebody is gone, at most once a minute.
#[derive(Debug, Clone, Copy)]
pub struct LeavePresence {
    pub person: PersonId,
}

impl Command for LeavePresence {
    fn stream(&self) -> StreamName {
        StreamName::new("presence", self.person)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut presence = work.load_newest::<Presence>(self.stream()).await?;
        let leave = PresenceCommand::Leave {
            person: self.person,
            now: work.now(),
            before: presence.newest_at(),
        };
        work.decide(&mut presence, leave)
    }
}
