//! As whom somebody wants to be answered.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::AccountId;
use projections::emotions;

use super::TAG;
use super::shapes::{AskedBy, PromptRequest, PromptView};
use crate::app::App;
use crate::auth::{Asker, RequestContext};
use crate::commands::accounts::SetPrompt;
use crate::error::ApiError;
use crate::extract::{Body, Query};
use crate::reading::ForOthers;

/// As whom the caller wants to be answered.
#[utoipa::path(
    get,
    path = "/emotion/prompt",
    tag = TAG,
    params(AskedBy, ForOthers),
    responses(
        (status = 200, body = PromptView),
        (status = 400, description = "`purpose_required`, of a service that speaks for somebody"),
        (status = 401, description = "No valid token; or nobody has this user_id"),
        (status = 403, description = "user_id is not the token's"),
    )
)]
pub(super) async fn show_prompt(
    State(app): State<Arc<App>>,
    asker: Asker,
    Query(by): Query<AskedBy>,
) -> Result<Json<PromptView>, ApiError> {
    let named = asker.named(&app, "query", by.user_id).await?;
    let account = named.somebody("query")?.account;
    asker.reads_all_of(&app, account).await?;
    let system_prompt = prompt_of(&app, account).await?;
    Ok(Json(PromptView { system_prompt }))
}

/// Sets as whom the caller wants to be answered: it stands behind the safety preamble, where a
/// step has no prompt of its own.
#[utoipa::path(
    put,
    path = "/emotion/prompt",
    tag = TAG,
    request_body = PromptRequest,
    responses(
        (status = 200, body = PromptView),
        (status = 401, description = "No valid token; or nobody has this user_id"),
        (status = 403, description = "user_id is not the token's"),
        (status = 422, description = "It is too long"),
    )
)]
pub(super) async fn set_prompt(
    State(app): State<Arc<App>>,
    asker: Asker,
    context: RequestContext,
    Body(body): Body<PromptRequest>,
) -> Result<Response, ApiError> {
    let named = asker.named(&app, "body", body.user_id).await?;
    let account = named.somebody("body")?.account;
    let prompt = body
        .system_prompt
        .filter(|prompt| !prompt.trim().is_empty());
    let write = named.asked(&app, &context)?;
    let command = SetPrompt {
        account,
        prompt: prompt.clone(),
    };
    let settled = app.execute(&write.request, &command).await?;
    let view = PromptView {
        system_prompt: prompt,
    };
    Ok(settled.answer(StatusCode::OK, view))
}

async fn prompt_of(app: &App, account: AccountId) -> Result<Option<String>, ApiError> {
    let prompt = emotions::prompt_of(&*app.reader, account).await?;
    let prompt = prompt.map(|prompt| prompt.open::<Option<String>>(&*app.keys));
    Ok(prompt.transpose()?.flatten().flatten())
}
