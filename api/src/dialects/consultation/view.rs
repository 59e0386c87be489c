//! What frames need to know of a consultation, kept while it is talked in.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::{AccountId, ConsultationId, CounselorId, PersonId, RequestText, RoomId};
use event_store::Position;
use event_store::keys::KeyStore;
use event_store::seal::OpenError;
use parking_lot::Mutex;
use projections::consultations::ConsultationStatus;
use projections::{ProjectorHandle, ReadError, Reader, consultations, directory};

use super::shapes::ERASED_NAME;
use crate::app::READ_LAG_LIMIT;
use crate::catalogue::Catalogue;
use crate::times::minutes_between;

/// Consultations kept at most; all are let go when it is full, and read again.
const MAX_VIEWS: usize = 20_000;

/// A consultation as its frames show it.
pub struct View {
    pub id: ConsultationId,
    pub number: u64,
    pub code: String,
    pub status: ConsultationStatus,
    pub requester: PersonId,
    /// The name of the preferred character.
    pub preference: Option<String>,
    pub requested_at: i64,
    pub accepted_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub counselor: Option<CounselorId>,
    /// From which position on which nickname counts, in order.
    nicknames: Vec<(Position, String)>,
}

impl View {
    /// The nickname under which something was said at a position.
    pub fn nickname_at(&self, position: Position) -> String {
        let at = self
            .nicknames
            .iter()
            .rev()
            .find(|(from, _)| *from <= position);
        at.or(self.nicknames.first())
            .map_or_else(|| ERASED_NAME.to_owned(), |(_, name)| name.clone())
    }

    pub fn minutes_until(&self, at: i64) -> i64 {
        self.accepted_at
            .map_or(0, |accepted| minutes_between(accepted, at))
    }

    pub fn is_over(&self) -> bool {
        matches!(
            self.status,
            ConsultationStatus::Completed | ConsultationStatus::Terminated
        )
    }
}

/// Why a view cannot be made.
#[derive(Debug, thiserror::Error)]
enum LoadError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// Who speaks, as the other side sees them.
#[derive(Debug, Clone)]
pub struct Speaker {
    /// `user` or `counselor`.
    pub kind: &'static str,
    pub name: String,
}

/// The views of the consultations that are talked in.
pub struct Views {
    reader: Arc<dyn Reader>,
    keys: Arc<dyn KeyStore>,
    projector: ProjectorHandle,
    catalogue: Catalogue,
    /// The last event after which something kept here had to be read anew.
    changed_at: AtomicU64,
    known: Mutex<HashMap<ConsultationId, Arc<View>>>,
    rooms: Mutex<HashMap<RoomId, ConsultationId>>,
    names: Mutex<HashMap<PersonId, String>>,
}

impl Views {
    pub fn new(
        reader: Arc<dyn Reader>,
        keys: Arc<dyn KeyStore>,
        projector: ProjectorHandle,
        catalogue: Catalogue,
    ) -> Self {
        Self {
            reader,
            keys,
            projector,
            catalogue,
            changed_at: AtomicU64::new(0),
            known: Mutex::default(),
            rooms: Mutex::default(),
            names: Mutex::default(),
        }
    }

    /// Something about it changed at a position: it is read anew when next asked for.
    pub fn forget(&self, id: ConsultationId, position: Position) {
        let mut known = self.known.lock();
        self.changed_at.store(position, Ordering::Release);
        known.remove(&id);
    }

    /// Somebody's name may have changed at a position.
    pub fn forget_name(&self, person: PersonId, position: Position) {
        let mut names = self.names.lock();
        self.changed_at.store(position, Ordering::Release);
        names.remove(&person);
    }

    pub async fn wait_for(&self, position: Position) {
        if !self.projector.wait_for(position, READ_LAG_LIMIT).await {
            tracing::warn!(position, "the read models lag behind what is shown live");
        }
    }

    /// The consultation as it is at `position` or later.
    pub async fn at(&self, id: ConsultationId, position: Position) -> Option<Arc<View>> {
        if let Some(view) = self.known.lock().get(&id) {
            return Some(Arc::clone(view));
        }
        // Those who catch up ask beside those who publish: what was read before the last change
        // must not be kept after it.
        let changed_at = self.changed_at.load(Ordering::Acquire);
        self.wait_for(position.max(changed_at)).await;
        let view = self.fresh(id).await?;
        let mut known = self.known.lock();
        if self.changed_at.load(Ordering::Acquire) != changed_at {
            return Some(view);
        }
        if known.len() >= MAX_VIEWS {
            known.clear();
        }
        known.insert(id, Arc::clone(&view));
        Some(view)
    }

    /// The consultation as the read models have it now.
    pub async fn fresh(&self, id: ConsultationId) -> Option<Arc<View>> {
        match self.load(id).await {
            Ok(view) => view.map(Arc::new),
            Err(error) => {
                tracing::error!(%error, "a consultation cannot be read");
                None
            }
        }
    }

    async fn load(&self, id: ConsultationId) -> Result<Option<View>, LoadError> {
        let reader = &*self.reader;
        let Some(row) = consultations::by_id(reader, id).await? else {
            return Ok(None);
        };
        let mut nicknames = Vec::new();
        for (from, name) in consultations::nicknames_of(reader, id).await? {
            let name = name
                .open(&*self.keys)?
                .unwrap_or_else(|| ERASED_NAME.to_owned());
            nicknames.push((from, name));
        }
        let request: Option<RequestText> = row.request.open(&*self.keys)?;
        let preference = row
            .character_type_preference
            .and_then(|id| self.character_name(id));
        Ok(Some(View {
            id,
            number: row.number,
            code: request.map(|request| request.code).unwrap_or_default(),
            status: row.status,
            requester: row.requester.person(),
            preference,
            requested_at: row.requested_at,
            accepted_at: row.accepted_at,
            ended_at: row.ended_at,
            counselor: row.counselor,
            nicknames,
        }))
    }

    /// The consultation whose room this is; none for other rooms.
    pub async fn of_room(&self, room: RoomId, position: Position) -> Option<Arc<View>> {
        let known = self.rooms.lock().get(&room).copied();
        let id = match known {
            Some(id) => id,
            None => self.consultation_of(room, position).await?,
        };
        self.at(id, position).await
    }

    async fn consultation_of(&self, room: RoomId, position: Position) -> Option<ConsultationId> {
        self.wait_for(position).await;
        let row = consultations::by_room(&*self.reader, room).await;
        let row = row.inspect_err(|error| tracing::error!(%error, "a room cannot be read"));
        let id = row.ok()??.id;
        let mut rooms = self.rooms.lock();
        if rooms.len() >= MAX_VIEWS {
            rooms.clear();
        }
        rooms.insert(room, id);
        Some(id)
    }

    /// Who somebody is in a consultation, at a position.
    pub async fn speaker(&self, view: &View, person: PersonId, position: Position) -> Speaker {
        if person == view.requester {
            return Speaker {
                kind: "user",
                name: view.nickname_at(position),
            };
        }
        Speaker {
            kind: "counselor",
            name: self.account_name(AccountId(person.0)).await,
        }
    }

    /// The name of an account.
    pub async fn account_name(&self, account: AccountId) -> String {
        let person = PersonId::from(account);
        if let Some(name) = self.names.lock().get(&person) {
            return name.clone();
        }
        let changed_at = self.changed_at.load(Ordering::Acquire);
        self.wait_for(changed_at).await;
        let Some(name) = self.name(person).await else {
            return ERASED_NAME.to_owned();
        };
        let mut names = self.names.lock();
        if self.changed_at.load(Ordering::Acquire) != changed_at {
            return name;
        }
        if names.len() >= MAX_VIEWS {
            names.clear();
        }
        names.insert(person, name.clone());
        name
    }

    /// Whose account a counsellor is.
    pub async fn counselor_person(&self, counselor: CounselorId) -> Option<PersonId> {
        let entry = directory::account_of_counselor(&*self.reader, counselor).await;
        let entry =
            entry.inspect_err(|error| tracing::error!(%error, "a counsellor cannot be read"));
        entry.ok()?.map(|account| PersonId(account.uuid))
    }

    /// The name of a counsellor's account.
    pub async fn counselor_name(&self, counselor: CounselorId) -> String {
        match self.counselor_person(counselor).await {
            Some(person) => self.account_name(AccountId(person.0)).await,
            None => ERASED_NAME.to_owned(),
        }
    }

    async fn name(&self, person: PersonId) -> Option<String> {
        let entry = directory::person(&*self.reader, person).await;
        let entry = entry.inspect_err(|error| tracing::error!(%error, "a name cannot be read"));
        let opened = entry.ok()??.name?.open(&*self.keys);
        opened
            .inspect_err(|error| tracing::error!(%error, "a name cannot be opened"))
            .ok()?
    }

    pub fn character_name(&self, id: u32) -> Option<String> {
        self.catalogue
            .character(id)
            .map(|character| character.name.clone())
    }
}
