//! Sessions: opened, shown, listed, ended.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::{AccountId, EmotionSessionId, Refusal, SessionOpening};
use projections::emotions::{self, EmotionSessionRow};

use super::TAG;
use super::access::{lagging, sees};
use super::ask::danger;
use super::shapes::{AskedBy, OpenRequest, SessionView};
use super::show;
use crate::answer::Settled;
use crate::app::App;
use crate::auth::{Asked, Asker, RequestContext};
use crate::commands::emotion::{EndEmotionSession, OpenEmotionSession};
use crate::error::ApiError;
use crate::extract::{OptionalBody, PageOf, PageRule, Query};
use crate::limits::Payer;
use crate::reading::ForOthers;

/// How sessions are paged: mostly all of them are one page.
pub(super) struct SessionPages;

impl PageRule for SessionPages {
    const SIZE: &'static str = "size";
    const DEFAULT: u64 = 500;
    const MAX: u64 = 500;
}

/// Opens a session.
#[utoipa::path(
    post,
    path = "/emotion/sessions",
    tag = TAG,
    request_body = OpenRequest,
    responses(
        (status = 201, body = SessionView),
        (status = 401, description = "No valid token; or nobody has this user_id"),
        (status = 403, description = "user_id is not the token's"),
        (status = 422, description = "A field is not valid; a service names nobody"),
        (status = 429, description = "Too many requests"),
    )
)]
pub(super) async fn open_session(
    State(app): State<Arc<App>>,
    asker: Asker,
    context: RequestContext,
    OptionalBody(body): OptionalBody<OpenRequest>,
) -> Result<Response, ApiError> {
    let named = asker.named(&app, "body", body.user_id).await?;
    let owner = named.somebody("body")?.account;
    let write = named.asked(&app, &context)?;
    let opening = SessionOpening {
        emotion_label: body.emotion_label,
        topic: body.topic,
    };
    let (row, settled) = open(&app, &write, owner, opening).await?;
    Ok(settled.answer(StatusCode::CREATED, show::session(&app, &row)?))
}

/// Opens a session for somebody.
pub(super) async fn open(
    app: &App,
    write: &Asked,
    owner: AccountId,
    opening: SessionOpening,
) -> Result<(EmotionSessionRow, Settled), ApiError> {
    app.limits.message(Payer::Person(owner.0))?;
    let session = EmotionSessionId(write.new_id(app, "emotion"));
    let texts = [opening.topic.as_deref(), opening.emotion_label.as_deref()];
    let (hit, waiting) = danger(app, texts).await?;
    let command = OpenEmotionSession {
        session,
        owner,
        opening,
        hit,
        waiting,
    };
    let settled = app.execute(&write.request, &command).await?;
    let row = emotions::by_id(&*app.reader, session).await?;
    // Only read models that lag do not show what was just opened.
    Ok((row.ok_or_else(lagging)?, settled))
}

/// A session.
#[utoipa::path(
    get,
    path = "/emotion/sessions/{session_id}",
    tag = TAG,
    params(("session_id" = uuid::Uuid, Path), AskedBy, ForOthers),
    responses(
        (status = 200, body = SessionView),
        (status = 400, description = "`purpose_required`, of a service"),
        (status = 401, description = "No valid token"),
        (status = 404, description = "No such session, or another's"),
        (status = 410, description = "It is kept no longer"),
    )
)]
pub(super) async fn show_session(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(session): Path<String>,
    Query(by): Query<AskedBy>,
) -> Result<Json<SessionView>, ApiError> {
    let entered = asker.enter(&app, &session, "query", by.user_id).await?;
    entered.reads(&app, &asker).await?;
    show::session(&app, &entered.row).map(Json)
}

/// All sessions of somebody, newest first.
#[utoipa::path(
    get,
    path = "/emotion/sessions/user/{user_id}",
    tag = TAG,
    params(
        ("user_id" = uuid::Uuid, Path),
        ("page" = Option<u64>, Query, description = "From 1", minimum = 1),
        ("size" = Option<u64>, Query, description = "500 by default", minimum = 1, maximum = 500),
        ForOthers,
    ),
    responses(
        (status = 200, body = Vec<SessionView>),
        (status = 400, description = "`purpose_required`, of a service"),
        (status = 401, description = "No valid token"),
        (status = 403, description = "Somebody else's"),
        (status = 404, description = "Nobody has this id"),
    )
)]
pub(super) async fn list_sessions(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(user): Path<String>,
    page: PageOf<SessionPages>,
) -> Result<Json<Vec<SessionView>>, ApiError> {
    let named = asker.named(&app, "path", None).await?;
    let owner: Option<AccountId> = user.parse().ok().map(AccountId);
    if !owner.is_some_and(|owner| sees(&named, owner)) {
        return Err(match named {
            crate::auth::Named::Person(_) => {
                ApiError::forbidden("not_your_user_id", "these are somebody else's")
            }
            crate::auth::Named::Service(_) => Refusal::UnknownAccount.into(),
        });
    }
    let owner = owner.ok_or(Refusal::UnknownAccount)?;
    asker.reads_all_of(&app, owner).await?;
    let rows = emotions::of_owner(&*app.reader, owner, page.0.stored()).await?;
    let rows = rows.iter().map(|row| show::session(&app, row));
    rows.collect::<Result<_, _>>().map(Json)
}

/// Ends a session: it takes no more input. To end it again gives the same answer.
#[utoipa::path(
    post,
    path = "/emotion/sessions/{session_id}/end",
    tag = TAG,
    params(("session_id" = uuid::Uuid, Path), AskedBy, ForOthers),
    responses(
        (status = 200, body = SessionView),
        (status = 400, description = "`purpose_required`, of a service"),
        (status = 401, description = "No valid token"),
        (status = 404, description = "No such session, or another's"),
        (status = 410, description = "It is kept no longer"),
    )
)]
pub(super) async fn end_session(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(session): Path<String>,
    Query(by): Query<AskedBy>,
    context: RequestContext,
) -> Result<Response, ApiError> {
    let entered = asker.enter(&app, &session, "query", by.user_id).await?;
    entered.reads(&app, &asker).await?;
    let write = entered.asked(&app, &context)?;
    let session = entered.session();
    let settled = app
        .execute(&write.request, &EndEmotionSession { session })
        .await?;
    let row = emotions::by_id(&*app.reader, session).await?;
    let row = row.ok_or_else(lagging)?;
    Ok(settled.answer(StatusCode::OK, show::session(&app, &row)?))
}
