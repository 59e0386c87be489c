//! The offers of one consultation: to whom it was put, and what came of it.

use serde::{Deserialize, Serialize};

use super::{OfferMode, Withdrawal};
use crate::{CounselorId, OfferId};

/// What came of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferStatus {
    Pending,
    Accepted,
    Rejected,
    Expired,
    Withdrawn(Withdrawal),
}

/// One request put to one counsellor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub offer: OfferId,
    pub counselor: CounselorId,
    pub mode: OfferMode,
    /// Counts from 1.
    pub round: u32,
    pub status: OfferStatus,
}

/// All offers of one consultation, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Offers {
    all: Vec<Offer>,
    /// The last counsellor who answered or let it go by, if that was a rejection.
    last_rejecter: Option<CounselorId>,
}

impl Offers {
    pub(super) fn all(&self) -> &[Offer] {
        &self.all
    }

    pub(super) fn pending(&self) -> impl Iterator<Item = &Offer> {
        self.all
            .iter()
            .filter(|offer| offer.status == OfferStatus::Pending)
    }

    pub(super) fn find(&self, id: OfferId) -> Option<&Offer> {
        self.all.iter().find(|offer| offer.offer == id)
    }

    pub(super) fn last_rejecter(&self) -> Option<CounselorId> {
        self.last_rejecter
    }

    /// The round of the newest offer; 0 before the first.
    pub(super) fn round(&self) -> u32 {
        self.all.last().map_or(0, |offer| offer.round)
    }

    pub(super) fn add(&mut self, offer: Offer) {
        if self.find(offer.offer).is_none() {
            self.all.push(offer);
        }
    }

    /// Closes a pending offer; one that is closed stays as it is. Says whether it was pending.
    pub(super) fn close(&mut self, id: OfferId, status: OfferStatus) -> bool {
        let pending =
            |offer: &&mut Offer| offer.offer == id && offer.status == OfferStatus::Pending;
        let Some(offer) = self.all.iter_mut().find(pending) else {
            return false;
        };
        offer.status = status;
        match status {
            OfferStatus::Rejected => self.last_rejecter = Some(offer.counselor),
            OfferStatus::Accepted | OfferStatus::Expired => self.last_rejecter = None,
            OfferStatus::Pending | OfferStatus::Withdrawn(_) => {}
        }
        true
    }
}
