//! What is done next, at random.

use std::collections::BTreeSet;

use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, IteratorRandom};
use rand::{Rng, RngExt};

use super::act::{Outcome, Via};
use super::world::{Op, Own, Shared, Who, World};

/// Groups at most, so that there is something going on in each.
const GROUPS: usize = 6;

/// Operations at the same time at most.
const AT_ONCE: usize = 6;

const WORDS: [&str; 8] = [
    "안녕",
    "😊",
    "네",
    "a b",
    "오늘 뭐 해요?",
    "ㅎ",
    "e\u{301}",
    "내일 봐요",
];

/// Somebody and what they do.
#[derive(Debug, Clone)]
pub struct Choice {
    pub by: Who,
    pub op: Op,
    pub via: Via,
    /// The sender's own id of a message.
    pub key: String,
}

impl Choice {
    /// One that every dialect can say.
    pub fn is_plain_message(&self) -> bool {
        matches!(self.op, Op::Send { reply_to: None, .. })
    }

    /// What [`World::apply`] needs to know of it.
    pub fn number(&self, world: &World, outcome: &Outcome) -> Option<u64> {
        match &self.op {
            Op::Send { .. } => {
                assert_eq!(outcome.number, outcome.position, "a number is a position");
                None
            }
            // The feed dialect does not say up to where: to the newest, when nobody else acts.
            Op::Read { room, .. } if self.via == Via::Feed => {
                world.rooms[room].messages.keys().next_back().copied()
            }
            Op::Read { room, .. } => {
                let known = &world.rooms[room].messages;
                let number = outcome.number;
                assert!(number.is_none_or(|number| known.contains_key(&number)));
                number
            }
            _ => outcome.number,
        }
    }

    /// What was fine and recorded nothing was so already.
    pub fn must_have_changed_nothing(&self, world: &World, outcome: &Outcome) {
        if outcome.status >= 300 {
            return;
        }
        match &self.op {
            Op::Read { room, up_to } => {
                let room = &world.rooms[room];
                let newest = room.messages.keys().next_back().copied();
                let asked = up_to.or(newest).unwrap_or_default();
                assert!(room.members[&self.by].mark >= asked, "{self:?}");
            }
            Op::Delete { room, message } => {
                assert!(world.rooms[room].messages[message].is_deleted, "{self:?}");
            }
            Op::OpenDirect { .. } | Op::Add { .. } | Op::Remove { .. } | Op::Set { .. } => {}
            Op::OpenGroup { .. } | Op::Send { .. } | Op::Edit { .. } => {
                panic!("{self:?} records something")
            }
        }
    }
}

pub fn any_room(world: &World, random: &mut StdRng) -> Option<u64> {
    world.rooms.keys().choose(random).copied()
}

/// One operation, or several for the same time.
pub fn step(world: &World, people: usize, step: usize, random: &mut StdRng) -> Vec<Choice> {
    if !random.random_bool(0.25) {
        return vec![choose(world, people, format!("{step}"), random)];
    }
    let count = random.random_range(2..=AT_ONCE);
    let mut choices: Vec<Choice> = Vec::new();
    let mut read = BTreeSet::new();
    let mut moved = BTreeSet::new();
    for index in 0..count {
        let mut choice = choose(world, people, format!("{step}-{index}"), random);
        // Up to where somebody has read is in the answer, as long as nothing else moves their mark.
        match &choice.op {
            Op::Read { room, .. } => {
                choice.via = Via::Chat;
                let place = (*room, choice.by);
                if moved.contains(&place) || !read.insert(place) {
                    continue;
                }
            }
            Op::Add { room, who } | Op::Remove { room, who } => {
                let place = (*room, *who);
                if read.contains(&place) {
                    continue;
                }
                moved.insert(place);
            }
            Op::OpenDirect { other } => {
                if let Some(room) = world.direct(choice.by, *other) {
                    let places = [(room, choice.by), (room, *other)];
                    if places.iter().any(|place| read.contains(place)) {
                        continue;
                    }
                    moved.extend(places);
                }
            }
            _ => {}
        }
        choices.push(choice);
    }
    choices
}

fn choose(world: &World, people: usize, key: String, random: &mut StdRng) -> Choice {
    let mut by = random.random_range(0..people);
    let via = *[Via::Chat, Via::Feed, Via::Socket].choose(random).unwrap();
    let Some(room) = any_room(world, random) else {
        let op = opening(world, people, by, random);
        return Choice { by, op, via, key };
    };
    // Mostly somebody who is there.
    let there = &world.rooms[&room];
    if random.random_bool(0.85)
        && let Some((present, _)) = there.present().choose(random)
    {
        by = *present;
    }
    let who = random.random_range(0..people);
    let op = match random.random_range(0..100) {
        0..45 => Op::Send {
            room,
            text: text(random),
            // The feed dialect has no answers to a message.
            reply_to: (via != Via::Feed && random.random_bool(0.2))
                .then(|| message(world, room, random))
                .flatten(),
        },
        45..55 => match message(world, room, random) {
            Some(message) => {
                by = perhaps_its_sender(world, message, by, random);
                let text = text(random);
                Op::Edit {
                    room,
                    message,
                    text,
                }
            }
            None => Op::Read { room, up_to: None },
        },
        55..62 => match message(world, room, random) {
            Some(message) => {
                by = perhaps_its_sender(world, message, by, random);
                Op::Delete { room, message }
            }
            None => Op::Read { room, up_to: None },
        },
        62..76 => {
            let up_to = (via != Via::Feed && random.random_bool(0.4))
                .then(|| message(world, room, random))
                .flatten();
            Op::Read { room, up_to }
        }
        76..83 => Op::Add { room, who },
        83..89 => {
            let who = if random.random_bool(0.5) { by } else { who };
            Op::Remove { room, who }
        }
        89..95 => setting(room, random),
        _ => opening(world, people, by, random),
    };
    Choice { by, op, via, key }
}

fn setting(room: u64, random: &mut StdRng) -> Op {
    let own = Own {
        notification: random.random_bool(0.5),
        receipts: random.random_bool(0.5),
    };
    let shared = Shared {
        days: random.random_range(1..=3_650),
        auto_delete: random.random_bool(0.5),
    };
    let which = random.random_range(1..4_u8);
    Op::Set {
        room,
        own: (which & 1 > 0).then_some(own),
        shared: (which & 2 > 0).then_some(shared),
    }
}

fn opening(world: &World, people: usize, by: Who, random: &mut StdRng) -> Op {
    let groups = world.rooms.values().filter(|room| !room.is_direct).count();
    if groups < GROUPS && random.random_bool(0.6) {
        let others = (0..people)
            .filter(|other| *other != by && random.random_bool(0.4))
            .collect();
        let name = text(random);
        return Op::OpenGroup { name, others };
    }
    let others = (0..people).filter(|other| *other != by);
    let other = others.choose(random).unwrap();
    Op::OpenDirect { other }
}

/// One of the room's messages, the later the likelier; now and then another room's.
fn message(world: &World, room: u64, random: &mut StdRng) -> Option<u64> {
    let room = if random.random_bool(0.05) {
        any_room(world, random)?
    } else {
        room
    };
    let known = &world.rooms[&room].messages;
    let depth = if random.random_bool(0.7) {
        10
    } else {
        known.len()
    };
    known.keys().rev().take(depth).choose(random).copied()
}

/// Mostly whoever sent it.
fn perhaps_its_sender(world: &World, number: u64, by: Who, random: &mut StdRng) -> Who {
    let mut rooms = world.rooms.values();
    let message = rooms.find_map(|room| room.messages.get(&number));
    match message {
        Some(message) if random.random_bool(0.7) => message.sender,
        _ => by,
    }
}

fn text(random: &mut impl Rng) -> String {
    let count = random.random_range(1..=4);
    let words: Vec<&str> = (0..count).map(|_| *WORDS.choose(random).unwrap()).collect();
    words.join(" ")
}
