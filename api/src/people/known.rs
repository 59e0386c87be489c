//! People and rooms as live frames need them, kept while they are talked of.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::{ConsultationId, Event, MemberEvent, PersonId, RoomId, RoomKind};
use event_store::Position;
use event_store::keys::KeyStore;
use parking_lot::Mutex;
use projections::{Fact, ProjectorHandle, Reader, rooms};

use super::{Alias, PeopleError, Person, person};
use crate::app::READ_LAG_LIMIT;

/// Entries of each kind kept at most; all are let go when there are more, and read again.
const MAX_KNOWN: usize = 20_000;

/// What never changes of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownRoom {
    pub id: RoomId,
    pub number: u64,
    pub kind: RoomKind,
}

/// What frames need to know of people and rooms.
pub struct People {
    reader: Arc<dyn Reader>,
    keys: Arc<dyn KeyStore>,
    projector: ProjectorHandle,
    /// The last event after which something kept here has to be read anew.
    changed_at: AtomicU64,
    rooms: Mutex<HashMap<RoomId, KnownRoom>>,
    persons: Mutex<HashMap<PersonId, Arc<Person>>>,
    aliases: Mutex<HashMap<ConsultationId, Arc<Alias>>>,
    /// Whether somebody lets the others in a room know how far they have read.
    receipts: Mutex<HashMap<(RoomId, PersonId), bool>>,
}

impl People {
    pub fn new(
        reader: Arc<dyn Reader>,
        keys: Arc<dyn KeyStore>,
        projector: ProjectorHandle,
    ) -> Self {
        Self {
            reader,
            keys,
            projector,
            changed_at: AtomicU64::new(0),
            rooms: Mutex::default(),
            persons: Mutex::default(),
            aliases: Mutex::default(),
            receipts: Mutex::default(),
        }
    }

    /// Lets go of what an event changes. To be called for every event in the order of the log,
    /// before its frames are made; twice does no harm.
    pub fn notice(&self, fact: &Fact) {
        let position = fact.recorded.position;
        match &fact.event {
            Event::Account(_) => self.forget(&self.persons, &PersonId(fact.id), position),
            Event::Consultation(_) => {
                self.forget(&self.aliases, &ConsultationId(fact.id), position);
            }
            Event::Member(MemberEvent::SettingsChanged { room, person, .. }) => {
                self.forget(&self.receipts, &(*room, *person), position);
            }
            // A room's number and kind stay as they are.
            Event::Room(_)
            | Event::Member(MemberEvent::Read { .. } | MemberEvent::Delivered { .. })
            | Event::Message(_)
            | Event::Counselor(_)
            | Event::Email(_)
            | Event::Session(_)
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

    fn forget<K: Hash + Eq, V>(&self, known: &Mutex<HashMap<K, V>>, id: &K, position: Position) {
        let mut known = known.lock();
        self.changed_at.fetch_max(position, Ordering::AcqRel);
        known.remove(id);
    }

    /// Waits until the read models have passed a position.
    pub async fn wait_for(&self, position: Position) {
        if !self.projector.wait_for(position, READ_LAG_LIMIT).await {
            tracing::warn!(position, "the read models lag behind what is shown live");
        }
    }

    /// A room that is there at a position; none where it cannot be read.
    pub async fn room(&self, id: RoomId, position: Position) -> Option<KnownRoom> {
        let read = async {
            let row = rooms::by_id(&*self.reader, id).await?;
            Ok(row.map(|row| KnownRoom {
                id,
                number: row.number,
                kind: row.kind,
            }))
        };
        self.known(&self.rooms, id, position, read).await
    }

    /// Who somebody is in a room, under the name that was theirs at a position.
    pub async fn speaker(&self, room: KnownRoom, id: PersonId, position: Position) -> Arc<Person> {
        let read = async {
            let person = person(&*self.reader, &*self.keys, id).await?;
            Ok(person.map(Arc::new))
        };
        let person = self.known(&self.persons, id, position, read).await;
        let person = person.unwrap_or_else(|| Arc::new(Person::erased()));
        let RoomKind::Consultation(consultation) = room.kind else {
            return person;
        };
        match self.alias(consultation, position).await {
            Some(alias) if alias.requester == id => Arc::new(person.called(alias.at(position))),
            _ => person,
        }
    }

    /// Whether somebody lets the others in a room know how far they have read; not where it cannot
    /// be read.
    pub async fn tells_readings(&self, room: KnownRoom, id: PersonId, position: Position) -> bool {
        let read = async {
            let row = rooms::member_of(&*self.reader, room.number, id).await?;
            Ok(row.map(|row| row.settings.read_receipt_enabled))
        };
        let told = self
            .known(&self.receipts, (room.id, id), position, read)
            .await;
        told.unwrap_or(false)
    }

    async fn alias(&self, id: ConsultationId, position: Position) -> Option<Arc<Alias>> {
        let read = async {
            let alias = Alias::of(&*self.reader, &*self.keys, id).await?;
            Ok(alias.map(Arc::new))
        };
        self.known(&self.aliases, id, position, read).await
    }

    /// What is kept, or else what the read models say once they have passed the position and all
    /// that changed what is kept here.
    async fn known<K: Hash + Eq + Copy, V: Clone>(
        &self,
        known: &Mutex<HashMap<K, V>>,
        id: K,
        position: Position,
        read: impl Future<Output = Result<Option<V>, PeopleError>> + Send,
    ) -> Option<V> {
        if let Some(value) = known.lock().get(&id) {
            return Some(value.clone());
        }
        let changed_at = self.changed_at.load(Ordering::Acquire);
        self.wait_for(at_most_head(position).max(changed_at)).await;
        let value = match read.await {
            Ok(value) => value?,
            Err(error) => {
                tracing::error!(%error, "who is shown live cannot be read");
                return None;
            }
        };
        let mut known = known.lock();
        // Those who catch up ask beside those who publish: what was read before the last change
        // must not be kept after it.
        if self.changed_at.load(Ordering::Acquire) == changed_at {
            if known.len() >= MAX_KNOWN {
                known.clear();
            }
            known.insert(id, value.clone());
        }
        Some(value)
    }
}

/// A position that stands for "now" is not waited for.
fn at_most_head(position: Position) -> Position {
    if position == Position::MAX {
        0
    } else {
        position
    }
}
