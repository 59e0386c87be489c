//! The people of one room, read for one answer.

use std::collections::HashMap;

use domain::{PersonId, RoomKind};
use event_store::Position;
use event_store::keys::KeyStore;
use projections::rooms::{Participant, RoomRow};
use projections::{Reader, rooms};

use super::{Alias, PeopleError, Person, person};

/// The people of one room, read for one answer: its present members, and others who are asked for.
pub struct Cast {
    alias: Option<Alias>,
    known: HashMap<PersonId, Person>,
}

impl Cast {
    /// Nobody yet.
    pub async fn of(
        reader: &dyn Reader,
        keys: &dyn KeyStore,
        room: &RoomRow,
    ) -> Result<Self, PeopleError> {
        let alias = match room.kind {
            RoomKind::Consultation(consultation) => Alias::of(reader, keys, consultation).await?,
            RoomKind::Direct | RoomKind::Group => None,
        };
        Ok(Self {
            alias,
            known: HashMap::new(),
        })
    }

    /// The present members as well, in the order in which they joined.
    pub async fn with_members(
        &mut self,
        reader: &dyn Reader,
        keys: &dyn KeyStore,
        room: &RoomRow,
    ) -> Result<Vec<Participant>, PeopleError> {
        let participants = rooms::participants(reader, room.number).await?;
        for participant in &participants {
            let number = participant.person_number.unwrap_or_default();
            let person = Person::named(keys, number, participant.name.as_ref())?;
            self.known.insert(participant.member.person, person);
        }
        Ok(participants)
    }

    /// These too, where they are not known yet: they may have left.
    pub async fn with(
        &mut self,
        reader: &dyn Reader,
        keys: &dyn KeyStore,
        people: impl Iterator<Item = PersonId> + Send,
    ) -> Result<(), PeopleError> {
        for id in people {
            if !self.known.contains_key(&id)
                && let Some(person) = person(reader, keys, id).await?
            {
                self.known.insert(id, person);
            }
        }
        Ok(())
    }

    /// Who somebody is, under the name that was theirs at a position.
    pub fn at(&self, id: PersonId, position: Position) -> Person {
        let person = self.known.get(&id).cloned().unwrap_or_else(Person::erased);
        match self.alias.as_ref().filter(|alias| alias.requester == id) {
            Some(alias) => person.called(alias.at(position)),
            None => person,
        }
    }

    /// Who somebody is now.
    pub fn now(&self, id: PersonId) -> Person {
        self.at(id, Position::MAX)
    }
}
