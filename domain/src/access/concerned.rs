//! Whom an event is about: whose data somebody has seen who has seen it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    AccountEvent, AccountId, AlertEvent, AlertSource, ConsultationEvent, ConsultationId,
    CounselorEvent, CounselorId, EmailEvent, EmotionEvent, ErasureEvent, Event, HoldEvent,
    MemberEvent, MessageEvent, PersonId, PresenceEvent, RoomEvent, RoomId, RoomKind, SessionEvent,
    Subject, UploadEvent,
};

/// Those whom events are about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Concerned {
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub people: BTreeSet<PersonId>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub counselors: BTreeSet<CounselorId>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub consultations: BTreeSet<ConsultationId>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub rooms: BTreeSet<RoomId>,
}

impl Concerned {
    /// How many they are.
    pub fn len(&self) -> usize {
        self.people.len() + self.counselors.len() + self.consultations.len() + self.rooms.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there is anybody or anything besides this person.
    pub fn goes_beyond(&self, person: PersonId) -> bool {
        self.len() > usize::from(self.people.contains(&person))
    }

    /// Whether any of them is among the others.
    pub fn meets(&self, others: &Self) -> bool {
        !self.people.is_disjoint(&others.people)
            || !self.counselors.is_disjoint(&others.counselors)
            || !self.consultations.is_disjoint(&others.consultations)
            || !self.rooms.is_disjoint(&others.rooms)
    }

    /// Adds the others to these.
    pub fn add(&mut self, others: Self) {
        self.people.extend(others.people);
        self.counselors.extend(others.counselors);
        self.consultations.extend(others.consultations);
        self.rooms.extend(others.rooms);
    }

    /// Adds whom an event is about; `id` is the one that names its stream, nil where none does.
    pub fn note(&mut self, event: &Event, id: Uuid) {
        match event {
            Event::Account(event) => self.note_account(event, AccountId(id)),
            Event::Email(EmailEvent::Reserved { account } | EmailEvent::Released { account }) => {
                self.note_person((*account).into());
            }
            Event::Session(event) => self.note_session(event),
            Event::Counselor(event) => self.note_counselor(event, CounselorId(id)),
            Event::Consultation(event) => self.note_consultation(event, ConsultationId(id)),
            Event::Room(event) => self.note_room(event, RoomId(id)),
            Event::Member(
                MemberEvent::Read { room, person, .. }
                | MemberEvent::Delivered { room, person, .. }
                | MemberEvent::SettingsChanged { room, person, .. },
            ) => {
                self.rooms.insert(*room);
                self.note_person(*person);
            }
            Event::Message(event) => self.note_message(event),
            Event::Presence(PresenceEvent::Left { person }) => self.note_person(*person),
            Event::Upload(event) => self.note_upload(event),
            Event::Erasure(
                ErasureEvent::Requested { subject, .. }
                | ErasureEvent::Withdrawn { subject, .. }
                | ErasureEvent::Completed { subject, .. },
            )
            | Event::Hold(HoldEvent::Placed { subject, .. } | HoldEvent::Lifted { subject, .. }) => {
                self.note_subject(*subject);
            }
            Event::Emotion(EmotionEvent::HandedOver {
                owner,
                consultation,
            }) => {
                self.note_person((*owner).into());
                self.consultations.insert(*consultation);
            }
            Event::Emotion(
                EmotionEvent::Opened { owner, .. }
                | EmotionEvent::StepAsked { owner, .. }
                | EmotionEvent::StepAskedAgain { owner, .. }
                | EmotionEvent::StepArrived { owner, .. }
                | EmotionEvent::StepAnswered { owner, .. }
                | EmotionEvent::StepFailed { owner, .. }
                | EmotionEvent::StepCancelled { owner, .. }
                | EmotionEvent::CancelAsked { owner, .. }
                | EmotionEvent::Ended { owner }
                | EmotionEvent::CardWritten { owner, .. }
                | EmotionEvent::Erased { owner },
            ) => self.note_person((*owner).into()),
            Event::Alert(event) => self.note_alert(event),
            // It is about whoever read. To record who read the records, and then who read those,
            // would have no end.
            Event::Access(_)
            // It is about nobody.
            | Event::Seal(_) => {}
        }
    }

    fn note_alert(&mut self, event: &AlertEvent) {
        let (source, audience) = match event {
            AlertEvent::Raised {
                source,
                person,
                audience,
                ..
            } => {
                self.note_person(*person);
                (source, audience)
            }
            AlertEvent::RaisedAgain {
                source, audience, ..
            } => (source, audience),
            AlertEvent::Acknowledged {
                source,
                by,
                audience,
            } => {
                self.note_person((*by).into());
                (source, audience)
            }
        };
        self.counselors.extend(audience.counselor);
        match source {
            AlertSource::Consultation(consultation) => {
                self.consultations.insert(*consultation);
            }
            // Whose session it is its first event says.
            AlertSource::EmotionSession(_) => {}
        }
    }

    fn note_subject(&mut self, subject: Subject) {
        match subject {
            Subject::Account(account) => self.note_person(account.into()),
            Subject::Consultation(consultation) => {
                self.consultations.insert(consultation);
            }
        }
    }

    fn note_upload(&mut self, event: &UploadEvent) {
        match event {
            UploadEvent::Stored { owner, room, .. } => {
                self.note_person(*owner);
                self.rooms.extend(*room);
            }
            UploadEvent::Attached { room, .. } => {
                self.rooms.insert(*room);
            }
            // Whose it was its first event says.
            UploadEvent::Erased { .. } => {}
        }
    }

    /// Adds those whom an event only mentions: counsellors who were passed over.
    pub fn note_mentioned(&mut self, event: &Event) {
        if let Event::Consultation(ConsultationEvent::Offered { candidates, .. }) = event {
            let candidates = candidates.iter().map(|candidate| candidate.counselor);
            self.counselors.extend(candidates);
        }
    }

    fn note_person(&mut self, person: PersonId) {
        self.people.insert(person);
    }

    fn note_account(&mut self, event: &AccountEvent, account: AccountId) {
        match event {
            AccountEvent::Registered { .. }
            | AccountEvent::PasswordChanged { .. }
            | AccountEvent::ResetRequested { .. }
            | AccountEvent::RoleChanged { .. }
            | AccountEvent::Deactivated {}
            | AccountEvent::Activated {}
            | AccountEvent::Erased {}
            | AccountEvent::ProfileChanged { .. }
            | AccountEvent::StandingSet { .. }
            | AccountEvent::PromptSet { .. } => self.note_person(account.into()),
        }
    }

    fn note_session(&mut self, event: &SessionEvent) {
        match event {
            SessionEvent::Opened { account, .. } => self.note_person((*account).into()),
            // Whose session it is only its first event says, and whoever acted is known as well.
            SessionEvent::Rotated { .. }
            | SessionEvent::Revoked { .. }
            | SessionEvent::Forgotten {} => {}
        }
    }

    fn note_counselor(&mut self, event: &CounselorEvent, counselor: CounselorId) {
        self.counselors.insert(counselor);
        match event {
            CounselorEvent::Registered { account, .. } => self.note_person((*account).into()),
            CounselorEvent::CallTaken { consultation, .. }
            | CounselorEvent::CallReleased { consultation, .. } => {
                self.consultations.insert(*consultation);
            }
            CounselorEvent::StatusChanged { .. }
            | CounselorEvent::SocketOpened { .. }
            | CounselorEvent::SocketClosed { .. }
            | CounselorEvent::Deactivated {}
            | CounselorEvent::Activated {} => {}
        }
    }

    fn note_consultation(&mut self, event: &ConsultationEvent, consultation: ConsultationId) {
        self.consultations.insert(consultation);
        match event {
            ConsultationEvent::Requested { requester, .. } => {
                self.note_person(requester.person());
            }
            ConsultationEvent::Offered { counselor, .. }
            | ConsultationEvent::OfferRejected { counselor, .. }
            | ConsultationEvent::OfferExpired { counselor, .. }
            | ConsultationEvent::OfferWithdrawn { counselor, .. }
            | ConsultationEvent::ReturnedToWaiting { counselor }
            | ConsultationEvent::Completed { counselor, .. } => {
                self.counselors.insert(*counselor);
            }
            ConsultationEvent::Accepted {
                counselor,
                account,
                room,
                ..
            } => {
                self.counselors.insert(*counselor);
                self.note_person((*account).into());
                self.rooms.insert(*room);
            }
            ConsultationEvent::NicknameChanged { .. }
            | ConsultationEvent::Terminated { .. }
            | ConsultationEvent::NotesWritten { .. }
            | ConsultationEvent::CardIssued { .. }
            | ConsultationEvent::CardNoted { .. }
            | ConsultationEvent::Rated { .. }
            | ConsultationEvent::RiskFlagged { .. }
            | ConsultationEvent::HistoryGranted { .. }
            | ConsultationEvent::Erased {} => {}
        }
    }

    fn note_room(&mut self, event: &RoomEvent, room: RoomId) {
        self.rooms.insert(room);
        match event {
            RoomEvent::Opened {
                room_kind, creator, ..
            } => {
                self.note_person(*creator);
                match room_kind {
                    RoomKind::Consultation(consultation) => {
                        self.consultations.insert(*consultation);
                    }
                    RoomKind::Direct | RoomKind::Group => {}
                }
            }
            RoomEvent::MemberAdded { person, .. } | RoomEvent::MemberRemoved { person } => {
                self.note_person(*person);
            }
            RoomEvent::Closed {}
            | RoomEvent::Described { .. }
            | RoomEvent::Booked { .. }
            | RoomEvent::RetentionSet { .. }
            | RoomEvent::DayDestroyed { .. } => {}
        }
    }

    fn note_message(&mut self, event: &MessageEvent) {
        let (room, sender) = match event {
            MessageEvent::Sent { room, sender, .. } | MessageEvent::Edited { room, sender, .. } => {
                (room, sender)
            }
            MessageEvent::Deleted {
                room, sender, by, ..
            } => {
                self.note_person(*by);
                (room, sender)
            }
        };
        self.rooms.insert(*room);
        self.note_person(*sender);
    }
}
