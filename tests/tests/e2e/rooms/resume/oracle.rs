//! What every socket has to have been told, by the log alone.

use std::collections::HashMap;

use api::App;
use domain::{
    ConsultationEvent, CounselorEvent, CounselorId, Event, MemberEvent, MessageBody, MessageEvent,
    RoomEvent, Sealed,
};
use projections::{Fact, fact};
use tests::Dialect;
use uuid::Uuid;

use super::ear::{Place, Told};

/// Events read at a time.
const PAGE: usize = 1_000;

/// The type of a frame, what it is about, and its words.
type Content = (&'static str, u64, String);

/// The log from its beginning, opened.
pub struct Log {
    facts: Vec<Fact>,
    /// What was recorded up to here was told before.
    after: u64,
    /// The integers of accounts.
    people: HashMap<Uuid, u64>,
}

impl Log {
    pub async fn read(app: &App, after: u64, people: HashMap<Uuid, u64>) -> Self {
        let mut facts: Vec<Fact> = Vec::new();
        loop {
            let last = facts.last().map_or(0, |fact| fact.recorded.position);
            let page = app.store.read_all(last, PAGE).await.unwrap();
            if page.events.is_empty() {
                break;
            }
            let opened = page.events.into_iter().map(|event| fact(event, &*app.keys));
            facts.extend(opened.map(Result::unwrap));
        }
        Self {
            facts,
            after,
            people,
        }
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// Everything that a socket at a place is told, in order.
    pub fn told_to(&self, place: &Place) -> Vec<Told> {
        let contents: Vec<_> = match place {
            Place::Room(seat) => {
                let room = self.begun(seat.room, |event| {
                    matches!(event, Event::Room(RoomEvent::Opened { .. }))
                });
                let content = |fact| self.in_room(fact, room, seat.dialect, seat.user.id);
                self.facts.iter().map(content).collect()
            }
            Place::Bell(counselor) => {
                let counselor = self.begun(counselor.id, |event| {
                    matches!(event, Event::Counselor(CounselorEvent::Registered { .. }))
                });
                let mut offers = HashMap::new();
                let facts = self.facts.iter();
                facts
                    .map(|fact| rung(fact, CounselorId(counselor), &mut offers))
                    .collect()
            }
        };
        let facts = self.facts.iter().zip(contents);
        let told = facts.filter_map(|(fact, content)| {
            let (kind, about, words) = content?;
            let position = fact.recorded.position;
            let kind = kind.to_owned();
            (position > self.after).then_some(Told {
                position,
                kind,
                about,
                words,
            })
        });
        told.collect()
    }

    /// The thing that was begun under a number.
    fn begun(&self, number: u64, begins: fn(&Event) -> bool) -> Uuid {
        let mut facts = self.facts.iter();
        let fact = facts.find(|fact| fact.recorded.number() == number && begins(&fact.event));
        fact.expect("it was begun").id
    }

    /// What a dialect's socket of somebody in a room is told.
    fn in_room(&self, fact: &Fact, place: Uuid, dialect: Dialect, own: u64) -> Option<Content> {
        let number_of = |person: &domain::PersonId| self.people[&person.0];
        let (room, content) = match &fact.event {
            Event::Message(event) => said(fact, event),
            Event::Member(MemberEvent::Read {
                room,
                person,
                number,
                ..
            }) => (room.0, read(dialect, number_of(person), *number, own)),
            Event::Room(event) => (fact.id, {
                let (in_chat, in_feed, person) = match event {
                    RoomEvent::MemberAdded { person, .. } => {
                        ("participant_joined", "member_join", person)
                    }
                    RoomEvent::MemberRemoved { person } => {
                        ("participant_left", "member_leave", person)
                    }
                    RoomEvent::Opened { .. }
                    | RoomEvent::Closed {}
                    | RoomEvent::Described { .. }
                    | RoomEvent::Booked { .. }
                    | RoomEvent::RetentionSet { .. }
                    | RoomEvent::DayDestroyed { .. } => return None,
                };
                match dialect {
                    Dialect::Consultation => None,
                    Dialect::Chat => Some((in_chat, number_of(person), String::new())),
                    Dialect::Feed => Some((in_feed, number_of(person), String::new())),
                }
            }),
            Event::Member(MemberEvent::Delivered { .. } | MemberEvent::SettingsChanged { .. })
            | Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Counselor(_)
            | Event::Consultation(_)
            | Event::Presence(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Upload(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Emotion(_)
            | Event::Alert(_) => return None,
        };
        content.filter(|_| room == place)
    }
}

fn said(fact: &Fact, event: &MessageEvent) -> (Uuid, Option<Content>) {
    let text = |body: &Sealed<MessageBody>| body.get().unwrap().text.clone();
    let (room, content) = match event {
        MessageEvent::Sent { room, body, .. } => {
            (room, ("message", fact.recorded.number(), text(body)))
        }
        MessageEvent::Edited {
            room, number, body, ..
        } => (room, ("message_edited", *number, text(body))),
        MessageEvent::Deleted { room, number, .. } => {
            (room, ("message_deleted", *number, String::new()))
        }
    };
    (room.0, Some(content))
}

fn read(dialect: Dialect, reader: u64, number: u64, own: u64) -> Option<Content> {
    match dialect {
        // Of one's own reading the consultation's guide tells nothing.
        Dialect::Consultation if reader == own => None,
        Dialect::Consultation => Some(("message_read", number, String::new())),
        Dialect::Chat => Some(("message_read", number, reader.to_string())),
        Dialect::Feed => Some(("read", reader, String::new())),
    }
}

/// What a counsellor is rung for; requests are known by the numbers of their offers.
fn rung(
    fact: &Fact,
    own: CounselorId,
    offers: &mut HashMap<domain::OfferId, u64>,
) -> Option<Content> {
    let Event::Consultation(event) = &fact.event else {
        return None;
    };
    let (counselor, kind, number) = match event {
        ConsultationEvent::Offered {
            offer, counselor, ..
        } => {
            let number = fact.recorded.number();
            offers.insert(*offer, number);
            (counselor, "new_request", number)
        }
        ConsultationEvent::OfferWithdrawn {
            offer, counselor, ..
        } => (counselor, "request_withdrawn", offers[offer]),
        ConsultationEvent::OfferExpired { offer, counselor } => {
            (counselor, "request_expired", offers[offer])
        }
        ConsultationEvent::Requested { .. }
        | ConsultationEvent::OfferRejected { .. }
        | ConsultationEvent::Accepted { .. }
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
        | ConsultationEvent::Erased {} => return None,
    };
    (*counselor == own).then(|| (kind, number, String::new()))
}
