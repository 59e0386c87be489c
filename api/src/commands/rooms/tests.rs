//! Each command of rooms against a real store: what is written together, and what a repeat writes.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::{
    AccountId, Event, Location, MessageBody, MessageEvent, MessageId, MessageKind, Profile,
    Refusal, Role, RoomText,
};
use event_store::keys::{KeyStore, SqliteKeyStore};
use event_store::sqlite::{Options, SqliteEventStore};
use jiff::civil::date;
use projections::fact;
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::*;
use crate::clock::{Clock, Ids, ManualClock, SystemIds};
use crate::commands::accounts::{NewCounselor, RegisterAccount};
use crate::commands::presence::LeavePresence;
use crate::commands::{Command, CommandError, Commands, Done, Once, Request};

const DAY_SECONDS: i64 = 86_400;
const GROUP: RoomId = RoomId(Uuid::from_u128(50));

/// 2025-01-01T10:00:00Z.
const START_US: i64 = 1_735_725_600_000_000;

struct World {
    commands: Commands,
    keys: Arc<SqliteKeyStore>,
    clock: Arc<ManualClock>,
    _folder: TempDir,
}

fn person(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(number))
}

impl World {
    /// Four people with accounts, 1 to 4.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(START_US));
        let keys = folder.path().join("keys.db");
        let keys = Arc::new(SqliteKeyStore::open(keys, Zeroizing::new([7; 32])).unwrap());
        let now = Arc::clone(&clock);
        let store = SqliteEventStore::open(
            folder.path().join("events.db"),
            Arc::clone(&keys) as Arc<dyn KeyStore>,
            Arc::new(move || now.now_us()),
            &Options::default(),
        );
        let keeper = Arc::clone(&keys) as Arc<dyn KeyStore>;
        let ticking = Arc::clone(&clock) as Arc<dyn Clock>;
        let store = Arc::new(store.unwrap());
        let commands = Commands::new(store, keeper, ticking, Arc::new(SystemIds));
        let world = Self {
            commands,
            keys,
            clock,
            _folder: folder,
        };
        for number in 1..=4 {
            world.does(&register(number)).await.unwrap();
        }
        world
    }

    async fn does(&self, command: &impl Command) -> Result<Done, CommandError> {
        let request = Request::system(SystemIds.next(), None);
        self.commands.execute(&request, command).await
    }

    async fn writes(&self, command: &impl Command) -> Vec<String> {
        let done = self.does(command).await.unwrap();
        let types = done.events.iter().map(|event| event.event_type.to_string());
        types.collect()
    }

    async fn refuses(&self, command: &impl Command) -> Refusal {
        match self.does(command).await {
            Err(CommandError::Refused(refusal)) => refusal,
            other => panic!("{other:?}"),
        }
    }

    /// A group of 1, who opened it, and 2.
    async fn with_group() -> Self {
        let world = Self::new().await;
        world.does(&group([2])).await.unwrap();
        world
    }

    async fn says(&self, message: u128, sender: u128) -> Done {
        self.does(&say(message, sender)).await.unwrap()
    }

    fn event(&self, done: &Done) -> Event {
        fact(Arc::clone(&done.events[0]), &*self.keys)
            .unwrap()
            .event
    }
}

fn register(number: u128) -> RegisterAccount {
    RegisterAccount {
        account: AccountId(person(number).0),
        email_key: format!("key-{number}"),
        role: Role::User,
        profile: Profile {
            name: format!("이름 {number}"),
            email: format!("{number}@example.com"),
            ..Profile::default()
        },
        password_hash: "hash".to_owned(),
        counselor: NewCounselor {
            character_type_id: 1,
            counseling_fields: vec![],
            max_active: None,
        },
    }
}

fn group(members: impl IntoIterator<Item = u128>) -> OpenGroup {
    OpenGroup {
        room: GROUP,
        creator: person(1),
        members: members.into_iter().map(person).collect(),
        max_participants: 3,
        text: RoomText {
            name: Some("모임".to_owned()),
            description: None,
        },
    }
}

fn say(message: u128, sender: u128) -> SendMessage {
    SendMessage {
        message: MessageId(Uuid::from_u128(100 + message)),
        room: GROUP,
        sender: person(sender),
        kind: MessageKind::Text,
        reply_to: None,
        file: None,
        body: MessageBody {
            text: "안녕하세요".to_owned(),
            ..MessageBody::default()
        },
    }
}

fn edit(message: u128, by: u128) -> EditMessage {
    EditMessage {
        room: GROUP,
        message: MessageId(Uuid::from_u128(100 + message)),
        by: person(by),
        text: "고친 글".to_owned(),
    }
}

fn delete(message: u128, by: u128) -> DeleteMessage {
    DeleteMessage {
        room: GROUP,
        message: MessageId(Uuid::from_u128(100 + message)),
        by: person(by),
    }
}

fn direct(caller: u128, other: u128) -> OpenDirect {
    OpenDirect {
        caller: person(caller),
        other: person(other),
    }
}

fn settings(by: u128) -> ChangeSettings {
    ChangeSettings {
        room: GROUP,
        person: person(by),
        notification_enabled: None,
        read_receipt_enabled: None,
        retention_days: None,
        auto_delete: None,
    }
}

#[tokio::test]
async fn two_people_have_one_room_whoever_opens_it() {
    let world = World::new().await;
    let opened = ["room.opened", "room.member_added", "room.member_added"];
    assert_eq!(world.writes(&direct(1, 2)).await, opened);
    assert_eq!(world.writes(&direct(1, 2)).await, [""; 0]);
    assert_eq!(world.writes(&direct(2, 1)).await, [""; 0]);
    assert_eq!(direct(1, 2).room(), direct(2, 1).room());
    assert_ne!(direct(1, 2).room(), direct(1, 3).room());
}

#[tokio::test]
async fn whoever_left_a_room_of_two_is_in_it_again_when_it_is_opened_again() {
    let world = World::new().await;
    world.does(&direct(1, 2)).await.unwrap();
    let room = direct(1, 2).room();
    let (by, person) = (person(2), person(2));
    let leave = RemoveMember { room, by, person };
    assert_eq!(world.writes(&leave).await, ["room.member_removed"]);
    assert_eq!(world.writes(&direct(1, 2)).await, ["room.member_added"]);
}

#[tokio::test]
async fn a_room_is_opened_with_people_who_can_log_in() {
    let world = World::new().await;
    assert_eq!(
        world.refuses(&direct(1, 99)).await,
        Refusal::UnknownParticipant
    );
    assert_eq!(
        world.refuses(&direct(1, 1)).await,
        Refusal::ParticipantsOutOfRange
    );
    assert_eq!(
        world.refuses(&group([2, 99])).await,
        Refusal::UnknownParticipant
    );
    assert_eq!(
        world.refuses(&group([2, 3, 4])).await,
        Refusal::ParticipantsOutOfRange
    );
}

#[tokio::test]
async fn a_group_begins_with_its_members_and_its_name_in_one_append() {
    let world = World::new().await;
    let done = world.does(&group([1, 2, 3])).await.unwrap();
    let types: Vec<_> = done.events.iter().map(|event| &*event.event_type).collect();
    assert_eq!(
        types,
        [
            "room.opened",
            "room.member_added",
            "room.member_added",
            "room.member_added",
            "room.described",
        ]
    );
    let positions: Vec<_> = done.events.iter().map(|event| event.position).collect();
    assert!(positions.windows(2).all(|pair| pair[1] == pair[0] + 1));
    let keys = &done.events[4].parts[0].keys;
    assert_eq!(&*keys.subject, format!("account:{}", person(1)));
    assert_eq!(keys.bucket.as_deref(), Some(&*format!("room:{GROUP}")));
}

#[tokio::test]
async fn a_repeated_opening_of_a_large_group_is_known_with_all_that_it_did() {
    let world = World::new().await;
    let members: BTreeSet<_> = (10..90).collect();
    for number in &members {
        world.does(&register(*number)).await.unwrap();
    }
    let mut open = group(members);
    open.max_participants = 100;
    let mut request = Request::system(SystemIds.next(), None);
    request.once = Some(Once {
        dedupe: [5; 16],
        fingerprint: "print".into(),
        expiring: None,
    });
    let first = world.commands.execute(&request, &open).await.unwrap();
    world.does(&register(9)).await.unwrap();
    request.correlation_id = SystemIds.next();
    let again = world.commands.execute(&request, &open).await.unwrap();
    assert!(again.repeated && !first.repeated);
    assert_eq!(again.events.len(), 83);
    assert_eq!(again.position(), first.position());
}

#[tokio::test]
async fn members_bring_others_and_outsiders_are_told_nothing() {
    let world = World::with_group().await;
    let add = |by, who| AddMember {
        room: GROUP,
        by: person(by),
        person: person(who),
    };
    assert_eq!(world.refuses(&add(4, 99)).await, Refusal::NotAMember);
    assert_eq!(
        world.refuses(&add(2, 99)).await,
        Refusal::UnknownParticipant
    );
    assert_eq!(world.writes(&add(2, 3)).await, ["room.member_added"]);
    assert_eq!(world.writes(&add(2, 3)).await, [""; 0]);
    assert_eq!(world.refuses(&add(2, 4)).await, Refusal::RoomFull);
    let remove = |by, who| RemoveMember {
        room: GROUP,
        by: person(by),
        person: person(who),
    };
    assert_eq!(world.refuses(&remove(2, 3)).await, Refusal::NotTheCreator);
    assert_eq!(world.writes(&remove(1, 3)).await, ["room.member_removed"]);
    assert_eq!(world.writes(&add(2, 4)).await, ["room.member_added"]);
}

#[tokio::test]
async fn an_answer_carries_the_number_of_what_it_answers() {
    let world = World::with_group().await;
    let original = world.says(1, 1).await.events[0].number();
    let mut answer = say(2, 2);
    answer.reply_to = Some(say(1, 1).message);
    let done = world.does(&answer).await.unwrap();
    match world.event(&done) {
        Event::Message(MessageEvent::Sent { reply_number, .. }) => {
            assert_eq!(reply_number, Some(original));
        }
        other => panic!("{other:?}"),
    }
    let mut elsewhere = say(3, 1);
    elsewhere.room = direct(1, 2).room();
    world.does(&direct(1, 2)).await.unwrap();
    elsewhere.reply_to = Some(say(1, 1).message);
    assert_eq!(world.refuses(&elsewhere).await, Refusal::UnknownMessage);
}

#[tokio::test]
async fn an_edit_is_sealed_under_the_keys_of_the_first_sending() {
    let world = World::with_group().await;
    let sent = world.says(1, 2).await;
    world.clock.advance_seconds(3 * DAY_SECONDS);
    let done = world.does(&edit(1, 2)).await.unwrap();
    assert_eq!(done.events[0].parts[0].keys, sent.events[0].parts[0].keys);
    match world.event(&done) {
        Event::Message(MessageEvent::Edited { number, body, .. }) => {
            assert_eq!(number, sent.events[0].number());
            assert_eq!(body.get().unwrap().text, "고친 글");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_edited_location_stays_where_it_is() {
    let world = World::with_group().await;
    let location = Some(Location {
        latitude: 37.5,
        longitude: 127.0,
        label: None,
    });
    let mut here = say(1, 2);
    here.kind = MessageKind::Location;
    here.body.location.clone_from(&location);
    world.does(&here).await.unwrap();
    let done = world.does(&edit(1, 2)).await.unwrap();
    match world.event(&done) {
        Event::Message(MessageEvent::Edited { body, .. }) => {
            assert_eq!(body.get().unwrap().location, location);
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn who_may_edit_and_who_may_delete() {
    let world = World::with_group().await;
    world.says(1, 2).await;
    world.says(2, 2).await;
    assert_eq!(world.refuses(&edit(1, 1)).await, Refusal::NotTheSender);
    assert_eq!(world.refuses(&edit(1, 3)).await, Refusal::NotAMember);
    assert_eq!(world.refuses(&delete(1, 3)).await, Refusal::NotAMember);
    assert_eq!(world.refuses(&edit(9, 2)).await, Refusal::UnknownMessage);
    // The creator may delete what others said.
    assert_eq!(world.writes(&delete(1, 1)).await, ["message.deleted"]);
    assert_eq!(world.writes(&delete(1, 2)).await, [""; 0]);
    assert_eq!(world.refuses(&edit(1, 2)).await, Refusal::MessageDeleted);
    assert_eq!(world.writes(&delete(2, 2)).await, ["message.deleted"]);
    world.says(3, 1).await;
    assert_eq!(world.refuses(&delete(3, 2)).await, Refusal::NotTheSender);
}

#[tokio::test]
async fn settings_change_together_or_not_at_all() {
    let world = World::with_group().await;
    let mut both = settings(2);
    both.notification_enabled = Some(false);
    both.retention_days = Some(30);
    assert_eq!(world.refuses(&both).await, Refusal::NotTheCreator);
    both.retention_days = None;
    assert_eq!(world.writes(&both).await, ["member.settings_changed"]);
    let mut both = settings(1);
    both.read_receipt_enabled = Some(false);
    both.retention_days = Some(30);
    assert_eq!(
        world.writes(&both).await,
        ["member.settings_changed", "room.retention_set"]
    );
    assert_eq!(world.writes(&both).await, [""; 0]);
    assert_eq!(world.refuses(&settings(3)).await, Refusal::NotAMember);
}

#[tokio::test]
async fn what_was_said_on_a_destroyed_day_is_edited_no_more() {
    let world = World::with_group().await;
    world.says(1, 2).await;
    let day = date(2025, 1, 1);
    let destroy = DestroyDay { room: GROUP, day };
    let mut keep = settings(1);
    keep.retention_days = Some(2);
    keep.auto_delete = Some(true);
    world.does(&keep).await.unwrap();
    // The first day ends as the second begins, and is two days old as the fourth does.
    world.clock.advance_seconds(2 * DAY_SECONDS);
    assert_eq!(world.refuses(&destroy).await, Refusal::DayNotOver);
    world.says(2, 2).await;
    world.clock.advance_seconds(DAY_SECONDS);
    assert_eq!(world.writes(&destroy).await, ["room.day_destroyed"]);
    assert_eq!(world.writes(&destroy).await, [""; 0]);
    assert_eq!(world.refuses(&edit(1, 2)).await, Refusal::MessageErased);
    assert_eq!(world.refuses(&delete(1, 2)).await, Refusal::MessageErased);
    assert_eq!(world.writes(&edit(2, 2)).await, ["message.edited"]);
}

#[tokio::test]
async fn leaving_is_recorded_at_most_once_a_minute() {
    let world = World::new().await;
    let leave = LeavePresence { person: person(1) };
    assert_eq!(world.writes(&leave).await, ["presence.left"]);
    world.clock.advance_seconds(59);
    assert_eq!(world.writes(&leave).await, [""; 0]);
    world.clock.advance_seconds(1);
    assert_eq!(world.writes(&leave).await, ["presence.left"]);
}
