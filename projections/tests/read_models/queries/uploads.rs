//! Whose files there are, which messages have them, and what is to be cleared away.

use domain::*;
use event_store::StreamName;
use projections::uploads;
use uuid::Uuid;

use super::story::*;
use crate::places::{Engine, on_both_engines};

on_both_engines! {
    an_upload_is_known_by_id_number_object_and_message,
    what_is_not_erased_counts_for_its_owner,
    what_has_no_message_is_listed_the_oldest_first,
    what_was_erased_is_listed_in_the_order_of_the_log,
    a_file_knows_that_its_message_was_deleted_or_its_day_destroyed,
}

fn upload(n: u128) -> UploadId {
    UploadId(Uuid::from_u128(0x700 + n))
}

fn object(n: u128) -> Uuid {
    Uuid::from_u128(0x800 + n)
}

fn message(n: u128) -> MessageId {
    MessageId(Uuid::from_u128(0x900 + n))
}

impl Story {
    async fn stores(&self, at: i64, n: u128, owner: PersonId, size: u64) -> u64 {
        let bucket = Bucket::Upload(upload(n).0);
        let details = FileDetails {
            name: format!("사진 {n}.png"),
        };
        let stored = UploadEvent::Stored {
            upload: upload(n),
            owner,
            room: None,
            object: object(n),
            size,
            media_type: "image/png".to_owned(),
            kind: UploadKind::Image,
            details: Sealed::within(Subject::Account(AccountId(owner.0)), bucket, details),
        };
        self.upload(at, n, stored).await
    }

    async fn attaches(&self, at: i64, n: u128, to: u128) -> u64 {
        let attached = UploadEvent::Attached {
            upload: upload(n),
            message: message(to),
            room: room(1),
        };
        self.upload(at, n, attached).await
    }

    async fn erases(&self, at: i64, n: u128) -> u64 {
        let erased = UploadEvent::Erased {
            upload: upload(n),
            reason: UploadEnd::NeverAttached,
        };
        self.upload(at, n, erased).await
    }

    async fn upload(&self, at: i64, n: u128, event: UploadEvent) -> u64 {
        self.tell(at, StreamName::new("upload", upload(n)), event)
            .await
    }
}

async fn an_upload_is_known_by_id_number_object_and_message(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let ann = guest(1);
    let number = story.stores(1, 1, ann, 9).await;
    story.stores(2, 2, ann, 9).await;
    let row = uploads::by_id(reader, upload(1)).await.unwrap().unwrap();
    assert_eq!(
        (row.number, row.object, row.owner),
        (number, object(1), ann)
    );
    assert_eq!(
        (row.size, &*row.media_type, row.kind),
        (9, "image/png", UploadKind::Image)
    );
    assert_eq!((row.stored_at, row.message, row.room), (SECOND, None, None));
    let details: FileDetails = row.details.open(&*story.log.keys).unwrap().unwrap();
    assert_eq!(details.name, "사진 1.png");
    let keys = row.details.keys();
    assert_eq!(&*keys.subject, format!("account:{ann}"));
    assert_eq!(
        keys.bucket.as_deref(),
        Some(&*format!("upload:{}", upload(1)))
    );
    let by_number = uploads::by_number(reader, number).await.unwrap();
    assert_eq!(by_number.as_ref(), Some(&row));
    let by_object = uploads::of_object(reader, object(1)).await.unwrap();
    assert_eq!(by_object.as_ref(), Some(&row));

    story.attaches(3, 1, 5).await;
    let attached = uploads::of_message(reader, message(5))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (attached.id, attached.message),
        (upload(1), Some(message(5)))
    );
    assert_eq!(attached.room, Some(room(1)));
    assert_eq!(uploads::of_message(reader, message(6)).await.unwrap(), None);
    assert_eq!(uploads::by_id(reader, upload(3)).await.unwrap(), None);
    story.erases(4, 1).await;
    let erased = uploads::by_id(reader, upload(1)).await.unwrap().unwrap();
    assert_eq!(erased.erased_at, Some(4 * SECOND));
}

async fn what_is_not_erased_counts_for_its_owner(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let [ann, ben] = [guest(1), guest(2)];
    assert_eq!(uploads::used_by(reader, ann).await.unwrap(), 0);
    story.stores(1, 1, ann, 5).await;
    story.stores(2, 2, ann, 1 << 40).await;
    story.stores(3, 3, ben, 7).await;
    story.attaches(4, 1, 1).await;
    assert_eq!(uploads::used_by(reader, ann).await.unwrap(), 5 + (1 << 40));
    story.erases(5, 2).await;
    assert_eq!(uploads::used_by(reader, ann).await.unwrap(), 5);
    assert_eq!(uploads::used_by(reader, ben).await.unwrap(), 7);
}

async fn what_has_no_message_is_listed_the_oldest_first(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    for n in 1..=5 {
        story
            .stores(i64::try_from(n).unwrap(), n, guest(1), 1)
            .await;
    }
    story.attaches(6, 2, 1).await;
    story.erases(7, 3).await;
    let list = async |limit, most| {
        let rows = uploads::unattached(reader, limit, most).await.unwrap();
        rows.iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(list(9 * SECOND, 9).await, [upload(1), upload(4), upload(5)]);
    assert_eq!(list(5 * SECOND, 9).await, [upload(1), upload(4)]);
    assert_eq!(list(5 * SECOND, 1).await, [upload(1)]);
}

async fn what_was_erased_is_listed_in_the_order_of_the_log(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    for n in 1..=3 {
        story.stores(1, n, guest(1), 1).await;
    }
    let third = story.erases(2, 3).await;
    let first = story.erases(3, 1).await;
    let list = async |after, most| {
        let rows = uploads::erased_after(reader, after, most).await.unwrap();
        rows.iter()
            .map(|row| (row.object, row.position))
            .collect::<Vec<_>>()
    };
    assert_eq!(list(0, 9).await, [(object(3), third), (object(1), first)]);
    assert_eq!(list(0, 1).await, [(object(3), third)]);
    assert_eq!(list(third, 9).await, [(object(1), first)]);
    assert_eq!(list(first, 9).await, []);
}

async fn a_file_knows_that_its_message_was_deleted_or_its_day_destroyed(engine: Engine) {
    const DAY: i64 = 86_400;
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let ann = guest(1);
    for (n, at) in [(1, 5), (2, DAY - 1), (3, DAY), (4, DAY + 1)] {
        story.stores(at, n, ann, 1).await;
        story.attaches(at, n, n).await;
    }
    let deleted = MessageEvent::Deleted {
        message: message(4),
        room: room(1),
        sender: ann,
        by: ann,
        number: 9,
    };
    let stream = StreamName::new("message", message(4));
    story.tell(2 * DAY, stream, deleted).await;
    let row = uploads::by_id(reader, upload(4)).await.unwrap().unwrap();
    assert_eq!(
        (row.deleted_at, row.destroyed_at),
        (Some(2 * DAY * SECOND), None)
    );
    for other in [2, 1] {
        let day = jiff::civil::date(1970, 1, 1);
        let event = RoomEvent::DayDestroyed { day };
        story.room(3 * DAY, room(other), event).await;
        let rows = uploads::destroyed(reader, 9).await.unwrap();
        let destroyed: Vec<_> = rows.iter().map(|row| row.id).collect();
        let expected = if other == 1 {
            vec![upload(1), upload(2)]
        } else {
            vec![]
        };
        assert_eq!(destroyed, expected);
    }
    story.erases(4 * DAY, 2).await;
    let rows = uploads::destroyed(reader, 9).await.unwrap();
    assert_eq!(rows.len(), 1);
    let row = uploads::by_id(reader, upload(3)).await.unwrap().unwrap();
    assert_eq!(
        (row.deleted_at, row.destroyed_at, row.erased_at),
        (None, None, None)
    );
}
