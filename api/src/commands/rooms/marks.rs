//! How far a member has read, and how far everything has reached them.

use domain::{Member, MemberCommand, Message, MessageId, PersonId, Refusal, Room, RoomId};
use event_store::StreamName;

use super::{member_key, member_stream};
use crate::commands::{Command, CommandError, Work};

/// Marks everything up to a message as read.
#[derive(Debug, Clone, Copy)]
pub struct MarkRead {
    pub room: RoomId,
    pub person: PersonId,
    pub message: MessageId,
    /// The message's number.
    pub number: u64,
}

impl Command for MarkRead {
    fn stream(&self) -> StreamName {
        member_stream(self.room, self.person)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let Self {
            room,
            person,
            message,
            number,
        } = *self;
        if !work.load::<Room>(room).await?.has(person) {
            return Err(Refusal::NotAMember.into());
        }
        if work.load::<Message>(message).await?.room() != Some(room) {
            return Err(Refusal::UnknownMessage.into());
        }
        let mut member = work.load::<Member>(member_key(room, person)).await?;
        work.decide(
            &mut member,
            MemberCommand::MarkRead {
                room,
                person,
                message,
                number,
            },
        )
    }
}

/// Notes that everything up to a number reached a connection of a member.
#[derive(Debug, Clone, Copy)]
pub struct MarkDelivered {
    pub room: RoomId,
    pub person: PersonId,
    pub number: u64,
}

impl Command for MarkDelivered {
    fn stream(&self) -> StreamName {
        member_stream(self.room, self.person)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let Self {
            room,
            person,
            number,
        } = *self;
        if !work.load::<Room>(room).await?.has(person) {
            return Err(Refusal::NotAMember.into());
        }
        let mut member = work.load::<Member>(member_key(room, person)).await?;
        work.decide(
            &mut member,
            MemberCommand::MarkDelivered {
                room,
                person,
                number,
            },
        )
    }
}
