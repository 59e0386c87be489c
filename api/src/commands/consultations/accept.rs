//! A counsellor takes a request: the consultation, the call and the room begin together.

use domain::{
    Consultation, ConsultationCommand, ConsultationId, Counselor, CounselorCommand, CounselorId,
    MemberRole, MessageBody, MessageId, MessageKind, OfferId, PersonId, Refusal, Room, RoomCommand,
    RoomId, RoomKind, limits,
};
use event_store::StreamName;

use super::history::write_history;
use super::stream;
use crate::commands::rooms::{SendMessage, room_of, send};
use crate::commands::{Command, CommandError, Loaded, Work};

/// Accepts a request. Accepting it again is already so.
#[derive(Debug, Clone)]
pub struct AcceptRequest {
    pub consultation: ConsultationId,
    pub offer: OfferId,
    pub counselor: CounselorId,
    /// Consultations at once, for counsellors without a number of their own.
    pub default_max_active: u32,
    /// The first message and its id.
    pub response: Option<(MessageId, String)>,
}

impl Command for AcceptRequest {
    fn stream(&self) -> StreamName {
        stream(self.consultation)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut consultation = work.load::<Consultation>(self.consultation).await?;
        let mut counselor = work.load::<Counselor>(self.counselor).await?;
        let account = counselor.account().ok_or(Refusal::UnknownCounselor)?;
        let requester = consultation
            .requester()
            .ok_or(Refusal::UnknownConsultation)?
            .person();
        let history = consultation
            .history()
            .filter(|_| consultation.room().is_none());
        let already_so = consultation.accepted_offer() == Some(self.offer);
        let accept = ConsultationCommand::Accept {
            offer: self.offer,
            counselor: self.counselor,
            account,
            character_type_id: counselor.character_type_id().unwrap_or_default(),
            room: room_of(self.consultation),
        };
        work.decide(&mut consultation, accept)?;
        if already_so {
            return Ok(());
        }
        let take = CounselorCommand::TakeCall {
            consultation: self.consultation,
            offer: self.offer,
            default_max_active: self.default_max_active,
        };
        work.decide(&mut counselor, take)?;
        let room = self.open_room(work, requester, account.into()).await?;
        if let Some(session) = history {
            let of = self.consultation;
            Box::pin(write_history(work, &room, of, session, requester)).await?;
        }
        let Some((message, text)) = &self.response else {
            return Ok(());
        };
        let first = SendMessage {
            message: *message,
            room: room_of(self.consultation),
            sender: account.into(),
            kind: MessageKind::Text,
            reply_to: None,
            file: None,
            body: MessageBody {
                text: text.clone(),
                client_message_id: None,
                location: None,
                link: None,
            },
        };
        send(work, &room, &first)
    }
}

impl AcceptRequest {
    /// Opens the room for the two, or lets this counsellor in after one who is gone.
    async fn open_room(
        &self,
        work: &mut Work<'_>,
        requester: PersonId,
        counselor: PersonId,
    ) -> Result<Loaded<Room>, CommandError> {
        let id: RoomId = room_of(self.consultation);
        let mut room = work.load::<Room>(id).await?;
        let open = RoomCommand::Open {
            kind: RoomKind::Consultation(self.consultation),
            creator: requester,
            max_participants: limits::PAIR,
        };
        work.decide(&mut room, open)?;
        let gone: Vec<PersonId> = room
            .members()
            .map(|(person, _)| person)
            .filter(|person| *person != requester && *person != counselor)
            .collect();
        for person in gone {
            work.decide(&mut room, RoomCommand::RemoveMember { person })?;
        }
        let owner = RoomCommand::AddMember {
            person: requester,
            role: MemberRole::Owner,
        };
        work.decide(&mut room, owner)?;
        let member = RoomCommand::AddMember {
            person: counselor,
            role: MemberRole::Member,
        };
        work.decide(&mut room, member)?;
        Ok(room)
    }
}
