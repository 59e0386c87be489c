//! One consultation, from the request to the card.

use domain::{
    Bucket, CallEnd, Candidate, CardId, CardText, ConsultationEvent, ConsultationId,
    CounselorEvent, EndReason, MemberEvent, MemberRole, MessageBody, MessageEvent, MessageId,
    MessageKind, Notes, OfferId, OfferMode, PersonId, RequestText, Requester, Role, RoomEvent,
    RoomId, RoomKind, Sealed, Subject, SummaryBy, Withdrawal,
};
use event_store::StreamName;
use uuid::Uuid;

use super::people::{self, Counselor};
use super::{Decision, History, words};

#[derive(Debug)]
pub(super) struct Talk {
    id: ConsultationId,
    room: RoomId,
    requester: Requester,
    offers: Vec<(OfferId, Counselor)>,
    /// Who accepted.
    counselor: Option<Counselor>,
    messages_left: usize,
    last_message: Option<(MessageId, u64)>,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Asked,
    Offered,
    Talking,
    Ended,
    Noted,
    Carded,
    Over,
}

impl Talk {
    /// Somebody asks: a guest, or now and then an account made for it.
    pub fn begins(history: &mut History) -> (Self, Decision) {
        let (requester, mut decision) = if history.in_percent(30) {
            let (account, decision) = people::registers(history, Role::User);
            (Requester::Account(account), decision)
        } else {
            (Requester::Guest(PersonId(history.id())), Vec::new())
        };
        let id = ConsultationId(history.id());
        let text = RequestText {
            nickname: words::name(history),
            code: id.0.simple().to_string()[23..].to_owned(),
        };
        let asked = ConsultationEvent::Requested {
            requester,
            character_type_preference: Some(1),
            quick_match: true,
            text: Sealed::of(Subject::Consultation(id), text),
        };
        let talk = Self {
            id,
            room: RoomId(Uuid::new_v5(&id.0, b"room")),
            requester,
            offers: Vec::new(),
            counselor: None,
            messages_left: history.messages(),
            last_message: None,
            stage: Stage::Asked,
        };
        decision.push((talk.stream(), asked.into()));
        (talk, decision)
    }

    pub fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }

    /// The next thing that happens in it.
    pub fn goes_on(&mut self, history: &mut History) -> Decision {
        match self.stage {
            Stage::Asked => self.is_offered(history),
            Stage::Offered => self.is_accepted(history),
            Stage::Talking if self.messages_left == 0 => self.ends(),
            Stage::Talking => self.is_said_or_read(history),
            Stage::Ended => self.is_noted(history),
            Stage::Noted => self.is_carded(history),
            Stage::Carded | Stage::Over => self.is_rated(history),
        }
    }

    fn stream(&self) -> StreamName {
        StreamName::new("consultation", self.id)
    }

    fn room_stream(&self) -> StreamName {
        StreamName::new("room", self.room)
    }

    fn sealed<T>(&self, content: T) -> Sealed<T> {
        Sealed::of(Subject::Consultation(self.id), content)
    }

    fn one(&self, event: ConsultationEvent) -> Decision {
        vec![(self.stream(), event.into())]
    }

    fn is_offered(&mut self, history: &mut History) -> Decision {
        self.stage = Stage::Offered;
        for _ in 0..=history.below(3) {
            let which = history.below(history.counselors.len());
            let counselor = history.counselors[which];
            self.offers.push((OfferId(history.id()), counselor));
        }
        let candidate = |counselor: Counselor| Candidate {
            counselor: counselor.id,
            active_consultations: 1,
            max_active: 100,
            character_fits: true,
            idle_us: 30_000_000,
            passed_over: None,
        };
        let candidates: Vec<Candidate> =
            self.offers.iter().map(|(_, one)| candidate(*one)).collect();
        let offered = self.offers.iter().map(|(offer, counselor)| {
            let event = ConsultationEvent::Offered {
                offer: *offer,
                counselor: counselor.id,
                mode: OfferMode::Broadcast,
                round: 1,
                candidates: candidates.clone(),
            };
            (self.stream(), event.into())
        });
        offered.collect()
    }

    fn is_accepted(&mut self, history: &mut History) -> Decision {
        let Some((offer, counselor)) = self.offers.pop() else {
            return self.is_offered(history);
        };
        self.stage = Stage::Talking;
        self.counselor = Some(counselor);
        let taken = CounselorEvent::CallTaken {
            consultation: self.id,
            offer,
        };
        let accepted = ConsultationEvent::Accepted {
            offer,
            counselor: counselor.id,
            account: counselor.account,
            character_type_id: 1,
            room: self.room,
        };
        let mut decision = vec![
            (counselor.stream(), taken.into()),
            (self.stream(), accepted.into()),
        ];
        for (offer, other) in std::mem::take(&mut self.offers) {
            let withdrawn = ConsultationEvent::OfferWithdrawn {
                offer,
                counselor: other.id,
                reason: Withdrawal::Taken,
            };
            decision.push((self.stream(), withdrawn.into()));
        }
        let (room, person) = (self.room_stream(), self.requester.person());
        let opened = RoomEvent::Opened {
            room_kind: RoomKind::Consultation(self.id),
            creator: person,
            max_participants: 2,
        };
        decision.push((room.clone(), opened.into()));
        for person in [person, counselor.account.into()] {
            let role = MemberRole::Member;
            let added = RoomEvent::MemberAdded { person, role };
            decision.push((room.clone(), added.into()));
        }
        decision
    }

    fn is_said_or_read(&mut self, history: &mut History) -> Decision {
        let requester = self.requester.person();
        let counselor = self.counselor.map_or(requester, |one| one.account.into());
        let person = if history.in_percent(50) {
            requester
        } else {
            counselor
        };
        let room = self.room;
        if let Some((message, number)) = self.last_message.take_if(|_| history.in_percent(20)) {
            let read = MemberEvent::Read {
                room,
                person,
                message,
                number,
            };
            let stream = StreamName::new("member", format_args!("{room}-{person}"));
            return vec![(stream, read.into())];
        }
        self.messages_left -= 1;
        let message = MessageId(history.id());
        self.last_message = Some((message, history.position + 1));
        let body = MessageBody {
            text: words::sentence(history),
            client_message_id: Some(message.0.simple().to_string()),
            location: None,
            link: None,
        };
        let sent = MessageEvent::Sent {
            message,
            room,
            sender: person,
            message_kind: MessageKind::Text,
            reply_to: None,
            reply_number: None,
            file: None,
            body: Sealed::within(Subject::Consultation(self.id), Bucket::Room(room), body),
        };
        vec![(StreamName::new("message", message), sent.into())]
    }

    fn ends(&mut self) -> Decision {
        self.stage = Stage::Ended;
        let Some(counselor) = self.counselor else {
            return Vec::new();
        };
        let completed = ConsultationEvent::Completed {
            reason: EndReason::EndedByUser,
            counselor: counselor.id,
        };
        let released = CounselorEvent::CallReleased {
            consultation: self.id,
            end: CallEnd::Completed,
        };
        vec![
            (self.stream(), completed.into()),
            (counselor.stream(), released.into()),
            (self.room_stream(), RoomEvent::Closed {}.into()),
        ]
    }

    fn is_noted(&mut self, history: &mut History) -> Decision {
        self.stage = Stage::Noted;
        let notes = Notes {
            counselor_notes: words::sentence(history),
            key_points: Some(vec![words::sentence(history)]),
        };
        self.one(ConsultationEvent::NotesWritten {
            notes: self.sealed(notes),
        })
    }

    fn is_carded(&mut self, history: &mut History) -> Decision {
        self.stage = Stage::Carded;
        let text = CardText {
            key_points: vec![words::sentence(history), words::sentence(history)],
            counselor_notes: words::sentence(history),
            additional_notes: None,
        };
        self.one(ConsultationEvent::CardIssued {
            card: CardId(history.id()),
            summary_by: SummaryBy::Extractive,
            text: self.sealed(text),
        })
    }

    fn is_rated(&mut self, history: &mut History) -> Decision {
        self.stage = Stage::Over;
        let comment = history
            .in_percent(50)
            .then(|| self.sealed(words::sentence(history)));
        let score = if history.in_percent(80) { 5 } else { 3 };
        self.one(ConsultationEvent::Rated { score, comment })
    }
}
