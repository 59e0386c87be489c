//! A consultation on the user's side: as it stands, its history, coming back, its end, the rating.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::{AccountId, EndedBy, Requester};
use projections::consultations::{ConsultationRow, ConsultationStatus, by_id};
use projections::directory::{self, Kind};
use projections::{messages, rooms};

use super::access::{Entered, Side, enter};
use super::past::consultation_then;
use super::shapes::{
    ConsultationView, EndedView, MessagePage, MessageRow, RatingRequest, RatingView,
    ReconnectRequest, ReconnectView,
};
use super::show::{Show, duration_minutes, status_word};
use super::tokens::grant;
use crate::answer::Settled;
use crate::app::App;
use crate::auth::{Caller, RequestContext};
use crate::commands::Done;
use crate::commands::consultations::{EndConsultation, RateConsultation, ReconnectConsultation};
use crate::commands::rooms::room_of;
use crate::error::ApiError;
use crate::extract::{Body, OptionalBody, PageOf, PageRule, Query};
use crate::past::AsOf;
use crate::reading::ForOthers;

/// Missed messages that a reconnect tells at most; the history has all of them.
const MAX_MISSED: u32 = 500;

/// A consultation as it stands.
#[utoipa::path(
    get,
    path = "/api/v1/consultations/{consultation_code}",
    tag = "consultation",
    params(("consultation_code" = String, Path, description = "In any case"), ForOthers, AsOf),
    responses(
        (status = 200, body = ConsultationView),
        (status = 404, description = "Nobody has this code"),
        (status = 429, description = "Too many wrong codes from this address"),
    )
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    context: RequestContext,
    Path(code): Path<String>,
    Query(AsOf { as_of }): Query<AsOf>,
) -> Result<Json<ConsultationView>, ApiError> {
    if let Some(as_of) = &as_of {
        let then = consultation_then(&app, &caller, &context, &code, as_of).await?;
        let show = Show::past(&app, &then.past);
        let view = show.consultation(&then.row, Some(&then.code)).await?;
        return Ok(Json(view));
    }
    let entered = enter(&app, &caller, &context, &code).await?;
    let view = Show::new(&app)
        .consultation(&entered.row, Some(&entered.code))
        .await?;
    Ok(Json(view))
}

/// How the history is paged.
pub(super) struct HistoryPages;

impl PageRule for HistoryPages {
    const SIZE: &'static str = "page_size";
    const DEFAULT: u64 = 50;
    const MAX: u64 = 200;
}

/// The messages of a consultation, oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/consultations/{consultation_code}/messages",
    tag = "consultation",
    params(
        ("consultation_code" = String, Path, description = "In any case"),
        ForOthers, AsOf,
        ("page" = Option<u64>, Query, description = "From 1", minimum = 1),
        ("page_size" = Option<u64>, Query, description = "50 by default", minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, body = MessagePage),
        (status = 404, description = "Nobody has this code"),
    )
)]
pub(super) async fn history(
    State(app): State<Arc<App>>,
    caller: Caller,
    context: RequestContext,
    Path(code): Path<String>,
    Query(AsOf { as_of }): Query<AsOf>,
    page: PageOf<HistoryPages>,
) -> Result<Json<MessagePage>, ApiError> {
    let (show, reader, row) = if let Some(as_of) = &as_of {
        let then = consultation_then(&app, &caller, &context, &code, as_of).await?;
        let show = Show::past(&app, &then.past);
        (show, then.past.reader, then.row)
    } else {
        let entered = enter(&app, &caller, &context, &code).await?;
        (Show::new(&app), Arc::clone(&app.reader), entered.row)
    };
    let (rows, total) = match rooms::by_id(&*reader, room_of(row.id)).await? {
        None => (Vec::new(), 0),
        Some(room) => {
            let total = messages::count(&*reader, room.number).await?;
            let rows = messages::page(&*reader, room.number, page.0.stored()).await?;
            (rows, total)
        }
    };
    let messages = show.messages(&row, &rows).await?;
    Ok(Json(MessagePage {
        messages,
        total,
        page: page.0.number,
        page_size: page.0.size,
    }))
}

/// Lets the user come back, under a new nickname if they like.
#[utoipa::path(
    post,
    path = "/api/v1/consultations/{consultation_code}/reconnect",
    tag = "consultation",
    params(("consultation_code" = String, Path, description = "In any case"), ForOthers),
    request_body(content = ReconnectRequest, description = "May be left out"),
    responses(
        (status = 200, body = ReconnectView),
        (status = 404, description = "Nobody has this code"),
        (status = 422, description = "The nickname is not valid"),
    )
)]
pub(super) async fn reconnect(
    State(app): State<Arc<App>>,
    caller: Caller,
    context: RequestContext,
    Path(code): Path<String>,
    OptionalBody(body): OptionalBody<ReconnectRequest>,
) -> Result<Response, ApiError> {
    let entered = enter(&app, &caller, &context, &code).await?;
    let Side::User { person } = entered.side else {
        return Err(ApiError::forbidden(
            "not_the_user",
            "only the user comes back like this",
        ));
    };
    let show = Show::new(&app);
    let settled = match body.nickname {
        Some(nickname) if nickname != show.nickname(&entered.row)? => {
            let asked = entered.asked(&app, &context)?;
            let command = ReconnectConsultation {
                consultation: entered.consultation(),
                nickname,
            };
            app.execute(&asked.request, &command).await?
        }
        _ => Settled {
            done: Done {
                events: Vec::new(),
                repeated: false,
            },
            lagging: false,
        },
    };
    let row = by_id(&*app.reader, entered.consultation())
        .await?
        .unwrap_or(entered.row.clone());
    let mut consultation = show.consultation(&row, Some(&entered.code)).await?;
    if matches!(
        row.status,
        ConsultationStatus::Waiting | ConsultationStatus::Active
    ) {
        let number = match row.requester {
            Requester::Guest(_) => row.number,
            Requester::Account(AccountId(account)) => {
                let number = directory::number_of(&*app.reader, Kind::Account, account).await?;
                number.unwrap_or_default()
            }
        };
        grant(&app, &mut consultation, row.id, person, number)?;
    }
    let missed_messages = missed(&app, &show, &entered, &row).await?;
    Ok(settled.answer(
        StatusCode::OK,
        ReconnectView {
            consultation,
            missed_messages,
        },
    ))
}

/// What the other side said since the user's last open socket.
async fn missed(
    app: &App,
    show: &Show<'_>,
    entered: &Entered,
    row: &ConsultationRow,
) -> Result<Vec<MessageRow>, ApiError> {
    let Some(room) = rooms::by_id(&*app.reader, entered.room()).await? else {
        return Ok(Vec::new());
    };
    let person = entered.person();
    let Some(member) = rooms::member_of(&*app.reader, room.number, person).await? else {
        return Ok(Vec::new());
    };
    let (after, up_to) = (member.delivered_number, u64::MAX);
    let mut rows = messages::after(&*app.reader, room.number, after, up_to, MAX_MISSED).await?;
    rows.retain(|message| message.sender != person);
    show.messages(row, &rows).await
}

/// Ends a consultation: by its user, or by its counsellor with their token.
#[utoipa::path(
    post,
    path = "/api/v1/consultations/{consultation_code}/end",
    tag = "consultation",
    params(("consultation_code" = String, Path, description = "In any case"), ForOthers),
    responses(
        (status = 200, description = "It is over, now or before", body = EndedView),
        (status = 404, description = "Nobody has this code"),
    )
)]
pub(super) async fn end(
    State(app): State<Arc<App>>,
    caller: Caller,
    context: RequestContext,
    Path(code): Path<String>,
) -> Result<Response, ApiError> {
    let entered = enter(&app, &caller, &context, &code).await?;
    let by = match entered.side {
        Side::User { .. } => EndedBy::User,
        Side::Counselor { counselor, .. } => EndedBy::Counselor(counselor),
    };
    let asked = entered.asked(&app, &context)?;
    let command = EndConsultation {
        consultation: entered.consultation(),
        by,
    };
    let settled = app.execute(&asked.request, &command).await?;
    let mut row = by_id(&*app.reader, entered.consultation())
        .await?
        .unwrap_or(entered.row);
    if row.ended_at.is_none() {
        // The read models do not show it yet, but what was recorded tells all of it.
        if let Some(completed) = settled.done.event("consultation.completed") {
            row.status = ConsultationStatus::Completed;
            row.ended_at = Some(completed.recorded_at);
        } else if let Some(terminated) = settled.done.event("consultation.terminated") {
            row.status = ConsultationStatus::Terminated;
            row.ended_at = Some(terminated.recorded_at);
        }
    }
    let ended_at = row.ended_at.ok_or_else(ApiError::internal)?;
    let view = EndedView {
        status: status_word(row.status),
        completed_at: Show::new(&app).times.print(ended_at),
        duration_minutes: duration_minutes(&row),
    };
    Ok(settled.answer(StatusCode::OK, view))
}

/// Rates a completed consultation, once.
#[utoipa::path(
    post,
    path = "/api/v1/consultations/{consultation_code}/rating",
    tag = "consultation",
    params(("consultation_code" = String, Path, description = "In any case"), ForOthers),
    request_body = RatingRequest,
    responses(
        (status = 201, body = RatingView),
        (status = 404, description = "Nobody has this code"),
        (status = 409, description = "Not completed, or rated before"),
        (status = 422, description = "The score is not 1 to 5"),
    )
)]
pub(super) async fn rate(
    State(app): State<Arc<App>>,
    caller: Caller,
    context: RequestContext,
    Path(code): Path<String>,
    Body(body): Body<RatingRequest>,
) -> Result<Response, ApiError> {
    let entered = enter(&app, &caller, &context, &code).await?;
    if matches!(entered.side, Side::Counselor { .. }) {
        return Err(ApiError::forbidden(
            "not_the_user",
            "only the user rates a consultation",
        ));
    }
    let asked = entered.asked(&app, &context)?;
    let command = RateConsultation {
        consultation: entered.consultation(),
        score: body.score,
        comment: body.comment.clone(),
    };
    let settled = app.execute(&asked.request, &command).await?;
    let rated = settled
        .done
        .event("consultation.rated")
        .ok_or_else(ApiError::internal)?;
    let view = RatingView {
        consultation_code: entered.code.as_str().to_owned(),
        score: body.score,
        comment: body.comment,
        created_at: Show::new(&app).times.print(rated.recorded_at),
    };
    Ok(settled.answer(StatusCode::CREATED, view))
}
