//! What is asked of a session, one step at a time, and what comes of it.

use proptest::prelude::*;

use super::*;
use crate::testing::{Given, cases, given, id, sealed};
use crate::{
    AccountId, CardId, ConsultationId, EmotionSessionId, NodeId, Refusal, Risk, Sealed, StepId,
    SummaryBy, limits,
};

const OWNER: AccountId = AccountId(uuid::Uuid::from_u128(1));
const NODE: NodeId = NodeId(uuid::Uuid::from_u128(2));
const OTHER_NODE: NodeId = NodeId(uuid::Uuid::from_u128(3));
const FIRST: StepId = StepId(uuid::Uuid::from_u128(4));
const SECOND: StepId = StepId(uuid::Uuid::from_u128(5));
const CONSULTATION: ConsultationId = ConsultationId(uuid::Uuid::from_u128(7));
const CARD: CardId = CardId(uuid::Uuid::from_u128(6));

fn opening(topic: &str) -> Sealed<SessionOpening> {
    sealed(SessionOpening {
        emotion_label: Some("불안".to_owned()),
        topic: Some(topic.to_owned()),
    })
}

fn opened() -> EmotionEvent {
    EmotionEvent::Opened {
        owner: OWNER,
        opening: opening("시험"),
    }
}

fn input(text: &str) -> Sealed<StepInput> {
    sealed(StepInput {
        user_input: text.to_owned(),
        system_prompt: None,
    })
}

fn ask(step: StepId, step_order: Option<u32>) -> EmotionCommand {
    EmotionCommand::Ask {
        step,
        step_order,
        step_type: "normal".to_owned(),
        risk: None,
        node: NODE,
        input: input("요즘 잠을 못 자요."),
    }
}

fn asked(step: StepId, step_order: u32) -> EmotionEvent {
    EmotionEvent::StepAsked {
        owner: OWNER,
        step,
        step_order,
        step_type: "normal".to_owned(),
        risk: None,
        node: NODE,
        input: input("요즘 잠을 못 자요."),
    }
}

fn asked_again(step: StepId) -> EmotionEvent {
    EmotionEvent::StepAskedAgain {
        owner: OWNER,
        step,
        node: OTHER_NODE,
    }
}

fn answer() -> Sealed<Answer> {
    sealed(["많이 ", "힘드", "셨겠어요."].into_iter().collect())
}

fn felt(intensity: f64) -> FeltEmotion {
    FeltEmotion {
        label: "sadness".to_owned(),
        intensity,
    }
}

fn outcome(intensity: f64) -> Outcome {
    Outcome::Answered {
        responder: ResponderKind::BuiltIn,
        emotion: felt(intensity),
        usage: TokenUsage::default(),
        truncated: false,
        answer: answer(),
    }
}

fn note(step: StepId, number: u32, outcome: Outcome) -> EmotionCommand {
    EmotionCommand::Note(Attempt { step, number }, outcome)
}

fn answered(step: StepId) -> EmotionEvent {
    EmotionEvent::StepAnswered {
        owner: OWNER,
        step,
        responder: ResponderKind::BuiltIn,
        emotion: felt(0.5),
        usage: TokenUsage::default(),
        truncated: false,
        answer: answer(),
    }
}

fn failed(step: StepId) -> EmotionEvent {
    EmotionEvent::StepFailed {
        owner: OWNER,
        step,
        reason: "stopped".to_owned(),
        retryable: true,
        arrived: Some(answer()),
    }
}

fn cancelled(step: StepId) -> EmotionEvent {
    EmotionEvent::StepCancelled {
        owner: OWNER,
        step,
        arrived: answer(),
    }
}

fn write_card() -> EmotionCommand {
    EmotionCommand::WriteCard {
        card: CARD,
        summary_by: SummaryBy::Extractive,
        key_emotions: vec![KeyEmotion {
            label: "sadness".to_owned(),
            weight: 1.0,
        }],
        text: sealed(EmotionCardText {
            summary: "잠을 못 잔다.".to_owned(),
        }),
    }
}

fn session(events: impl IntoIterator<Item = EmotionEvent>) -> Given<EmotionSession> {
    given(std::iter::once(opened()).chain(events))
}

#[test]
fn a_session_is_opened_once() {
    let open = |topic: &str| EmotionCommand::Open {
        owner: OWNER,
        opening: opening(topic),
    };
    given::<EmotionSession>([])
        .when(open("시험"))
        .then([opened()]);
    session([])
        .when(open("시험"))
        .then_refused(Refusal::AlreadyRegistered);
    given::<EmotionSession>([])
        .when(open(&"가".repeat(limits::TOPIC_CHARS + 1)))
        .then_refused(Refusal::OpeningTooLong);
    given::<EmotionSession>([])
        .when(ask(FIRST, None))
        .then_refused(Refusal::UnknownEmotionSession);
}

#[test]
fn steps_are_asked_one_after_the_other() {
    session([]).when(ask(FIRST, None)).then([asked(FIRST, 1)]);
    session([asked(FIRST, 1)])
        .when(ask(SECOND, None))
        .then_refused(Refusal::StepOpen);
    for over in [answered(FIRST), failed(FIRST), cancelled(FIRST)] {
        session([asked(FIRST, 1), over])
            .when(ask(SECOND, None))
            .then([asked(SECOND, 2)]);
    }
}

#[test]
fn the_order_of_a_step_is_its_own() {
    session([])
        .when(ask(FIRST, Some(7)))
        .then([asked(FIRST, 7)]);
    let after = [asked(FIRST, 7), answered(FIRST)];
    session(after.clone())
        .when(ask(SECOND, None))
        .then([asked(SECOND, 8)]);
    session(after.clone())
        .when(ask(SECOND, Some(3)))
        .then([asked(SECOND, 3)]);
    session(after.clone())
        .when(ask(SECOND, Some(7)))
        .then_refused(Refusal::StepOrderTaken);
    for order in [0, limits::STEP_ORDER_MAX + 1] {
        session(after.clone())
            .when(ask(SECOND, Some(order)))
            .then_refused(Refusal::StepOrderOutOfRange);
    }
}

#[test]
fn what_is_said_has_a_length_and_a_type_is_a_word() {
    let say = |text: &str, prompt: Option<String>, step_type: &str| EmotionCommand::Ask {
        step: FIRST,
        step_order: None,
        step_type: step_type.to_owned(),
        risk: Some(Risk::High),
        node: NODE,
        input: sealed(StepInput {
            user_input: text.to_owned(),
            system_prompt: prompt,
        }),
    };
    for blank in ["", " \n\t"] {
        session([])
            .when(say(blank, None, "normal"))
            .then_refused(Refusal::InputLength);
    }
    session([])
        .when(say(
            &"가".repeat(limits::USER_INPUT_CHARS + 1),
            None,
            "normal",
        ))
        .then_refused(Refusal::InputLength);
    session([])
        .when(say("a\0", None, "normal"))
        .then_refused(Refusal::NotAText);
    for step_type in ["", "두 번째", "a b", &"a".repeat(51)] {
        session([])
            .when(say("네", None, step_type))
            .then_refused(Refusal::NotAStepType);
    }
    let prompt = "가".repeat(limits::SYSTEM_PROMPT_CHARS);
    assert!(
        session([])
            .when(say("네", Some(prompt.clone()), "normal"))
            .0
            .is_ok()
    );
    session([])
        .when(say("네", Some(prompt + "가"), "normal"))
        .then_refused(Refusal::PromptTooLong);
}

#[test]
fn only_the_step_that_is_being_answered_is_answered() {
    session([asked(FIRST, 1)])
        .when(note(FIRST, 1, outcome(0.5)))
        .then([answered(FIRST)]);
    session([asked(FIRST, 1)])
        .when(note(SECOND, 1, outcome(0.5)))
        .then_refused(Refusal::UnknownStep);
    for over in [answered(FIRST), failed(FIRST), cancelled(FIRST)] {
        for outcome in [
            outcome(0.5),
            Outcome::Arrived(answer()),
            Outcome::Cancelled(answer()),
        ] {
            session([asked(FIRST, 1), over.clone()])
                .when(note(FIRST, 1, outcome))
                .then_refused(Refusal::StepNotOpen);
        }
    }
    session([asked(FIRST, 1)])
        .when(note(FIRST, 1, outcome(1.5)))
        .then_refused(Refusal::EmotionOutOfRange);
}

#[test]
fn what_arrives_is_noted_and_leaves_the_step_open() {
    let arrived = EmotionEvent::StepArrived {
        owner: OWNER,
        step: FIRST,
        arrived: answer(),
    };
    session([asked(FIRST, 1)])
        .when(note(FIRST, 1, Outcome::Arrived(answer())))
        .then([arrived.clone()]);
    session([asked(FIRST, 1), arrived])
        .when(note(FIRST, 1, Outcome::Cancelled(answer())))
        .then([cancelled(FIRST)]);
}

#[test]
fn what_failed_or_was_cancelled_can_be_asked_again() {
    let again = EmotionCommand::AskAgain {
        step: FIRST,
        node: OTHER_NODE,
    };
    for over in [failed(FIRST), cancelled(FIRST)] {
        session([asked(FIRST, 1), over])
            .when(again.clone())
            .then([asked_again(FIRST)]);
    }
    session([asked(FIRST, 1)])
        .when(again.clone())
        .then_refused(Refusal::StepOpen);
    session([asked(FIRST, 1), answered(FIRST)])
        .when(again.clone())
        .then_refused(Refusal::StepAnswered);
    session([]).when(again).then_refused(Refusal::UnknownStep);
}

#[test]
fn who_was_taken_for_dead_says_nothing_about_what_was_asked_again() {
    let events = [asked(FIRST, 1), failed(FIRST), asked_again(FIRST)];
    session(events.clone())
        .when(note(FIRST, 1, outcome(0.5)))
        .then_refused(Refusal::StepNotOpen);
    session(events)
        .when(note(FIRST, 2, outcome(0.5)))
        .then([answered(FIRST)]);
}

#[test]
fn a_step_is_not_asked_for_ever() {
    let mut events = vec![asked(FIRST, 1), failed(FIRST)];
    for _ in 1..limits::STEP_ATTEMPTS {
        events.extend([asked_again(FIRST), failed(FIRST)]);
    }
    session(events)
        .when(EmotionCommand::AskAgain {
            step: FIRST,
            node: NODE,
        })
        .then_refused(Refusal::TooManySteps);
}

#[test]
fn an_ended_session_takes_nothing_more_and_keeps_what_is_on_its_way() {
    let ended = EmotionEvent::Ended { owner: OWNER };
    session([]).when(EmotionCommand::End).then([ended.clone()]);
    session([ended.clone()])
        .when(EmotionCommand::End)
        .then_nothing();
    session([ended.clone()])
        .when(ask(FIRST, None))
        .then_refused(Refusal::EmotionSessionEnded);
    session([asked(FIRST, 1), ended])
        .when(note(FIRST, 1, outcome(0.5)))
        .then([answered(FIRST)]);
}

#[test]
fn an_answer_that_another_process_gives_is_asked_to_stop_once() {
    let asked_to_stop = EmotionEvent::CancelAsked {
        owner: OWNER,
        step: FIRST,
    };
    session([])
        .when(EmotionCommand::AskCancel)
        .then_refused(Refusal::StepNotOpen);
    session([asked(FIRST, 1)])
        .when(EmotionCommand::AskCancel)
        .then([asked_to_stop.clone()]);
    let stopping = [asked(FIRST, 1), asked_to_stop.clone()];
    session(stopping.clone())
        .when(EmotionCommand::AskCancel)
        .then_nothing();
    // It may have been answered before whoever answers heard of it.
    session(stopping.clone())
        .when(note(FIRST, 1, outcome(0.5)))
        .then([answered(FIRST)]);
    let again = [&stopping[..], &[cancelled(FIRST), asked_again(FIRST)]].concat();
    session(again)
        .when(EmotionCommand::AskCancel)
        .then([asked_to_stop]);
}

fn hand_over(consent: bool, goes_on: bool) -> EmotionCommand {
    EmotionCommand::HandOver {
        consultation: CONSULTATION,
        consent,
        goes_on,
    }
}

#[test]
fn a_session_is_handed_over_with_consent_and_again_when_that_is_over() {
    let handed_over = EmotionEvent::HandedOver {
        owner: OWNER,
        consultation: CONSULTATION,
    };
    for goes_on in [false, true] {
        session([])
            .when(hand_over(false, goes_on))
            .then_refused(Refusal::ConsentMissing);
    }
    session([EmotionEvent::Ended { owner: OWNER }])
        .when(hand_over(true, false))
        .then([handed_over.clone()]);
    let once = session([handed_over.clone()]);
    assert_eq!(once.0.handed_over(), Some(CONSULTATION));
    once.when(hand_over(true, true)).then_nothing();
    session(vec![handed_over; limits::HANDOVERS])
        .when(hand_over(true, false))
        .then_refused(Refusal::TooManyHandovers);
}

#[test]
fn a_session_that_is_kept_no_longer_takes_nothing_and_one_that_is_answered_is_kept() {
    let erased = EmotionEvent::Erased { owner: OWNER };
    session([])
        .when(EmotionCommand::Erase)
        .then([erased.clone()]);
    session([asked(FIRST, 1), answered(FIRST)])
        .when(EmotionCommand::Erase)
        .then([erased.clone()]);
    session([asked(FIRST, 1)])
        .when(EmotionCommand::Erase)
        .then_refused(Refusal::StepOpen);
    session([erased.clone()])
        .when(EmotionCommand::Erase)
        .then_nothing();
    for late in [ask(FIRST, None), EmotionCommand::End, write_card()] {
        session([erased.clone()])
            .when(late)
            .then_refused(Refusal::EmotionSessionErased);
    }
    assert!(session([erased]).0.is_erased() && !session([]).0.is_erased());
    given::<EmotionSession>([])
        .when(EmotionCommand::Erase)
        .then_refused(Refusal::UnknownEmotionSession);
}

#[test]
fn a_card_is_written_anew_only_when_more_was_answered() {
    let written = EmotionEvent::CardWritten {
        owner: OWNER,
        card: CARD,
        summary_by: SummaryBy::Extractive,
        key_emotions: vec![KeyEmotion {
            label: "sadness".to_owned(),
            weight: 1.0,
        }],
        text: sealed(EmotionCardText {
            summary: "잠을 못 잔다.".to_owned(),
        }),
    };
    session([asked(FIRST, 1), failed(FIRST)])
        .when(write_card())
        .then_refused(Refusal::NothingAnswered);
    let first = vec![asked(FIRST, 1), answered(FIRST)];
    session(first.clone())
        .when(write_card())
        .then([written.clone()]);
    let carded = [first, vec![written.clone()]].concat();
    session(carded.clone()).when(write_card()).then_nothing();
    let more = [carded, vec![asked(SECOND, 2), answered(SECOND)]].concat();
    session(more).when(write_card()).then([written]);
}

#[test]
fn the_state_says_what_is_open_and_whose_it_is() {
    let state = session([asked(FIRST, 1)]).0;
    assert_eq!(state.owner(), Some(OWNER));
    assert_eq!(state.open_step().map(|step| step.id), Some(FIRST));
    let state = session([asked(FIRST, 1), failed(FIRST)]).0;
    assert_eq!(state.open_step(), None);
    assert!(!state.is_ended() && state.fresh_card().is_none());
    assert_eq!(EmotionSession::default().owner(), None);
    assert_ne!(EmotionSessionId(id(1)), EmotionSessionId(id(2)));
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn the_tokens_of_an_answer_are_its_text(tokens in prop::collection::vec("\\PC{0,5}", 0..20)) {
        let answer: Answer = tokens.iter().map(String::as_str).collect();
        prop_assert_eq!(answer.text(), tokens.concat());
        prop_assert_eq!(answer.tokens().collect::<String>(), answer.text());
        prop_assert!(answer.check().is_ok());
        let again: Answer =
            serde_json::from_slice(&serde_json::to_vec(&answer).unwrap()).unwrap();
        prop_assert_eq!(&again, &answer);
        let mut twice = again;
        twice.append(&answer);
        prop_assert_eq!(twice.len(), 2 * answer.len());
    }
}

#[test]
fn an_answer_whose_tokens_are_not_its_text_is_refused() {
    for bad in [
        r#"{"text": "가나", "token_bytes": [3]}"#,
        r#"{"text": "가나", "token_bytes": [2, 4]}"#,
        r#"{"text": "가나", "token_bytes": [6, 1]}"#,
    ] {
        let answer: Answer = serde_json::from_str(bad).unwrap();
        assert_eq!(answer.check(), Err(Refusal::NotAText), "{bad}");
    }
    let long: Answer = std::iter::repeat_n("가나다라", limits::ANSWER_BYTES / 12 + 1).collect();
    assert_eq!(long.check(), Err(Refusal::AnswerTooLong));
}
