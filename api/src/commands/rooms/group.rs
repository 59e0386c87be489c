//! A group begins, with those who are in it from the first and what it is called.

use std::collections::BTreeSet;

use domain::{
    MemberRole, PersonId, Refusal, Room, RoomCommand, RoomId, RoomKind, RoomText, Sealed,
};
use event_store::StreamName;

use super::{people, room_stream};
use crate::commands::{Command, CommandError, Work};

/// Members besides the creator with whom a group is opened at once: all of it is one append.
pub const MAX_OPENED_WITH: usize = 400;

/// Opens a group. Its id is new, or derived where the client may ask twice.
#[derive(Debug, Clone)]
pub struct OpenGroup {
    pub room: RoomId,
    pub creator: PersonId,
    /// The creator may be among them.
    pub members: BTreeSet<PersonId>,
    pub max_participants: u32,
    pub text: RoomText,
}

impl Command for OpenGroup {
    fn stream(&self) -> StreamName {
        room_stream(self.room)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let others: Vec<PersonId> = self
            .members
            .iter()
            .copied()
            .filter(|person| *person != self.creator)
            .collect();
        if others.len() >= self.max_participants as usize || others.len() > MAX_OPENED_WITH {
            return Err(Refusal::ParticipantsOutOfRange.into());
        }
        for person in others.iter().chain([&self.creator]) {
            people::check(work, *person).await?;
        }
        let mut room = work.create::<Room>(self.room);
        let open = RoomCommand::Open {
            kind: RoomKind::Group,
            creator: self.creator,
            max_participants: self.max_participants,
        };
        work.decide(&mut room, open)?;
        let owner = RoomCommand::AddMember {
            person: self.creator,
            role: MemberRole::Owner,
        };
        work.decide(&mut room, owner)?;
        for person in others {
            let role = MemberRole::Member;
            work.decide(&mut room, RoomCommand::AddMember { person, role })?;
        }
        if self.text == RoomText::default() {
            return Ok(());
        }
        let keys = room
            .sealing_its_text(self.room)
            .ok_or(Refusal::UnknownRoom)?;
        let describe = RoomCommand::Describe {
            by: self.creator,
            text: Sealed::New(keys, self.text.clone()),
        };
        work.decide(&mut room, describe)
    }
}
