//! Random commands, and random events that nobody decided, against the states as they must be.

use cqrs_es::Aggregate;
use proptest::prelude::*;

use super::*;
use crate::testing::{cases, id};
use crate::{
    AccountId, CardId, ConsultationId, CounselorId, Decide, OfferId, PersonId, RoomId, Sealed,
    Subject,
};

fn sealed<T>(content: T) -> Sealed<T> {
    Sealed::of(Subject::Consultation(ConsultationId(id(1))), content)
}

fn request_text() -> RequestText {
    RequestText {
        nickname: "익명".to_owned(),
        code: "ABCDEFGHK".to_owned(),
    }
}

fn ids() -> impl Strategy<Value = (OfferId, CounselorId)> {
    (0..6u128, 0..3u128)
        .prop_map(|(offer, counselor)| (OfferId(id(offer)), CounselorId(id(counselor))))
}

/// Offers belong to the counsellor of the same remainder, so that many commands fit together.
fn fitting() -> impl Strategy<Value = (OfferId, CounselorId)> {
    (0..6u128).prop_map(|offer| (OfferId(id(offer)), CounselorId(id(offer % 3))))
}

fn command() -> impl Strategy<Value = ConsultationCommand> {
    let pair = prop_oneof![4 => fitting(), 1 => ids()];
    (0..14u8, pair, any::<bool>()).prop_map(|(which, (offer, counselor), flag)| match which {
        0 => ConsultationCommand::Request {
            requester: Requester::Guest(PersonId(id(60))),
            character_type_preference: None,
            quick_match: flag,
            text: sealed(request_text()),
        },
        1..=3 => ConsultationCommand::Offer {
            offer,
            counselor,
            mode: if flag {
                OfferMode::Broadcast
            } else {
                OfferMode::OneAtATime
            },
            round: 1,
            candidates: vec![],
        },
        4 => ConsultationCommand::RejectOffer {
            offer,
            counselor,
            response: None,
        },
        5 => ConsultationCommand::ExpireOffer { offer },
        6 => ConsultationCommand::WithdrawOffers { counselor },
        7..=8 => ConsultationCommand::Accept {
            offer,
            counselor,
            account: AccountId(id(50)),
            character_type_id: 1,
            room: RoomId(id(70)),
        },
        9 => ConsultationCommand::ReturnToWaiting { counselor },
        10 => ConsultationCommand::End {
            by: if flag {
                EndedBy::User
            } else {
                EndedBy::Counselor(counselor)
            },
        },
        11 if flag => ConsultationCommand::GiveUp,
        11 => ConsultationCommand::CompleteIdle,
        12 => ConsultationCommand::IssueCard {
            card: CardId(id(80)),
            summary_by: SummaryBy::Extractive,
            text: sealed(CardText::default()),
        },
        _ => ConsultationCommand::Rate {
            score: 3,
            comment: None,
        },
    })
}

/// Any event, whether or not it can happen now.
fn event() -> impl Strategy<Value = ConsultationEvent> {
    (0..9u8, ids()).prop_map(|(which, (offer, counselor))| match which {
        0 => ConsultationEvent::Requested {
            requester: Requester::Guest(PersonId(id(61))),
            character_type_preference: None,
            quick_match: true,
            text: Sealed::Erased,
        },
        1 => ConsultationEvent::Offered {
            offer,
            counselor,
            mode: OfferMode::Broadcast,
            round: 1,
            candidates: vec![],
        },
        2 => ConsultationEvent::OfferRejected {
            offer,
            counselor,
            response: None,
        },
        3 => ConsultationEvent::OfferExpired { offer, counselor },
        4 => ConsultationEvent::Accepted {
            offer,
            counselor,
            account: AccountId(id(50)),
            character_type_id: 1,
            room: RoomId(id(70)),
        },
        5 => ConsultationEvent::ReturnedToWaiting { counselor },
        6 => ConsultationEvent::Completed {
            reason: EndReason::Idle,
            counselor,
        },
        7 => ConsultationEvent::Terminated {
            reason: EndReason::NoCounselor,
        },
        _ => ConsultationEvent::CardIssued {
            card: CardId(id(80)),
            summary_by: SummaryBy::Extractive,
            text: Sealed::Erased,
        },
    })
}

/// Checks one step from `before` to `after`.
fn check(before: &Consultation, after: &Consultation) -> Result<(), TestCaseError> {
    use ConsultationStatus::{Active, Completed, Terminated, Waiting};
    let legal = before.status() == after.status()
        || matches!(
            (before.status(), after.status()),
            (None, Some(Waiting))
                | (Some(Waiting), Some(Active | Terminated))
                | (Some(Active), Some(Completed | Waiting))
        );
    prop_assert!(legal, "{:?} to {:?}", before.status(), after.status());
    let status = after.status();
    prop_assert!(after.card().is_none() || status == Some(Completed));
    prop_assert!(before.card().is_none() || after.card() == before.card());
    prop_assert_eq!(
        after.counselor().is_some(),
        matches!(status, Some(Active | Completed))
    );
    if before.counselor().is_some() && after.counselor().is_some() {
        prop_assert_eq!(before.counselor(), after.counselor());
    }
    let accepted = after
        .offers()
        .iter()
        .filter(|offer| offer.status == OfferStatus::Accepted);
    prop_assert!(accepted.count() >= usize::from(after.counselor().is_some()));
    Ok(())
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn whatever_is_commanded_the_states_are_as_they_must_be(
        commands in proptest::collection::vec(command(), 0..60),
    ) {
        let mut state = Consultation::default();
        for command in commands {
            let Ok(events) = state.decide(command.clone()) else { continue };
            let before = state.clone();
            for event in events {
                let step = state.clone();
                state.apply(event);
                check(&step, &state)?;
            }
            check(&before, &state)?;
            // Only a waiting consultation has open offers, each counsellor at most one.
            let mut pending: Vec<_> = state.pending_offers().map(|offer| offer.counselor).collect();
            let asked = pending.len();
            pending.sort_unstable();
            pending.dedup();
            prop_assert_eq!(pending.len(), asked);
            prop_assert!(asked == 0 || state.status() == Some(ConsultationStatus::Waiting));
            // The same once more causes nothing.
            prop_assert_eq!(state.decide(command).unwrap_or_default(), vec![]);
        }
    }

    #[test]
    fn events_that_nobody_decided_break_no_state(
        events in proptest::collection::vec(event(), 0..60),
    ) {
        let mut state = Consultation::default();
        for event in events {
            let before = state.clone();
            state.apply(event);
            check(&before, &state)?;
        }
    }
}
