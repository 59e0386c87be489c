//! Rooms, members, messages, and what concerns whom.

use domain::*;
use event_store::StreamName;
use projections::timeline::{self, Topic};
use projections::{Page, directory, messages, rooms};

use super::story::*;
use crate::places::{Engine, on_both_engines};

on_both_engines! {
    a_room_has_members_who_come_go_and_come_again,
    a_read_mark_never_goes_back,
    messages_come_by_page_by_number_and_after_a_position,
    a_copied_message_keeps_the_number_that_it_had,
    each_topic_lists_what_concerns_it,
}

fn opened(room_kind: RoomKind, creator: PersonId) -> RoomEvent {
    RoomEvent::Opened {
        room_kind,
        creator,
        max_participants: 2,
    }
}

fn added(person: PersonId) -> RoomEvent {
    RoomEvent::MemberAdded {
        person,
        role: MemberRole::Member,
    }
}

async fn a_room_has_members_who_come_go_and_come_again(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let (id, [ann, ben]) = (room(1), [guest(1), guest(2)]);
    let kind = RoomKind::Consultation(consultation(1));
    let number = story.room(1, id, opened(kind, ann)).await;
    let first = story.room(2, id, added(ann)).await;
    story.room(3, id, added(ben)).await;
    let row = rooms::by_id(reader, id).await.unwrap().unwrap();
    assert_eq!((row.number, row.kind, row.closed_at), (number, kind, None));
    assert_eq!(
        rooms::by_number(reader, number).await.unwrap().unwrap(),
        row
    );
    let found = rooms::by_consultation(reader, consultation(1))
        .await
        .unwrap();
    assert_eq!(found.unwrap(), row);
    assert_eq!(rooms::rooms_of(reader, ann).await.unwrap(), [row]);
    let members = rooms::members(reader, number).await.unwrap();
    assert_eq!(
        members
            .iter()
            .map(|member| member.person)
            .collect::<Vec<_>>(),
        [ann, ben]
    );
    assert_eq!((members[0].number, members[0].read_number), (first, first));

    story
        .room(4, id, RoomEvent::MemberRemoved { person: ann })
        .await;
    assert_eq!(rooms::members(reader, number).await.unwrap().len(), 1);
    assert_eq!(rooms::rooms_of(reader, ann).await.unwrap(), []);
    let gone = rooms::member_of(reader, number, ann)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(gone.removed_at, Some(4 * SECOND));

    let again = story.room(5, id, added(ann)).await;
    let member = rooms::member_of(reader, number, ann)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((member.removed_at, member.number), (None, again));
    assert_eq!((member.joined_at, member.read_number), (5 * SECOND, again));
    story.room(6, id, RoomEvent::Closed {}).await;
    let row = rooms::by_id(reader, id).await.unwrap().unwrap();
    assert_eq!(row.closed_at, Some(6 * SECOND));
}

async fn a_read_mark_never_goes_back(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let (id, ann) = (room(1), guest(1));
    let number = story.room(1, id, opened(RoomKind::Group, ann)).await;
    story.room(2, id, added(ann)).await;
    let stream = || StreamName::new("member", format!("{id}-{ann}"));
    for (at, mark) in [(3, 90), (4, 80)] {
        let message = MessageId(id.0);
        let read = MemberEvent::Read {
            room: id,
            person: ann,
            message,
            number: mark,
        };
        story.tell(at, stream(), read).await;
    }
    let delivered = MemberEvent::Delivered {
        room: id,
        person: ann,
        number: 95,
    };
    story.tell(5, stream(), delivered).await;
    let member = rooms::member_of(reader, number, ann)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((member.read_number, member.read_at), (90, Some(3 * SECOND)));
    assert_eq!(member.delivered_number, 95);
}

async fn messages_come_by_page_by_number_and_after_a_position(engine: Engine) {
    let story = Story::new(engine).await;
    let (reader, keys) = (story.live.reader(), &*story.log.keys);
    let ann = guest(1);
    let number = story.room(1, room(1), opened(RoomKind::Group, ann)).await;
    let other = story.room(1, room(2), opened(RoomKind::Group, ann)).await;
    let mut sent = Vec::new();
    for at in 2..7 {
        sent.push(story.says(at, room(1), ann, &format!("말 {at}")).await);
        story.says(at, room(2), ann, "elsewhere").await;
    }
    let page = |page| messages::page(reader, number, Page { page, size: 2 });
    let positions = |rows: Vec<messages::MessageRow>| {
        rows.into_iter().map(|row| row.position).collect::<Vec<_>>()
    };
    assert_eq!(positions(page(1).await.unwrap()), sent[..2]);
    assert_eq!(positions(page(3).await.unwrap()), sent[4..]);
    assert_eq!(positions(page(4).await.unwrap()), [0; 0]);
    assert_eq!(messages::count(reader, number).await.unwrap(), 5);
    assert_eq!(messages::count(reader, other).await.unwrap(), 5);
    let after = messages::after(reader, number, sent[1], sent[3], 10)
        .await
        .unwrap();
    assert_eq!(positions(after), sent[2..4]);

    let row = messages::by_number(reader, sent[0]).await.unwrap().unwrap();
    assert_eq!((row.number, row.room, row.sender), (sent[0], number, ann));
    assert_eq!((row.sent_at, row.kind), (2 * SECOND, MessageKind::Text));
    let body = row
        .body
        .as_ref()
        .unwrap()
        .open::<MessageBody>(keys)
        .unwrap()
        .unwrap();
    assert_eq!(body.text, "말 2");
    assert_eq!(
        messages::by_id(reader, &*story.log.store, row.id)
            .await
            .unwrap()
            .unwrap(),
        row
    );
    let last = messages::last_of(reader, number).await.unwrap().unwrap();
    assert_eq!(last.position, sent[4]);
    assert_eq!(
        messages::by_number(reader, number).await.unwrap(),
        None,
        "that is the room's"
    );
}

async fn a_copied_message_keeps_the_number_that_it_had(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    story
        .room(1, room(1), opened(RoomKind::Group, guest(1)))
        .await;
    let sent = MessageEvent::Sent {
        message: MessageId(room(7).0),
        room: room(1),
        sender: guest(1),
        message_kind: MessageKind::Text,
        reply_to: None,
        reply_number: None,
        file: None,
        body: Sealed::of(Subject::Account(account(1)), MessageBody::default()),
    };
    let mut copy = story.log.new_event(&sent.into());
    copy.number = Some(4_711);
    let stream = StreamName::new("message", room(7));
    let position = story.log.append_raw(vec![(stream, copy)]).await[0].position;
    story.live.catch_up(&story.log).await;
    let row = messages::by_number(reader, 4_711).await.unwrap().unwrap();
    assert_eq!((row.number, row.position), (4_711, position));
    assert_eq!(messages::by_number(reader, position).await.unwrap(), None);
}

async fn each_topic_lists_what_concerns_it(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let (id, ann) = (consultation(1), guest(1));
    let asked = story
        .consultation(1, id, requested(id, Requester::Guest(ann), "익명"))
        .await;
    let put = offered(offer(1), counselor(1), OfferMode::Broadcast);
    let put = story.consultation(2, id, put).await;
    let taken = accepted(offer(1), counselor(1), room(1));
    let taken = story.consultation(3, id, taken).await;
    story
        .room(3, room(1), opened(RoomKind::Consultation(id), ann))
        .await;
    let joined = story.room(3, room(1), added(ann)).await;
    story.says(4, room(1), ann, "안녕하세요").await;
    let read = MemberEvent::Read {
        room: room(1),
        person: ann,
        message: MessageId(room(1).0),
        number: 5,
    };
    let read = story.tell(5, StreamName::new("member", "x"), read).await;
    let left = story.consultation(6, id, completed(counselor(1))).await;

    let of = async |topic| timeline::after(reader, topic, 0, left, 100).await.unwrap();
    assert_eq!(
        of(Topic::Consultation(id)).await,
        [asked, taken, read, left]
    );
    assert_eq!(of(Topic::Counselor(counselor(1))).await, [put, taken, left]);
    assert_eq!(of(Topic::Room(room(1))).await, [joined, read]);
    assert_eq!(of(Topic::Person(ann)).await, [asked, joined]);
    let some = timeline::after(reader, Topic::Consultation(id), asked, read, 1)
        .await
        .unwrap();
    assert_eq!(some, [taken]);
    let membership = directory::uuid_of(reader, directory::Kind::Membership, joined).await;
    assert!(membership.unwrap().is_some());
}
