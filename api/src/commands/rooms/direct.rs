//! The room of two people: there is one for each pair, whoever opens it.

use domain::{MemberRole, PersonId, Refusal, Room, RoomCommand, RoomId, RoomKind, Sealed, limits};
use event_store::StreamName;
use uuid::Uuid;

use super::{people, room_stream};
use crate::commands::{Command, CommandError, Loaded, Work};

/// The room of two people, in whichever order they are named.
pub fn direct_room_of(one: PersonId, other: PersonId) -> RoomId {
    let (first, second) = if one <= other {
        (one, other)
    } else {
        (other, one)
    };
    RoomId(Uuid::new_v5(&first.0, second.0.as_bytes()))
}

/// Opens the room of two people. Where it is there already nothing is recorded, but that somebody
/// who had left it is in it again: whether it is new, `room.opened` among the events says.
#[derive(Debug, Clone, Copy)]
pub struct OpenDirect {
    pub caller: PersonId,
    pub other: PersonId,
}

impl OpenDirect {
    pub fn room(&self) -> RoomId {
        direct_room_of(self.caller, self.other)
    }
}

impl Command for OpenDirect {
    fn stream(&self) -> StreamName {
        room_stream(self.room())
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        self.open(work).await.map(drop)
    }
}

/// Opens the room of two people, and says which transaction elsewhere it is about, unless it is
/// about one already.
#[derive(Debug, Clone)]
pub struct OpenBooked {
    pub direct: OpenDirect,
    pub booking: Option<String>,
}

impl Command for OpenBooked {
    fn stream(&self) -> StreamName {
        self.direct.stream()
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut room = self.direct.open(work).await?;
        let Some(booking) = &self.booking else {
            return Ok(());
        };
        let keys = room.sealing_its_booking(self.direct.room());
        let book = RoomCommand::Book {
            by: self.direct.caller,
            booking: Sealed::New(keys.ok_or(Refusal::NotOfTwo)?, booking.clone()),
        };
        work.decide(&mut room, book)
    }
}

impl OpenDirect {
    async fn open(&self, work: &mut Work<'_>) -> Result<Loaded<Room>, CommandError> {
        if self.caller == self.other {
            return Err(Refusal::ParticipantsOutOfRange.into());
        }
        let mut room = work.load::<Room>(self.room()).await?;
        for person in [self.caller, self.other] {
            if !room.has(person) {
                people::check(work, person).await?;
            }
        }
        let creator = room.creator().unwrap_or(self.caller);
        let open = RoomCommand::Open {
            kind: RoomKind::Direct,
            creator,
            max_participants: limits::PAIR,
        };
        work.decide(&mut room, open)?;
        for person in [self.caller, self.other] {
            if room.has(person) {
                continue;
            }
            let role = if person == creator {
                MemberRole::Owner
            } else {
                MemberRole::Member
            };
            work.decide(&mut room, RoomCommand::AddMember { person, role })?;
        }
        Ok(room)
    }
}
