//! Whoever reads what they take no part in says why, and is on record before they are shown it.

use std::collections::BTreeSet;

use domain::{
    Access, AccessCommand, AccessFilter, AccountId, Act, Concerned, PersonId, RoomKind, limits,
};
use event_store::{Position, StreamName};
use projections::consultations::ConsultationRow;
use projections::rooms::{self, RoomRow};
use projections::{Reader, counselors};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::auth::{AccountCaller, RequestContext};
use crate::commands::CommandError;
use crate::error::ApiError;

/// Seconds after which a reading that could not be recorded may be tried again.
const RETRY_AFTER_SECONDS: u64 = 1;

/// Why somebody reads what they take no part in. Those who read what is theirs need none.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ForOthers {
    /// For those who take no part in it: why, 1 to 200 characters on one line without personal
    /// data. It goes on record before anything is shown. The header `X-Purpose` says the same
    #[expect(dead_code, reason = "it is read with where the request came from")]
    purpose: Option<String>,
}

/// What somebody is about to be shown.
#[derive(Debug, Clone)]
pub struct Reading {
    pub act: Act,
    pub filter: AccessFilter,
    /// The position of the first event, or of what created the state.
    pub from: Position,
    /// The position of the last event, or as of which the state is.
    pub to: Position,
    /// How many events, or rows of a state.
    pub count: usize,
    pub concerned: Concerned,
}

impl Reading {
    /// Of something as it stands, which a stream names and the event at `number` created.
    pub fn of_state(app: &App, act: Act, of: &StreamName, number: u64) -> Self {
        Self {
            act,
            filter: AccessFilter {
                stream: Some(of.to_string()),
                ..AccessFilter::default()
            },
            from: number,
            to: app.hub.published().max(number),
            count: 1,
            concerned: Concerned::default(),
        }
    }

    /// Of a consultation as it stands.
    ///
    /// # Errors
    /// The read models cannot be read.
    pub async fn of_consultation(
        app: &App,
        act: Act,
        row: &ConsultationRow,
    ) -> Result<Self, ApiError> {
        let stream = StreamName::new("consultation", row.id);
        Ok(Self {
            concerned: in_consultation(&*app.reader, row).await?,
            ..Self::of_state(app, act, &stream, row.number)
        })
    }

    /// Of a room as it stands.
    ///
    /// # Errors
    /// The read models cannot be read.
    pub async fn of_room(app: &App, row: &RoomRow) -> Result<Self, ApiError> {
        let stream = StreamName::new("room", row.id);
        Ok(Self {
            concerned: in_room(&*app.reader, row).await?,
            ..Self::of_state(app, Act::ReadRoom, &stream, row.number)
        })
    }

    /// Of an account as it stands.
    pub fn of_account(app: &App, account: AccountId, number: u64) -> Self {
        let stream = StreamName::new("account", account);
        let mut reading = Self::of_state(app, Act::ReadAccount, &stream, number);
        reading.concerned.people.insert(account.into());
        reading
    }
}

/// Those whom a consultation is about.
///
/// # Errors
/// The read models cannot be read.
pub async fn in_consultation(
    reader: &dyn Reader,
    row: &ConsultationRow,
) -> Result<Concerned, ApiError> {
    let mut concerned = Concerned::default();
    concerned.consultations.insert(row.id);
    concerned.people.insert(row.requester.person());
    concerned.rooms.extend(row.room);
    if let Some(id) = row.counselor {
        concerned.counselors.insert(id);
        let counselor = counselors::by_id(reader, id).await?;
        let account = counselor.map(|counselor| PersonId::from(counselor.account));
        concerned.people.extend(account);
    }
    Ok(concerned)
}

/// Those whom a room is about: whoever is in it or was.
///
/// # Errors
/// The read models cannot be read.
pub async fn in_room(reader: &dyn Reader, row: &RoomRow) -> Result<Concerned, ApiError> {
    let limit = u32::try_from(limits::CONCERNED - 2).unwrap_or(u32::MAX);
    let people = rooms::ever_in(reader, row.number, limit).await?;
    Ok(Concerned {
        people,
        rooms: BTreeSet::from([row.id]),
        consultations: match row.kind {
            RoomKind::Consultation(consultation) => BTreeSet::from([consultation]),
            RoomKind::Direct | RoomKind::Group => BTreeSet::new(),
        },
        ..Concerned::default()
    })
}

/// The purpose that a request gives: 1 to 200 characters on one line, without personal data.
///
/// # Errors
/// 400 `purpose_required` where there is none, 422 where it is not one.
pub fn purpose(context: &RequestContext) -> Result<String, ApiError> {
    given_purpose(context)?.ok_or_else(|| {
        let message = "this is not yours: say why you read it, as ?purpose= or X-Purpose; \
                       the reading goes on record";
        ApiError::malformed("purpose_required", message)
    })
}

/// The purpose that a request gives, if it gives one.
///
/// # Errors
/// 422 where it is not one.
pub fn given_purpose(context: &RequestContext) -> Result<Option<String>, ApiError> {
    let Some(text) = context.purpose() else {
        return Ok(None);
    };
    match Access::purpose(text) {
        Ok(purpose) => Ok(Some(purpose.to_owned())),
        Err(refusal) => Err(ApiError::invalid("query", "purpose", refusal.to_string())),
    }
}

/// Records what somebody reads for the purpose that their request gives, which it must.
///
/// # Errors
/// 400 without a purpose, 503 where it cannot be recorded; nothing may be shown then.
pub async fn recorded(
    app: &App,
    reader: &AccountCaller,
    context: &RequestContext,
    reading: Reading,
) -> Result<(), ApiError> {
    let purpose = purpose(context)?;
    record(app, reader, context, reading, Some(purpose)).await?;
    Ok(())
}

/// Records what somebody reads, and says where. What is answered `Ok` is on disk, so that it may be
/// shown then.
///
/// # Errors
/// 403 for a role that may not, 503 where it cannot be recorded; nothing may be shown then.
pub async fn record(
    app: &App,
    reader: &AccountCaller,
    context: &RequestContext,
    reading: Reading,
    purpose: Option<String>,
) -> Result<Option<Position>, ApiError> {
    let access = AccessCommand::Record {
        account: reader.account,
        role: reader.role,
        act: reading.act,
        filter: reading.filter,
        from: reading.from,
        to: reading.to,
        events: u32::try_from(reading.count).unwrap_or(u32::MAX),
        concerned: reading.concerned,
        purpose,
    };
    let request = context.unrepeatable(context.actor(reader));
    match app.commands.record_access(&request, access).await {
        Ok(done) => Ok(done.position()),
        Err(CommandError::Refused(refusal)) => Err(refusal.into()),
        Err(error) => {
            tracing::error!(%error, "a reading could not be recorded, and nothing was shown");
            Err(ApiError::unavailable(
                "access_not_recorded",
                "this cannot be shown while it cannot be recorded; try again",
                RETRY_AFTER_SECONDS,
            ))
        }
    }
}
