//! Going on with a person: a consultation that begins with what was said in the session.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::{
    ConsultationId, EmotionEvent, EmotionSession, EmotionSessionId, Event, Profile, RequestText,
    Requester, limits,
};
use projections::consultations::{self, ConsultationStatus};
use projections::{accounts, fact};

use super::TAG;
use super::access::lagging;
use super::shapes::{HandoverRequest, HandoverView};
use crate::answer::Settled;
use crate::app::App;
use crate::auth::{Asker, ConsultationCode, RequestContext, Somebody};
use crate::commands::consultations::StartConsultation;
use crate::commands::emotion::HandOver;
use crate::error::ApiError;
use crate::extract::OptionalBody;
use crate::requesting::{Grant, ask_under_a_code};
use crate::times::utc_millis;

/// What the rules refuse, by code, and the field that it is about.
const FIELDS: [(&str, &str); 2] = [
    ("consent_missing", "consent"),
    ("nickname_length", "nickname"),
];

/// As whom somebody asks whose name is not known any more.
const NAMELESS: &str = "익명";

/// Asks for a consultation in which the counsellor finds what was said in the session so far. To
/// ask again while that one goes on gives the same one.
#[utoipa::path(
    post,
    path = "/emotion/sessions/{session_id}/handover",
    tag = TAG,
    params(("session_id" = uuid::Uuid, Path)),
    request_body = HandoverRequest,
    responses(
        (status = 200, description = "It was asked for before, and is not over", body = HandoverView),
        (status = 201, description = "It waits for a counsellor", body = HandoverView),
        (status = 401, description = "No valid token"),
        (status = 404, description = "No such session, or another's"),
        (status = 409, description = "It was handed over too often"),
        (status = 422, description = "No consent; a field is not valid; a service names nobody"),
        (status = 429, description = "Too many requests"),
    )
)]
pub(super) async fn hand_over(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(session): Path<String>,
    context: RequestContext,
    OptionalBody(body): OptionalBody<HandoverRequest>,
) -> Result<Response, ApiError> {
    let entered = asker.enter(&app, &session, "body", body.user_id).await?;
    let owner = entered.in_person("body")?;
    app.limits.message(entered.payer())?;
    let unknown = |id: &u32| app.catalogue.character(*id).is_none();
    if body.character_type_preference.as_ref().is_some_and(unknown) {
        let field = "character_type_preference";
        return Err(ApiError::invalid("body", field, "is no character type"));
    }
    let nickname = match body.nickname {
        Some(nickname) => nickname,
        None => name_of(&app, owner).await?,
    };
    let write = entered.asked(&app, &context)?;
    let command = |code: &ConsultationCode| HandOver {
        session: entered.session(),
        consent: body.consent,
        start: StartConsultation {
            consultation: code.consultation(&app.authority.pepper),
            requester: Requester::Account(owner.account),
            character_type_preference: body.character_type_preference,
            quick_match: body.quick_match.unwrap_or(true),
            text: RequestText {
                nickname: nickname.clone(),
                code: code.as_str().to_owned(),
            },
        },
    };
    let done = ask_under_a_code(&app, &write, command).await;
    let (settled, _) = done.map_err(|error| error.about(&FIELDS))?;
    let consultation = asked_for(&app, entered.session(), &settled).await?;
    let view = show(&app, entered.session(), consultation, owner).await?;
    let status = match settled.done.event("emotion.handed_over") {
        Some(_) => StatusCode::CREATED,
        None => StatusCode::OK,
    };
    Ok(settled.answer(status, view))
}

/// The name of somebody, as far as a nickname may be long.
async fn name_of(app: &App, owner: Somebody) -> Result<String, ApiError> {
    let row = accounts::by_id(&*app.reader, owner.account).await?;
    let row = row.ok_or_else(lagging)?;
    let profile: Option<Profile> = row.profile.open(&*app.keys)?;
    let name = profile.map(|profile| profile.name).unwrap_or_default();
    let name: String = name.trim().chars().take(limits::NICKNAME_CHARS).collect();
    Ok(if name.trim().is_empty() {
        NAMELESS.to_owned()
    } else {
        name
    })
}

/// Which consultation that is: the one of this request, or the one that goes on.
async fn asked_for(
    app: &App,
    session: EmotionSessionId,
    settled: &Settled,
) -> Result<ConsultationId, ApiError> {
    if let Some(recorded) = settled.done.event("emotion.handed_over") {
        let event = fact(Arc::clone(recorded), &*app.keys).map(|fact| fact.event);
        if let Ok(Event::Emotion(EmotionEvent::HandedOver { consultation, .. })) = event {
            return Ok(consultation);
        }
        tracing::error!("a session that was just handed over cannot be read");
        return Err(ApiError::internal());
    }
    let session = app.commands.state::<EmotionSession>(session).await?;
    session.handed_over().ok_or_else(ApiError::internal)
}

async fn show(
    app: &App,
    session: EmotionSessionId,
    consultation: ConsultationId,
    owner: Somebody,
) -> Result<HandoverView, ApiError> {
    let row = match consultations::by_id(&*app.reader, consultation).await? {
        Some(row) => Some(row),
        None if app.caught_up().await => consultations::by_id(&*app.reader, consultation).await?,
        None => None,
    };
    let row = row.ok_or_else(lagging)?;
    let text: Option<RequestText> = row.request.open(&*app.keys)?;
    let text = text.ok_or_else(|| ApiError::gone("erased", "this was erased"))?;
    let nickname = row.nickname.open(&*app.keys)?;
    let grant = Grant::new(app, consultation, owner.person(), owner.number)?;
    Ok(HandoverView {
        session_id: session.0,
        consultation_id: row.number,
        consultation_uuid: consultation.0,
        consultation_code: text.code,
        status: status_word(row.status),
        user_nickname: nickname.unwrap_or(text.nickname),
        created_at: utc_millis(row.requested_at),
        access_token: grant.access_token,
        token_type: grant.token_type,
        expires_in: grant.expires_in,
    })
}

fn status_word(status: ConsultationStatus) -> &'static str {
    match status {
        ConsultationStatus::Waiting => "waiting",
        ConsultationStatus::Active => "active",
        ConsultationStatus::Completed => "completed",
        ConsultationStatus::Terminated => "terminated",
    }
}
