//! Short words for events, so that a test reads as what happened.

use domain::*;
use event_store::StreamName;
use uuid::Uuid;

use crate::fixture::{Live, Log};
use crate::places::Engine;
use crate::workload::{account_stream, consultation_stream, counselor_stream};

pub const SECOND: i64 = 1_000_000;

/// A log, the read models that follow it, and a clock in seconds.
pub struct Story {
    pub log: Log,
    pub live: Live,
}

impl Story {
    pub async fn new(engine: Engine) -> Self {
        let log = Log::on(engine).await;
        let live = Live::start(&log).await;
        Self { log, live }
    }

    /// One event at a second; gives its position.
    pub async fn tell(&self, at_seconds: i64, stream: StreamName, event: impl Into<Event>) -> u64 {
        self.log.at(at_seconds * SECOND);
        let recorded = self.log.append(vec![(stream, event.into())]).await;
        self.live.catch_up(&self.log).await;
        recorded[0].position
    }

    pub async fn account(&self, at: i64, account: AccountId, event: AccountEvent) -> u64 {
        self.tell(at, account_stream(account), event).await
    }

    pub async fn counselor(&self, at: i64, counselor: CounselorId, event: CounselorEvent) -> u64 {
        self.tell(at, counselor_stream(counselor), event).await
    }

    pub async fn consultation(
        &self,
        at: i64,
        consultation: ConsultationId,
        event: ConsultationEvent,
    ) -> u64 {
        self.tell(at, consultation_stream(consultation), event)
            .await
    }

    pub async fn room(&self, at: i64, room: RoomId, event: RoomEvent) -> u64 {
        self.tell(at, StreamName::new("room", room), event).await
    }

    pub async fn says(&self, at: i64, room: RoomId, sender: PersonId, text: &str) -> u64 {
        let message = MessageId(Uuid::from_u128(1_000 + u128::from(self.log.head().await)));
        let body = MessageBody {
            text: text.into(),
            client_message_id: None,
            location: None,
            link: None,
        };
        let sent = MessageEvent::Sent {
            message,
            room,
            sender,
            message_kind: MessageKind::Text,
            reply_to: None,
            reply_number: None,
            file: None,
            body: Sealed::within(
                Subject::Account(AccountId(sender.0)),
                Bucket::Room(room),
                body,
            ),
        };
        self.tell(at, StreamName::new("message", message), sent)
            .await
    }
}

pub fn account(number: u32) -> AccountId {
    AccountId(Uuid::from_u128(number.into()))
}

pub fn counselor(number: u32) -> CounselorId {
    CounselorId(Uuid::from_u128(100 + u128::from(number)))
}

pub fn consultation(number: u32) -> ConsultationId {
    ConsultationId(Uuid::from_u128(200 + u128::from(number)))
}

pub fn offer(number: u32) -> OfferId {
    OfferId(Uuid::from_u128(300 + u128::from(number)))
}

pub fn guest(number: u32) -> PersonId {
    PersonId(Uuid::from_u128(400 + u128::from(number)))
}

pub fn room(number: u32) -> RoomId {
    RoomId(Uuid::from_u128(500 + u128::from(number)))
}

pub fn session(number: u32) -> SessionId {
    SessionId(Uuid::from_u128(600 + u128::from(number)))
}

pub fn connection(number: u32) -> ConnectionId {
    ConnectionId(Uuid::from_u128(700 + u128::from(number)))
}

pub fn registered(account: AccountId, name: &str) -> AccountEvent {
    let subject = Subject::Account(account);
    let profile = Profile {
        name: name.into(),
        ..Profile::default()
    };
    AccountEvent::Registered {
        email_key: format!("email-of-{name}"),
        role: Role::User,
        profile: Sealed::of(subject, profile),
        password_hash: Sealed::of(subject, "hash".into()),
    }
}

pub fn counselor_registered(account: AccountId) -> CounselorEvent {
    CounselorEvent::Registered {
        account,
        character_type_id: 2,
        counseling_fields: vec![1, 4],
        max_active: Some(5),
    }
}

pub fn status(status: CounselorStatus) -> CounselorEvent {
    CounselorEvent::StatusChanged {
        status,
        reason: StatusReason::Chosen,
    }
}

pub fn requested(id: ConsultationId, requester: Requester, nickname: &str) -> ConsultationEvent {
    let text = RequestText {
        nickname: nickname.into(),
        code: "ABCDEFGHK".into(),
    };
    ConsultationEvent::Requested {
        requester,
        character_type_preference: Some(2),
        quick_match: true,
        text: Sealed::of(Subject::Consultation(id), text),
    }
}

pub fn offered(offer: OfferId, counselor: CounselorId, mode: OfferMode) -> ConsultationEvent {
    ConsultationEvent::Offered {
        offer,
        counselor,
        mode,
        round: 1,
        candidates: vec![],
    }
}

pub fn accepted(offer: OfferId, counselor: CounselorId, room: RoomId) -> ConsultationEvent {
    ConsultationEvent::Accepted {
        offer,
        counselor,
        account: account(1),
        character_type_id: 2,
        room,
    }
}

pub fn completed(counselor: CounselorId) -> ConsultationEvent {
    ConsultationEvent::Completed {
        reason: EndReason::EndedByUser,
        counselor,
    }
}
