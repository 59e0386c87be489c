//! A counsellor's own desk: requests, consultations, figures, notes.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use domain::{Act, MessageId, Notes, Refusal};
use event_store::StreamName;
use projections::consultations::{
    self, ConsultationRow, CounselorSummary, OfferRow, OfferStatus, offer_by_number,
    offers_of_counselor,
};
use projections::counselors::CounselorRow;
use projections::rooms;

use super::access::{consultation_by_code, unknown};
use super::consultations::HistoryPages;
use super::counselors::{counselor_word, minutes, own, seconds};
use super::past::DeskSeen;
use super::shapes::{
    AcceptBody, AcceptedView, ConsultationsOf, DashboardConsultations, NotesRequest, NotesView,
    PeriodView, RejectBody, RejectedView, RequestList, RequestsOf, SummaryView,
};
use super::show::{Show, offer_word, status_word};
use crate::app::App;
use crate::auth::{Asked, Caller, RequestContext};
use crate::commands::consultations::{AcceptRequest, RejectRequest, WriteNotes};
use crate::commands::rooms::room_of;
use crate::error::ApiError;
use crate::extract::{Body, OptionalBody, PageOf, Query};
use crate::past::AsOf;
use crate::reading::{self, ForOthers, Reading};

/// Requests in one list at most; those that are pending are far fewer.
const MAX_REQUESTS: u32 = 1_000;

/// The desk that the path names, if it is the caller's own. It stands before whatever reads query
/// or body: who may not is told so first.
pub(super) struct Desk(CounselorRow);

impl FromRequestParts<Arc<App>> for Desk {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, app).await?;
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, app).await;
        let Path(path) = path.map_err(|_| ApiError::from(Refusal::UnknownCounselor))?;
        let counselor = path.get("counselor_id").map_or("", String::as_str);
        own(app, &caller, counselor).await.map(Self)
    }
}

/// Requests put to the counsellor, oldest first: those that are pending, or of another status. Of
/// those that are neither pending nor became theirs `user_nickname` is empty without a purpose.
#[utoipa::path(
    get,
    path = "/api/v1/counselors/{counselor_id}/dashboard/requests",
    tag = "consultation",
    params(("counselor_id" = u64, Path), RequestsOf, ForOthers, AsOf),
    security(("bearer" = [])),
    responses(
        (status = 200, body = RequestList),
        (status = 401, description = "No valid token"),
        (status = 403, description = "Another counsellor's desk"),
        (status = 422, description = "No such status"),
    )
)]
pub(super) async fn requests(
    State(app): State<Arc<App>>,
    desk: DeskSeen,
    caller: Caller,
    context: RequestContext,
    Query(wanted): Query<RequestsOf>,
) -> Result<Json<RequestList>, ApiError> {
    let status = wanted.status.unwrap_or(OfferStatus::Pending);
    let (counselor, reader) = (&desk.counselor, &*desk.reader);
    let offers = offers_of_counselor(reader, counselor.id, Some(status), MAX_REQUESTS).await?;
    let mut found = Vec::with_capacity(offers.len());
    for offer in offers {
        if let Some(row) = consultations::by_id(reader, offer.consultation).await? {
            found.push((offer, row));
        }
    }
    // Whoever looks back has said why.
    let others =
        !desk.is_present() || reads_others(&app, &caller, &context, counselor, &found).await?;
    let show = desk.show(&app);
    let mut requests = Vec::with_capacity(found.len());
    for (offer, row) in &found {
        let mut request = show.request(offer, row)?;
        if !others && !is_theirs(counselor, offer, row) {
            request.user_nickname = String::new();
        }
        requests.push(request);
    }
    Ok(Json(RequestList {
        total: requests.len() as u64,
        requests,
    }))
}

/// Whether a request is still put to the counsellor, or became their consultation.
fn is_theirs(counselor: &CounselorRow, offer: &OfferRow, row: &ConsultationRow) -> bool {
    offer.status == OfferStatus::Pending || row.counselor == Some(counselor.id)
}

/// Whether the names in requests that went elsewhere are shown: to those who say why, and that is
/// on record first.
async fn reads_others(
    app: &App,
    caller: &Caller,
    context: &RequestContext,
    counselor: &CounselorRow,
    found: &[(OfferRow, ConsultationRow)],
) -> Result<bool, ApiError> {
    let Some(purpose) = reading::given_purpose(context)? else {
        return Ok(false);
    };
    let others = || {
        found
            .iter()
            .filter(|(o, row)| !is_theirs(counselor, o, row))
    };
    let stream = StreamName::new("counselor", counselor.id);
    let mut reading = Reading::of_state(app, Act::ReadRequests, &stream, counselor.number);
    reading.count = others().count();
    for (_, row) in others() {
        let concerned = &mut reading.concerned;
        concerned.consultations.insert(row.id);
        concerned.people.insert(row.requester.person());
    }
    if reading.count > 0 {
        reading::record(app, caller.account()?, context, reading, Some(purpose)).await?;
    }
    Ok(true)
}

/// The counsellor's request of a number in a path, waiting for what was just shown to them.
async fn request_of(
    app: &App,
    counselor: &CounselorRow,
    number: &str,
) -> Result<OfferRow, ApiError> {
    let number: u64 = number.parse().map_err(|_| Refusal::UnknownRequest)?;
    let mut found = offer_by_number(&*app.reader, number).await?;
    if found.is_none() {
        let caught_up = app.caught_up().await;
        found = offer_by_number(&*app.reader, number).await?;
        if found.is_none() && !caught_up {
            let message = "the read models are behind; try again";
            return Err(ApiError::unavailable("reads_lag", message, 1));
        }
    }
    let found = found.filter(|offer| offer.counselor == counselor.id);
    found.ok_or_else(|| Refusal::UnknownRequest.into())
}

/// Accepts a request: the consultation is active from now on.
#[utoipa::path(
    post,
    path = "/api/v1/counselors/{counselor_id}/dashboard/requests/{request_id}/accept",
    tag = "consultation",
    params(("counselor_id" = u64, Path), ("request_id" = u64, Path)),
    request_body(content = AcceptBody, description = "May be left out"),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "It is the caller's, now or before", body = AcceptedView),
        (status = 403, description = "Another counsellor's desk"),
        (status = 404, description = "No such request"),
        (status = 409, description = "Another counsellor has it"),
        (status = 410, description = "Ended, timed out, withdrawn, or the caller is full"),
    )
)]
pub(super) async fn accept(
    State(app): State<Arc<App>>,
    Desk(counselor): Desk,
    caller: Caller,
    context: RequestContext,
    Path((_desk, request)): Path<(String, String)>,
    OptionalBody(body): OptionalBody<AcceptBody>,
) -> Result<Response, ApiError> {
    let offer = request_of(&app, &counselor, &request).await?;
    let asked = context.asked_by(&app, caller.account()?)?;
    let text = body.response_message.filter(|text| !text.is_empty());
    let command = AcceptRequest {
        consultation: offer.consultation,
        offer: offer.id,
        counselor: counselor.id,
        default_max_active: app.settings.consultation.max_active,
        response: text.map(|text| (MessageId(asked.new_id(&app, "message")), text)),
    };
    let settled = app.execute(&asked.request, &command).await?;
    let row = consultations::by_id(&*app.reader, offer.consultation)
        .await?
        .ok_or_else(unknown)?;
    let room = room_of(row.id);
    let show = Show::new(&app);
    // Where the read models do not show it yet, what was recorded tells it.
    let recorded = settled
        .done
        .event("consultation.accepted")
        .map(|event| event.recorded_at);
    let accepted_at = row
        .accepted_at
        .or(recorded)
        .ok_or_else(ApiError::internal)?;
    let opened = settled
        .done
        .event("room.opened")
        .map(|event| event.number());
    let room_id = match rooms::by_id(&*app.reader, room).await? {
        Some(room) => Some(room.number),
        None => opened,
    };
    let view = AcceptedView {
        request_id: offer.number,
        consultation_id: row.number,
        consultation_code: show.code_of(&row)?,
        status: "active",
        counselor_id: counselor.number,
        counselor_name: show.counselor_name(counselor.id).await?,
        accepted_at: show.times.print(accepted_at),
        room_id,
        room_uuid: room.0,
    };
    Ok(settled.answer(StatusCode::OK, view))
}

/// Rejects a request: others are asked.
#[utoipa::path(
    post,
    path = "/api/v1/counselors/{counselor_id}/dashboard/requests/{request_id}/reject",
    tag = "consultation",
    params(("counselor_id" = u64, Path), ("request_id" = u64, Path)),
    request_body(content = RejectBody, description = "May be left out"),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "It is rejected, now or before", body = RejectedView),
        (status = 403, description = "Another counsellor's desk"),
        (status = 404, description = "No such request"),
        (status = 409, description = "The caller, or another counsellor, has it"),
        (status = 410, description = "Ended, timed out or withdrawn"),
    )
)]
pub(super) async fn reject(
    State(app): State<Arc<App>>,
    Desk(counselor): Desk,
    caller: Caller,
    context: RequestContext,
    Path((_desk, request)): Path<(String, String)>,
    OptionalBody(body): OptionalBody<RejectBody>,
) -> Result<Response, ApiError> {
    let offer = request_of(&app, &counselor, &request).await?;
    let Asked { request, .. } = context.asked_by(&app, caller.account()?)?;
    let command = RejectRequest {
        consultation: offer.consultation,
        offer: offer.id,
        counselor: counselor.id,
        response: body.response_message.filter(|text| !text.is_empty()),
    };
    let settled = app.execute(&request, &command).await?;
    let view = RejectedView {
        request_id: offer.number,
        status: offer_word(OfferStatus::Rejected),
    };
    Ok(settled.answer(StatusCode::OK, view))
}

/// The consultations that the counsellor has or had, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/counselors/{counselor_id}/dashboard/consultations",
    tag = "consultation",
    params(
        ("counselor_id" = u64, Path),
        ConsultationsOf,
        ForOthers,
        AsOf,
        ("page" = Option<u64>, Query, description = "From 1", minimum = 1),
        ("page_size" = Option<u64>, Query, description = "50 by default", minimum = 1, maximum = 200),
    ),
    security(("bearer" = [])),
    responses(
        (status = 200, body = DashboardConsultations),
        (status = 403, description = "Another counsellor's desk"),
        (status = 422, description = "No such status"),
    )
)]
pub(super) async fn consultations_of(
    State(app): State<Arc<App>>,
    desk: DeskSeen,
    Query(wanted): Query<ConsultationsOf>,
    page: PageOf<HistoryPages>,
) -> Result<Json<DashboardConsultations>, ApiError> {
    let (counselor, reader, status) = (&desk.counselor, &*desk.reader, wanted.status);
    let total = consultations::count_of_counselor(reader, counselor.id, status).await?;
    let rows = consultations::of_counselor(reader, counselor.id, status, page.0.stored()).await?;
    let show = desk.show(&app);
    let mut shown = Vec::with_capacity(rows.len());
    for row in rows {
        shown.push(show.consultation(&row, None).await?);
    }
    Ok(Json(DashboardConsultations {
        consultations: shown,
        total,
    }))
}

/// Counts, load and averages, of today and of seven days.
#[utoipa::path(
    get,
    path = "/api/v1/counselors/{counselor_id}/dashboard/summary",
    tag = "consultation",
    params(("counselor_id" = u64, Path), ForOthers, AsOf),
    security(("bearer" = [])),
    responses(
        (status = 200, body = SummaryView),
        (status = 403, description = "Another counsellor's desk"),
    )
)]
pub(super) async fn summary(
    State(app): State<Arc<App>>,
    desk: DeskSeen,
) -> Result<Json<SummaryView>, ApiError> {
    let (counselor, reader) = (&desk.counselor, &*desk.reader);
    let pending = Some(OfferStatus::Pending);
    let pending = offers_of_counselor(reader, counselor.id, pending, MAX_REQUESTS).await?;
    let max_active = counselor
        .max_active
        .unwrap_or(app.settings.consultation.max_active);
    let active = counselor.active_consultations;
    let (times, now) = (desk.show(&app).times, desk.now_us);
    let today = times.start_of_day(now, 0);
    let today = consultations::summary(reader, counselor.id, today).await?;
    let week = times.start_of_day(now, 6);
    let week = consultations::summary(reader, counselor.id, week).await?;
    Ok(Json(SummaryView {
        counselor_id: counselor.number,
        status: counselor_word(counselor.status),
        pending_requests: pending.len() as u64,
        active_consultations: active,
        max_active,
        load: f64::from(active) / f64::from(max_active.max(1)),
        today: period(&today),
        last_7_days: period(&week),
    }))
}

fn period(summary: &CounselorSummary) -> PeriodView {
    PeriodView {
        accepted: summary.accepted,
        completed: summary.completed,
        rejected: summary.rejected,
        expired: summary.expired,
        average_wait_seconds: summary.average_wait_us.map(seconds),
        average_duration_minutes: summary.average_duration_us.map(minutes),
    }
}

/// Writes the counsellor's notes on one of their consultations; the last ones count.
#[utoipa::path(
    put,
    path = "/api/v1/counselors/{counselor_id}/dashboard/consultations/{consultation_code}/notes",
    tag = "consultation",
    params(("counselor_id" = u64, Path), ("consultation_code" = String, Path)),
    request_body = NotesRequest,
    security(("bearer" = [])),
    responses(
        (status = 200, body = NotesView),
        (status = 403, description = "Another counsellor's desk"),
        (status = 404, description = "Not a consultation of theirs"),
        (status = 422, description = "Too long"),
    )
)]
pub(super) async fn write_notes(
    State(app): State<Arc<App>>,
    Desk(counselor): Desk,
    caller: Caller,
    context: RequestContext,
    Path((_desk, code)): Path<(String, String)>,
    Body(body): Body<NotesRequest>,
) -> Result<Response, ApiError> {
    let (code, row) = consultation_by_code(&app, &caller, context.address, &code).await?;
    let asked = context.asked_by(&app, caller.account()?)?;
    let notes = Notes {
        counselor_notes: body.counselor_notes,
        key_points: body.key_points,
    };
    let command = WriteNotes {
        consultation: row.id,
        counselor: counselor.id,
        notes,
    };
    let settled = app.execute(&asked.request, &command).await?;
    let written = settled.done.event("consultation.notes_written");
    let written = written.ok_or_else(ApiError::internal)?;
    let view = NotesView {
        consultation_code: code.as_str().to_owned(),
        status: status_word(row.status),
        updated_at: Show::new(&app).times.print(written.recorded_at),
        counselor_notes: command.notes.counselor_notes,
        key_points: command.notes.key_points,
    };
    Ok(settled.answer(StatusCode::OK, view))
}
