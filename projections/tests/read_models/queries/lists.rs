//! Lists of rooms, what is unread in them, and messages that change.

use domain::*;
use event_store::StreamName;
use jiff::civil::date;
use projections::messages::{self, MessageRow};
use projections::timeline::{self, Topic};
use projections::{Page, presence, rooms};
use uuid::Uuid;

use super::story::*;
use crate::places::{Engine, on_both_engines};

on_both_engines! {
    a_list_has_the_room_first_in_which_something_happened_last,
    what_is_unread_is_of_others_and_after_the_mark,
    an_edited_message_says_what_it_says_now_and_keeps_its_versions,
    a_deleted_message_keeps_its_place_and_no_words,
    a_destroyed_day_takes_its_messages_and_no_others,
    a_copied_message_is_changed_and_read_by_its_number,
    a_room_has_a_text_a_retention_and_members_settings,
    people_are_seen_when_they_leave_and_when_they_log_in,
    pages_are_counted_from_the_newest,
}

fn person(number: u32) -> PersonId {
    account(number).into()
}

async fn opens(story: &Story, at: i64, room: RoomId, kind: RoomKind, members: &[u32]) -> u64 {
    let opened = RoomEvent::Opened {
        room_kind: kind,
        creator: person(members[0]),
        max_participants: 100,
    };
    let number = story.room(at, room, opened).await;
    for member in members {
        let added = RoomEvent::MemberAdded {
            person: person(*member),
            role: MemberRole::Member,
        };
        story.room(at, room, added).await;
    }
    number
}

fn message_of(row: &MessageRow) -> StreamName {
    StreamName::new("message", row.id)
}

async fn edits(story: &Story, at: i64, room: RoomId, row: &MessageRow, text: &str) -> u64 {
    let body = MessageBody {
        text: text.into(),
        ..MessageBody::default()
    };
    let edited = MessageEvent::Edited {
        message: row.id,
        room,
        sender: row.sender,
        number: row.number,
        body: Sealed::within(
            Subject::Account(AccountId(row.sender.0)),
            Bucket::Room(room),
            body,
        ),
    };
    story.tell(at, message_of(row), edited).await
}

async fn deletes(story: &Story, at: i64, room: RoomId, row: &MessageRow) -> u64 {
    let deleted = MessageEvent::Deleted {
        message: row.id,
        room,
        sender: row.sender,
        by: row.sender,
        number: row.number,
    };
    story.tell(at, message_of(row), deleted).await
}

async fn reads(story: &Story, at: i64, room: RoomId, who: u32, number: u64) {
    let person = person(who);
    let read = MemberEvent::Read {
        room,
        person,
        message: MessageId(Uuid::nil()),
        number,
    };
    let stream = StreamName::new("member", format!("{room}-{person}"));
    story.tell(at, stream, read).await;
}

async fn message(story: &Story, number: u64) -> MessageRow {
    let row = messages::by_number(story.live.reader(), number).await;
    row.unwrap().unwrap()
}

fn text(story: &Story, row: &MessageRow) -> Option<String> {
    let body = row.body.as_ref()?;
    let body: MessageBody = body.open(&*story.log.keys).unwrap().unwrap();
    Some(body.text)
}

async fn unread(story: &Story, room: u64, who: u32) -> u64 {
    let reader = story.live.reader();
    let unread = rooms::unread(reader, room, person(who)).await.unwrap();
    let listed = rooms::listed(reader, room, person(who)).await.unwrap();
    assert_eq!(listed.map_or(0, |listed| listed.unread), unread);
    unread
}

async fn a_list_has_the_room_first_in_which_something_happened_last(engine: Engine) {
    let story = Story::new(engine).await;
    let (reader, keys) = (story.live.reader(), &*story.log.keys);
    for (number, name) in [(1, "하나"), (2, "둘"), (3, "셋")] {
        let account = account(number);
        story.account(1, account, registered(account, name)).await;
    }
    let pair = opens(&story, 2, room(1), RoomKind::Direct, &[1, 2]).await;
    let group = opens(&story, 3, room(2), RoomKind::Group, &[2, 1, 3]).await;
    let order = async || {
        let list = rooms::list_of(reader, person(1), 10).await.unwrap();
        list.iter().map(|one| one.room.number).collect::<Vec<_>>()
    };
    assert_eq!(order().await, [group, pair]);
    let said = story.says(4, room(1), person(2), "안녕").await;
    assert_eq!(order().await, [pair, group]);

    let all = rooms::list_of(reader, person(1), 10).await.unwrap();
    let [first, second] = all.as_slice() else {
        panic!("{all:?}");
    };
    assert_eq!(first.other, Some(person(2)));
    let name = first.other_name.as_ref().unwrap().open(keys).unwrap();
    assert_eq!(name.as_deref(), Some("둘"));
    assert_eq!((first.participants, first.unread), (2, 1));
    assert_eq!(first.active_at, 4 * SECOND);
    let newest = first.last.as_ref().unwrap();
    assert_eq!(
        (newest.number, text(&story, newest).as_deref()),
        (said, Some("안녕"))
    );
    assert_eq!((second.participants, second.unread), (3, 0));
    assert_eq!((second.other, &second.last), (None, &None));
    assert_eq!(second.active_at, 3 * SECOND);
    let one = rooms::listed(reader, pair, person(1)).await.unwrap();
    assert_eq!(one.as_ref(), Some(first));
    assert_eq!(rooms::listed(reader, pair, person(3)).await.unwrap(), None);
    assert_eq!(rooms::list_of(reader, person(1), 1).await.unwrap().len(), 1);

    let removed = RoomEvent::MemberRemoved { person: person(2) };
    story.room(5, room(1), removed).await;
    let seen = rooms::list_of(reader, person(2), 10).await.unwrap();
    assert_eq!(seen.len(), 1, "who left a room does not see it");
    let one = rooms::listed(reader, pair, person(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((one.participants, one.other), (1, Some(person(2))));
    let people = rooms::participants(reader, group).await.unwrap();
    let names: Vec<_> = people
        .iter()
        .map(|one| one.name.as_ref().unwrap().open(keys).unwrap().unwrap())
        .collect();
    assert_eq!(names, ["둘", "하나", "셋"]);
    assert!(
        people
            .iter()
            .all(|one| one.person_number.is_some() && one.seen_at.is_none())
    );
}

async fn what_is_unread_is_of_others_and_after_the_mark(engine: Engine) {
    let story = Story::new(engine).await;
    let id = room(1);
    let number = opens(&story, 1, id, RoomKind::Group, &[1, 2]).await;
    let mut said = Vec::new();
    for (at, who) in [(2, 2), (3, 1), (4, 2), (5, 2)] {
        said.push(story.says(at, id, person(who), "말").await);
    }
    assert_eq!(unread(&story, number, 1).await, 3);
    assert_eq!(unread(&story, number, 2).await, 1);
    assert_eq!(unread(&story, number, 3).await, 0, "never was a member");
    deletes(&story, 6, id, &message(&story, said[2]).await).await;
    assert_eq!(unread(&story, number, 1).await, 2);
    edits(&story, 7, id, &message(&story, said[3]).await, "고친 말").await;
    assert_eq!(unread(&story, number, 1).await, 2);
    reads(&story, 8, id, 1, said[0]).await;
    assert_eq!(unread(&story, number, 1).await, 1);
    reads(&story, 9, id, 1, said[3]).await;
    assert_eq!(unread(&story, number, 1).await, 0);
    // Who joins has read all that was there.
    let added = RoomEvent::MemberAdded {
        person: person(3),
        role: MemberRole::Member,
    };
    story.room(10, id, added).await;
    assert_eq!(unread(&story, number, 3).await, 0);
    story.says(11, id, person(1), "어서 와요").await;
    assert_eq!(unread(&story, number, 3).await, 1);
}

async fn an_edited_message_says_what_it_says_now_and_keeps_its_versions(engine: Engine) {
    let story = Story::new(engine).await;
    let id = room(1);
    opens(&story, 1, id, RoomKind::Group, &[1]).await;
    let said = story.says(2, id, person(1), "처음").await;
    let row = message(&story, said).await;
    assert_eq!((row.edited_at, row.deleted_at), (None, None));
    let edited = edits(&story, 3, id, &row, "나중").await;
    edits(&story, 4, id, &row, "끝").await;
    let row = message(&story, said).await;
    assert_eq!(text(&story, &row).as_deref(), Some("끝"));
    assert_eq!((row.sent_at, row.edited_at), (2 * SECOND, Some(4 * SECOND)));
    let versions = messages::versions(&*story.log.store, &*story.log.keys, row.id).await;
    let versions: Vec<_> = versions
        .unwrap()
        .into_iter()
        .map(|version| (version.body.unwrap().text, version.since / SECOND))
        .collect();
    let expected = [("처음", 2), ("나중", 3), ("끝", 4)].map(|(text, at)| (text.to_owned(), at));
    assert_eq!(versions, expected);
    let shown = timeline::after(story.live.reader(), Topic::Room(id), said, edited, 9).await;
    assert_eq!(shown.unwrap(), [edited]);
}

async fn a_deleted_message_keeps_its_place_and_no_words(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let id = room(1);
    let number = opens(&story, 1, id, RoomKind::Group, &[1, 2]).await;
    let first = story.says(2, id, person(1), "처음").await;
    let second = story.says(3, id, person(1), "나중").await;
    let row = message(&story, second).await;
    deletes(&story, 4, id, &row).await;
    edits(&story, 5, id, &row, "다시").await;
    let row = message(&story, second).await;
    assert_eq!((&row.body, row.deleted_at), (&None, Some(4 * SECOND)));
    assert_eq!(row.edited_at, None);
    assert_eq!(messages::count(reader, number).await.unwrap(), 2);
    let listed = rooms::listed(reader, number, person(2))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(listed.last.unwrap().number, first, "what can be read");
    assert_eq!(listed.active_at, 3 * SECOND);
}

async fn a_destroyed_day_takes_its_messages_and_no_others(engine: Engine) {
    const DAY: i64 = 86_400;
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let number = opens(&story, 1, room(1), RoomKind::Group, &[1, 2]).await;
    let other = opens(&story, 1, room(2), RoomKind::Group, &[1, 2]).await;
    for at in [2, DAY - 1] {
        story.says(at, room(1), person(1), "첫날").await;
    }
    story.says(DAY - 1, room(2), person(1), "다른 방").await;
    let next = story.says(DAY, room(1), person(1), "다음 날").await;
    let day = date(1970, 1, 1);
    let destroyed = RoomEvent::DayDestroyed { day };
    story.room(9 * DAY, room(1), destroyed.clone()).await;
    let page = Page { page: 1, size: 9 };
    let left = messages::page(reader, number, page).await.unwrap();
    assert_eq!(
        left.iter().map(|row| row.position).collect::<Vec<_>>(),
        [next]
    );
    assert_eq!(messages::count(reader, other).await.unwrap(), 1);
    assert_eq!(unread(&story, number, 2).await, 1);
    let day = date(1970, 1, 2);
    story
        .room(9 * DAY, room(1), RoomEvent::DayDestroyed { day })
        .await;
    assert_eq!(messages::count(reader, number).await.unwrap(), 0);
    let listed = rooms::listed(reader, number, person(2))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((listed.last, listed.unread), (None, 0));
    assert_eq!(
        listed.active_at,
        2 * DAY * SECOND - 1,
        "not as if nothing had been"
    );
    // A day that nothing was said on, with nothing after it.
    let day = date(1970, 1, 5);
    story
        .room(9 * DAY, room(2), RoomEvent::DayDestroyed { day })
        .await;
    assert_eq!(messages::count(reader, other).await.unwrap(), 1);
}

async fn a_copied_message_is_changed_and_read_by_its_number(engine: Engine) {
    let story = Story::new(engine).await;
    let id = room(1);
    let number = opens(&story, 1, id, RoomKind::Group, &[1, 2]).await;
    let mut numbers = Vec::new();
    for which in 1..=3 {
        let message = MessageId(Uuid::from_u128(7_000 + which));
        let sent = MessageEvent::Sent {
            message,
            room: id,
            sender: person(1),
            message_kind: MessageKind::Text,
            reply_to: None,
            reply_number: None,
            file: None,
            body: Sealed::of(Subject::Account(account(1)), MessageBody::default()),
        };
        let mut copy = story.log.new_event(&sent.into());
        let old = 4_000 + u64::try_from(which).unwrap();
        copy.number = Some(old);
        let stream = StreamName::new("message", message);
        story.log.append_raw(vec![(stream, copy)]).await;
        story.live.catch_up(&story.log).await;
        numbers.push(old);
    }
    assert_eq!(unread(&story, number, 2).await, 3);
    reads(&story, 2, id, 2, numbers[0]).await;
    assert_eq!(unread(&story, number, 2).await, 2);
    edits(&story, 3, id, &message(&story, numbers[1]).await, "고친 말").await;
    deletes(&story, 4, id, &message(&story, numbers[2]).await).await;
    let edited = message(&story, numbers[1]).await;
    assert_eq!(text(&story, &edited).as_deref(), Some("고친 말"));
    assert_eq!(message(&story, numbers[2]).await.body, None);
    assert_eq!(unread(&story, number, 2).await, 1);
}

async fn a_room_has_a_text_a_retention_and_members_settings(engine: Engine) {
    let story = Story::new(engine).await;
    let (reader, keys) = (story.live.reader(), &*story.log.keys);
    let id = room(1);
    let number = opens(&story, 1, id, RoomKind::Group, &[1, 2]).await;
    let room_now = async || rooms::by_number(reader, number).await.unwrap().unwrap();
    assert_eq!(room_now().await.description, None);
    assert_eq!(room_now().await.retention, Retention::default());
    let said = RoomText {
        name: Some("모임".into()),
        description: None,
    };
    let text = Sealed::within(Subject::Account(account(1)), Bucket::Room(id), said.clone());
    story.room(2, id, RoomEvent::Described { text }).await;
    let set = RoomEvent::RetentionSet {
        days: 30,
        auto_delete: true,
    };
    story.room(3, id, set).await;
    let row = room_now().await;
    assert_eq!(row.description.unwrap().open(keys).unwrap(), Some(said));
    let retention = Retention {
        days: 30,
        auto_delete: true,
    };
    assert_eq!((row.retention, row.changed_at), (retention, 3 * SECOND));

    let stream = StreamName::new("member", format!("{id}-{}", person(2)));
    let changed = MemberEvent::SettingsChanged {
        room: id,
        person: person(2),
        notification_enabled: false,
        read_receipt_enabled: true,
    };
    story.tell(4, stream, changed).await;
    let settings = async |who| {
        let member = rooms::member_of(reader, number, person(who)).await.unwrap();
        member.unwrap().settings
    };
    assert_eq!(settings(1).await, MemberSettings::default());
    let off = MemberSettings {
        notification_enabled: false,
        read_receipt_enabled: true,
    };
    assert_eq!(settings(2).await, off);
    // They are still so for whoever comes again.
    for event in [
        RoomEvent::MemberRemoved { person: person(2) },
        RoomEvent::MemberAdded {
            person: person(2),
            role: MemberRole::Member,
        },
    ] {
        story.room(5, id, event).await;
    }
    assert_eq!(settings(2).await, off);
}

async fn people_are_seen_when_they_leave_and_when_they_log_in(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let number = opens(&story, 1, room(1), RoomKind::Group, &[1, 2]).await;
    let seen = async |who| presence::last_seen(reader, person(who)).await.unwrap();
    assert_eq!(seen(1).await, None);
    for at in [2, 70] {
        let left = PresenceEvent::Left { person: person(1) };
        story
            .tell(at, StreamName::new("presence", person(1)), left)
            .await;
        assert_eq!(seen(1).await, Some(at * SECOND));
    }
    assert_eq!(seen(2).await, None);
    let one = rooms::participant(reader, number, person(1)).await.unwrap();
    assert_eq!(one.unwrap().seen_at, Some(70 * SECOND));
}

async fn pages_are_counted_from_the_newest(engine: Engine) {
    let story = Story::new(engine).await;
    let number = opens(&story, 1, room(1), RoomKind::Group, &[1]).await;
    let mut said = Vec::new();
    for at in 2..7 {
        said.push(story.says(at, room(1), person(1), "말").await);
    }
    let page = async |page| {
        let page = Page { page, size: 2 };
        let rows = messages::page_newest(story.live.reader(), number, page).await;
        let rows = rows.unwrap().into_iter();
        rows.map(|row| row.number).collect::<Vec<_>>()
    };
    assert_eq!(page(1).await, said[3..]);
    assert_eq!(page(2).await, said[1..3]);
    assert_eq!(page(3).await, said[..1]);
    assert_eq!(page(4).await, [0; 0]);
    let reader = story.live.reader();
    let there = messages::in_room(reader, number, said[0]).await.unwrap();
    assert!(there.is_some());
    let elsewhere = messages::in_room(reader, number + 1, said[0]).await;
    assert_eq!(elsewhere.unwrap(), None);
}
