//! What is said in rooms, and how far it was read and delivered.

use domain::{
    ConsultationId, Member, MemberCommand, Message, MessageBody, MessageCommand, MessageId,
    MessageKind, PersonId, Refusal, Room, RoomId, Sealed,
};
use event_store::StreamName;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::{Command, CommandError, Loaded, Work};

/// The room that a consultation is from its acceptance on.
pub fn room_of(consultation: ConsultationId) -> RoomId {
    RoomId(Uuid::new_v5(&consultation.0, b"room"))
}

/// Sends a message. Its id is new, or derived where the client may send it twice.
#[derive(Debug, Clone)]
pub struct SendMessage {
    pub message: MessageId,
    pub room: RoomId,
    pub sender: PersonId,
    pub kind: MessageKind,
    pub reply_to: Option<MessageId>,
    pub body: MessageBody,
}

impl Command for SendMessage {
    fn stream(&self) -> StreamName {
        StreamName::new("message", self.message)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let room = work.load::<Room>(self.room).await?;
        room.may_send(self.sender)?;
        if let Some(original) = self.reply_to {
            let original = work.load::<Message>(original).await?;
            if original.room() != Some(self.room) {
                return Err(Refusal::UnknownMessage.into());
            }
        }
        send(work, &room, self)
    }
}

/// Adds a message to what is written; that its sender may send is for the caller to know.
pub(super) fn send(
    work: &mut Work<'_>,
    room: &Loaded<Room>,
    message: &SendMessage,
) -> Result<(), CommandError> {
    let day = utc_day(work.now());
    let keys = room
        .sealing(message.room, message.sender, day)
        .ok_or(Refusal::UnknownRoom)?;
    let command = MessageCommand::Send {
        message: message.message,
        room: message.room,
        sender: message.sender,
        kind: message.kind,
        reply_to: message.reply_to,
        body: Sealed::New(keys, message.body.clone()),
    };
    let mut stored = work.create::<Message>(message.message);
    work.decide(&mut stored, command)
}

pub(super) fn utc_day(at_us: i64) -> Date {
    let at = Timestamp::from_microsecond(at_us).unwrap_or_default();
    at.to_zoned(TimeZone::UTC).date()
}

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

fn member_key(room: RoomId, person: PersonId) -> String {
    format!("{room}-{person}")
}

fn member_stream(room: RoomId, person: PersonId) -> StreamName {
    StreamName::new("member", member_key(room, person))
}
