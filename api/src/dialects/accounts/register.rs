//! `POST /register`: an account for whoever wants one.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::{AccountId, Profile, Role};

use super::TAG;
use super::shapes::{Registered, Registration};
use super::users::{NewAccount, email_key, plain_counselor, register_account, stream};
use crate::app::App;
use crate::auth::RequestContext;
use crate::commands::Actor;
use crate::error::ApiError;
use crate::extract::Body;
use crate::once::{Seed, Whose};
use crate::times::utc_millis;

/// Registers an account with the role of users, whatever the body says.
#[utoipa::path(
    post,
    path = "/register",
    tag = TAG,
    request_body = Registration,
    responses(
        (status = 201, description = "The account exists", body = Registered),
        (status = 409, description = "The email is taken"),
        (status = 422, description = "A field is not valid"),
        (status = 429, description = "Too many from this address"),
    )
)]
pub(super) async fn register(
    State(app): State<Arc<App>>,
    context: RequestContext,
    Body(body): Body<Registration>,
) -> Result<Response, ApiError> {
    // An account costs a hash, as a log-in does.
    app.limits
        .login(&email_key(&app, &body.email)?, context.address.0)?;
    let address = context.address_hash();
    let role = Role::User;
    let actor = Actor {
        person: None,
        role: role.as_str().into(),
        address: Some(Arc::clone(&address)),
    };
    let mut asked = context.asked(&app, actor, Whose::Address(&address))?;
    if let Some(repeatable) = &mut asked.repeatable {
        let first = |seed: &Seed| stream(AccountId(seed.id("account")));
        repeatable.find_first(&app, first).await?;
    }
    let account = AccountId(asked.new_id(&app, "account"));
    asked.request.actor.person = Some(account.into());
    let email = body.email.trim().to_owned();
    let profile = Profile {
        name: body.name,
        email,
        ..Profile::default()
    };
    let (name, email) = (profile.name.clone(), profile.email.clone());
    let counselor = plain_counselor(&app);
    let new = NewAccount {
        account,
        role,
        profile,
        password: &body.password,
        counselor,
    };
    let settled = register_account(&app, &asked.request, new).await?;
    let registered = settled
        .done
        .event("account.registered")
        .ok_or_else(ApiError::internal)?;
    let answer = Registered {
        id: account.0,
        user_id: registered.number(),
        name,
        email,
        created_at: utc_millis(registered.recorded_at),
    };
    Ok(settled.answer(StatusCode::CREATED, answer))
}
