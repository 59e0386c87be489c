//! What a member sets for themselves in a room, and its creator for all.

use domain::{Member, MemberCommand, PersonId, Refusal, Room, RoomCommand, RoomId};
use event_store::StreamName;

use super::{member_key, member_stream, room_stream};
use crate::commands::{Command, CommandError, Work};

/// Changes settings, all that are given or none. What is none stays as it is.
#[derive(Debug, Clone, Copy)]
pub struct ChangeSettings {
    pub room: RoomId,
    pub person: PersonId,
    pub notification_enabled: Option<bool>,
    pub read_receipt_enabled: Option<bool>,
    /// The room's, for its creator only: 1 to 3,650 whole days.
    pub retention_days: Option<u16>,
    /// The room's, for its creator only.
    pub auto_delete: Option<bool>,
}

impl ChangeSettings {
    fn is_own(&self) -> bool {
        self.notification_enabled.is_some() || self.read_receipt_enabled.is_some()
    }

    fn is_shared(&self) -> bool {
        self.retention_days.is_some() || self.auto_delete.is_some()
    }
}

impl Command for ChangeSettings {
    fn stream(&self) -> StreamName {
        if self.is_own() {
            member_stream(self.room, self.person)
        } else {
            room_stream(self.room)
        }
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let (room, person) = (self.room, self.person);
        let mut there = work.load::<Room>(room).await?;
        if !there.has(person) {
            return Err(Refusal::NotAMember.into());
        }
        if self.is_own() {
            let mut member = work.load::<Member>(member_key(room, person)).await?;
            let change = MemberCommand::ChangeSettings {
                room,
                person,
                notification_enabled: self.notification_enabled,
                read_receipt_enabled: self.read_receipt_enabled,
            };
            work.decide(&mut member, change)?;
        }
        if self.is_shared() {
            let set = RoomCommand::SetRetention {
                by: person,
                days: self.retention_days,
                auto_delete: self.auto_delete,
            };
            work.decide(&mut there, set)?;
        }
        Ok(())
    }
}
