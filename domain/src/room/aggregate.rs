//! A room's rules: who is in it, who may send, and under which keys its texts are sealed.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::retention::{DestroyedDays, Retention};
use super::{MemberRole, RoomCommand, RoomEvent, RoomKind, RoomText};
use crate::decide::{Decide, aggregate};
use crate::{AccountId, Bucket, PersonId, Refusal, RoomId, SealedUnder, Subject, limits, text};

/// A room.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room(Option<Opened>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Opened {
    kind: RoomKind,
    creator: PersonId,
    max_participants: u32,
    members: BTreeMap<PersonId, MemberRole>,
    closed: bool,
    booked: bool,
    retention: Retention,
    destroyed: DestroyedDays,
}

aggregate!(Room, "room", RoomCommand, RoomEvent);

impl Room {
    pub fn exists(&self) -> bool {
        self.0.is_some()
    }

    /// Whether it exists and is not closed.
    pub fn is_open(&self) -> bool {
        self.0.as_ref().is_some_and(|room| !room.closed)
    }

    pub fn kind(&self) -> Option<RoomKind> {
        self.0.as_ref().map(|room| room.kind)
    }

    pub fn creator(&self) -> Option<PersonId> {
        self.0.as_ref().map(|room| room.creator)
    }

    /// The present members.
    pub fn members(&self) -> impl Iterator<Item = (PersonId, MemberRole)> + '_ {
        self.0
            .iter()
            .flat_map(|room| room.members.iter())
            .map(|(person, role)| (*person, *role))
    }

    /// Whether somebody is a present member.
    pub fn has(&self, person: PersonId) -> bool {
        self.0
            .as_ref()
            .is_some_and(|room| room.members.contains_key(&person))
    }

    /// Whether somebody may send a message now.
    ///
    /// # Errors
    /// `UnknownRoom` and `NotAMember` look alike to clients; `RoomClosed`; `NotActive` while the
    /// room of a consultation lacks one of its two.
    pub fn may_send(&self, person: PersonId) -> Result<(), Refusal> {
        let room = self.0.as_ref().ok_or(Refusal::UnknownRoom)?;
        if !room.members.contains_key(&person) {
            return Err(Refusal::NotAMember);
        }
        if room.closed {
            return Err(Refusal::RoomClosed);
        }
        let pair = limits::PAIR as usize;
        if matches!(room.kind, RoomKind::Consultation(_)) && room.members.len() < pair {
            return Err(Refusal::NotActive);
        }
        Ok(())
    }

    /// For how long messages are kept; none where there is no such room.
    pub fn retention(&self) -> Option<Retention> {
        self.0.as_ref().map(|room| room.retention)
    }

    /// Whether the messages of a UTC day can be read no longer.
    pub fn has_destroyed(&self, day: Date) -> bool {
        self.0.as_ref().is_some_and(|room| room.destroyed.has(day))
    }

    /// The keys under which what the room says of itself is sealed; `id` is the room's own. None
    /// where it says nothing.
    pub fn sealing_its_text(&self, id: RoomId) -> Option<SealedUnder> {
        let room = self.0.as_ref()?;
        match room.kind {
            RoomKind::Group => Some(SealedUnder {
                subject: Subject::Account(AccountId(room.creator.0)),
                bucket: Some(Bucket::Room(id)),
            }),
            RoomKind::Direct | RoomKind::Consultation(_) => None,
        }
    }

    /// Whether it is known which transaction it is about.
    pub fn is_booked(&self) -> bool {
        self.0.as_ref().is_some_and(|room| room.booked)
    }

    /// The keys under which it is sealed which transaction it is about; `id` is the room's own.
    /// None where it is about none.
    pub fn sealing_its_booking(&self, id: RoomId) -> Option<SealedUnder> {
        let room = self.0.as_ref()?;
        match room.kind {
            RoomKind::Direct => Some(SealedUnder {
                subject: Subject::Account(AccountId(room.creator.0)),
                bucket: Some(Bucket::Room(id)),
            }),
            RoomKind::Group | RoomKind::Consultation(_) => None,
        }
    }

    /// The keys under which a text in this room is sealed: the consultation's, whoever wrote it;
    /// else the author's, narrowed to the room and the UTC day of its first sending. `id` is the
    /// room's own. None where there is no such room.
    pub fn sealing(&self, id: RoomId, author: PersonId, day: Date) -> Option<SealedUnder> {
        Some(match self.kind()? {
            RoomKind::Consultation(consultation) => SealedUnder {
                subject: Subject::Consultation(consultation),
                bucket: None,
            },
            // Guests are in rooms of consultations only: here every person is an account.
            RoomKind::Direct | RoomKind::Group => SealedUnder {
                subject: Subject::Account(AccountId(author.0)),
                bucket: Some(Bucket::RoomDay(id, day)),
            },
        })
    }
}

impl Decide for Room {
    fn decide(&self, command: RoomCommand) -> Result<Vec<RoomEvent>, Refusal> {
        match (&self.0, command) {
            (
                None,
                RoomCommand::Open {
                    kind,
                    creator,
                    max_participants,
                },
            ) => {
                check_size(kind, max_participants)?;
                Ok(vec![RoomEvent::Opened {
                    room_kind: kind,
                    creator,
                    max_participants,
                }])
            }
            (None, _) => Err(Refusal::UnknownRoom),
            (Some(room), command) => room.decide(command),
        }
    }
}

fn check_size(kind: RoomKind, max_participants: u32) -> Result<(), Refusal> {
    let allowed = match kind {
        RoomKind::Direct | RoomKind::Consultation(_) => limits::PAIR..=limits::PAIR,
        RoomKind::Group => 1..=limits::GROUP_MEMBERS,
    };
    if allowed.contains(&max_participants) {
        Ok(())
    } else {
        Err(Refusal::ParticipantsOutOfRange)
    }
}

fn check_text(said: &RoomText) -> Result<(), Refusal> {
    let refusal = Refusal::RoomTextLength;
    if let Some(name) = &said.name {
        text::check(name, 1..=limits::ROOM_NAME_CHARS, refusal)?;
    }
    if let Some(description) = &said.description {
        text::check(description, 0..=limits::ROOM_DESCRIPTION_CHARS, refusal)?;
    }
    Ok(())
}

impl Opened {
    fn decide(&self, command: RoomCommand) -> Result<Vec<RoomEvent>, Refusal> {
        let event = match command {
            RoomCommand::Open { kind, .. } if kind != self.kind => {
                return Err(Refusal::AlreadyRegistered);
            }
            RoomCommand::Open { .. } => {
                self.check_open()?;
                return Ok(vec![]);
            }
            RoomCommand::AddMember { person, role } => {
                self.check_open()?;
                match self.members.get(&person) {
                    Some(present) if *present == role => return Ok(vec![]),
                    Some(_) => return Err(Refusal::AlreadyAMember),
                    None => {}
                }
                if self.members.len() >= self.max_participants as usize {
                    return Err(Refusal::RoomFull);
                }
                RoomEvent::MemberAdded { person, role }
            }
            RoomCommand::RemoveMember { person } => {
                if !self.members.contains_key(&person) {
                    return Ok(vec![]);
                }
                RoomEvent::MemberRemoved { person }
            }
            RoomCommand::Invite { by, person } => {
                self.check_member(by)?;
                self.check_group()?;
                return match self.members.get(&person) {
                    Some(_) => Ok(vec![]),
                    None => self.decide(RoomCommand::AddMember {
                        person,
                        role: MemberRole::Member,
                    }),
                };
            }
            RoomCommand::Dismiss { by, person } => {
                self.check_member(by)?;
                self.check_own()?;
                if by != person {
                    self.check_creator(by)?;
                }
                return self.decide(RoomCommand::RemoveMember { person });
            }
            RoomCommand::Describe { by, text } => {
                self.check_member(by)?;
                self.check_group()?;
                self.check_creator(by)?;
                self.check_open()?;
                check_text(text::content(&text)?)?;
                RoomEvent::Described { text }
            }
            RoomCommand::Book { by, booking } => {
                self.check_member(by)?;
                if self.kind != RoomKind::Direct {
                    return Err(Refusal::NotOfTwo);
                }
                self.check_open()?;
                let chars = 1..=limits::BOOKING_CHARS;
                text::check(text::content(&booking)?, chars, Refusal::BookingLength)?;
                if self.booked {
                    return Ok(vec![]);
                }
                RoomEvent::Booked { booking }
            }
            RoomCommand::SetRetention {
                by,
                days,
                auto_delete,
            } => {
                self.check_member(by)?;
                self.check_own()?;
                self.check_creator(by)?;
                let retention = self.retention.with(days, auto_delete)?;
                if retention == self.retention {
                    return Ok(vec![]);
                }
                RoomEvent::RetentionSet {
                    days: retention.days,
                    auto_delete: retention.auto_delete,
                }
            }
            RoomCommand::DestroyDay { day, today } => {
                self.check_own()?;
                if self.destroyed.has(day) {
                    return Ok(vec![]);
                }
                match self.retention.keeps_from(today) {
                    Some(kept) if day < kept => RoomEvent::DayDestroyed { day },
                    Some(_) | None => return Err(Refusal::DayNotOver),
                }
            }
            RoomCommand::Close if self.closed => return Ok(vec![]),
            RoomCommand::Close => RoomEvent::Closed {},
        };
        Ok(vec![event])
    }

    /// To all others it does not exist.
    fn check_member(&self, person: PersonId) -> Result<(), Refusal> {
        if self.members.contains_key(&person) {
            Ok(())
        } else {
            Err(Refusal::NotAMember)
        }
    }

    fn check_creator(&self, person: PersonId) -> Result<(), Refusal> {
        if self.creator == person {
            Ok(())
        } else {
            Err(Refusal::NotTheCreator)
        }
    }

    /// Whether it is its members' own, and not a consultation's.
    fn check_own(&self) -> Result<(), Refusal> {
        match self.kind {
            RoomKind::Direct | RoomKind::Group => Ok(()),
            RoomKind::Consultation(_) => Err(Refusal::RoomOfConsultation),
        }
    }

    fn check_group(&self) -> Result<(), Refusal> {
        self.check_own()?;
        if self.kind == RoomKind::Group {
            Ok(())
        } else {
            Err(Refusal::NotAGroup)
        }
    }

    fn check_open(&self) -> Result<(), Refusal> {
        if self.closed {
            Err(Refusal::RoomClosed)
        } else {
            Ok(())
        }
    }
}

impl Room {
    fn evolve(&mut self, event: RoomEvent) {
        match (&mut self.0, event) {
            (
                None,
                RoomEvent::Opened {
                    room_kind: kind,
                    creator,
                    max_participants,
                },
            ) => {
                let members = BTreeMap::new();
                self.0 = Some(Opened {
                    kind,
                    creator,
                    max_participants,
                    members,
                    closed: false,
                    booked: false,
                    retention: Retention::default(),
                    destroyed: DestroyedDays::default(),
                });
            }
            (Some(room), RoomEvent::MemberAdded { person, role }) => {
                room.members.insert(person, role);
            }
            (Some(room), RoomEvent::MemberRemoved { person }) => {
                room.members.remove(&person);
            }
            (Some(room), RoomEvent::Closed {}) => room.closed = true,
            (Some(room), RoomEvent::Booked { .. }) => room.booked = true,
            (Some(room), RoomEvent::RetentionSet { days, auto_delete }) => {
                room.retention = Retention { days, auto_delete };
            }
            (Some(room), RoomEvent::DayDestroyed { day }) => room.destroyed.add(day),
            (Some(_), RoomEvent::Opened { .. } | RoomEvent::Described { .. }) | (None, _) => {}
        }
    }
}
