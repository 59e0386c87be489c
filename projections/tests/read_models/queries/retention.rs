//! What is too old in which room, and which keys are to be destroyed.

use domain::*;
use event_store::StreamName;
use jiff::civil::date;
use projections::destructions::{self, Destruction};
use projections::messages;
use projections::retention::{Expired, emotion_sessions_unused_since, log_ins_over_before};
use projections::rooms::{self, ForgetfulRoom};
use uuid::Uuid;

use super::story::*;
use crate::places::{Engine, on_both_engines};
use crate::workload::about;

on_both_engines! {
    rooms_that_forget_are_listed_with_their_oldest_message,
    keys_that_are_to_be_destroyed_are_listed_in_the_order_of_the_log,
    sessions_about_emotions_are_listed_that_nobody_used_since,
    log_ins_are_listed_that_are_over_since,
}

fn opened() -> RoomEvent {
    RoomEvent::Opened {
        room_kind: RoomKind::Group,
        creator: account(1).into(),
        max_participants: 100,
    }
}

async fn rooms_that_forget_are_listed_with_their_oldest_message(engine: Engine) {
    const DAY: i64 = 86_400;
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let mut numbers = Vec::new();
    for which in 1..=4 {
        numbers.push(story.room(1, room(which), opened()).await);
    }
    let keeping = |days, auto_delete| RoomEvent::RetentionSet { days, auto_delete };
    for (which, days, auto_delete) in [(1, 30, true), (2, 7, false), (3, 7, true)] {
        story.room(2, room(which), keeping(days, auto_delete)).await;
    }
    for at in [3, DAY + 4, 5 * DAY] {
        story.says(at, room(1), account(1).into(), "말").await;
    }
    let forgetful = |which: u32, days, oldest: Option<i64>| ForgetfulRoom {
        id: room(which),
        number: numbers[which as usize - 1],
        days,
        oldest: oldest.map(|at| at * SECOND),
    };
    let (first, third) = (forgetful(1, 30, Some(3)), forgetful(3, 7, None));
    let all = rooms::forgetful_after(reader, 0, 9).await.unwrap();
    assert_eq!(all, [first, third]);
    let page = rooms::forgetful_after(reader, 0, 1).await.unwrap();
    assert_eq!(page, [first]);
    let page = rooms::forgetful_after(reader, first.number, 9).await;
    assert_eq!(page.unwrap(), [third]);
    let one = rooms::forgetful(reader, room(1)).await.unwrap();
    assert_eq!(one, Some(first));
    assert_eq!(rooms::forgetful(reader, room(2)).await.unwrap(), None);
    let sent = async |since| {
        let sent = messages::sent_since(reader, numbers[0], since * SECOND).await;
        sent.unwrap().map(|at| at / SECOND)
    };
    assert_eq!(sent(4).await, Some(DAY + 4));
    assert_eq!(sent(5 * DAY).await, Some(5 * DAY));
    assert_eq!(sent(5 * DAY + 1).await, None);
    story.room(6 * DAY, room(1), keeping(30, false)).await;
    let all = rooms::forgetful_after(reader, 0, 9).await.unwrap();
    assert_eq!(all, [third]);
}

async fn keys_that_are_to_be_destroyed_are_listed_in_the_order_of_the_log(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    story.room(1, room(1), opened()).await;
    let day = date(2026, 11, 21);
    let destroyed = RoomEvent::DayDestroyed { day };
    let first = story.room(2, room(1), destroyed).await;
    let session = EmotionSessionId(Uuid::from_u128(8));
    let kept_no_longer = EmotionEvent::Erased { owner: account(1) };
    let upload = UploadId(Uuid::from_u128(7));
    let erased = UploadEvent::Erased {
        upload,
        reason: UploadEnd::DayDestroyed,
    };
    let stream = StreamName::new("upload", upload);
    let second = story.tell(3, stream, erased).await;
    let stream = StreamName::new("emotion", session);
    let third = story.tell(4, stream, kept_no_longer).await;
    let expected = [
        (first, Bucket::RoomDay(room(1), day)),
        (second, Bucket::Upload(upload.0)),
        (third, Bucket::EmotionSession(session.0)),
    ]
    .map(|(position, bucket)| Destruction {
        position,
        key: bucket.to_string().into(),
    });
    let all = destructions::after(reader, 0, 9).await.unwrap();
    assert_eq!(all, expected);
    let page = destructions::after(reader, 0, 1).await.unwrap();
    assert_eq!(page, expected[..1]);
    let page = destructions::after(reader, first, 9).await.unwrap();
    assert_eq!(page, expected[1..]);
}

async fn is_held(story: &Story, at: i64, owner: AccountId) -> HoldId {
    let hold = HoldId(Uuid::from_u128(0x401d));
    let subject = Subject::Account(owner);
    let placed = HoldEvent::Placed {
        hold,
        subject,
        reason: Sealed::of(subject, "2026가합117".to_owned()),
    };
    story
        .tell(at, StreamName::new("hold", Hold::KEY), placed)
        .await;
    hold
}

async fn is_held_no_more(story: &Story, at: i64, hold: HoldId, owner: AccountId) {
    let subject = Subject::Account(owner);
    let lifted = HoldEvent::Lifted { hold, subject };
    story
        .tell(at, StreamName::new("hold", Hold::KEY), lifted)
        .await;
}

async fn sessions_about_emotions_are_listed_that_nobody_used_since(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let id = |n: u128| EmotionSessionId(Uuid::from_u128(0xa00 + n));
    let step = |n: u128| StepId(Uuid::from_u128(0xb00 + n));
    let tell = async |at, n, event: EmotionEvent| {
        let stream = StreamName::new("emotion", id(n));
        story.tell(at, stream, event).await
    };
    let mut numbers = Vec::new();
    for n in 1..=5 {
        let owner = account(if n == 5 { 2 } else { 1 });
        let opening = about(owner, id(n), SessionOpening::default());
        numbers.push(tell(1, n, EmotionEvent::Opened { owner, opening }).await);
    }
    let owner = account(1);
    let asked = |n: u128| EmotionEvent::StepAsked {
        owner,
        step: step(n),
        step_order: 1,
        step_type: "normal".to_owned(),
        risk: None,
        node: NodeId(Uuid::from_u128(1)),
        input: about(
            owner,
            id(n),
            StepInput {
                user_input: "말".to_owned(),
                system_prompt: None,
            },
        ),
    };
    let failed = |n: u128| EmotionEvent::StepFailed {
        owner,
        step: step(n),
        reason: "interrupted".to_owned(),
        retryable: true,
        arrived: None,
    };
    // The first is ended, the second is being answered, the third was answered late, the fourth
    // handed over.
    tell(2, 1, EmotionEvent::Ended { owner }).await;
    let consultation = ConsultationId(Uuid::from_u128(1));
    let handed_over = EmotionEvent::HandedOver {
        owner,
        consultation,
    };
    tell(5, 4, handed_over).await;
    tell(2, 2, asked(2)).await;
    tell(3, 3, asked(3)).await;
    tell(6, 3, failed(3)).await;
    let list = async |at: i64, after| {
        let rows = emotion_sessions_unused_since(reader, at * SECOND, after, 9).await;
        rows.unwrap()
            .into_iter()
            .map(|Expired { id, number, since }| (id, number, since / SECOND))
            .collect::<Vec<_>>()
    };
    let row = |n: u128, since| {
        let index = usize::try_from(n).unwrap() - 1;
        (id(n).0, numbers[index], since)
    };
    assert_eq!(list(1, 0).await, []);
    assert_eq!(list(2, 0).await, [row(5, 1)]);
    assert_eq!(list(3, 0).await, [row(1, 2), row(5, 1)]);
    assert_eq!(list(6, 0).await, [row(1, 2), row(4, 5), row(5, 1)]);
    let all = [row(1, 2), row(3, 6), row(4, 5), row(5, 1)];
    assert_eq!(list(7, 0).await, all);
    assert_eq!(list(7, numbers[2]).await, all[2..]);
    let hold = is_held(&story, 8, account(2)).await;
    assert_eq!(list(7, 0).await, all[..3]);
    is_held_no_more(&story, 9, hold, account(2)).await;
    tell(10, 3, EmotionEvent::Erased { owner }).await;
    assert_eq!(list(11, 0).await, [row(1, 2), row(4, 5), row(5, 1)]);
    let page = projections::Page { page: 1, size: 9 };
    let steps = projections::emotions::in_session(reader, id(3), page).await;
    assert_eq!(steps.unwrap(), []);
    let erased = projections::emotions::by_id(reader, id(3)).await.unwrap();
    assert_eq!(erased.unwrap().erased_at, Some(10 * SECOND));
}

async fn log_ins_are_listed_that_are_over_since(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let id = |n: u128| SessionId(Uuid::from_u128(0xd00 + n));
    let tell = async |at, n, event: SessionEvent| {
        let stream = StreamName::new("session", id(n));
        story.tell(at, stream, event).await
    };
    for n in 1..=4 {
        let opened = SessionEvent::Opened {
            account: account(if n == 4 { 2 } else { 1 }),
            account_version: 1,
            secret_hash: "hash".to_owned(),
            expires_at: 10 * SECOND,
        };
        tell(1, n, opened).await;
    }
    let revoked = SessionEvent::Revoked {
        reason: Revocation::LoggedOut,
    };
    tell(5, 1, revoked).await;
    let rotated = SessionEvent::Rotated {
        secret_hash: "next".to_owned(),
        rotated_at: 6 * SECOND,
        expires_at: 20 * SECOND,
    };
    tell(6, 2, rotated).await;
    let list = async |at: i64, after: Uuid| {
        let rows = log_ins_over_before(reader, at * SECOND, after, 9).await;
        rows.unwrap()
            .into_iter()
            .map(|one| (one.id, one.since / SECOND))
            .collect::<Vec<_>>()
    };
    let row = |n: u128, since| (id(n).0, since);
    assert_eq!(list(5, Uuid::nil()).await, []);
    assert_eq!(list(6, Uuid::nil()).await, [row(1, 5)]);
    let most = [row(1, 5), row(3, 10), row(4, 10)];
    assert_eq!(list(11, Uuid::nil()).await, most);
    assert_eq!(list(11, id(3).0).await, most[2..]);
    is_held(&story, 21, account(2)).await;
    tell(22, 1, SessionEvent::Forgotten {}).await;
    let rest = [row(2, 20), row(3, 10)];
    assert_eq!(list(22, Uuid::nil()).await, rest);
}
