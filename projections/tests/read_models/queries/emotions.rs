//! Sessions, their steps and cards, what was used, and as whom people want to be answered.

use domain::*;
use event_store::StreamName;
use projections::{Page, emotions};
use uuid::Uuid;

use super::story::*;
use crate::places::{Engine, on_both_engines};
use crate::workload::about;

on_both_engines! {
    sessions_are_listed_newest_first_with_their_cards,
    steps_stand_in_their_order_with_what_came_of_them,
    a_step_that_is_asked_again_is_open_again,
    what_somebody_used_is_counted_from_a_time_on,
    the_prompt_of_an_account_is_its_last_one,
}

const FIRST_PAGE: Page = Page { page: 1, size: 10 };

fn id(n: u128) -> EmotionSessionId {
    EmotionSessionId(Uuid::from_u128(0xa00 + n))
}

fn step(n: u128) -> StepId {
    StepId(Uuid::from_u128(0xb00 + n))
}

fn node(n: u128) -> NodeId {
    NodeId(Uuid::from_u128(0xc00 + n))
}

fn answer(text: &str) -> Sealed<Answer> {
    about(account(1), id(1), text.split_inclusive(' ').collect())
}

fn answered(n: u128, tokens: u64) -> EmotionEvent {
    EmotionEvent::StepAnswered {
        owner: account(1),
        step: step(n),
        responder: ResponderKind::LanguageModel,
        emotion: FeltEmotion {
            label: "sadness".to_owned(),
            intensity: 0.75,
        },
        usage: TokenUsage {
            prompt_tokens: tokens,
            answer_tokens: 1,
        },
        truncated: true,
        answer: answer("그랬군요. 많이 힘드셨겠어요."),
    }
}

fn failed(n: u128) -> EmotionEvent {
    EmotionEvent::StepFailed {
        owner: account(1),
        step: step(n),
        reason: "interrupted".to_owned(),
        retryable: true,
        arrived: Some(answer("그랬")),
    }
}

impl Story {
    async fn opens(&self, at: i64, owner: AccountId, session: EmotionSessionId) -> u64 {
        let opening = SessionOpening {
            emotion_label: Some("불안".to_owned()),
            topic: None,
        };
        let opening = about(owner, session, opening);
        self.emotion(at, session, EmotionEvent::Opened { owner, opening })
            .await
    }

    async fn asks(&self, at: i64, n: u128, step_order: u32) -> u64 {
        let input = StepInput {
            user_input: format!("말 {n}"),
            system_prompt: None,
        };
        let asked = EmotionEvent::StepAsked {
            owner: account(1),
            step: step(n),
            step_order,
            step_type: "normal".to_owned(),
            risk: (n == 1).then_some(Risk::High),
            node: node(1),
            input: about(account(1), id(1), input),
        };
        self.emotion(at, id(1), asked).await
    }

    async fn emotion(&self, at: i64, session: EmotionSessionId, event: EmotionEvent) -> u64 {
        self.tell(at, StreamName::new("emotion", session), event)
            .await
    }
}

async fn sessions_are_listed_newest_first_with_their_cards(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let first = story.opens(1, account(1), id(1)).await;
    let second = story.opens(2, account(1), id(2)).await;
    story.opens(3, account(2), id(3)).await;
    let card = CardId(Uuid::from_u128(1));
    let written = |summary: &str| EmotionEvent::CardWritten {
        owner: account(1),
        card,
        summary_by: SummaryBy::Extractive,
        key_emotions: vec![KeyEmotion {
            label: "sadness".to_owned(),
            weight: 0.5,
        }],
        text: about(
            account(1),
            id(1),
            EmotionCardText {
                summary: summary.to_owned(),
            },
        ),
    };
    story.emotion(4, id(1), written("처음")).await;
    let number = story.emotion(5, id(1), written("나중")).await;
    let ended = EmotionEvent::Ended { owner: account(1) };
    story.emotion(6, id(1), ended).await;

    let own = emotions::of_owner(reader, account(1), FIRST_PAGE).await;
    let own: Vec<_> = own.unwrap().iter().map(|row| row.number).collect();
    assert_eq!(own, [second, first]);
    let rest = emotions::of_owner(reader, account(1), Page { page: 2, size: 1 }).await;
    assert_eq!(rest.unwrap()[0].id, id(1));
    let after = emotions::of_owner_after(reader, account(1), first, 9).await;
    assert_eq!(after.unwrap()[0].id, id(2));

    let row = emotions::by_id(reader, id(1)).await.unwrap().unwrap();
    assert_eq!((row.owner, row.started_at), (account(1), SECOND));
    assert_eq!(row.ended_at, Some(6 * SECOND));
    let opening: SessionOpening = row.opening.open(&*story.log.keys).unwrap().unwrap();
    assert_eq!(opening.emotion_label.as_deref(), Some("불안"));
    let card = row.card.unwrap();
    assert_eq!((card.number, card.created_at), (number, 5 * SECOND));
    assert_eq!(card.key_emotions[0].label, "sadness");
    let text: EmotionCardText = card.text.open(&*story.log.keys).unwrap().unwrap();
    assert_eq!(text.summary, "나중");
    let other = emotions::by_id(reader, id(2)).await.unwrap().unwrap();
    assert_eq!((other.card, other.ended_at), (None, None));
    assert_eq!(emotions::by_id(reader, id(9)).await.unwrap(), None);
}

async fn steps_stand_in_their_order_with_what_came_of_them(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    story.opens(1, account(1), id(1)).await;
    story.asks(2, 1, 7).await;
    let settled = story.emotion(3, id(1), answered(1, 9)).await;
    story.asks(4, 2, 2).await;
    story.emotion(5, id(1), failed(2)).await;
    story.asks(6, 3, 8).await;
    let cancelled = EmotionEvent::StepCancelled {
        owner: account(1),
        step: step(3),
        arrived: answer("네"),
    };
    story.emotion(7, id(1), cancelled).await;
    let open = story.asks(8, 4, 9).await;

    let keys = &*story.log.keys;
    let rows = emotions::in_session(reader, id(1), FIRST_PAGE)
        .await
        .unwrap();
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.order,
                row.status,
                row.answer(keys).unwrap().text().to_owned(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (2, StepStatus::Failed, "그랬".to_owned()),
            (
                7,
                StepStatus::Answered,
                "그랬군요. 많이 힘드셨겠어요.".to_owned()
            ),
            (8, StepStatus::Cancelled, "네".to_owned()),
            (9, StepStatus::Open, String::new()),
        ]
    );
    assert_eq!(rows[1].risk, Some(Risk::High));
    assert_eq!(rows[1].answer(keys).unwrap().len(), 3);
    let what = rows[1].settled.clone().unwrap();
    assert_eq!(
        (what.at, what.position, what.truncated),
        (3 * SECOND, settled, true)
    );
    assert_eq!(what.emotion.unwrap().label, "sadness");
    assert_eq!(what.usage.unwrap().prompt_tokens, 9);
    let why = rows[0].settled.clone().unwrap();
    assert_eq!(
        (why.reason.as_deref(), why.retryable),
        (Some("interrupted"), true)
    );
    assert_eq!(rows[3].settled, None);

    let said = emotions::said_before(reader, id(1), 9, 5).await.unwrap();
    let said: Vec<_> = said.iter().map(|row| row.order).collect();
    assert_eq!(said, [8, 7], "what failed is no part of the talk");
    let unfinished = emotions::open_after(reader, 0, 5).await.unwrap();
    assert_eq!(unfinished.len(), 1);
    assert_eq!((unfinished[0].number, unfinished[0].node), (open, node(1)));
    assert!(
        emotions::open_after(reader, open, 5)
            .await
            .unwrap()
            .is_empty()
    );
    let one = emotions::by_step_id(reader, step(3))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(one, rows[2]);
}

async fn a_step_that_is_asked_again_is_open_again(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    story.opens(1, account(1), id(1)).await;
    story.asks(2, 1, 1).await;
    story.emotion(3, id(1), failed(1)).await;
    let again = EmotionEvent::StepAskedAgain {
        owner: account(1),
        step: step(1),
        node: node(2),
    };
    story.emotion(4, id(1), again).await;
    let row = emotions::by_step_id(reader, step(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((row.status, row.attempts), (StepStatus::Open, 2));
    assert_eq!((row.node, row.settled.clone()), (node(2), None));
    assert_eq!(row.asked_at, 2 * SECOND);
    story.emotion(5, id(1), answered(1, 5)).await;
    let row = emotions::by_step_id(reader, step(1))
        .await
        .unwrap()
        .unwrap();
    let settled = row.settled.unwrap();
    assert_eq!((row.status, settled.reason), (StepStatus::Answered, None));
}

async fn what_somebody_used_is_counted_from_a_time_on(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    story.opens(1, account(1), id(1)).await;
    for (n, at) in [(1, 10), (2, 20)] {
        story.asks(at, n, u32::try_from(n).unwrap()).await;
        story.emotion(at + 1, id(1), answered(n, 100)).await;
    }
    let used = async |since: i64| {
        let used = emotions::used_since(reader, account(1), since * SECOND).await;
        used.unwrap()
    };
    assert_eq!(used(0).await, 202);
    assert_eq!(used(12).await, 101);
    assert_eq!(used(30).await, 0);
    assert_eq!(emotions::used_since(reader, account(2), 0).await, Ok(0));
}

async fn the_prompt_of_an_account_is_its_last_one(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let of = async |number| {
        let prompt = emotions::prompt_of(reader, account(number)).await.unwrap();
        prompt.map(|prompt| {
            prompt
                .open::<Option<String>>(&*story.log.keys)
                .unwrap()
                .unwrap()
        })
    };
    assert_eq!(of(1).await, None);
    for (at, prompt) in [(1, Some("따뜻하게")), (2, Some("짧게")), (3, None)] {
        let prompt = prompt.map(str::to_owned);
        let set = AccountEvent::PromptSet {
            prompt: Sealed::of(Subject::Account(account(1)), prompt.clone()),
        };
        story.account(at, account(1), set).await;
        assert_eq!(of(1).await, Some(prompt));
    }
    story.account(4, account(1), AccountEvent::Erased {}).await;
    assert_eq!(of(1).await, None);
}
