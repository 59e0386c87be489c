//! How things were: the streams of one thing up to a position, folded by the same projections into
//! read models of their own, in memory.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::{AccountId, Act, ConsultationId, CounselorId, Requester, RoomId, RoomKind, UploadId};
use event_store::{Direction, EventStore, Position, Recorded, StreamName};
use jiff::Timestamp;
use projections::consultations::{self, ConsultationRow};
use projections::counselors::CounselorRow;
use projections::rooms::RoomRow;
use projections::sqlite::ScratchReadModels;
use projections::{Page, Reader, counselors, fact, messages, rooms};
use serde::Deserialize;
use tokio::sync::Semaphore;
use utoipa::IntoParams;

use crate::app::App;
use crate::auth::AccountCaller;
use crate::commands::rooms::{member_stream, room_of};
use crate::error::ApiError;
use crate::extract::{Problems, Validate};

/// Events that are folded for one answer. Of more `maeum-replay at` tells.
const MAX_EVENTS: usize = 50_000;

/// Consultations of one desk that are folded for one answer.
const MAX_CONSULTATIONS: usize = 2_000;

/// People of one room who are folded for one answer.
const MAX_PEOPLE: usize = 2_000;

/// Events, and rows, of one read.
const PAGE: usize = 500;

/// Answers that are folded at once.
const AT_ONCE: usize = 2;

/// Seconds after which somebody may ask again when all turns are taken.
const RETRY_AFTER_SECONDS: u64 = 2;

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// As of when something is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AsOf {
    /// For auditors and administrators, with a purpose: how it was at this position of the log, or
    /// at this time (RFC 3339)
    pub as_of: Option<String>,
}

/// A place in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Position(Position),
    /// Microseconds since the Unix epoch.
    Time(i64),
}

fn place(text: &str) -> Option<Place> {
    let position = text.parse().map(Place::Position);
    position.ok().or_else(|| {
        let time: Timestamp = text.parse().ok()?;
        Some(Place::Time(time.as_microsecond()))
    })
}

impl Validate for AsOf {
    fn validate(&self, problems: &mut Problems) {
        let is_place = |text: &str| place(text).is_some();
        problems.require(
            self.as_of.as_deref().is_none_or(is_place),
            "as_of",
            "must be a position of the log, or a time such as 2026-11-21T10:00:00Z",
        );
    }
}

/// Auditors and administrators look back, and nobody else.
///
/// # Errors
/// 403 for all others.
pub fn may_look_back(caller: &AccountCaller) -> Result<(), ApiError> {
    if looks_back(caller) {
        Ok(())
    } else {
        let message = "only auditors and administrators look back";
        Err(ApiError::forbidden("role_required", message))
    }
}

/// Whether somebody may look back.
pub fn looks_back(caller: &AccountCaller) -> bool {
    Act::ReadDispatch.is_open_to(caller.role)
}

/// Read models as they were.
pub struct Past {
    pub reader: Arc<dyn Reader>,
    /// When the last event of it was recorded, or the time that was asked for; microseconds since the Unix epoch.
    pub at_us: i64,
}

/// Where in the log an answer is to stand, and when that was.
///
/// # Errors
/// 422 for a position that the log has not reached.
pub async fn resolve(app: &App, as_of: &str) -> Result<(Position, i64), ApiError> {
    let invalid = |message| ApiError::invalid("query", "as_of", message);
    let head = app.store.head().await?;
    match place(as_of).ok_or_else(|| invalid("is not a position or time".to_owned()))? {
        Place::Position(position) if position > head => {
            Err(invalid(format!("the log ends at {head}")))
        }
        Place::Position(position) => {
            let events = app.store.read_positions(&[position]).await?;
            let at_us = events.first().map_or(0, |event| event.recorded_at);
            Ok((position, at_us))
        }
        Place::Time(at_us) => {
            let position = last_before(&*app.store, at_us.saturating_add(1)).await?;
            Ok((position, at_us))
        }
    }
}

/// The last position before a time, in microseconds since the Unix epoch, by halving: what comes
/// later was recorded later.
///
/// # Errors
/// The store cannot be read.
pub async fn last_before(store: &dyn EventStore, at_us: i64) -> Result<Position, ApiError> {
    let (mut low, mut high) = (0, store.head().await?);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        let page = store.read_all(middle - 1, 1).await?;
        match page.events.first() {
            Some(event) if event.recorded_at < at_us => low = event.position,
            _ => high = middle - 1,
        }
    }
    Ok(low)
}

impl Past {
    /// Of a consultation, with its room and all that was said in it.
    ///
    /// # Errors
    /// 422 where it has too many events, 503 where others are being folded.
    pub async fn of_consultation(
        app: &App,
        row: &ConsultationRow,
        (position, at_us): (Position, i64),
    ) -> Result<Self, ApiError> {
        let mut gathering = Gathering::new(app, position);
        gathering.consultation(row).await?;
        gathering.talk(room_of(row.id)).await?;
        gathering.fold(at_us).await
    }

    /// Of a room, with whoever was in it and all that was said there.
    ///
    /// # Errors
    /// 422 where there is too much of it, 503 where others are being folded.
    pub async fn of_room(
        app: &App,
        row: &RoomRow,
        (position, at_us): (Position, i64),
    ) -> Result<Self, ApiError> {
        let mut gathering = Gathering::new(app, position);
        if let RoomKind::Consultation(id) = row.kind
            && let Some(row) = consultations::by_id(&*app.reader, id).await?
        {
            gathering.consultation(&row).await?;
        }
        gathering.people(row).await?;
        gathering.talk(row.id).await?;
        gathering.fold(at_us).await
    }

    /// Of a counsellor's desk, with all consultations that were put to them.
    ///
    /// # Errors
    /// 422 where there are too many, 503 where others are being folded.
    pub async fn of_desk(
        app: &App,
        row: &CounselorRow,
        (position, at_us): (Position, i64),
    ) -> Result<Self, ApiError> {
        let mut gathering = Gathering::new(app, position);
        gathering.counselor(row.id).await?;
        for id in consultations_of(app, row.id).await? {
            if let Some(row) = consultations::by_id(&*app.reader, id).await? {
                gathering.consultation(&row).await?;
                gathering
                    .stream(&StreamName::new("room", room_of(id)))
                    .await?;
            }
        }
        gathering.fold(at_us).await
    }
}

/// The consultations that a counsellor has, had, or was asked for.
async fn consultations_of(
    app: &App,
    counselor: CounselorId,
) -> Result<BTreeSet<ConsultationId>, ApiError> {
    let limit = u32::try_from(MAX_CONSULTATIONS + 1).unwrap_or(u32::MAX);
    let reader = &*app.reader;
    let offers = consultations::offers_of_counselor(reader, counselor, None, limit).await?;
    let page = Page {
        page: 1,
        size: limit,
    };
    let own = consultations::of_counselor(reader, counselor, None, page).await?;
    let ids = offers.into_iter().map(|offer| offer.consultation);
    let ids: BTreeSet<_> = ids.chain(own.into_iter().map(|row| row.id)).collect();
    if ids.len() > MAX_CONSULTATIONS {
        return Err(too_much());
    }
    Ok(ids)
}

fn too_much() -> ApiError {
    ApiError::invalid(
        "query",
        "as_of",
        "there is too much to be looked back at here; maeum-replay at tells of it",
    )
}

/// The events of some streams up to a position.
struct Gathering<'a> {
    app: &'a App,
    until: Position,
    known: BTreeSet<String>,
    events: Vec<Arc<Recorded>>,
}

impl<'a> Gathering<'a> {
    fn new(app: &'a App, until: Position) -> Self {
        Self {
            app,
            until,
            known: BTreeSet::new(),
            events: Vec::new(),
        }
    }

    /// Takes a stream, once.
    async fn stream(&mut self, stream: &StreamName) -> Result<(), ApiError> {
        if !self.known.insert(stream.to_string()) {
            return Ok(());
        }
        let mut from = 1;
        loop {
            let page = self
                .app
                .store
                .read_stream(stream, from, Direction::Forward, PAGE);
            let page = page.await?;
            let (read, last) = (page.len(), page.last().map(|event| event.sequence));
            let early = page
                .into_iter()
                .filter(|event| event.position <= self.until);
            let before = self.events.len();
            self.events.extend(early);
            if self.events.len() > MAX_EVENTS {
                return Err(too_much());
            }
            match last {
                Some(last) if read == PAGE && self.events.len() == before + read => from = last + 1,
                _ => return Ok(()),
            }
        }
    }

    async fn account(&mut self, account: AccountId) -> Result<(), ApiError> {
        self.stream(&StreamName::new("account", account)).await
    }

    async fn counselor(&mut self, id: CounselorId) -> Result<(), ApiError> {
        self.stream(&StreamName::new("counselor", id)).await?;
        if let Some(row) = counselors::by_id(&*self.app.reader, id).await? {
            self.account(row.account).await?;
        }
        Ok(())
    }

    /// A consultation, with those who took part in it.
    async fn consultation(&mut self, row: &ConsultationRow) -> Result<(), ApiError> {
        self.stream(&StreamName::new("consultation", row.id))
            .await?;
        if let Requester::Account(account) = row.requester {
            self.account(account).await?;
        }
        if let Some(counselor) = row.counselor {
            self.counselor(counselor).await?;
        }
        for offer in consultations::offers_of(&*self.app.reader, row.id).await? {
            self.counselor(offer.counselor).await?;
        }
        Ok(())
    }

    /// Whoever is or was in a room, with how far they had read.
    async fn people(&mut self, room: &RoomRow) -> Result<(), ApiError> {
        let limit = u32::try_from(MAX_PEOPLE + 1).unwrap_or(u32::MAX);
        let people = rooms::ever_in(&*self.app.reader, room.number, limit).await?;
        if people.len() > MAX_PEOPLE {
            return Err(too_much());
        }
        for person in people {
            // A guest has no account, and so no such stream.
            self.account(AccountId(person.0)).await?;
            self.stream(&member_stream(room.id, person)).await?;
        }
        Ok(())
    }

    /// A room, with what was said there.
    async fn talk(&mut self, id: RoomId) -> Result<(), ApiError> {
        self.stream(&StreamName::new("room", id)).await?;
        let reader = &*self.app.reader;
        let Some(room) = rooms::by_id(reader, id).await? else {
            return Ok(());
        };
        let mut after = 0;
        loop {
            let limit = u32::try_from(PAGE).unwrap_or(u32::MAX);
            let rows = messages::after(reader, room.number, after, self.until, limit).await?;
            let Some(last) = rows.last().map(|row| row.position) else {
                return Ok(());
            };
            for row in &rows {
                self.stream(&StreamName::new("message", row.id)).await?;
                if let Some(UploadId(file)) = row.file {
                    self.stream(&StreamName::new("upload", file)).await?;
                }
            }
            after = last;
        }
    }

    /// What the projections make of it.
    async fn fold(self, at_us: i64) -> Result<Past, ApiError> {
        let Ok(_turn) = TURNS.try_acquire() else {
            let message = "others look back; try again";
            return Err(ApiError::unavailable("busy", message, RETRY_AFTER_SECONDS));
        };
        let (mut events, keys) = (self.events, Arc::clone(&self.app.keys));
        let folding = tokio::task::spawn_blocking(move || {
            events.sort_by_key(|event| event.position);
            let facts = events
                .into_iter()
                .map(|event| fact(event, &*keys).map(Arc::new));
            let facts = facts.collect::<Result<Vec<_>, _>>().map_err(|error| {
                tracing::error!(%error, "the past cannot be read");
                ApiError::internal()
            })?;
            ScratchReadModels::of(&projections::all(), &facts).map_err(ApiError::from)
        });
        let folded = folding.await.map_err(|error| {
            tracing::error!(%error, "the past could not be folded");
            ApiError::internal()
        })??;
        Ok(Past {
            reader: Arc::new(folded),
            at_us,
        })
    }
}
