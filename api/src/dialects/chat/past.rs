//! A room as it stands, for those who are in it; with `as_of` as it was, for those who may look back
//! and say why.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::{PersonId, Refusal};
use event_store::Position;
use projections::Reader;
use projections::rooms::{self, RoomRow};

use super::access::{Entered, RoomNumber};
use super::show::Show;
use crate::app::App;
use crate::auth::{AccountCaller, LoggedIn, RequestContext};
use crate::error::ApiError;
use crate::extract::Query;
use crate::past::{AsOf, Past, looks_back, may_look_back, resolve};
use crate::reading::{self, Reading};

/// A room that is looked at. It stands before whatever reads the query.
pub(super) struct Seen {
    pub room: RoomRow,
    /// As whose room it is shown: the caller's; where one looks back, that of whoever began it, or
    /// of who was in it longest.
    pub viewer: PersonId,
    pub reader: Arc<dyn Reader>,
    past: Option<Past>,
}

impl Seen {
    /// Shows rows of it.
    pub fn show<'a>(&self, app: &'a App) -> Show<'a> {
        match &self.past {
            Some(past) => Show::past(app, past),
            None => Show::new(app),
        }
    }
}

impl FromRequestParts<Arc<App>> for Seen {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let LoggedIn(caller) = LoggedIn::from_request_parts(parts, app).await?;
        let number = RoomNumber::from_request_parts(parts, app).await?;
        if looks_back(&caller) {
            let Query(AsOf { as_of }) = Query::from_request_parts(parts, app).await?;
            if let Some(as_of) = as_of {
                let Ok(context) = RequestContext::from_request_parts(parts, app).await;
                let place = resolve(app, &as_of).await?;
                return seen_then(app, &caller, &context, number, place).await;
            }
        }
        let entered = Entered::from_request_parts(parts, app).await?;
        let Query(AsOf { as_of }) = Query::from_request_parts(parts, app).await?;
        if as_of.is_some() {
            may_look_back(&caller)?;
        }
        Ok(Self {
            viewer: entered.person(),
            room: entered.room,
            reader: Arc::clone(&app.reader),
            past: None,
        })
    }
}

/// Looks back at a room; the reading is recorded first.
async fn seen_then(
    app: &App,
    caller: &AccountCaller,
    context: &RequestContext,
    RoomNumber(number): RoomNumber,
    place: (Position, i64),
) -> Result<Seen, ApiError> {
    let row = rooms::by_number(&*app.reader, number).await?;
    let row = row.ok_or(Refusal::UnknownRoom)?;
    let mut reading = Reading::of_room(app, &row).await?;
    (reading.from, reading.to) = (row.number.min(place.0), place.0);
    reading::recorded(app, caller, context, reading).await?;
    let past = Past::of_room(app, &row, place).await?;
    let room = rooms::by_id(&*past.reader, row.id).await?;
    let room = room.ok_or(Refusal::UnknownRoom)?;
    let members = rooms::members(&*past.reader, room.number).await?;
    let is_there = |person| members.iter().any(|member| member.person == person);
    let viewer = match members.first() {
        Some(first) if !is_there(room.creator) => first.person,
        Some(_) | None => room.creator,
    };
    Ok(Seen {
        room,
        viewer,
        reader: Arc::clone(&past.reader),
        past: Some(past),
    })
}
