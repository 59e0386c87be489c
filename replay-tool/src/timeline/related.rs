//! Which events belong to a timeline: found in one walk, since what leads to others comes first.

use std::collections::HashSet;
use std::sync::Arc;

use domain::{
    AccessEvent, Concerned, ConsultationEvent, ConsultationId, CounselorEvent, CounselorId, Event,
    PersonId, RoomEvent, RoomId, RoomKind, SessionEvent,
};
use event_store::{Recorded, StreamName};
use projections::{Fact, closed_fact};

use super::subject::Subject;

/// The ids that belong to a timeline; more of them are learnt on the way.
pub struct Related {
    to: Concerned,
    streams: HashSet<StreamName>,
    /// The names of subject keys of what is sealed for it.
    sealed_for: HashSet<String>,
    grows: bool,
}

impl Related {
    pub fn to(subject: &Subject) -> Self {
        let mut related = Self {
            to: Concerned::default(),
            streams: HashSet::new(),
            sealed_for: HashSet::new(),
            grows: true,
        };
        match subject {
            Subject::Consultation(id) => related.learn_consultation(*id),
            Subject::Room(id) => {
                related.to.rooms.insert(*id);
                related.streams.insert(StreamName::new("room", id));
            }
            Subject::Person(id) => {
                related.to.people.insert(*id);
                related.streams.insert(StreamName::new("account", id));
                let subject = domain::Subject::Account(domain::AccountId(id.0));
                related.sealed_for.insert(subject.to_string());
            }
            Subject::Stream(name) => {
                related.streams.insert(name.clone());
                related.grows = false;
            }
        }
        related
    }

    /// Whether an event belongs to the timeline.
    pub fn takes(&mut self, event: &Arc<Recorded>) -> bool {
        if !self.grows {
            return self.streams.contains(&event.stream);
        }
        let known =
            self.streams.contains(&event.stream) || self.is_sealed_for(event) || self.acted(event);
        match closed_fact(Arc::clone(event)) {
            Ok(fact) => {
                let takes = known || self.concerns(&fact);
                if takes {
                    self.learn(&fact);
                }
                takes
            }
            // What it says nobody knows.
            Err(_) => known,
        }
    }

    fn is_sealed_for(&self, event: &Recorded) -> bool {
        let mut parts = event.parts.iter();
        parts.any(|part| self.sealed_for.contains(&*part.keys.subject))
    }

    fn acted(&self, event: &Recorded) -> bool {
        let actor = event.metadata.actor;
        actor.is_some_and(|actor| self.to.people.contains(&PersonId(actor)))
    }

    fn concerns(&self, fact: &Fact) -> bool {
        if let Event::Access(AccessEvent::Recorded { concerned, .. }) = &fact.event {
            return concerned.meets(&self.to);
        }
        let mut concerned = Concerned::default();
        concerned.note(&fact.event, fact.id);
        concerned.meets(&self.to)
    }

    /// Notes the ids by which later events name what belongs to it.
    fn learn(&mut self, fact: &Fact) {
        match &fact.event {
            Event::Consultation(event) => {
                self.learn_of_consultation(event, ConsultationId(fact.id));
            }
            Event::Room(RoomEvent::Opened {
                room_kind: RoomKind::Consultation(consultation),
                ..
            }) if self.to.consultations.contains(consultation) => {
                self.to.rooms.insert(RoomId(fact.id));
            }
            Event::Session(SessionEvent::Opened { account, .. })
                if self.to.people.contains(&PersonId::from(*account)) =>
            {
                self.streams.insert(fact.recorded.stream.clone());
            }
            Event::Counselor(CounselorEvent::Registered { account, .. })
                if self.to.people.contains(&PersonId::from(*account)) =>
            {
                self.to.counselors.insert(CounselorId(fact.id));
            }
            Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Counselor(_)
            | Event::Room(_)
            | Event::Member(_)
            | Event::Message(_)
            | Event::Presence(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Upload(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Emotion(_)
            | Event::Alert(_) => {}
        }
    }

    fn learn_of_consultation(&mut self, event: &ConsultationEvent, id: ConsultationId) {
        match event {
            ConsultationEvent::Requested { requester, .. }
                if self.to.people.contains(&requester.person()) =>
            {
                self.learn_consultation(id);
            }
            ConsultationEvent::Accepted { room, .. } if self.to.consultations.contains(&id) => {
                self.to.rooms.insert(*room);
            }
            ConsultationEvent::Requested { .. }
            | ConsultationEvent::Accepted { .. }
            | ConsultationEvent::Offered { .. }
            | ConsultationEvent::OfferRejected { .. }
            | ConsultationEvent::OfferExpired { .. }
            | ConsultationEvent::OfferWithdrawn { .. }
            | ConsultationEvent::ReturnedToWaiting { .. }
            | ConsultationEvent::NicknameChanged { .. }
            | ConsultationEvent::Completed { .. }
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

    fn learn_consultation(&mut self, id: ConsultationId) {
        self.to.consultations.insert(id);
        let subject = domain::Subject::Consultation(id);
        self.sealed_for.insert(subject.to_string());
    }
}
