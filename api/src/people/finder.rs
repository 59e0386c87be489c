//! Finding people by any part of their name or by their whole telephone number: in memory, made
//! from the read models at the first search, and kept up with the log.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::{AccountId, Event, Profile};
use event_store::Position;
use event_store::keys::KeyStore;
use parking_lot::Mutex;
use projections::accounts::{self, AccountRow};
use projections::search::fold;
use projections::{Fact, ProjectorHandle, Reader};
use tokio::sync::RwLock;

use super::{PeopleError, first_and_last};
use crate::app::READ_LAG_LIMIT;

/// Accounts that can be found by name, the oldest ones; others only by what is given whole.
const MAX_FOUND: usize = 200_000;

/// Accounts that changed between two searches; with more of them all are read again.
const MAX_CHANGED: usize = 1_000;

/// Accounts read at a time.
const PAGE: u32 = 1_000;

/// Digits of a telephone number at least.
const PHONE_DIGITS: usize = 6;

/// Who can be found.
pub struct Finder {
    reader: Arc<dyn Reader>,
    keys: Arc<dyn KeyStore>,
    projector: ProjectorHandle,
    /// Accounts that changed since they were read, and where the log says so.
    changed: Mutex<HashMap<AccountId, Position>>,
    /// By number; none before the first search.
    known: RwLock<Option<BTreeMap<u64, Entry>>>,
}

/// Somebody by what they are looked for.
struct Entry {
    id: AccountId,
    /// Folded; both names, a line each.
    names: String,
    phone: Option<String>,
}

impl Finder {
    pub fn new(
        reader: Arc<dyn Reader>,
        keys: Arc<dyn KeyStore>,
        projector: ProjectorHandle,
    ) -> Self {
        Self {
            reader,
            keys,
            projector,
            changed: Mutex::default(),
            known: RwLock::default(),
        }
    }

    /// Notes what an event changes. To be called for every event in the order of the log.
    pub fn notice(&self, fact: &Fact) {
        match &fact.event {
            Event::Account(_) => {
                let mut changed = self.changed.lock();
                // One more than can be kept stands for all.
                if changed.len() <= MAX_CHANGED {
                    changed.insert(AccountId(fact.id), fact.recorded.position);
                }
            }
            Event::Email(_)
            | Event::Session(_)
            | Event::Counselor(_)
            | Event::Consultation(_)
            | Event::Room(_)
            | Event::Member(_)
            | Event::Message(_)
            | Event::Presence(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Upload(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Emotion(_)
            | Event::Alert(_) => {}
        }
    }

    /// Active accounts, in the order in which they were made, that have this in a name, or exactly
    /// this for a telephone number.
    pub async fn find(&self, text: &str) -> Result<Vec<AccountId>, PeopleError> {
        self.refresh().await?;
        let (name, phone) = (fold(text.trim()), phone_of(text));
        let known = self.known.read().await;
        let matching = known.iter().flat_map(BTreeMap::values).filter(|entry| {
            entry.names.contains(&name) || (phone.is_some() && entry.phone == phone)
        });
        Ok(matching.map(|entry| entry.id).collect())
    }

    async fn refresh(&self) -> Result<(), PeopleError> {
        let mut known = self.known.write().await;
        let changed = std::mem::take(&mut *self.changed.lock());
        let newest = changed.values().max().copied().unwrap_or_default();
        if !self.projector.wait_for(newest, READ_LAG_LIMIT).await {
            tracing::warn!(
                position = newest,
                "the read models lag behind who can be found"
            );
            let mut again = self.changed.lock();
            for (account, position) in changed {
                again.entry(account).or_insert(position);
            }
            return Ok(());
        }
        let read = match known.take() {
            Some(mut entries) if changed.len() <= MAX_CHANGED => self
                .read_again(&mut entries, changed.keys().copied())
                .await
                .map(|()| entries),
            _ => self.read_all().await,
        };
        // What could not be read is read from the beginning the next time.
        *known = Some(read?);
        Ok(())
    }

    async fn read_all(&self) -> Result<BTreeMap<u64, Entry>, PeopleError> {
        let (mut entries, mut after) = (BTreeMap::new(), 0);
        loop {
            let page = accounts::after(&*self.reader, after, PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            for row in page {
                after = row.number;
                self.put(&mut entries, &row)?;
            }
            if is_last {
                return Ok(entries);
            }
            if entries.len() >= MAX_FOUND {
                tracing::warn!(MAX_FOUND, "newer accounts are not found by name");
                return Ok(entries);
            }
        }
    }

    async fn read_again(
        &self,
        entries: &mut BTreeMap<u64, Entry>,
        changed: impl Iterator<Item = AccountId> + Send,
    ) -> Result<(), PeopleError> {
        for account in changed {
            if let Some(row) = accounts::by_id(&*self.reader, account).await? {
                self.put(entries, &row)?;
            }
        }
        Ok(())
    }

    fn put(&self, entries: &mut BTreeMap<u64, Entry>, row: &AccountRow) -> Result<(), PeopleError> {
        entries.remove(&row.number);
        let profile = row.profile.open::<Profile>(&*self.keys)?;
        if let Some(profile) = profile.filter(|_| row.active)
            && entries.len() < MAX_FOUND
        {
            entries.insert(row.number, Entry::of(row.id, &profile));
        }
        Ok(())
    }
}

impl Entry {
    fn of(id: AccountId, profile: &Profile) -> Self {
        let both = first_and_last(profile).unwrap_or_default();
        Self {
            id,
            names: fold(&format!("{}\n{both}", profile.name)),
            phone: profile.phone.as_deref().and_then(phone_of),
        }
    }
}

/// A telephone number in its one spelling: digits, after a `+` where it has one. None for what is
/// no telephone number.
pub fn phone_of(text: &str) -> Option<String> {
    let text = text.trim();
    let is_other = |letter: char| !letter.is_ascii_digit() && !" -.()".contains(letter);
    let (plus, rest) = match text.strip_prefix('+') {
        Some(rest) => ("+", rest),
        None => ("", text),
    };
    if rest.contains(is_other) {
        return None;
    }
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    (digits.len() >= PHONE_DIGITS).then(|| format!("{plus}{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telephone_number_is_the_same_however_it_is_written() {
        let digits = Some("01012345678".to_owned());
        assert_eq!(phone_of("010-1234-5678"), digits);
        assert_eq!(phone_of(" 010 1234 5678 "), digits);
        assert_eq!(
            phone_of("+63 (912) 345.6789"),
            Some("+639123456789".to_owned())
        );
        for none in ["", "12345", "+", "010-abcd-5678", "1+2345678"] {
            assert_eq!(phone_of(none), None, "{none}");
        }
    }
}
