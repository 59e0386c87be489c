//! `POST /api/v1/consultations/start`: a request for a consultation, with a log-in or without.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::{ConsultationId, PersonId, RequestText, Requester, Role};
use event_store::StreamName;
use projections::consultations;

use super::shapes::{ConsultationView, StartRequest};
use super::show::Show;
use super::tokens::grant;
use crate::answer::Settled;
use crate::app::App;
use crate::auth::{AccountCaller, Caller, ConsultationCode, RequestContext};
use crate::commands::Actor;
use crate::commands::consultations::StartConsultation;
use crate::error::ApiError;
use crate::extract::Body;
use crate::once::{Seed, Whose};
use crate::requesting::{ask_under_a_code, derived_code};

/// Starts a consultation. With a user's token it belongs to their account, without one to a new
/// guest.
#[utoipa::path(
    post,
    path = "/api/v1/consultations/start",
    tag = "consultation",
    request_body = StartRequest,
    responses(
        (status = 201, description = "It waits for a counsellor", body = ConsultationView),
        (status = 422, description = "A field is not valid, or the character is unknown"),
    )
)]
pub(super) async fn start(
    State(app): State<Arc<App>>,
    caller: Caller,
    context: RequestContext,
    Body(body): Body<StartRequest>,
) -> Result<Response, ApiError> {
    body.check(&app.catalogue)?;
    let owner = match &caller {
        Caller::Anonymous => None,
        Caller::Account(owner) => Some(owner),
        Caller::Guest(_) => {
            let message = "this token is for one consultation only";
            return Err(ApiError::forbidden("token_of_a_consultation", message));
        }
    };
    let (settled, code, requester) = request(&app, &context, owner, &body).await?;
    let id = code.consultation(&app.authority.pepper);
    let show = Show::new(&app);
    let row = consultations::by_id(&*app.reader, id).await?;
    let mut view = match &row {
        Some(row) => show.consultation(row, Some(&code)).await?,
        None => not_shown_yet(&show, &settled, &code, id, &body)?,
    };
    let number = owner.map_or(view.id, |owner| owner.number);
    grant(&app, &mut view, id, requester.person(), number)?;
    Ok(settled.answer(StatusCode::CREATED, view))
}

/// Draws a code and asks under it; a repeated request asks under the same code.
async fn request(
    app: &App,
    context: &RequestContext,
    owner: Option<&AccountCaller>,
    body: &StartRequest,
) -> Result<(Settled, ConsultationCode, Requester), ApiError> {
    let guest = PersonId(app.ids.next());
    let mut asked = if let Some(owner) = owner {
        context.asked_by(app, owner)?
    } else {
        let address = context.address_hash();
        let actor = Actor::person(guest, Role::Guest, Some(Arc::clone(&address)));
        context.asked(app, actor, Whose::Address(&address))?
    };
    let pepper = &app.authority.pepper;
    if let Some(repeatable) = &mut asked.repeatable {
        let first = |seed: &Seed| stream(derived_code(seed, pepper, 0).consultation(pepper));
        repeatable.find_first(app, first).await?;
    }
    let requester = if let Some(owner) = owner {
        Requester::Account(owner.account)
    } else {
        let derived = asked
            .repeatable
            .as_ref()
            .map(|one| PersonId(one.seed.id("guest")));
        let guest = derived.unwrap_or(guest);
        asked.request.actor.person = Some(guest);
        Requester::Guest(guest)
    };
    let command = |code: &ConsultationCode| StartConsultation {
        consultation: code.consultation(pepper),
        requester,
        character_type_preference: body.character_type_preference,
        quick_match: body.quick_match.unwrap_or(true),
        text: RequestText {
            nickname: body.nickname.clone(),
            code: code.as_str().to_owned(),
        },
    };
    let (settled, code) = ask_under_a_code(app, &asked, command).await?;
    Ok((settled, code, requester))
}

fn stream(consultation: ConsultationId) -> StreamName {
    StreamName::new("consultation", consultation)
}

/// What is known of a consultation that the read models do not show yet.
fn not_shown_yet(
    show: &Show<'_>,
    settled: &Settled,
    code: &ConsultationCode,
    id: ConsultationId,
    body: &StartRequest,
) -> Result<ConsultationView, ApiError> {
    let requested = settled
        .done
        .event("consultation.requested")
        .ok_or_else(ApiError::internal)?;
    let character = body.character_type_preference;
    Ok(ConsultationView {
        id: requested.number(),
        uuid: id.0,
        consultation_code: code.as_str().to_owned(),
        user_nickname: body.nickname.clone(),
        character_type_id: character,
        character_name: character.and_then(|id| show.character_name(id)),
        status: "waiting",
        created_at: show.times.print(requested.recorded_at),
        ..ConsultationView::default()
    })
}
