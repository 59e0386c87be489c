//! A day of a room is older than its messages are kept.

use domain::{Room, RoomCommand, RoomId};
use event_store::StreamName;
use jiff::civil::Date;

use super::{room_stream, utc_day};
use crate::commands::{Command, CommandError, Work};

/// Records that the messages of a UTC day are no more. Whoever executes it then destroys the keys.
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
        let destroy = RoomCommand::DestroyDay {
            day: self.day,
            today: utc_day(work.now()),
        };
        work.decide(&mut room, destroy)
    }
}
