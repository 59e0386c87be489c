//! What a room keeps, what it destroys, and that the keys of that are gone for ever.

use std::collections::{BTreeMap, BTreeSet};

use api::commands::accounts::{NewCounselor, RegisterAccount};
use api::commands::rooms::{ChangeSettings, EditMessage, OpenGroup, SendMessage};
use domain::{
    AccountId, Bucket, MessageBody, MessageId, MessageKind, PersonId, Profile, Role, RoomId,
    RoomText,
};
use event_store::keys::Key;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use projections::{messages, rooms};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::world::World;

const DAY_S: i64 = 24 * 3_600;

/// Seconds of the day at which the clock of the tests stands first.
const BEGIN_S: i64 = 51_200;

impl World {
    fn today(&self) -> Date {
        let now = Timestamp::from_microsecond(self.now()).unwrap();
        now.to_zoned(TimeZone::UTC).date()
    }

    async fn person(&self) -> PersonId {
        let account = AccountId(self.id());
        let register = RegisterAccount {
            account,
            email_key: account.0.simple().to_string(),
            role: Role::User,
            profile: Profile {
                name: "누구".into(),
                email: format!("{}@example.com", account.0),
                ..Profile::default()
            },
            password_hash: "hash".into(),
            counselor: NewCounselor {
                character_type_id: 1,
                counseling_fields: vec![],
                max_active: None,
            },
        };
        self.executes(&register).await.unwrap();
        account.into()
    }

    async fn group(&self, creator: PersonId) -> RoomId {
        let room = RoomId(self.id());
        let open = OpenGroup {
            room,
            creator,
            members: BTreeSet::new(),
            max_participants: 10,
            text: RoomText::default(),
        };
        self.executes(&open).await.unwrap();
        room
    }

    async fn speaks(&self, sender: PersonId, room: RoomId) -> MessageId {
        let message = MessageId(self.id());
        let send = SendMessage {
            message,
            room,
            sender,
            kind: MessageKind::Text,
            reply_to: None,
            file: None,
            body: text("안녕하세요"),
        };
        self.executes(&send).await.unwrap();
        message
    }

    async fn keeps(&self, room: RoomId, person: PersonId, days: u16, auto_delete: bool) {
        let set = ChangeSettings {
            room,
            person,
            notification_enabled: None,
            read_receipt_enabled: None,
            retention_days: Some(days),
            auto_delete: Some(auto_delete),
        };
        self.executes(&set).await.unwrap();
    }

    /// Messages that the read models show of a room.
    async fn messages(&self, room: RoomId) -> u64 {
        let row = rooms::by_id(self.reader(), room).await.unwrap().unwrap();
        messages::count(self.reader(), row.number).await.unwrap()
    }

    fn has_key(&self, room: RoomId, day: Date) -> bool {
        let name = Bucket::RoomDay(room, day).to_string();
        match self.keys().get(&name).unwrap() {
            Key::Present(_) => true,
            Key::Destroyed => false,
            Key::Absent => panic!("there never was {name}"),
        }
    }

    async fn destroyed_days(&self) -> usize {
        let all = self.all_events().await;
        let days = all
            .iter()
            .filter(|event| &*event.event_type == "room.day_destroyed");
        days.count()
    }
}

fn text(text: &str) -> MessageBody {
    MessageBody {
        text: text.to_owned(),
        client_message_id: None,
        location: None,
        link: None,
    }
}

#[tokio::test]
async fn a_day_goes_when_all_of_it_is_older_than_the_room_keeps_it() {
    let world = World::new().await;
    let ann = world.person().await;
    let (room, other) = (world.group(ann).await, world.group(ann).await);
    world.keeps(room, ann, 2, true).await;
    let first = world.today();
    for room in [room, other] {
        world.speaks(ann, room).await;
        world.speaks(ann, room).await;
    }
    world.forward(DAY_S).await;
    let second = world.today();
    let young = world.speaks(ann, room).await;
    // To the last second of the second day after the first.
    world.forward(2 * DAY_S - BEGIN_S - 1).await;
    assert_eq!(world.messages(room).await, 3);
    assert!(world.has_key(room, first));
    world.forward(1).await;
    assert_eq!(world.messages(room).await, 1);
    assert!(!world.has_key(room, first) && world.has_key(room, second));
    assert_eq!(world.messages(other).await, 2, "this room keeps all");
    assert!(world.has_key(other, first));
    assert_eq!(world.destroyed_days().await, 1);

    let edit = EditMessage {
        room,
        message: young,
        by: ann,
        text: "고친 말".into(),
    };
    world.executes(&edit).await.unwrap();
    world.forward(DAY_S).await;
    assert_eq!(world.messages(room).await, 0);
    assert!(!world.has_key(room, second));
    let refused = world.executes(&edit).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the messages of that day no longer exist"
    );
    world.stop().await;
}

#[tokio::test]
async fn a_room_that_begins_to_forget_forgets_all_that_is_too_old_and_says_each_day_once() {
    let world = World::new().await;
    let ann = world.person().await;
    let room = world.group(ann).await;
    for _ in 0..5 {
        world.speaks(ann, room).await;
        world.forward(3 * DAY_S).await;
    }
    world.keeps(room, ann, 7, false).await;
    assert_eq!(world.messages(room).await, 5);
    world.keeps(room, ann, 7, true).await;
    assert_eq!(world.messages(room).await, 2);
    let days = world.all_events().await;
    let days: Vec<_> = days
        .iter()
        .filter(|event| &*event.event_type == "room.day_destroyed")
        .map(|event| String::from_utf8(event.payload.to_vec()).unwrap())
        .collect();
    assert_eq!(
        days,
        ["21", "24", "27"].map(|day| format!(r#"{{"day":"2026-09-{day}"}}"#))
    );
    let before = world.head().await;
    for _ in 0..3 {
        world.looks().await;
    }
    let world = world.restarts().await;
    assert_eq!(world.head().await, before);
    world.stop().await;
}

#[tokio::test]
async fn what_was_said_at_midnight_goes_with_the_day_before() {
    let world = World::new().await;
    let ann = world.person().await;
    let room = world.group(ann).await;
    world.forward(DAY_S - BEGIN_S + 60).await;
    world.speaks(ann, room).await;
    let (before, after) = (world.today().yesterday().unwrap(), world.today());
    world.keeps(room, ann, 1, true).await;
    world.forward(2 * DAY_S).await;
    // One that was decided on before midnight would have been recorded no later.
    let name = Bucket::RoomDay(room, before).to_string();
    assert!(matches!(world.keys().get(&name).unwrap(), Key::Destroyed));
    assert!(!world.has_key(room, after));
    world.stop().await;
}

#[tokio::test]
async fn what_came_due_while_the_server_was_down_is_destroyed_at_the_start() {
    let world = World::new().await;
    let ann = world.person().await;
    let room = world.group(ann).await;
    let day = world.today();
    world.speaks(ann, room).await;
    world.keeps(room, ann, 1, true).await;
    let (world, clock) = world.goes_down().await;
    clock.advance_seconds(3 * DAY_S);
    let world = world.comes_up().await;
    assert_eq!(world.messages(room).await, 0);
    assert!(!world.has_key(room, day));
    world.stop().await;
}

#[tokio::test]
async fn keys_of_an_old_backup_revive_nothing() {
    let world = World::new().await;
    let ann = world.person().await;
    let (room, kept) = (world.group(ann).await, world.group(ann).await);
    let day = world.today();
    for room in [room, kept] {
        world.speaks(ann, room).await;
    }
    let (world, clock) = world.goes_down().await;
    let backup = world.backs_up_keys().await;
    let world = world.comes_up().await;
    world.keeps(room, ann, 1, true).await;
    clock.advance_seconds(3 * DAY_S);
    world.settles().await;
    assert!(!world.has_key(room, day));
    let before = world.head().await;
    let (world, _) = world.goes_down().await;
    world.restores_keys(backup).await;
    let world = world.begins().await;
    assert!(!world.has_key(room, day) && world.has_key(kept, day));
    world.settles().await;
    assert_eq!(world.head().await, before, "it is on record already");
    world.stop().await;
}

#[tokio::test]
async fn a_rebuild_shows_what_was_destroyed_as_destroyed() {
    let world = World::new().await;
    let ann = world.person().await;
    let room = world.group(ann).await;
    world.speaks(ann, room).await;
    world.forward(3 * DAY_S).await;
    world.speaks(ann, room).await;
    world.keeps(room, ann, 1, true).await;
    let before = world.head().await;
    let (world, _) = world.goes_down().await;
    world.forgets_read_models().await;
    let world = world.comes_up().await;
    assert_eq!(world.messages(room).await, 1);
    assert_eq!(world.head().await, before);
    world.stop().await;
}

/// What a room has, by the days on which it was said.
#[derive(Default)]
struct Plain {
    said: BTreeMap<Date, u64>,
    destroyed: BTreeSet<Date>,
    days: u16,
    auto_delete: bool,
}

impl Plain {
    fn forgets(&mut self, today: Date) {
        if !self.auto_delete {
            return;
        }
        let kept = today - jiff::Span::new().days(i64::from(self.days));
        let old: Vec<_> = self
            .said
            .keys()
            .copied()
            .filter(|day| *day < kept)
            .collect();
        self.destroyed.extend(old);
    }
}

#[tokio::test]
async fn rooms_keep_and_destroy_what_they_say_whatever_happens_in_between() {
    let given = std::env::var("SEED").ok().map(|seed| seed.parse().unwrap());
    let is_long = std::env::var_os("MAEUM_TEST_LONG").is_some();
    for _ in 0..if is_long { 30 } else { 1 } {
        let seed: u64 = given.unwrap_or_else(rand::random);
        println!("SEED={seed}");
        years_pass(StdRng::seed_from_u64(seed)).await;
    }
}

async fn years_pass(mut random: StdRng) {
    let mut world = World::new().await;
    let ann = world.person().await;
    let mut rooms = Vec::new();
    for _ in 0..4 {
        let plain = Plain {
            days: 365,
            ..Plain::default()
        };
        rooms.push((world.group(ann).await, plain));
    }
    for _ in 0..100 {
        let today = world.today();
        let which = random.random_range(0..rooms.len());
        let (room, plain) = &mut rooms[which];
        match random.random_range(0..10) {
            0..5 => {
                world.speaks(ann, *room).await;
                *plain.said.entry(today).or_default() += 1;
            }
            5 | 6 => {
                plain.days = random.random_range(1..30);
                plain.auto_delete = random.random_bool(0.7);
                world.keeps(*room, ann, plain.days, plain.auto_delete).await;
            }
            7 | 8 => world.forward(random.random_range(1..10 * DAY_S)).await,
            _ => world = world.restarts().await,
        }
        let today = world.today();
        for (room, plain) in &mut rooms {
            plain.forgets(today);
            let left = plain
                .said
                .iter()
                .filter(|(day, _)| !plain.destroyed.contains(day));
            let left: u64 = left.map(|(_, count)| count).sum();
            assert_eq!(world.messages(*room).await, left, "{room} on {today}");
            for day in plain.said.keys() {
                let is_kept = !plain.destroyed.contains(day);
                assert_eq!(world.has_key(*room, *day), is_kept, "{room}, {day}");
            }
        }
    }
    world.stop().await;
}
