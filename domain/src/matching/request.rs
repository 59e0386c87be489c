//! What matching knows of one consultation, folded from its events with their times.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ConsultationEvent, CounselorId, OfferId, OfferMode};

/// What matching knows of one consultation. Times are microseconds since the Unix epoch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenRequest {
    /// Whether it is waiting; nothing is offered otherwise.
    pub waiting: bool,
    /// Put to all at once, or to one at a time.
    pub quick_match: bool,
    /// The preferred character.
    pub preference: Option<u32>,
    /// The round of the newest offer; 0 before the first.
    pub round: u32,
    pub pending: Vec<PendingOffer>,
    /// The last that came of asking each counsellor. Withdrawn offers are not among them.
    pub asked: BTreeMap<CounselorId, Asked>,
    /// The last who answered or let it go by, if that was a rejection.
    pub last_rejecter: Option<CounselorId>,
}

/// An offer that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingOffer {
    pub offer: OfferId,
    pub counselor: CounselorId,
    pub round: u32,
    pub offered_at: i64,
}

/// What came of asking somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub round: u32,
    pub outcome: Outcome,
    pub at: i64,
}

/// How an offer was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Rejected,
    Expired,
}

impl OpenRequest {
    /// How it is put to counsellors.
    pub fn mode(&self) -> OfferMode {
        if self.quick_match {
            OfferMode::Broadcast
        } else {
            OfferMode::OneAtATime
        }
    }

    /// Takes in the next event of the consultation, recorded at `at`.
    pub fn apply(&mut self, event: &ConsultationEvent, at: i64) {
        match event {
            ConsultationEvent::Requested {
                quick_match,
                character_type_preference,
                ..
            } => {
                self.waiting = true;
                self.quick_match = *quick_match;
                self.preference = *character_type_preference;
            }
            ConsultationEvent::Offered {
                offer,
                counselor,
                round,
                ..
            } => {
                self.round = *round;
                self.pending.push(PendingOffer {
                    offer: *offer,
                    counselor: *counselor,
                    round: *round,
                    offered_at: at,
                });
            }
            ConsultationEvent::OfferRejected { offer, .. } => {
                self.close(*offer, Outcome::Rejected, at);
            }
            ConsultationEvent::OfferExpired { offer, .. } => {
                self.close(*offer, Outcome::Expired, at);
            }
            ConsultationEvent::OfferWithdrawn { offer, .. } => {
                self.pending.retain(|pending| pending.offer != *offer);
            }
            ConsultationEvent::Accepted { offer, .. } => {
                self.waiting = false;
                self.last_rejecter = None;
                self.pending.retain(|pending| pending.offer != *offer);
            }
            ConsultationEvent::ReturnedToWaiting { .. } => self.waiting = true,
            ConsultationEvent::Completed { .. } | ConsultationEvent::Terminated { .. } => {
                self.waiting = false;
            }
            ConsultationEvent::NicknameChanged { .. }
            | ConsultationEvent::NotesWritten { .. }
            | ConsultationEvent::CardIssued { .. }
            | ConsultationEvent::CardNoted { .. }
            | ConsultationEvent::Rated { .. }
            | ConsultationEvent::RiskFlagged { .. }
            | ConsultationEvent::HistoryGranted { .. }
            | ConsultationEvent::Erased {} => {}
        }
    }

    /// A pending offer came to nothing.
    pub(super) fn close(&mut self, offer: OfferId, outcome: Outcome, at: i64) {
        let Some(index) = self
            .pending
            .iter()
            .position(|pending| pending.offer == offer)
        else {
            return;
        };
        let PendingOffer {
            counselor, round, ..
        } = self.pending.remove(index);
        self.asked.insert(counselor, Asked { round, outcome, at });
        self.last_rejecter = match outcome {
            Outcome::Rejected => Some(counselor),
            Outcome::Expired => None,
        };
    }
}
