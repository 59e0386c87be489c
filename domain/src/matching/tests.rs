//! Whom a request goes to, and why not to the others.

use super::*;
use crate::testing::id;
use crate::{
    ConsultationEvent, CounselorId, OfferId, OfferMode, PassedOver, PersonId, Requester, Withdrawal,
};

const TIMEOUT: i64 = 30;

fn counselor(n: u128) -> CounselorId {
    CounselorId(id(n))
}

/// A counsellor of character 1 with room for three, none of them taken, idle since 0.
fn waits(n: u128) -> WaitingCounselor {
    WaitingCounselor {
        counselor: counselor(n),
        active_consultations: 0,
        max_active: 3,
        character_type_id: 1,
        idle_since: 0,
    }
}

fn full(n: u128) -> WaitingCounselor {
    WaitingCounselor {
        active_consultations: 3,
        ..waits(n)
    }
}

/// A request whose story is told in verbs; the n-th offer has the id n, from 1.
struct Story {
    request: OpenRequest,
    now: i64,
    offers: u128,
}

impl Story {
    fn of(quick_match: bool, preference: Option<u32>) -> Self {
        let mut story = Self {
            request: OpenRequest::default(),
            now: 0,
            offers: 0,
        };
        story.happens(&ConsultationEvent::Requested {
            requester: Requester::Guest(PersonId(id(99))),
            character_type_preference: preference,
            quick_match,
            text: crate::Sealed::Erased,
        });
        story
    }

    fn broadcast() -> Self {
        Self::of(true, None)
    }

    fn one_at_a_time() -> Self {
        Self::of(false, None)
    }

    fn happens(&mut self, event: &ConsultationEvent) {
        self.request.apply(event, self.now);
    }

    fn at(mut self, now: i64) -> Self {
        self.now = now;
        self
    }

    fn next(&self, waiting: &[WaitingCounselor]) -> Matching {
        next_offers(&self.request, waiting, self.now, TIMEOUT)
    }

    /// Carries out what matching says.
    fn matched(mut self, waiting: &[WaitingCounselor]) -> Self {
        let matching = self.next(waiting);
        for left in matching.withdraw {
            self = self.withdrawn(left);
        }
        for offer in matching.expire {
            let expired = self
                .request
                .pending
                .iter()
                .find(|pending| pending.offer == offer);
            let counselor = expired.unwrap().counselor;
            self.happens(&ConsultationEvent::OfferExpired { offer, counselor });
        }
        for Proposal {
            counselor,
            mode,
            round,
            candidates,
        } in matching.offers
        {
            self.offers += 1;
            let offer = OfferId(id(self.offers));
            self.happens(&ConsultationEvent::Offered {
                offer,
                counselor,
                mode,
                round,
                candidates,
            });
        }
        self
    }

    fn pending(&self, n: u128) -> OfferId {
        let mut pending = self.request.pending.iter();
        pending
            .find(|pending| pending.counselor == counselor(n))
            .unwrap()
            .offer
    }

    fn rejected(mut self, n: u128) -> Self {
        let (offer, counselor) = (self.pending(n), counselor(n));
        self.happens(&ConsultationEvent::OfferRejected {
            offer,
            counselor,
            response: None,
        });
        self
    }

    fn withdrawn(mut self, counselor: CounselorId) -> Self {
        let mut pending = self.request.pending.iter();
        let offer = pending
            .find(|pending| pending.counselor == counselor)
            .unwrap()
            .offer;
        let reason = Withdrawal::CounselorLeft;
        self.happens(&ConsultationEvent::OfferWithdrawn {
            offer,
            counselor,
            reason,
        });
        self
    }

    #[track_caller]
    fn asks(&self, waiting: &[WaitingCounselor], expected: &[u128]) {
        let matching = self.next(waiting);
        let asked: Vec<_> = matching
            .offers
            .iter()
            .map(|offer| offer.counselor)
            .collect();
        let expected: Vec<_> = expected.iter().copied().map(counselor).collect();
        assert_eq!(asked, expected);
    }
}

fn reasons(proposal: &Proposal) -> Vec<(CounselorId, Option<PassedOver>)> {
    proposal
        .candidates
        .iter()
        .map(|c| (c.counselor, c.passed_over))
        .collect()
}

#[test]
fn a_broadcast_asks_everybody_with_room_at_once() {
    let story = Story::broadcast();
    let matching = story.next(&[waits(1), full(2), waits(3)]);
    assert_eq!(matching.offers.len(), 2);
    assert!(
        matching
            .offers
            .iter()
            .all(|offer| offer.mode == OfferMode::Broadcast)
    );
    assert!(matching.offers.iter().all(|offer| offer.round == 1));
    story.asks(&[waits(1), full(2), waits(3)], &[1, 3]);
}

#[test]
fn with_nobody_waiting_nobody_is_asked_and_nothing_is_due() {
    assert_eq!(Story::broadcast().next(&[]), Matching::default());
    assert_eq!(Story::one_at_a_time().next(&[full(1)]), Matching::default());
}

#[test]
fn matching_again_asks_nobody_twice() {
    for story in [Story::broadcast(), Story::one_at_a_time()] {
        let waiting = [waits(1), waits(2)];
        story.matched(&waiting).asks(&waiting, &[]);
    }
}

#[test]
fn a_broadcast_reaches_newcomers_at_once_and_lasts() {
    let story = Story::broadcast().matched(&[waits(1)]).at(10 * TIMEOUT);
    let matching = story.next(&[waits(1), waits(2)]);
    assert!(matching.expire.is_empty());
    assert_eq!(matching.again_at, None);
    story.asks(&[waits(1), waits(2)], &[2]);
    assert_eq!(
        reasons(&matching.offers[0]),
        [
            (counselor(2), None),
            (counselor(1), Some(PassedOver::AlreadyAsked))
        ]
    );
}

#[test]
fn who_rejected_a_broadcast_is_not_asked_while_somebody_else_thinks_about_it() {
    let waiting = [waits(1), waits(2)];
    let story = Story::broadcast()
        .matched(&waiting)
        .at(1)
        .rejected(1)
        .at(10 * TIMEOUT);
    story.asks(&waiting, &[]);
    // A full one can not take it and does not count.
    story.asks(&[waits(1), full(2)], &[1]);
}

#[test]
fn when_all_rejected_a_broadcast_they_are_asked_again_after_the_time_out() {
    let waiting = [waits(1), waits(2)];
    let story = Story::broadcast()
        .matched(&waiting)
        .at(5)
        .rejected(1)
        .at(9)
        .rejected(2);
    assert_eq!(story.next(&waiting).again_at, Some(5 + TIMEOUT));
    let story = story.at(4 + TIMEOUT);
    story.asks(&waiting, &[]);
    let story = story.at(5 + TIMEOUT);
    story.asks(&waiting, &[1]);
    assert_eq!(story.next(&waiting).offers[0].round, 2);
    let story = story.at(9 + TIMEOUT);
    story.asks(&waiting, &[1, 2]);
}

#[test]
fn when_all_rejected_a_broadcast_newcomers_are_asked_at_once() {
    let story = Story::broadcast()
        .matched(&[waits(1)])
        .at(5)
        .rejected(1)
        .at(6);
    story.asks(&[waits(1), waits(2)], &[2]);
    let matching = story.next(&[waits(1), waits(2)]);
    assert_eq!(
        reasons(&matching.offers[0]),
        [
            (counselor(2), None),
            (counselor(1), Some(PassedOver::Rejected))
        ]
    );
}

#[test]
fn one_at_a_time_asks_the_preferred_character_first() {
    let story = Story::of(false, Some(2));
    let other = WaitingCounselor {
        idle_since: -100,
        ..waits(1)
    };
    let preferred = WaitingCounselor {
        character_type_id: 2,
        active_consultations: 2,
        ..waits(2)
    };
    story.asks(&[other, preferred], &[2]);
    let matching = story.next(&[other, preferred]);
    assert!(matching.offers[0].candidates[0].character_fits);
    assert!(!matching.offers[0].candidates[1].character_fits);
    assert_eq!(
        matching.offers[0].candidates[1].passed_over,
        Some(PassedOver::RankedLower)
    );
    // It is a preference: with nobody of that character the others are asked.
    story.asks(&[other], &[1]);
}

#[test]
fn then_the_fewest_consultations_and_then_the_longest_idle() {
    let busy = WaitingCounselor {
        active_consultations: 1,
        idle_since: -100,
        ..waits(1)
    };
    let idle = WaitingCounselor {
        idle_since: -50,
        ..waits(2)
    };
    let fresh = WaitingCounselor {
        idle_since: -10,
        ..waits(3)
    };
    let story = Story::one_at_a_time();
    story.asks(&[busy, fresh, idle], &[2]);
    story.asks(&[busy, fresh], &[3]);
    let matching = story.next(&[busy, fresh, idle]);
    let idle_us: Vec<_> = matching.offers[0]
        .candidates
        .iter()
        .map(|c| c.idle_us)
        .collect();
    assert_eq!(idle_us, [50, 10, 100]);
}

#[test]
fn a_full_counsellor_is_not_asked() {
    let story = Story::one_at_a_time();
    let matching = story.next(&[full(1), waits(2)]);
    assert_eq!(
        reasons(&matching.offers[0]),
        [(counselor(2), None), (counselor(1), Some(PassedOver::Full))]
    );
}

#[test]
fn a_rejection_moves_one_at_a_time_on() {
    let waiting = [waits(1), waits(2)];
    let story = Story::one_at_a_time().matched(&waiting).rejected(1);
    story.asks(&waiting, &[2]);
    let matching = story.next(&waiting);
    assert_eq!(
        matching.offers[0].candidates[1].passed_over,
        Some(PassedOver::Rejected)
    );
}

#[test]
fn the_time_out_moves_one_at_a_time_on() {
    let waiting = [waits(1), waits(2)];
    let story = Story::one_at_a_time().matched(&waiting);
    assert_eq!(story.next(&waiting).again_at, Some(TIMEOUT));
    let story = story.at(TIMEOUT);
    assert_eq!(story.next(&waiting).expire, [story.pending(1)]);
    story.asks(&waiting, &[2]);
    // Alone, one who let it go by is asked again at once: that was no rejection.
    story.asks(&[waits(1)], &[1]);
}

#[test]
fn after_the_last_it_starts_again_but_not_with_the_one_who_just_rejected() {
    let waiting = [waits(1), waits(2)];
    let story = Story::one_at_a_time()
        .matched(&waiting)
        .rejected(1)
        .matched(&waiting)
        .rejected(2);
    story.asks(&waiting, &[1]);
    assert_eq!(story.next(&waiting).offers[0].round, 2);
    let story = story.matched(&waiting).rejected(1);
    story.asks(&waiting, &[2]);
    assert_eq!(story.next(&waiting).offers[0].round, 2);
}

#[test]
fn who_just_rejected_is_asked_again_only_alone_and_after_the_time_out() {
    let story = Story::one_at_a_time()
        .matched(&[waits(1)])
        .at(5)
        .rejected(1);
    story.asks(&[waits(1)], &[]);
    assert_eq!(story.next(&[waits(1)]).again_at, Some(5 + TIMEOUT));
    story.asks(&[waits(1), waits(2)], &[2]);
    story.asks(&[waits(1), full(2)], &[]);
    let story = story.at(5 + TIMEOUT);
    story.asks(&[waits(1)], &[1]);
    story.asks(&[waits(1), waits(2)], &[2]);
    assert_eq!(story.next(&[waits(1)]).offers[0].round, 2);
    assert_eq!(story.next(&[waits(1), waits(2)]).offers[0].round, 1);
}

#[test]
fn who_leaves_is_asked_no_more_and_it_moves_on_at_once() {
    for story in [Story::broadcast(), Story::one_at_a_time()] {
        let story = story.matched(&[waits(1)]);
        let matching = story.next(&[waits(2)]);
        assert_eq!(matching.withdraw, [counselor(1)]);
        story.asks(&[waits(2)], &[2]);
        // Back again, one who left is like a newcomer.
        let story = story.matched(&[]);
        story.asks(&[waits(1)], &[1]);
    }
}

#[test]
fn leaving_is_no_answer_so_the_last_rejection_still_counts() {
    let waiting = [waits(1), waits(2)];
    let story = Story::one_at_a_time()
        .matched(&waiting)
        .rejected(1)
        .matched(&waiting);
    story.asks(&[waits(1)], &[]);
    story.at(TIMEOUT).asks(&[waits(1)], &[1]);
}

#[test]
fn what_is_not_waiting_is_not_offered() {
    let mut story = Story::broadcast().matched(&[waits(1)]);
    story.happens(&ConsultationEvent::Accepted {
        offer: story.pending(1),
        counselor: counselor(1),
        account: crate::AccountId(id(50)),
        character_type_id: 1,
        room: crate::RoomId(id(51)),
    });
    assert_eq!(story.next(&[waits(2)]), Matching::default());
    story.happens(&ConsultationEvent::ReturnedToWaiting {
        counselor: counselor(1),
    });
    story.asks(&[waits(2)], &[2]);
}

#[test]
fn a_broadcast_to_many_tells_of_all_once() {
    let waiting: Vec<_> = (1..=100).map(waits).collect();
    let matching = Story::broadcast().next(&waiting);
    assert_eq!(matching.offers.len(), 100);
    assert_eq!(matching.offers[0].candidates.len(), 100);
    for offer in &matching.offers[1..] {
        assert_eq!(
            offer.candidates.len(),
            crate::limits::CANDIDATES_OF_FURTHER_OFFERS
        );
        assert_eq!(offer.candidates[0].counselor, offer.counselor);
        assert_eq!(offer.candidates[0].passed_over, None);
    }
}

#[test]
fn idle_time_runs_from_going_waiting_and_from_the_last_end() {
    use crate::{CallEnd, ConsultationId, CounselorEvent, CounselorStatus, StatusReason};
    let status = |status| CounselorEvent::StatusChanged {
        status,
        reason: StatusReason::Chosen,
    };
    let consultation = ConsultationId(id(1));
    let mut load = CounselorLoad::default();
    load.apply(&status(CounselorStatus::Waiting), 10);
    load.apply(
        &CounselorEvent::CallTaken {
            consultation,
            offer: OfferId(id(1)),
        },
        20,
    );
    let now = load.waiting(counselor(1), 3).unwrap();
    assert_eq!(
        (now.idle_since, now.active_consultations, now.max_active),
        (10, 1, 3)
    );
    load.apply(
        &CounselorEvent::CallReleased {
            consultation,
            end: CallEnd::Completed,
        },
        30,
    );
    assert_eq!(load.waiting(counselor(1), 3).unwrap().idle_since, 30);
    load.apply(&status(CounselorStatus::Busy), 40);
    assert_eq!(load.waiting(counselor(1), 3), None);
    load.apply(&status(CounselorStatus::Waiting), 50);
    assert_eq!(load.waiting(counselor(1), 3).unwrap().idle_since, 50);
}
