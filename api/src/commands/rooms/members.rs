//! People come into groups and leave rooms.

use domain::{PersonId, Room, RoomCommand, RoomId};
use event_store::StreamName;

use super::{people, room_stream};
use crate::commands::{Command, CommandError, Work};

/// A member brings somebody into a group. Who is in it already stays as they are.
#[derive(Debug, Clone, Copy)]
pub struct AddMember {
    pub room: RoomId,
    pub by: PersonId,
    pub person: PersonId,
}

impl Command for AddMember {
    fn stream(&self) -> StreamName {
        room_stream(self.room)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut room = work.load::<Room>(self.room).await?;
        let invite = RoomCommand::Invite {
            by: self.by,
            person: self.person,
        };
        work.decide(&mut room, invite)?;
        // An outsider is told of no account.
        people::check(work, self.person).await
    }
}

/// Somebody leaves a room, or its creator sends them away. Who is not in it is already gone.
#[derive(Debug, Clone, Copy)]
pub struct RemoveMember {
    pub room: RoomId,
    pub by: PersonId,
    pub person: PersonId,
}

impl Command for RemoveMember {
    fn stream(&self) -> StreamName {
        room_stream(self.room)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut room = work.load::<Room>(self.room).await?;
        let dismiss = RoomCommand::Dismiss {
            by: self.by,
            person: self.person,
        };
        work.decide(&mut room, dismiss)
    }
}
