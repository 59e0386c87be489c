//! Who may take a consultation, how it ends, and its card.

use super::*;
use crate::testing::{Given, given, id};
use crate::{
    AccountId, CardId, ConsultationId, CounselorId, OfferId, PersonId, Refusal, RoomId, Sealed,
    Subject, limits,
};

const ROOM: RoomId = RoomId(uuid::Uuid::from_u128(70));
const CARD: CardId = CardId(uuid::Uuid::from_u128(80));

fn sealed<T>(content: T) -> Sealed<T> {
    Sealed::of(Subject::Consultation(ConsultationId(id(1))), content)
}

fn words(text: &str) -> Sealed<String> {
    sealed(text.to_owned())
}

fn counselor(n: u128) -> CounselorId {
    CounselorId(id(n))
}

/// The n-th counsellor's offer.
fn offer(n: u128) -> OfferId {
    OfferId(id(100 + n))
}

fn request_of(nickname: &str, quick_match: bool) -> ConsultationCommand {
    ConsultationCommand::Request {
        requester: Requester::Guest(PersonId(id(60))),
        character_type_preference: Some(1),
        quick_match,
        text: sealed(RequestText {
            nickname: nickname.to_owned(),
            code: "ABCDEFGHK".to_owned(),
        }),
    }
}

fn requested() -> ConsultationEvent {
    ConsultationEvent::Requested {
        requester: Requester::Guest(PersonId(id(60))),
        character_type_preference: Some(1),
        quick_match: true,
        text: sealed(RequestText {
            nickname: "익명".to_owned(),
            code: "ABCDEFGHK".to_owned(),
        }),
    }
}

fn offered_as(n: u128, mode: OfferMode, round: u32) -> ConsultationEvent {
    ConsultationEvent::Offered {
        offer: offer(n),
        counselor: counselor(n),
        mode,
        round,
        candidates: vec![],
    }
}

fn offered(n: u128) -> ConsultationEvent {
    offered_as(n, OfferMode::Broadcast, 1)
}

fn put_to(n: u128, mode: OfferMode) -> ConsultationCommand {
    ConsultationCommand::Offer {
        offer: offer(n),
        counselor: counselor(n),
        mode,
        round: 1,
        candidates: vec![],
    }
}

fn rejected(n: u128) -> ConsultationEvent {
    ConsultationEvent::OfferRejected {
        offer: offer(n),
        counselor: counselor(n),
        response: None,
    }
}

fn reject(n: u128) -> ConsultationCommand {
    ConsultationCommand::RejectOffer {
        offer: offer(n),
        counselor: counselor(n),
        response: None,
    }
}

fn expired(n: u128) -> ConsultationEvent {
    ConsultationEvent::OfferExpired {
        offer: offer(n),
        counselor: counselor(n),
    }
}

fn withdrawn(n: u128, reason: Withdrawal) -> ConsultationEvent {
    ConsultationEvent::OfferWithdrawn {
        offer: offer(n),
        counselor: counselor(n),
        reason,
    }
}

fn accepted(n: u128) -> ConsultationEvent {
    ConsultationEvent::Accepted {
        offer: offer(n),
        counselor: counselor(n),
        account: AccountId(id(50 + n)),
        character_type_id: 2,
        room: ROOM,
    }
}

fn accept_as(offer: OfferId, n: u128) -> ConsultationCommand {
    ConsultationCommand::Accept {
        offer,
        counselor: counselor(n),
        account: AccountId(id(50 + n)),
        character_type_id: 2,
        room: ROOM,
    }
}

fn accept(n: u128) -> ConsultationCommand {
    accept_as(offer(n), n)
}

fn completed(reason: EndReason) -> ConsultationEvent {
    ConsultationEvent::Completed {
        reason,
        counselor: counselor(1),
    }
}

fn terminated(reason: EndReason) -> ConsultationEvent {
    ConsultationEvent::Terminated { reason }
}

fn card_issued() -> ConsultationEvent {
    ConsultationEvent::CardIssued {
        card: CARD,
        summary_by: SummaryBy::Counselor,
        text: sealed(CardText::default()),
    }
}

fn issue(card: CardId, text: CardText) -> ConsultationCommand {
    ConsultationCommand::IssueCard {
        card,
        summary_by: SummaryBy::Counselor,
        text: sealed(text),
    }
}

fn rate(score: u8, comment: Option<&str>) -> ConsultationCommand {
    ConsultationCommand::Rate {
        score,
        comment: comment.map(words),
    }
}

fn notes(n: u128, counselor_notes: &str, key_points: Option<Vec<String>>) -> ConsultationCommand {
    let counselor_notes = counselor_notes.to_owned();
    let notes = sealed(Notes {
        counselor_notes,
        key_points,
    });
    ConsultationCommand::WriteNotes {
        counselor: counselor(n),
        notes,
    }
}

fn waiting(more: impl IntoIterator<Item = ConsultationEvent>) -> Given<Consultation> {
    given([requested()].into_iter().chain(more))
}

/// Taken by counsellor 1, while 2 was asked as well.
fn active(more: impl IntoIterator<Item = ConsultationEvent>) -> Given<Consultation> {
    let taken = [
        offered(1),
        offered(2),
        accepted(1),
        withdrawn(2, Withdrawal::Taken),
    ];
    waiting(taken.into_iter().chain(more))
}

fn over(more: impl IntoIterator<Item = ConsultationEvent>) -> Given<Consultation> {
    active([completed(EndReason::EndedByUser)].into_iter().chain(more))
}

fn no_counselor() -> Given<Consultation> {
    waiting([offered(1), expired(1), terminated(EndReason::NoCounselor)])
}

#[test]
fn a_consultation_is_requested_once() {
    given::<Consultation>([])
        .when(request_of("익명", true))
        .then([requested()]);
    waiting([])
        .when(request_of("익명", true))
        .then_refused(Refusal::AlreadyRegistered);
    let Given(state) = waiting([]);
    assert_eq!(state.status(), Some(ConsultationStatus::Waiting));
    assert_eq!(state.requester(), Some(Requester::Guest(PersonId(id(60)))));
    assert_eq!((state.quick_match(), state.preference()), (true, Some(1)));
}

#[test]
fn a_nickname_has_1_to_50_characters() {
    for (nickname, refusal) in [
        (String::new(), Refusal::NicknameLength),
        ("   ".to_owned(), Refusal::NicknameLength),
        (
            "가".repeat(limits::NICKNAME_CHARS + 1),
            Refusal::NicknameLength,
        ),
        ("가\0".to_owned(), Refusal::NotAText),
    ] {
        let change = ConsultationCommand::ChangeNickname {
            nickname: words(&nickname),
        };
        given::<Consultation>([])
            .when(request_of(&nickname, true))
            .then_refused(refusal);
        waiting([]).when(change).then_refused(refusal);
    }
    let longest = "가".repeat(limits::NICKNAME_CHARS);
    assert!(
        given::<Consultation>([])
            .when(request_of(&longest, true))
            .0
            .is_ok()
    );
}

#[test]
fn a_nickname_can_be_changed_until_the_end() {
    let nickname = words("새이름");
    let change = ConsultationCommand::ChangeNickname {
        nickname: nickname.clone(),
    };
    let changed = ConsultationEvent::NicknameChanged { nickname };
    waiting([]).when(change.clone()).then([changed.clone()]);
    active([]).when(change.clone()).then([changed]);
    over([]).when(change).then_nothing();
}

#[test]
fn nothing_can_be_asked_of_an_unknown_consultation() {
    for command in [
        put_to(1, OfferMode::Broadcast),
        accept(1),
        reject(1),
        ConsultationCommand::End { by: EndedBy::User },
        ConsultationCommand::GiveUp,
        rate(5, None),
    ] {
        given::<Consultation>([])
            .when(command)
            .then_refused(Refusal::UnknownConsultation);
    }
}

#[test]
fn a_broadcast_goes_to_many_but_to_each_once_at_a_time() {
    waiting([offered(1)])
        .when(put_to(2, OfferMode::Broadcast))
        .then([offered(2)]);
    let other_offer = ConsultationCommand::Offer {
        offer: offer(9),
        counselor: counselor(1),
        mode: OfferMode::Broadcast,
        round: 1,
        candidates: vec![],
    };
    waiting([offered(1)])
        .when(other_offer.clone())
        .then_refused(Refusal::AlreadyOffered);
    assert!(
        waiting([offered(1), rejected(1)])
            .when(other_offer)
            .0
            .is_ok()
    );
}

#[test]
fn the_same_offer_is_made_once() {
    waiting([offered(1)])
        .when(put_to(1, OfferMode::Broadcast))
        .then_nothing();
    waiting([offered(1), rejected(1)])
        .when(put_to(1, OfferMode::Broadcast))
        .then_nothing();
}

#[test]
fn one_at_a_time_is_one_at_a_time() {
    let one = OfferMode::OneAtATime;
    waiting([offered_as(1, one, 1)])
        .when(put_to(2, one))
        .then_refused(Refusal::AnotherAsked);
    waiting([offered_as(1, one, 1), expired(1)])
        .when(put_to(2, one))
        .then([offered_as(2, one, 1)]);
}

#[test]
fn only_a_waiting_consultation_is_offered() {
    for given in [active([]), over([]), no_counselor()] {
        given
            .when(put_to(7, OfferMode::Broadcast))
            .then_refused(Refusal::NotWaiting);
    }
}

#[test]
fn the_first_to_accept_gets_it_and_the_others_offers_are_withdrawn() {
    waiting([offered(1), offered(2), offered(3), rejected(2)])
        .when(accept(3))
        .then([accepted(3), withdrawn(1, Withdrawal::Taken)]);
    let Given(state) = active([]);
    assert_eq!(state.status(), Some(ConsultationStatus::Active));
    assert_eq!(state.counselor(), Some(counselor(1)));
    assert_eq!(state.counselor_account(), Some(AccountId(id(51))));
    assert_eq!(state.character_type_id(), Some(2));
    assert_eq!(state.room(), Some(ROOM));
    assert_eq!(state.accepted_offer(), Some(offer(1)));
    assert_eq!(state.pending_offers().count(), 0);
}

#[test]
fn accepting_twice_is_accepting_once_even_after_the_end() {
    active([]).when(accept(1)).then_nothing();
    over([]).when(accept(1)).then_nothing();
}

#[test]
fn what_another_took_is_taken() {
    active([])
        .when(accept(2))
        .then_refused(Refusal::RequestTaken);
    active([])
        .when(reject(2))
        .then_refused(Refusal::RequestTaken);
}

#[test]
fn what_expired_or_was_withdrawn_or_ended_or_rejected_is_gone() {
    let ended = [
        withdrawn(1, Withdrawal::Ended),
        terminated(EndReason::EndedByUser),
    ];
    let gone = [
        waiting([offered(1), expired(1)]),
        waiting([offered(1), withdrawn(1, Withdrawal::CounselorLeft)]),
        waiting([offered(1)].into_iter().chain(ended)),
        no_counselor(),
    ];
    for given in gone {
        let Given(state) = given;
        Given(state.clone())
            .when(accept(1))
            .then_refused(Refusal::RequestGone);
        Given(state)
            .when(reject(1))
            .then_refused(Refusal::RequestGone);
    }
    waiting([offered(1), rejected(1)])
        .when(accept(1))
        .then_refused(Refusal::RequestGone);
}

#[test]
fn what_went_back_to_waiting_is_gone_for_those_who_had_it_offered_before() {
    let returned = ConsultationEvent::ReturnedToWaiting {
        counselor: counselor(1),
    };
    for n in [1, 2] {
        active([returned.clone()])
            .when(accept(n))
            .then_refused(Refusal::RequestGone);
        active([returned.clone()])
            .when(reject(n))
            .then_refused(Refusal::RequestGone);
    }
}

#[test]
fn nobody_learns_of_anothers_offer() {
    waiting([offered(1)])
        .when(accept_as(offer(1), 2))
        .then_refused(Refusal::UnknownRequest);
    waiting([offered(1)])
        .when(accept_as(offer(9), 1))
        .then_refused(Refusal::UnknownRequest);
    let others = ConsultationCommand::RejectOffer {
        offer: offer(1),
        counselor: counselor(2),
        response: None,
    };
    waiting([offered(1)])
        .when(others)
        .then_refused(Refusal::UnknownRequest);
}

#[test]
fn rejecting_twice_is_rejecting_once() {
    waiting([offered(1)]).when(reject(1)).then([rejected(1)]);
    waiting([offered(1), rejected(1)])
        .when(reject(1))
        .then_nothing();
    active([])
        .when(reject(1))
        .then_refused(Refusal::AlreadyAccepted);
    let long = ConsultationCommand::RejectOffer {
        offer: offer(1),
        counselor: counselor(1),
        response: Some(words(&"가".repeat(limits::RESPONSE_CHARS + 1))),
    };
    waiting([offered(1)])
        .when(long)
        .then_refused(Refusal::ResponseTooLong);
}

#[test]
fn only_a_pending_offer_to_one_expires() {
    let expire = |n| ConsultationCommand::ExpireOffer { offer: offer(n) };
    let one = offered_as(1, OfferMode::OneAtATime, 1);
    waiting([one.clone()]).when(expire(1)).then([expired(1)]);
    waiting([one.clone(), rejected(1)])
        .when(expire(1))
        .then_nothing();
    waiting([one, expired(1)]).when(expire(1)).then_nothing();
    waiting([offered(1)]).when(expire(1)).then_nothing();
    waiting([])
        .when(expire(1))
        .then_refused(Refusal::UnknownRequest);
}

#[test]
fn who_stops_taking_calls_has_their_offers_withdrawn() {
    let leave = |n| ConsultationCommand::WithdrawOffers {
        counselor: counselor(n),
    };
    waiting([offered(1), offered(2)])
        .when(leave(1))
        .then([withdrawn(1, Withdrawal::CounselorLeft)]);
    waiting([offered(1), rejected(1)])
        .when(leave(1))
        .then_nothing();
    active([]).when(leave(1)).then_nothing();
}

#[test]
fn a_consultation_whose_counsellor_is_gone_waits_again_in_the_same_room() {
    let give_back = |n| ConsultationCommand::ReturnToWaiting {
        counselor: counselor(n),
    };
    let returned = ConsultationEvent::ReturnedToWaiting {
        counselor: counselor(1),
    };
    active([]).when(give_back(1)).then([returned.clone()]);
    active([]).when(give_back(2)).then_nothing();
    over([]).when(give_back(1)).then_nothing();
    let Given(state) = active([returned]);
    assert_eq!(state.status(), Some(ConsultationStatus::Waiting));
    assert_eq!((state.counselor(), state.room()), (None, Some(ROOM)));
    Given(state.clone()).when(give_back(1)).then_nothing();
    Given(state)
        .when(put_to(3, OfferMode::Broadcast))
        .then([offered(3)]);
}

#[test]
fn ending_completes_what_is_active_and_terminates_what_waits() {
    let end = ConsultationCommand::End { by: EndedBy::User };
    active([])
        .when(end.clone())
        .then([completed(EndReason::EndedByUser)]);
    waiting([offered(1), offered(2), rejected(2)])
        .when(end.clone())
        .then([
            withdrawn(1, Withdrawal::Ended),
            terminated(EndReason::EndedByUser),
        ]);
    over([]).when(end.clone()).then_nothing();
    no_counselor().when(end).then_nothing();
    assert_eq!(over([]).0.end_reason(), Some(EndReason::EndedByUser));
    assert_eq!(over([]).0.counselor(), Some(counselor(1)));
}

#[test]
fn only_its_own_counsellor_ends_it() {
    let end = |n| ConsultationCommand::End {
        by: EndedBy::Counselor(counselor(n)),
    };
    active([])
        .when(end(1))
        .then([completed(EndReason::EndedByCounselor)]);
    over([]).when(end(1)).then_nothing();
    for given in [active([]), over([]), waiting([offered(2)])] {
        given.when(end(2)).then_refused(Refusal::NotItsCounselor);
    }
}

#[test]
fn when_nobody_accepted_in_time_it_is_terminated_and_its_offers_expire() {
    let give_up = ConsultationCommand::GiveUp;
    waiting([offered(1), offered(2), rejected(2)])
        .when(give_up.clone())
        .then([expired(1), terminated(EndReason::NoCounselor)]);
    no_counselor().when(give_up.clone()).then_nothing();
    over([]).when(give_up.clone()).then_nothing();
    active([]).when(give_up).then_refused(Refusal::NotWaiting);
}

#[test]
fn an_idle_consultation_is_completed() {
    let idle = ConsultationCommand::CompleteIdle;
    active([])
        .when(idle.clone())
        .then([completed(EndReason::Idle)]);
    over([]).when(idle.clone()).then_nothing();
    waiting([]).when(idle).then_refused(Refusal::NotActive);
}

#[test]
fn only_its_counsellor_writes_notes_and_also_after_the_end() {
    assert!(active([]).when(notes(1, "요약", None)).0.is_ok());
    assert!(over([]).when(notes(1, "요약", None)).0.is_ok());
    for given in [active([]), over([]), waiting([offered(2)])] {
        given
            .when(notes(2, "요약", None))
            .then_refused(Refusal::NotItsCounselor);
    }
}

#[test]
fn notes_and_key_points_are_bounded() {
    let long = "가".repeat(limits::NOTES_CHARS + 1);
    active([])
        .when(notes(1, &long, None))
        .then_refused(Refusal::NotesTooLong);
    let many = vec![String::new(); limits::KEY_POINTS + 1];
    active([])
        .when(notes(1, "", Some(many.clone())))
        .then_refused(Refusal::TooManyKeyPoints);
    let long_point = vec!["가".repeat(limits::KEY_POINT_CHARS + 1)];
    active([])
        .when(notes(1, "", Some(long_point)))
        .then_refused(Refusal::TooManyKeyPoints);
    let card = CardText {
        key_points: many,
        ..CardText::default()
    };
    over([])
        .when(issue(CARD, card))
        .then_refused(Refusal::TooManyKeyPoints);
    let card = CardText {
        additional_notes: Some(long),
        ..CardText::default()
    };
    over([])
        .when(issue(CARD, card))
        .then_refused(Refusal::NotesTooLong);
}

#[test]
fn a_card_is_issued_once_and_only_for_what_is_completed() {
    let text = CardText::default;
    over([]).when(issue(CARD, text())).then([card_issued()]);
    over([card_issued()])
        .when(issue(CardId(id(81)), text()))
        .then_nothing();
    assert_eq!(over([card_issued()]).0.card(), Some(CARD));
    for given in [waiting([]), active([]), no_counselor()] {
        given
            .when(issue(CARD, text()))
            .then_refused(Refusal::NotCompleted);
    }
}

#[test]
fn only_what_has_ended_is_erased_and_then_nothing_is_said_any_more() {
    let erase = || ConsultationCommand::Erase;
    let erased = || ConsultationEvent::Erased {};
    for given in [waiting([]), active([])] {
        given.when(erase()).then_refused(Refusal::NotCompleted);
    }
    over([]).when(erase()).then([erased()]);
    no_counselor().when(erase()).then([erased()]);
    over([erased()]).when(erase()).then_nothing();
    assert!(over([erased()]).0.is_erased());
    for command in [
        rate(5, None),
        notes(1, "말", None),
        issue(CARD, CardText::default()),
    ] {
        over([erased()])
            .when(command)
            .then_refused(Refusal::ConsultationErased);
    }
    let additional_notes = sealed(Some("말".to_owned()));
    over([card_issued(), erased()])
        .when(ConsultationCommand::NoteCard { additional_notes })
        .then_refused(Refusal::ConsultationErased);
    let by = EndedBy::User;
    over([erased()])
        .when(ConsultationCommand::End { by })
        .then_nothing();
}

#[test]
fn a_card_is_noted_once_it_exists() {
    let additional_notes = sealed(Some("고마웠어요".to_owned()));
    let note = ConsultationCommand::NoteCard {
        additional_notes: additional_notes.clone(),
    };
    over([card_issued()])
        .when(note.clone())
        .then([ConsultationEvent::CardNoted { additional_notes }]);
    for given in [over([]), active([]), waiting([]), no_counselor()] {
        given.when(note.clone()).then_refused(Refusal::NoCard);
    }
    let long = sealed(Some("가".repeat(limits::NOTES_CHARS + 1)));
    over([card_issued()])
        .when(ConsultationCommand::NoteCard {
            additional_notes: long,
        })
        .then_refused(Refusal::NotesTooLong);
}

#[test]
fn a_completed_consultation_is_rated_once_with_1_to_5() {
    let rated = ConsultationEvent::Rated {
        score: 5,
        comment: Some(words("좋았어요")),
    };
    over([])
        .when(rate(5, Some("좋았어요")))
        .then([rated.clone()]);
    over([rated])
        .when(rate(4, None))
        .then_refused(Refusal::AlreadyRated);
    for score in [0, 6] {
        over([])
            .when(rate(score, None))
            .then_refused(Refusal::ScoreOutOfRange);
    }
    let long = "가".repeat(limits::COMMENT_CHARS + 1);
    over([])
        .when(rate(1, Some(&long)))
        .then_refused(Refusal::CommentTooLong);
    for given in [waiting([]), active([]), no_counselor()] {
        given
            .when(rate(5, None))
            .then_refused(Refusal::NotCompleted);
    }
}

#[test]
fn matching_can_ask_who_was_asked() {
    let left = withdrawn(3, Withdrawal::CounselorLeft);
    let Given(state) = waiting([
        offered(1),
        offered(2),
        offered(3),
        rejected(1),
        left,
        offered(4),
    ]);
    assert_eq!(state.last_rejecter(), Some(counselor(1)));
    assert_eq!(state.round(), 1);
    let asked: Vec<_> = state.asked_this_round().collect();
    assert_eq!(asked, [counselor(1), counselor(2), counselor(4)]);
    let pending: Vec<_> = state
        .pending_offers()
        .map(|offer| offer.counselor)
        .collect();
    assert_eq!(pending, [counselor(2), counselor(4)]);
    assert_eq!(state.offer(offer(1)).unwrap().status, OfferStatus::Rejected);
    assert_eq!(waiting([]).0.round(), 0);
    let Given(expired) = waiting([
        offered(1),
        rejected(1),
        offered_as(2, OfferMode::OneAtATime, 2),
        expired(2),
    ]);
    assert_eq!((expired.last_rejecter(), expired.round()), (None, 2));
}

#[test]
fn a_state_holds_nothing_personal_and_survives_a_snapshot() {
    let Given(state) = over([card_issued()]);
    let json = serde_json::to_string(&state).unwrap();
    for planted in ["익명", "ABCDEFGHK"] {
        assert!(!json.contains(planted), "{json}");
    }
    assert_eq!(serde_json::from_str::<Consultation>(&json).unwrap(), state);
}
