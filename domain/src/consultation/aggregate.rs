//! A consultation's state: waiting, active, and completed or terminated.

use serde::{Deserialize, Serialize};

use super::offers::{Offer, OfferStatus, Offers};
use super::{ConsultationCommand, ConsultationEvent, EndReason, Requester};
use crate::decide::aggregate;
use crate::{AccountId, CardId, CounselorId, EmotionSessionId, OfferId, RoomId};

/// Where a consultation is, as clients see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsultationStatus {
    Waiting,
    Active,
    Completed,
    Terminated,
}

/// A consultation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consultation(pub(super) Option<Requested>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Requested {
    pub(super) requester: Requester,
    pub(super) quick_match: bool,
    pub(super) preference: Option<u32>,
    pub(super) offers: Offers,
    /// The room is kept when the consultation goes back to waiting.
    pub(super) room: Option<RoomId>,
    /// The session that whoever takes it may read.
    #[serde(default)]
    pub(super) history: Option<EmotionSessionId>,
    pub(super) phase: Phase,
    #[serde(default)]
    pub(super) erased: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    Waiting,
    Active(Acceptance),
    Completed(Completion),
    Terminated(EndReason),
}

/// Who took it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Acceptance {
    pub(super) offer: OfferId,
    pub(super) counselor: CounselorId,
    pub(super) account: AccountId,
    pub(super) character_type_id: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Completion {
    pub(super) by: Acceptance,
    pub(super) reason: EndReason,
    pub(super) card: Option<CardId>,
    pub(super) rated: bool,
}

aggregate!(
    Consultation,
    "consultation",
    ConsultationCommand,
    ConsultationEvent
);

impl Consultation {
    pub fn exists(&self) -> bool {
        self.0.is_some()
    }

    /// Whether all that was personal of it is gone.
    pub fn is_erased(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|consultation| consultation.erased)
    }

    /// None where there is no such consultation.
    pub fn status(&self) -> Option<ConsultationStatus> {
        self.0
            .as_ref()
            .map(|consultation| match consultation.phase {
                Phase::Waiting => ConsultationStatus::Waiting,
                Phase::Active(_) => ConsultationStatus::Active,
                Phase::Completed(_) => ConsultationStatus::Completed,
                Phase::Terminated(_) => ConsultationStatus::Terminated,
            })
    }

    pub fn requester(&self) -> Option<Requester> {
        self.0.as_ref().map(|consultation| consultation.requester)
    }

    /// Whether it is put to all counsellors at once.
    pub fn quick_match(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|consultation| consultation.quick_match)
    }

    /// The preferred character.
    pub fn preference(&self) -> Option<u32> {
        self.0
            .as_ref()
            .and_then(|consultation| consultation.preference)
    }

    /// The room, from the first acceptance on.
    pub fn room(&self) -> Option<RoomId> {
        self.0.as_ref().and_then(|consultation| consultation.room)
    }

    /// The session that whoever takes it may read, as it was when it was asked for.
    pub fn history(&self) -> Option<EmotionSessionId> {
        self.0.as_ref()?.history
    }

    /// Whose it is, while active and once completed.
    pub fn counselor(&self) -> Option<CounselorId> {
        self.acceptance().map(|acceptance| acceptance.counselor)
    }

    /// The account of its counsellor.
    pub fn counselor_account(&self) -> Option<AccountId> {
        self.acceptance().map(|acceptance| acceptance.account)
    }

    /// The character of its counsellor.
    pub fn character_type_id(&self) -> Option<u32> {
        self.acceptance()
            .map(|acceptance| acceptance.character_type_id)
    }

    /// The offer that was accepted.
    pub fn accepted_offer(&self) -> Option<OfferId> {
        self.acceptance().map(|acceptance| acceptance.offer)
    }

    /// Why it ended, if it did.
    pub fn end_reason(&self) -> Option<EndReason> {
        match &self.0.as_ref()?.phase {
            Phase::Waiting | Phase::Active(_) => None,
            Phase::Completed(completion) => Some(completion.reason),
            Phase::Terminated(reason) => Some(*reason),
        }
    }

    pub fn card(&self) -> Option<CardId> {
        match &self.0.as_ref()?.phase {
            Phase::Completed(completion) => completion.card,
            Phase::Waiting | Phase::Active(_) | Phase::Terminated(_) => None,
        }
    }

    /// All offers, oldest first.
    pub fn offers(&self) -> &[Offer] {
        self.0
            .as_ref()
            .map_or(&[], |consultation| consultation.offers.all())
    }

    pub fn pending_offers(&self) -> impl Iterator<Item = &Offer> {
        self.0
            .iter()
            .flat_map(|consultation| consultation.offers.pending())
    }

    pub fn offer(&self, id: OfferId) -> Option<&Offer> {
        self.0
            .as_ref()
            .and_then(|consultation| consultation.offers.find(id))
    }

    /// The last counsellor who answered or let it go by, if that was a rejection.
    pub fn last_rejecter(&self) -> Option<CounselorId> {
        self.0
            .as_ref()
            .and_then(|consultation| consultation.offers.last_rejecter())
    }

    /// The round of the newest offer; 0 before the first.
    pub fn round(&self) -> u32 {
        self.0
            .as_ref()
            .map_or(0, |consultation| consultation.offers.round())
    }

    /// Who rejected it in this round, or let it go by, or is being asked.
    pub fn asked_this_round(&self) -> impl Iterator<Item = CounselorId> + '_ {
        let round = self.round();
        self.offers()
            .iter()
            .filter(move |offer| {
                offer.round == round && !matches!(offer.status, OfferStatus::Withdrawn(_))
            })
            .map(|offer| offer.counselor)
    }

    fn acceptance(&self) -> Option<&Acceptance> {
        self.0.as_ref().and_then(Requested::acceptance)
    }
}

impl Requested {
    pub(super) fn acceptance(&self) -> Option<&Acceptance> {
        match &self.phase {
            Phase::Active(acceptance) => Some(acceptance),
            Phase::Completed(completion) => Some(&completion.by),
            Phase::Waiting | Phase::Terminated(_) => None,
        }
    }
}

impl Consultation {
    pub(super) fn evolve(&mut self, event: ConsultationEvent) {
        match (&mut self.0, event) {
            (
                None,
                ConsultationEvent::Requested {
                    requester,
                    character_type_preference: preference,
                    quick_match,
                    ..
                },
            ) => {
                self.0 = Some(Requested {
                    requester,
                    quick_match,
                    preference,
                    offers: Offers::default(),
                    room: None,
                    history: None,
                    phase: Phase::Waiting,
                    erased: false,
                });
            }
            (Some(consultation), event) => consultation.evolve(event),
            (None, _) => {}
        }
    }
}

impl Requested {
    fn evolve(&mut self, event: ConsultationEvent) {
        match (&mut self.phase, event) {
            (
                Phase::Waiting,
                ConsultationEvent::Offered {
                    offer,
                    counselor,
                    mode,
                    round,
                    ..
                },
            ) => {
                let status = OfferStatus::Pending;
                self.offers.add(Offer {
                    offer,
                    counselor,
                    mode,
                    round,
                    status,
                });
            }
            (
                Phase::Waiting,
                ConsultationEvent::Accepted {
                    offer,
                    counselor,
                    account,
                    character_type_id,
                    room,
                },
            ) => {
                if self.offers.close(offer, OfferStatus::Accepted) {
                    let by = Acceptance {
                        offer,
                        counselor,
                        account,
                        character_type_id,
                    };
                    self.room = Some(room);
                    self.phase = Phase::Active(by);
                }
            }
            (_, ConsultationEvent::OfferRejected { offer, .. }) => {
                self.offers.close(offer, OfferStatus::Rejected);
            }
            (_, ConsultationEvent::OfferExpired { offer, .. }) => {
                self.offers.close(offer, OfferStatus::Expired);
            }
            (_, ConsultationEvent::OfferWithdrawn { offer, reason, .. }) => {
                self.offers.close(offer, OfferStatus::Withdrawn(reason));
            }
            (Phase::Active(_), ConsultationEvent::ReturnedToWaiting { .. }) => {
                self.phase = Phase::Waiting;
            }
            (Phase::Active(by), ConsultationEvent::Completed { reason, .. }) => {
                let by = *by;
                self.phase = Phase::Completed(Completion {
                    by,
                    reason,
                    card: None,
                    rated: false,
                });
            }
            (Phase::Waiting, ConsultationEvent::Terminated { reason }) => {
                self.phase = Phase::Terminated(reason);
            }
            (Phase::Completed(completion), ConsultationEvent::CardIssued { card, .. }) => {
                completion.card.get_or_insert(card);
            }
            (Phase::Completed(completion), ConsultationEvent::Rated { .. }) => {
                completion.rated = true;
            }
            (_, ConsultationEvent::HistoryGranted { session }) => self.history = Some(session),
            (_, ConsultationEvent::Erased {}) => self.erased = true,
            (
                _,
                ConsultationEvent::Requested { .. }
                | ConsultationEvent::Offered { .. }
                | ConsultationEvent::Accepted { .. }
                | ConsultationEvent::ReturnedToWaiting { .. }
                | ConsultationEvent::NicknameChanged { .. }
                | ConsultationEvent::Completed { .. }
                | ConsultationEvent::Terminated { .. }
                | ConsultationEvent::NotesWritten { .. }
                | ConsultationEvent::CardIssued { .. }
                | ConsultationEvent::CardNoted { .. }
                | ConsultationEvent::Rated { .. }
                | ConsultationEvent::RiskFlagged { .. },
            ) => {}
        }
    }
}
