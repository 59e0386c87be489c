//! Who the people of a room are to the others in it: their number and what they are called there.

mod cast;
mod finder;
mod known;

use domain::{ConsultationId, PersonId, Profile};
use event_store::Position;
use event_store::keys::KeyStore;
use event_store::seal::OpenError;
use projections::{NameColumn, ReadError, Reader, consultations, directory};

use crate::error::ApiError;

pub use cast::Cast;
pub use finder::{Finder, phone_of};
pub use known::{KnownRoom, People};

/// Shown in place of the name of somebody who was erased.
pub const ERASED_NAME: &str = "(탈퇴한 사용자)";

/// Somebody as the others in a room see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub number: u64,
    pub name: String,
    /// None for guests, for the erased, and for whoever is called by a nickname.
    pub email: Option<String>,
    /// First and last name, where they gave either and are not called by a nickname.
    pub first_and_last: Option<String>,
    /// The address of their picture, with the same exceptions.
    pub image: Option<String>,
}

impl Person {
    /// Somebody of whom nothing is known any more.
    pub fn erased() -> Self {
        Self {
            number: 0,
            name: ERASED_NAME.to_owned(),
            email: None,
            first_and_last: None,
            image: None,
        }
    }

    /// First and last name, else the one name that everybody has.
    pub fn full_name(&self) -> &str {
        self.first_and_last.as_deref().unwrap_or(&self.name)
    }

    /// Somebody by a name that a read model has; the erased where nothing can be read there any
    /// more.
    pub fn named(
        keys: &dyn KeyStore,
        number: u64,
        name: Option<&NameColumn>,
    ) -> Result<Self, OpenError> {
        if let Some(NameColumn::Profile(profile)) = name {
            let profile = profile.open::<Profile>(keys)?;
            return Ok(profile.map_or_else(
                || Self {
                    number,
                    ..Self::erased()
                },
                |profile| Self {
                    number,
                    first_and_last: first_and_last(&profile),
                    image: profile.profile_image,
                    name: profile.name,
                    email: Some(profile.email),
                },
            ));
        }
        Ok(Self {
            number,
            name: opened(keys, name)?,
            ..Self::erased()
        })
    }

    /// The same under a nickname, which is all that the others are told.
    fn called(&self, nickname: &str) -> Self {
        Self {
            number: self.number,
            name: nickname.to_owned(),
            ..Self::erased()
        }
    }
}

/// First and last name; none where neither was given.
pub fn first_and_last(profile: &Profile) -> Option<String> {
    let given = [&profile.first_name, &profile.last_name];
    let given: Vec<&str> = given
        .into_iter()
        .flatten()
        .map(|name| name.trim())
        .filter(|name| !name.is_empty())
        .collect();
    (!given.is_empty()).then(|| given.join(" "))
}

/// Why it cannot be told who somebody is.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl From<PeopleError> for ApiError {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::Read(error) => error.into(),
            PeopleError::Open(error) => error.into(),
        }
    }
}

/// Whoever asked for a consultation is called by a nickname in its room, whatever the name of
/// their account is. Messages keep the one that was theirs when they were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Alias {
    requester: PersonId,
    /// From which position on which nickname counts, in order.
    nicknames: Vec<(Position, String)>,
}

impl Alias {
    async fn of(
        reader: &dyn Reader,
        keys: &dyn KeyStore,
        consultation: ConsultationId,
    ) -> Result<Option<Self>, PeopleError> {
        let Some(row) = consultations::by_id(reader, consultation).await? else {
            return Ok(None);
        };
        let mut nicknames = Vec::new();
        for (from, name) in consultations::nicknames_of(reader, consultation).await? {
            nicknames.push((from, opened(keys, Some(&name))?));
        }
        Ok(Some(Self {
            requester: row.requester.person(),
            nicknames,
        }))
    }

    fn at(&self, position: Position) -> &str {
        let mut before = self.nicknames.iter().rev();
        let at = before.find(|(from, _)| *from <= position);
        at.or(self.nicknames.first())
            .map_or(ERASED_NAME, |(_, name)| name)
    }
}

/// The name in a column; that of the erased where nothing can be read there any more.
pub fn opened(keys: &dyn KeyStore, name: Option<&NameColumn>) -> Result<String, OpenError> {
    let opened = match name {
        Some(name) => name.open(keys)?,
        None => None,
    };
    Ok(opened.unwrap_or_else(|| ERASED_NAME.to_owned()))
}

/// Somebody by what the directory says.
async fn person(
    reader: &dyn Reader,
    keys: &dyn KeyStore,
    person: PersonId,
) -> Result<Option<Person>, PeopleError> {
    let Some(entry) = directory::person(reader, person).await? else {
        return Ok(None);
    };
    let person = Person::named(keys, entry.number, entry.name.as_ref())?;
    Ok(Some(person))
}
