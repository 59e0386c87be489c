//! What events change in the rows that analysts count.

use std::sync::Arc;

use domain::{
    ConsultationEvent, ConsultationId, CounselorId, EmotionEvent, EndReason, Event, MessageEvent,
    OfferId, PersonId, Requester, RoomEvent, RoomId, RoomKind,
};

use super::calendar::Periods;
use super::pseudonyms::Pseudonyms;
use crate::value::values;
use crate::{Batch, Fact, Projection, Value, statements};

statements! {
    REQUEST = "INSERT INTO consultation_facts (consultation, requester, guest, quick_match, \
               character_preference, status, requested_at_ms, day, week, month) \
               VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7, $8, $9)"
        => owns consultation(1);
    ACCEPT = "UPDATE consultation_facts SET status = 'active', counselor = $2, \
              character_type_id = $3, accepted_at_ms = COALESCE(accepted_at_ms, $4) \
              WHERE consultation = $1"
        => owns consultation(1);
    RETURN = "UPDATE consultation_facts SET status = 'waiting', counselor = NULL, \
              character_type_id = NULL WHERE consultation = $1"
        => owns consultation(1);
    END = "UPDATE consultation_facts SET status = $2, end_reason = $3, ended_at_ms = $4 \
           WHERE consultation = $1"
        => owns consultation(1);
    RATE = "UPDATE consultation_facts SET score = $2, rated_day = $3, rated_week = $4, \
            rated_month = $5 WHERE consultation = $1"
        => owns consultation(1);
    OFFER = "INSERT INTO offer_facts (offer, consultation, requester, counselor, mode, round, \
             outcome, offered_at_ms, day, week, month) \
             VALUES ($1, $2, \
             (SELECT requester FROM consultation_facts WHERE consultation = $2), \
             $3, $4, $5, 'pending', $6, $7, $8, $9)"
        => owns offer(1), shares consultation(2);
    DECIDE = "UPDATE offer_facts SET outcome = $3, decided_at_ms = $4 \
              WHERE offer = $1 AND consultation = $2"
        => owns offer(1), shares consultation(2);
    END_TALK = "UPDATE offer_facts SET talk = $3 WHERE consultation = $1 AND counselor = $2 \
                AND outcome = 'accepted' AND talk IS NULL"
        => owns consultation(1);
    OPEN_ROOM = "INSERT INTO room_kinds (room, kind) VALUES ($1, $2)"
        => owns room(1);
    SEND = "INSERT INTO message_days (day, room_kind, sender, week, month, sent, deleted) \
            VALUES ($1, \
            COALESCE((SELECT kind FROM room_kinds WHERE room = $2), 'unknown'), \
            $3, $4, $5, 1, 0) \
            ON CONFLICT (day, room_kind, sender) DO UPDATE SET sent = message_days.sent + 1"
        => owns sender(1, 3), shares room(2);
    DELETE = "INSERT INTO message_days (day, room_kind, sender, week, month, sent, deleted) \
              VALUES ($1, \
              COALESCE((SELECT kind FROM room_kinds WHERE room = $2), 'unknown'), \
              $3, $4, $5, 0, 1) \
              ON CONFLICT (day, room_kind, sender) \
              DO UPDATE SET deleted = message_days.deleted + 1"
        => owns sender(1, 3), shares room(2);
    FEEL = "INSERT INTO emotion_days (day, label, person, week, month, answers, \
            intensity_thousandths) VALUES ($1, $2, $3, $4, $5, 1, $6) \
            ON CONFLICT (day, label, person) DO UPDATE SET answers = emotion_days.answers + 1, \
            intensity_thousandths = \
            emotion_days.intensity_thousandths + excluded.intensity_thousandths"
        => owns feeling(1, 2, 3);
}

/// The projection of this folder. It is not among [`crate::all`]: its rows are in a store of their
/// own, and answers do not wait for it. Erasure changes nothing in it: there is nothing personal
/// in it, and counts stay.
#[derive(Debug)]
pub struct Counts {
    pseudonyms: Arc<Pseudonyms>,
}

impl Counts {
    pub fn new(pseudonyms: Arc<Pseudonyms>) -> Self {
        Self { pseudonyms }
    }
}

impl Projection for Counts {
    fn name(&self) -> &'static str {
        "analytics"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &[
            "consultation_facts",
            "offer_facts",
            "room_kinds",
            "message_days",
            "emotion_days",
        ]
    }

    fn project(&self, fact: &Fact, batch: &mut Batch) {
        match &fact.event {
            Event::Message(event) => self.message(fact, event, batch),
            Event::Consultation(event) => self.consultation(fact, event, batch),
            Event::Emotion(event) => self.emotion(fact, event, batch),
            Event::Room(event) => self.room(fact, event, batch),
            Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Counselor(_)
            | Event::Member(_)
            | Event::Presence(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Upload(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Alert(_) => {}
        }
    }
}

impl Counts {
    fn message(&self, fact: &Fact, event: &MessageEvent, batch: &mut Batch) {
        let (count, room, sender) = match event {
            MessageEvent::Sent { room, sender, .. } => (SEND, *room, *sender),
            MessageEvent::Deleted { room, sender, .. } => (DELETE, *room, *sender),
            MessageEvent::Edited { .. } => return,
        };
        let Periods { day, week, month } = Periods::at(fact.recorded.recorded_at);
        let (room, sender) = (self.pseudonyms.room(room), self.pseudonyms.person(sender));
        batch.push(count, values![day, room, sender, week, month]);
    }

    fn room(&self, fact: &Fact, event: &RoomEvent, batch: &mut Batch) {
        match event {
            RoomEvent::Opened { room_kind, .. } => {
                let kind = match room_kind {
                    RoomKind::Direct => "direct",
                    RoomKind::Group => "group",
                    RoomKind::Consultation(_) => "consultation",
                };
                let room = self.pseudonyms.room(RoomId(fact.id));
                batch.push(OPEN_ROOM, values![room, kind]);
            }
            RoomEvent::MemberAdded { .. }
            | RoomEvent::MemberRemoved { .. }
            | RoomEvent::Closed {}
            | RoomEvent::Described { .. }
            | RoomEvent::Booked { .. }
            | RoomEvent::RetentionSet { .. }
            | RoomEvent::DayDestroyed { .. } => {}
        }
    }

    fn emotion(&self, fact: &Fact, event: &EmotionEvent, batch: &mut Batch) {
        match event {
            EmotionEvent::StepAnswered { owner, emotion, .. } => {
                let Periods { day, week, month } = Periods::at(fact.recorded.recorded_at);
                let person = self.pseudonyms.person(PersonId::from(*owner));
                let label = &*emotion.label;
                let intensity = thousandths(emotion.intensity);
                batch.push(FEEL, values![day, label, person, week, month, intensity]);
            }
            EmotionEvent::Opened { .. }
            | EmotionEvent::StepAsked { .. }
            | EmotionEvent::StepAskedAgain { .. }
            | EmotionEvent::StepArrived { .. }
            | EmotionEvent::StepFailed { .. }
            | EmotionEvent::StepCancelled { .. }
            | EmotionEvent::Ended { .. }
            | EmotionEvent::CancelAsked { .. }
            | EmotionEvent::HandedOver { .. }
            | EmotionEvent::CardWritten { .. }
            | EmotionEvent::Erased { .. } => {}
        }
    }

    fn consultation(&self, fact: &Fact, event: &ConsultationEvent, batch: &mut Batch) {
        let of = &self.pseudonyms;
        let (id, at_ms) = (self.id(fact), milliseconds(fact));
        match event {
            ConsultationEvent::Requested {
                requester,
                character_type_preference: preference,
                quick_match,
                ..
            } => {
                let Periods { day, week, month } = Periods::at(fact.recorded.recorded_at);
                let guest = matches!(requester, Requester::Guest(_));
                let person = of.person(requester.person());
                batch.push(
                    REQUEST,
                    values![
                        id,
                        person,
                        guest,
                        *quick_match,
                        *preference,
                        at_ms,
                        day,
                        week,
                        month
                    ],
                );
            }
            ConsultationEvent::Offered {
                offer,
                counselor,
                mode,
                round,
                ..
            } => {
                let Periods { day, week, month } = Periods::at(fact.recorded.recorded_at);
                let (offer, counselor) = (of.offer(*offer), of.counselor(*counselor));
                batch.push(
                    OFFER,
                    values![
                        offer,
                        id,
                        counselor,
                        Value::tag(mode),
                        *round,
                        at_ms,
                        day,
                        week,
                        month
                    ],
                );
            }
            ConsultationEvent::OfferRejected { offer, .. } => {
                self.decide(fact, *offer, "rejected", batch);
            }
            ConsultationEvent::OfferExpired { offer, .. } => {
                self.decide(fact, *offer, "expired", batch);
            }
            ConsultationEvent::OfferWithdrawn { offer, .. } => {
                self.decide(fact, *offer, "withdrawn", batch);
            }
            ConsultationEvent::Accepted {
                offer,
                counselor,
                character_type_id: character,
                ..
            } => {
                self.decide(fact, *offer, "accepted", batch);
                let counselor = of.counselor(*counselor);
                batch.push(ACCEPT, values![id, counselor, *character, at_ms]);
            }
            ConsultationEvent::ReturnedToWaiting { counselor } => {
                batch.push(RETURN, values![id]);
                self.end_talk(fact, *counselor, "returned", batch);
            }
            ConsultationEvent::Completed { reason, counselor } => {
                self.end(fact, "completed", *reason, batch);
                self.end_talk(fact, *counselor, "completed", batch);
            }
            ConsultationEvent::Terminated { reason } => {
                self.end(fact, "terminated", *reason, batch);
            }
            ConsultationEvent::Rated { score, .. } => {
                let Periods { day, week, month } = Periods::at(fact.recorded.recorded_at);
                batch.push(RATE, values![id, *score, day, week, month]);
            }
            ConsultationEvent::NicknameChanged { .. }
            | ConsultationEvent::NotesWritten { .. }
            | ConsultationEvent::CardIssued { .. }
            | ConsultationEvent::CardNoted { .. }
            | ConsultationEvent::RiskFlagged { .. }
            | ConsultationEvent::HistoryGranted { .. }
            | ConsultationEvent::Erased {} => {}
        }
    }

    /// The consultation that an event happened to.
    fn id(&self, fact: &Fact) -> String {
        self.pseudonyms.consultation(ConsultationId(fact.id))
    }

    fn decide(&self, fact: &Fact, offer: OfferId, outcome: &str, batch: &mut Batch) {
        let (offer, at_ms) = (self.pseudonyms.offer(offer), milliseconds(fact));
        batch.push(DECIDE, values![offer, self.id(fact), outcome, at_ms]);
    }

    fn end(&self, fact: &Fact, status: &str, reason: EndReason, batch: &mut Batch) {
        let (reason, at_ms) = (Value::tag(&reason), milliseconds(fact));
        batch.push(END, values![self.id(fact), status, reason, at_ms]);
    }

    fn end_talk(&self, fact: &Fact, counselor: CounselorId, talk: &str, batch: &mut Batch) {
        let counselor = self.pseudonyms.counselor(counselor);
        batch.push(END_TALK, values![self.id(fact), counselor, talk]);
    }
}

/// When it happened, since 1970.
fn milliseconds(fact: &Fact) -> i64 {
    fact.recorded.recorded_at.div_euclid(1_000)
}

/// An intensity is 0 to 1.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a thousand times 0 to 1, and a cast of anything else ends at the limits"
)]
fn thousandths(intensity: f64) -> i64 {
    (intensity * 1_000.0).round() as i64
}
