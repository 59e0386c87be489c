//! Rooms as they have to be: what an operation must be answered, and what it changes.

use std::collections::BTreeMap;

/// One of the people, by their place among them.
pub type Who = usize;

/// What somebody does.
#[derive(Debug, Clone)]
pub enum Op {
    OpenDirect {
        other: Who,
    },
    OpenGroup {
        name: String,
        others: Vec<Who>,
    },
    Send {
        room: u64,
        text: String,
        reply_to: Option<u64>,
    },
    Edit {
        room: u64,
        message: u64,
        text: String,
    },
    Delete {
        room: u64,
        message: u64,
    },
    Read {
        room: u64,
        up_to: Option<u64>,
    },
    Add {
        room: u64,
        who: Who,
    },
    Remove {
        room: u64,
        who: Who,
    },
    Set {
        room: u64,
        own: Option<Own>,
        shared: Option<Shared>,
    },
}

/// What a member sets for themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Own {
    pub notification: bool,
    pub receipts: bool,
}

/// What a room's creator sets for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shared {
    pub days: u16,
    pub auto_delete: bool,
}

pub struct Message {
    pub number: u64,
    pub sender: Who,
    pub versions: Vec<String>,
    pub reply_to: Option<u64>,
    pub is_deleted: bool,
}

impl Message {
    /// What it shows.
    pub fn text(&self) -> &str {
        match self.versions.last() {
            Some(text) if !self.is_deleted => text,
            _ => "",
        }
    }
}

/// Somebody's place in a room.
#[derive(Clone)]
pub struct Member {
    pub is_present: bool,
    /// When they last joined: a position, and their place among those who came with it.
    pub joined: (u64, usize),
    /// What has a greater number is unread.
    pub mark: u64,
    /// Whether they have moved their mark since they joined.
    pub has_read: bool,
    pub own: Own,
}

pub struct Room {
    pub is_direct: bool,
    pub name: String,
    pub creator: Who,
    pub members: BTreeMap<Who, Member>,
    pub messages: BTreeMap<u64, Message>,
    pub shared: Shared,
    /// The step in which something last happened that moves it up the list.
    pub active: usize,
}

impl Room {
    pub fn has(&self, who: Who) -> bool {
        self.members
            .get(&who)
            .is_some_and(|member| member.is_present)
    }

    /// The present members, in the order in which they joined.
    pub fn present(&self) -> Vec<(Who, &Member)> {
        let mut present: Vec<_> = self
            .members
            .iter()
            .filter(|(_, member)| member.is_present)
            .map(|(who, member)| (*who, member))
            .collect();
        present.sort_by_key(|(_, member)| member.joined);
        present
    }

    pub fn unread(&self, who: Who) -> usize {
        let mark = self.members[&who].mark;
        self.messages
            .range(mark + 1..)
            .filter(|(_, message)| message.sender != who && !message.is_deleted)
            .count()
    }

    pub fn is_read(&self, message: &Message) -> bool {
        self.present()
            .iter()
            .filter(|(who, _)| *who != message.sender)
            .all(|(_, member)| message.number <= member.mark)
    }

    /// The newest text that was not taken back.
    pub fn last(&self) -> Option<&str> {
        let mut shown = self
            .messages
            .values()
            .rev()
            .filter(|message| !message.is_deleted);
        shown.next().map(Message::text)
    }

    fn join(&mut self, who: Who, joined: (u64, usize)) {
        let own = self.members.get(&who).map_or(
            Own {
                notification: true,
                receipts: true,
            },
            |former| former.own,
        );
        let member = Member {
            is_present: true,
            joined,
            mark: joined.0,
            has_read: false,
            own,
        };
        self.members.insert(who, member);
    }
}

/// All rooms, by their numbers.
#[derive(Default)]
pub struct World {
    pub rooms: BTreeMap<u64, Room>,
}

impl World {
    pub fn direct(&self, one: Who, other: Who) -> Option<u64> {
        let is_theirs = |room: &Room| {
            room.is_direct && room.members.contains_key(&one) && room.members.contains_key(&other)
        };
        let mut rooms = self.rooms.iter();
        rooms.find_map(|(number, room)| is_theirs(room).then_some(*number))
    }

    fn room(&self, number: u64) -> &Room {
        &self.rooms[&number]
    }

    fn room_mut(&mut self, number: u64) -> &mut Room {
        self.rooms.get_mut(&number).unwrap()
    }

    /// The status that an operation has to be answered with now.
    pub fn status(&self, by: Who, op: &Op) -> u16 {
        match op {
            Op::OpenDirect { other } => match self.direct(by, *other) {
                Some(_) => 200,
                None => 201,
            },
            Op::OpenGroup { .. } => 201,
            Op::Send { room, reply_to, .. } => {
                let room = self.room(*room);
                let is_known = reply_to.is_none_or(|number| room.messages.contains_key(&number));
                if room.has(by) && is_known { 201 } else { 404 }
            }
            Op::Edit { room, message, .. } => {
                let room = self.room(*room);
                match room.messages.get(message) {
                    Some(_) if !room.has(by) => 404,
                    None => 404,
                    Some(message) if message.sender != by => 403,
                    Some(message) if message.is_deleted => 409,
                    Some(_) => 200,
                }
            }
            Op::Delete { room, message } => {
                let room = self.room(*room);
                match room.messages.get(message) {
                    Some(_) if !room.has(by) => 404,
                    None => 404,
                    Some(message) if message.sender != by && room.creator != by => 403,
                    Some(_) => 200,
                }
            }
            Op::Read { room, up_to } => {
                let room = self.room(*room);
                let is_known = up_to.is_none_or(|number| room.messages.contains_key(&number));
                if room.has(by) && is_known { 200 } else { 404 }
            }
            Op::Add { room, who } => {
                let room = self.room(*room);
                if !room.has(by) {
                    404
                } else if room.is_direct {
                    409
                } else if room.has(*who) {
                    200
                } else {
                    201
                }
            }
            Op::Remove { room, who } => {
                let room = self.room(*room);
                if !room.has(by) {
                    404
                } else if by != *who && room.creator != by {
                    403
                } else {
                    200
                }
            }
            Op::Set { room, shared, .. } => {
                let room = self.room(*room);
                if !room.has(by) {
                    404
                } else if shared.is_some() && room.creator != by {
                    403
                } else {
                    200
                }
            }
        }
    }

    /// What an operation changes that was not refused. `position` is that of its last event,
    /// `number` that of the room which it opened, or of the message up to which it read.
    pub fn apply(&mut self, step: usize, by: Who, op: &Op, position: u64, number: Option<u64>) {
        match op {
            Op::OpenDirect { other } => match self.direct(by, *other) {
                Some(room) => {
                    let room = self.room_mut(room);
                    for (rank, who) in [by, *other].into_iter().enumerate() {
                        if !room.has(who) {
                            room.join(who, (position, rank));
                        }
                    }
                }
                None => self.open(step, by, number.unwrap(), position, None, &[*other]),
            },
            Op::OpenGroup { name, others } => {
                let room = number.unwrap();
                self.open(step, by, room, position, Some(name.clone()), others);
            }
            Op::Send {
                room,
                text,
                reply_to,
            } => {
                let room = self.room_mut(*room);
                let message = Message {
                    number: position,
                    sender: by,
                    versions: vec![text.clone()],
                    reply_to: *reply_to,
                    is_deleted: false,
                };
                room.messages.insert(position, message);
                room.active = step;
            }
            Op::Edit {
                room,
                message,
                text,
            } => {
                let message = self.room_mut(*room).messages.get_mut(message).unwrap();
                message.versions.push(text.clone());
            }
            Op::Delete { room, message } => {
                let message = self.room_mut(*room).messages.get_mut(message).unwrap();
                message.is_deleted = true;
            }
            Op::Read { room, .. } => {
                let Some(number) = number else {
                    return;
                };
                let member = self.room_mut(*room).members.get_mut(&by).unwrap();
                if number > member.mark {
                    member.mark = number;
                    member.has_read = true;
                }
            }
            Op::Add { room, who } => {
                let room = self.room_mut(*room);
                if !room.has(*who) {
                    room.join(*who, (position, 0));
                }
            }
            Op::Remove { room, who } => {
                if let Some(member) = self.room_mut(*room).members.get_mut(who) {
                    member.is_present = false;
                }
            }
            Op::Set { room, own, shared } => {
                let room = self.room_mut(*room);
                if let Some(own) = own {
                    room.members.get_mut(&by).unwrap().own = *own;
                }
                if let Some(shared) = shared.filter(|shared| *shared != room.shared) {
                    room.shared = shared;
                    room.active = step;
                }
            }
        }
    }

    fn open(
        &mut self,
        step: usize,
        by: Who,
        number: u64,
        position: u64,
        name: Option<String>,
        others: &[Who],
    ) {
        let mut room = Room {
            is_direct: name.is_none(),
            name: name.unwrap_or_default(),
            creator: by,
            members: BTreeMap::new(),
            messages: BTreeMap::new(),
            shared: Shared {
                days: 365,
                auto_delete: false,
            },
            active: step,
        };
        room.join(by, (position, 0));
        for (rank, who) in (1..).zip(others) {
            room.join(*who, (position, rank));
        }
        self.rooms.insert(number, room);
    }
}
