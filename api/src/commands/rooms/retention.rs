//! A day of a room is older than its messages are kept.

use domain::{Refusal, Room, RoomCommand, RoomId};
use event_store::StreamName;
use jiff::civil::Date;

use super::{room_stream, utc_day};
use crate::commands::erasure::holds;
use crate::commands::{Command, CommandError, Work};

/// Records that the messages of a UTC day are no more, unless somebody in the room is under a legal
/// hold. Whoever executes it then destroys the keys.
#[derive(Debug, Clone, Copy)]
pub struct DestroyDay {
    pub room: RoomId,
    pub day: Date,
}

impl Command for DestroyDay {
    fn stream(&self) -> StreamName {
        room_stream(self.room)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut room = work.load::<Room>(self.room).await?;
        let hold = holds(work).await?;
        let mut members = room.members();
        if !hold.is_empty() && members.any(|(person, _)| hold.keeps_what_concerns(person)) {
            return Err(Refusal::Held.into());
        }
        drop(members);
        let destroy = RoomCommand::DestroyDay {
            day: self.day,
            today: utc_day(work.now()),
        };
        work.decide(&mut room, destroy)
    }
}
