//! What is too old in which room, and which keys are to be destroyed.

use domain::*;
use event_store::StreamName;
use jiff::civil::date;
use projections::destructions::{self, Destruction};
use projections::messages;
use projections::rooms::{self, ForgetfulRoom};
use uuid::Uuid;

use super::story::*;
use crate::places::{Engine, on_both_engines};

on_both_engines! {
    rooms_that_forget_are_listed_with_their_oldest_message,
    keys_that_are_to_be_destroyed_are_listed_in_the_order_of_the_log,
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
    let upload = UploadId(Uuid::from_u128(7));
    let erased = UploadEvent::Erased {
        upload,
        reason: UploadEnd::DayDestroyed,
    };
    let stream = StreamName::new("upload", upload);
    let second = story.tell(3, stream, erased).await;
    let expected = [
        (first, Bucket::RoomDay(room(1), day)),
        (second, Bucket::Upload(upload.0)),
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
