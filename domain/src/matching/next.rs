//! The next step of one open request: what to take back, what to let expire, whom to ask.

use std::cmp::Reverse;

use super::explain::explain;
use super::request::{OpenRequest, Outcome, PendingOffer};
use super::{Asked, WaitingCounselor};
use crate::{Candidate, CounselorId, OfferId, OfferMode};

/// The next step of one open request, to be carried out in this order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matching {
    /// They are being asked and no longer wait: `WithdrawOffers`.
    pub withdraw: Vec<CounselorId>,
    /// Their time is over: `ExpireOffer`.
    pub expire: Vec<OfferId>,
    /// Whom to ask, best first: `Offer`.
    pub offers: Vec<Proposal>,
    /// When to look again although nothing else happened, in microseconds since the Unix epoch.
    pub again_at: Option<i64>,
}

/// An offer to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub counselor: CounselorId,
    pub mode: OfferMode,
    pub round: u32,
    pub candidates: Vec<Candidate>,
}

/// What is to be done about a request now.
///
/// `waiting` are **all** counsellors whose status is waiting, full ones included: a pending offer
/// to anybody else is taken back. `now` is in microseconds since the Unix epoch,
/// `offer_timeout_us` in microseconds. Doing what is said and asking again gives no offers.
pub fn next_offers(
    request: &OpenRequest,
    waiting: &[WaitingCounselor],
    now: i64,
    offer_timeout_us: i64,
) -> Matching {
    if !request.waiting {
        return Matching::default();
    }
    let mut request = request.clone();
    let withdraw = withdraw(&mut request, waiting);
    let expire = expire(&mut request, now, offer_timeout_us);
    let mut ranked: Vec<&WaitingCounselor> = waiting.iter().collect();
    ranked.sort_by_key(|counselor| rank(counselor, request.preference));
    let view = View {
        request: &request,
        ranked: &ranked,
        now,
        offer_timeout_us,
    };
    let (round, chosen) = match request.mode() {
        OfferMode::Broadcast => view.broadcast(),
        OfferMode::OneAtATime => view.one_at_a_time(),
    };
    let offers = chosen
        .iter()
        .enumerate()
        .map(|(index, counselor)| Proposal {
            counselor: *counselor,
            mode: request.mode(),
            round,
            candidates: explain(&request, &ranked, &chosen, index, now),
        })
        .collect();
    let again_at = view.again_at(&chosen);
    Matching {
        withdraw,
        expire,
        offers,
        again_at,
    }
}

/// Takes back what is with somebody who does not wait; it counts as not made.
fn withdraw(request: &mut OpenRequest, waiting: &[WaitingCounselor]) -> Vec<CounselorId> {
    let left = |pending: &PendingOffer| {
        !waiting
            .iter()
            .any(|counselor| counselor.counselor == pending.counselor)
    };
    let withdrawn = request.pending.iter().filter(|pending| left(pending));
    let withdrawn = withdrawn.map(|pending| pending.counselor).collect();
    request.pending.retain(|pending| !left(pending));
    withdrawn
}

/// Lets go what one was asked for too long. A broadcast lasts until taken.
fn expire(request: &mut OpenRequest, now: i64, offer_timeout_us: i64) -> Vec<OfferId> {
    if request.mode() == OfferMode::Broadcast {
        return vec![];
    }
    let over = |pending: &&PendingOffer| pending.offered_at + offer_timeout_us <= now;
    let expired: Vec<OfferId> = request
        .pending
        .iter()
        .filter(over)
        .map(|pending| pending.offer)
        .collect();
    for offer in &expired {
        request.close(*offer, Outcome::Expired, now);
    }
    expired
}

/// Best first: preferred character, fewest consultations, longest idle; the id decides the rest.
fn rank(
    counselor: &WaitingCounselor,
    preference: Option<u32>,
) -> (Reverse<bool>, u32, i64, CounselorId) {
    (
        Reverse(counselor.fits(preference)),
        counselor.active_consultations,
        counselor.idle_since,
        counselor.counselor,
    )
}

/// A request and who could take it.
struct View<'a> {
    request: &'a OpenRequest,
    ranked: &'a [&'a WaitingCounselor],
    now: i64,
    offer_timeout_us: i64,
}

impl View<'_> {
    /// Who waits with room and is not being asked, best first.
    fn open(&self) -> Vec<CounselorId> {
        self.ranked
            .iter()
            .filter(|counselor| counselor.has_room())
            .map(|counselor| counselor.counselor)
            .filter(|counselor| !self.is_asked(*counselor))
            .collect()
    }

    fn is_asked(&self, counselor: CounselorId) -> bool {
        self.request
            .pending
            .iter()
            .any(|pending| pending.counselor == counselor)
    }

    fn asked(&self, counselor: CounselorId) -> Option<&Asked> {
        self.request.asked.get(&counselor)
    }

    fn was_asked_in(&self, round: u32, counselor: CounselorId) -> bool {
        self.asked(counselor)
            .is_some_and(|asked| asked.round >= round)
    }

    /// From when on somebody who rejected may be asked again; none for who did not.
    fn again(&self, counselor: CounselorId) -> Option<i64> {
        self.asked(counselor)
            .filter(|asked| asked.outcome == Outcome::Rejected)
            .map(|asked| asked.at + self.offer_timeout_us)
    }

    fn is_cooling_down(&self, counselor: CounselorId) -> bool {
        self.again(counselor).is_some_and(|again| self.now < again)
    }

    /// Whether somebody who could take it is being asked.
    fn is_considered(&self) -> bool {
        self.ranked
            .iter()
            .any(|counselor| counselor.has_room() && self.is_asked(counselor.counselor))
    }

    fn broadcast(&self) -> (u32, Vec<CounselorId>) {
        let round = self.request.round.max(1);
        let (asked, newcomers): (Vec<_>, Vec<_>) = self
            .open()
            .into_iter()
            .partition(|counselor| self.asked(*counselor).is_some());
        if !newcomers.is_empty() || self.is_considered() {
            return (round, newcomers);
        }
        let again = asked
            .into_iter()
            .filter(|counselor| !self.is_cooling_down(*counselor));
        (round + 1, again.collect())
    }

    fn one_at_a_time(&self) -> (u32, Vec<CounselorId>) {
        let round = self.request.round.max(1);
        if !self.request.pending.is_empty() {
            return (round, vec![]);
        }
        let open = self.open();
        let just_rejected =
            |counselor: &CounselorId| self.request.last_rejecter == Some(*counselor);
        let mut others = open
            .iter()
            .copied()
            .filter(|counselor| !just_rejected(counselor));
        if let Some(next) = others
            .clone()
            .find(|other| !self.was_asked_in(round, *other))
        {
            return (round, vec![next]);
        }
        if let Some(next) = others.next() {
            return (round + 1, vec![next]);
        }
        // Whoever is left is alone, and may have just rejected it.
        let alone = open
            .into_iter()
            .find(|counselor| !self.is_cooling_down(*counselor));
        let Some(alone) = alone else {
            return (round, vec![]);
        };
        let round = if self.was_asked_in(round, alone) {
            round + 1
        } else {
            round
        };
        (round, vec![alone])
    }

    /// The next time-out that matters once the chosen ones have been asked now.
    fn again_at(&self, chosen: &[CounselorId]) -> Option<i64> {
        let expiry = match self.request.mode() {
            OfferMode::Broadcast => None,
            OfferMode::OneAtATime if chosen.is_empty() => self
                .request
                .pending
                .iter()
                .map(|p| p.offered_at + self.offer_timeout_us)
                .min(),
            OfferMode::OneAtATime => Some(self.now + self.offer_timeout_us),
        };
        if expiry.is_some() {
            return expiry;
        }
        let open = self.open();
        let cooling = open.iter().filter(|counselor| !chosen.contains(counselor));
        cooling
            .filter_map(|counselor| self.again(*counselor))
            .filter(|at| *at > self.now)
            .min()
    }
}
