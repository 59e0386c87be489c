//! What each event of a consultation changes in its tables.

use domain::{ConsultationEvent, EndReason, Event, OfferId, Requester};

use crate::name_column::{NICKNAME, REQUEST};
use crate::value::values;
use crate::{Batch, Fact, Projection, SealedColumn, Value, statements};

use super::consultation::{ConsultationStatus, RequesterKind};
use super::offers::OfferStatus;

statements! {
    REQUEST_CONSULTATION = "INSERT INTO consultations (number, uuid, requester_kind, requester, \
                            request, character_type_preference, quick_match, status, \
                            requested_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        => owns consultation(2);
    NAME = "INSERT INTO nicknames (consultation, from_position, name, name_form) \
            VALUES ($1, $2, $3, $4)"
        => owns nickname(1, 2);
    RENAME = "UPDATE consultations SET nickname = $2 WHERE uuid = $1"
        => owns consultation(1);
    ACCEPT = "UPDATE consultations SET status = $2, counselor = $3, last_counselor = $3, \
              character_type_id = $4, room = $5, accepted_at = COALESCE(accepted_at, $6) \
              WHERE uuid = $1"
        => owns consultation(1);
    RETURN = "UPDATE consultations SET status = $2, counselor = NULL, character_type_id = NULL \
              WHERE uuid = $1"
        => owns consultation(1);
    END = "UPDATE consultations SET status = $2, end_reason = $3, ended_at = $4 WHERE uuid = $1"
        => owns consultation(1);
    WRITE_NOTES = "UPDATE consultations SET notes = $2 WHERE uuid = $1"
        => owns consultation(1);
    RATE = "UPDATE consultations SET score = $2, comment = $3, rated_at = $4 WHERE uuid = $1"
        => owns consultation(1);
    ERASE = "UPDATE consultations SET erased_at = $2, nickname = NULL, notes = NULL, \
             comment = NULL WHERE uuid = $1"
        => owns consultation(1);
    ERASE_NICKNAMES = "DELETE FROM nicknames WHERE consultation = $1";
    ERASE_RESPONSES = "UPDATE offers SET response = NULL WHERE consultation = $1";
    ERASE_CARD_NOTES = "UPDATE cards SET additional_notes = NULL WHERE consultation = $1"
        => owns card(1);
    OFFER = "INSERT INTO offers (number, uuid, consultation, counselor, mode, round, status, \
             offered_at, candidates) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        => owns offer(2);
    DECIDE_OFFER = "UPDATE offers SET status = $2, decided_at = $3, response = $4, \
                    withdrawal = $5 WHERE uuid = $1"
        => owns offer(1);
    ISSUE_CARD = "INSERT INTO cards (number, uuid, consultation, text, summary_by, created_at) \
                  VALUES ($1, $2, $3, $4, $5, $6)"
        => owns card(3);
    NOTE_CARD = "UPDATE cards SET additional_notes = $2 WHERE consultation = $1"
        => owns card(1);
}

/// The projection of this folder.
#[derive(Debug)]
pub struct Consultations;

impl Projection for Consultations {
    fn name(&self) -> &'static str {
        "consultations"
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self) -> &'static [&'static str] {
        &["consultations", "offers", "cards", "nicknames"]
    }

    fn project(&self, fact: &Fact, batch: &mut Batch) {
        match &fact.event {
            Event::Consultation(event) => consultation(fact, event, batch),
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
}

fn consultation(fact: &Fact, event: &ConsultationEvent, batch: &mut Batch) {
    use ConsultationStatus::{Completed, Terminated, Waiting};
    let id = fact.id;
    match event {
        ConsultationEvent::Requested {
            requester,
            character_type_preference,
            quick_match,
            ..
        } => request(
            fact,
            requester,
            *character_type_preference,
            *quick_match,
            batch,
        ),
        ConsultationEvent::NicknameChanged { .. } => {
            batch.push(RENAME, values![id, sealed(fact)]);
            name(fact, NICKNAME, batch);
        }
        ConsultationEvent::Offered { .. }
        | ConsultationEvent::OfferRejected { .. }
        | ConsultationEvent::OfferExpired { .. }
        | ConsultationEvent::OfferWithdrawn { .. } => offer(fact, event, batch),
        ConsultationEvent::Accepted {
            counselor,
            character_type_id,
            room,
            ..
        } => {
            offer(fact, event, batch);
            let status = Value::tag(&ConsultationStatus::Active);
            let at = fact.recorded.recorded_at;
            batch.push(
                ACCEPT,
                values![id, status, *counselor, *character_type_id, *room, at],
            );
        }
        ConsultationEvent::ReturnedToWaiting { .. } => {
            batch.push(RETURN, values![id, Value::tag(&Waiting)]);
        }
        ConsultationEvent::Completed { reason, .. } => end(fact, Completed, *reason, batch),
        ConsultationEvent::Terminated { reason } => end(fact, Terminated, *reason, batch),
        ConsultationEvent::NotesWritten { .. } => {
            batch.push(WRITE_NOTES, values![id, sealed(fact)]);
        }
        ConsultationEvent::CardIssued {
            card, summary_by, ..
        } => {
            let (number, at) = (fact.recorded.number(), fact.recorded.recorded_at);
            let by = Value::tag(summary_by);
            batch.push(ISSUE_CARD, values![number, *card, id, sealed(fact), by, at]);
        }
        ConsultationEvent::CardNoted { .. } => batch.push(NOTE_CARD, values![id, sealed(fact)]),
        ConsultationEvent::Rated { score, .. } => {
            let at = fact.recorded.recorded_at;
            batch.push(RATE, values![id, *score, sealed(fact), at]);
        }
        // The alert has rows of its own, and what is granted comes as messages.
        ConsultationEvent::RiskFlagged { .. } | ConsultationEvent::HistoryGranted { .. } => {}
        // What stands elsewhere is unreadable with the key.
        ConsultationEvent::Erased {} => {
            batch.push(ERASE, values![id, fact.recorded.recorded_at]);
            for erase in [ERASE_NICKNAMES, ERASE_RESPONSES] {
                batch.push(erase, values![id]);
            }
            batch.push(ERASE_CARD_NOTES, values![id]);
        }
    }
}

/// How an event changes the offer that it names.
fn offer(fact: &Fact, event: &ConsultationEvent, batch: &mut Batch) {
    use OfferStatus::{Accepted, Expired, Rejected, Withdrawn};
    const NONE: Value = Value::Null;
    match event {
        ConsultationEvent::Offered {
            offer,
            counselor,
            mode,
            round,
            candidates,
        } => batch.push(
            OFFER,
            values![
                fact.recorded.number(),
                *offer,
                fact.id,
                *counselor,
                Value::tag(mode),
                *round,
                Value::tag(&OfferStatus::Pending),
                fact.recorded.recorded_at,
                Value::json(candidates),
            ],
        ),
        ConsultationEvent::Accepted { offer, .. } => {
            decide(fact, *offer, Accepted, NONE, NONE, batch);
        }
        ConsultationEvent::OfferRejected { offer, .. } => {
            decide(fact, *offer, Rejected, sealed(fact), NONE, batch);
        }
        ConsultationEvent::OfferExpired { offer, .. } => {
            decide(fact, *offer, Expired, NONE, NONE, batch);
        }
        ConsultationEvent::OfferWithdrawn { offer, reason, .. } => {
            decide(fact, *offer, Withdrawn, NONE, Value::tag(reason), batch);
        }
        ConsultationEvent::Requested { .. }
        | ConsultationEvent::NicknameChanged { .. }
        | ConsultationEvent::ReturnedToWaiting { .. }
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

/// The personal part of the event; each event here has one at most.
fn sealed(fact: &Fact) -> Value {
    SealedColumn::of(&fact.recorded, 0)
}

fn name(fact: &Fact, form: &str, batch: &mut Batch) {
    batch.push(
        NAME,
        values![fact.id, fact.recorded.position, sealed(fact), form],
    );
}

fn end(fact: &Fact, status: ConsultationStatus, reason: EndReason, batch: &mut Batch) {
    let at = fact.recorded.recorded_at;
    batch.push(
        END,
        values![fact.id, Value::tag(&status), Value::tag(&reason), at],
    );
}

fn request(
    fact: &Fact,
    requester: &Requester,
    character_type_preference: Option<u32>,
    quick_match: bool,
    batch: &mut Batch,
) {
    let kind = match requester {
        Requester::Guest(_) => RequesterKind::Guest,
        Requester::Account(_) => RequesterKind::Account,
    };
    let recorded = &fact.recorded;
    batch.push(
        REQUEST_CONSULTATION,
        values![
            recorded.number(),
            fact.id,
            Value::tag(&kind),
            requester.person(),
            sealed(fact),
            character_type_preference,
            quick_match,
            Value::tag(&ConsultationStatus::Waiting),
            recorded.recorded_at,
        ],
    );
    name(fact, REQUEST, batch);
}

fn decide(
    fact: &Fact,
    offer: OfferId,
    status: OfferStatus,
    response: Value,
    withdrawal: Value,
    batch: &mut Batch,
) {
    let at = fact.recorded.recorded_at;
    batch.push(
        DECIDE_OFFER,
        values![offer, Value::tag(&status), at, response, withdrawal],
    );
}
