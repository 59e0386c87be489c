//! People: who is found, what the caller says of themselves, and what others say of somebody.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use domain::{AccountId, PersonId, Profile, Role, Standing};
use projections::accounts::{self, AccountRow};
use projections::rooms;
use uuid::Uuid;

use super::access::{lagging, uuid_in_path};
use super::errors::naming;
use super::shapes::{FoundUsers, LookFor, UserChange, UserRow};
use super::{TAG, masking};
use crate::answer::Settled;
use crate::app::App;
use crate::auth::{AccountCaller, LoggedIn, RequestContext};
use crate::commands::accounts::{ChangeProfile, ProfileChange};
use crate::error::ApiError;
use crate::extract::{Body, Query};
use crate::people::{first_and_last, phone_of};
use crate::reading::{self, ForOthers, Reading};

/// Active people but the caller, by any part of a name, or by a whole email, telephone number or
/// id. Email and phone are shown to whoever gave them or shares a room with the person.
#[utoipa::path(
    get,
    path = "/api/v1/users/search",
    tag = TAG,
    params(LookFor),
    security(("bearer" = [])),
    responses(
        (status = 200, body = FoundUsers),
        (status = 401, description = "No valid token"),
        (status = 422, description = "Too short, or no such limit"),
    )
)]
pub(super) async fn search(
    State(app): State<Arc<App>>,
    LoggedIn(caller): LoggedIn,
    Query(asked): Query<LookFor>,
) -> Result<Json<FoundUsers>, ApiError> {
    let text = asked.q.trim();
    let by_email = by_email(&app, text).await?;
    let mut found: Vec<AccountId> = by_email.into_iter().collect();
    found.extend(Uuid::try_parse(text).ok().map(AccountId));
    found.extend(app.finder.find(text).await?);
    let mut users = Vec::new();
    let (mut total, mut seen) = (0, std::collections::HashSet::new());
    for account in found {
        if account == caller.account || !seen.insert(account) {
            continue;
        }
        // Those beyond the answer are counted: the finder knows that they are there.
        if users.len() >= asked.limit() {
            total += 1;
            continue;
        }
        let Some(row) = accounts::by_id(&*app.reader, account).await? else {
            continue;
        };
        if row.active
            && let Some(user) = shown_to(&app, &caller, &row, text, by_email).await?
        {
            total += 1;
            users.push(user);
        }
    }
    Ok(Json(FoundUsers { users, total }))
}

async fn by_email(app: &App, text: &str) -> Result<Option<AccountId>, ApiError> {
    let Some(key) = app.authority.email_key(text) else {
        return Ok(None);
    };
    let account = accounts::by_email_key(&*app.reader, &key).await?;
    Ok(account.map(|account| account.id))
}

/// Somebody as the caller may know them; none once they are erased.
async fn shown_to(
    app: &App,
    caller: &AccountCaller,
    row: &AccountRow,
    text: &str,
    by_email: Option<AccountId>,
) -> Result<Option<UserRow>, ApiError> {
    let Some(mut user) = user(app, row)? else {
        return Ok(None);
    };
    let (one, other): (PersonId, PersonId) = (caller.account.into(), row.id.into());
    if rooms::share_a_room(&*app.reader, one, other).await? {
        return Ok(Some(user));
    }
    if by_email != Some(row.id) {
        user.email = masking::email(&user.email);
    }
    let given = phone_of(text);
    user.phone = user.phone.map(|phone| {
        if given.is_some() && phone_of(&phone) == given {
            phone
        } else {
            masking::phone(&phone)
        }
    });
    Ok(Some(user))
}

/// All of what somebody says of themselves, and others of them; none once they are erased.
fn user(app: &App, row: &AccountRow) -> Result<Option<UserRow>, ApiError> {
    let profile: Option<Profile> = row.profile.open(&*app.keys)?;
    Ok(profile.map(|profile| UserRow {
        id: row.id.0,
        number: row.number,
        full_name: first_and_last(&profile).unwrap_or(profile.name),
        email: profile.email,
        first_name: profile.first_name,
        last_name: profile.last_name,
        phone: profile.phone,
        profile_image: profile.profile_image,
        user_type: row
            .standing
            .user_type
            .clone()
            .unwrap_or_else(|| row.role.as_str().to_owned()),
        trust_score: row.standing.trust_score.unwrap_or_default(),
    }))
}

/// The caller's own profile.
#[utoipa::path(
    get,
    path = "/api/v1/users/me",
    tag = TAG,
    security(("bearer" = [])),
    responses((status = 200, body = UserRow), (status = 401, description = "No valid token"))
)]
pub(super) async fn show_me(
    State(app): State<Arc<App>>,
    LoggedIn(caller): LoggedIn,
) -> Result<Json<UserRow>, ApiError> {
    let row = accounts::by_id(&*app.reader, caller.account).await?;
    let row = row.ok_or_else(lagging)?;
    user(&app, &row)?.map(Json).ok_or_else(unknown)
}

/// Changes the caller's own profile.
#[utoipa::path(
    patch,
    path = "/api/v1/users/me",
    tag = TAG,
    security(("bearer" = [])),
    request_body = UserChange,
    responses(
        (status = 200, body = UserRow),
        (status = 401, description = "No valid token"),
        (status = 403, description = "userType and trustScore are for services and administrators"),
        (status = 422, description = "A field is not valid"),
    )
)]
pub(super) async fn change_me(
    State(app): State<Arc<App>>,
    LoggedIn(caller): LoggedIn,
    context: RequestContext,
    Body(body): Body<UserChange>,
) -> Result<Response, ApiError> {
    if (body.user_type.is_some() || body.trust_score.is_some()) && !judges(&caller) {
        return Err(not_theirs());
    }
    change(&app, &caller, &context, caller.account, body).await
}

/// Changes anybody's profile, and says which sort of user it is and how far trusted: for services
/// and administrators. Email and phone are masked, as in searches, without a purpose.
#[utoipa::path(
    patch,
    path = "/api/v1/users/{id}",
    tag = TAG,
    params(("id" = uuid::Uuid, Path), ForOthers),
    security(("bearer" = [])),
    request_body = UserChange,
    responses(
        (status = 200, body = UserRow),
        (status = 401, description = "No valid token"),
        (status = 403, description = "For services and administrators"),
        (status = 404, description = "Nobody has this id"),
        (status = 422, description = "A field is not valid"),
    )
)]
pub(super) async fn change_user(
    State(app): State<Arc<App>>,
    Judge { caller, account }: Judge,
    context: RequestContext,
    Body(body): Body<UserChange>,
) -> Result<Response, ApiError> {
    if account == caller.account {
        return change(&app, &caller, &context, account, body).await;
    }
    let purpose = reading::given_purpose(&context)?;
    let (settled, row) = changed(&app, &caller, &context, account, body).await?;
    let user = match purpose {
        Some(purpose) => {
            let reading = Reading::of_account(&app, account, row.number);
            reading::record(&app, &caller, &context, reading, Some(purpose)).await?;
            user(&app, &row)?
        }
        None => shown_to(&app, &caller, &row, "", None).await?,
    };
    Ok(settled.answer(StatusCode::OK, user.ok_or_else(unknown)?))
}

/// A service or an administrator, and whom the path names.
pub(super) struct Judge {
    caller: AccountCaller,
    account: AccountId,
}

impl axum::extract::FromRequestParts<Arc<App>> for Judge {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let LoggedIn(caller) = LoggedIn::from_request_parts(parts, app).await?;
        if !judges(&caller) {
            return Err(not_theirs());
        }
        let account = AccountId(uuid_in_path(parts, app, "id").await?);
        Ok(Self { caller, account })
    }
}

fn judges(caller: &AccountCaller) -> bool {
    matches!(caller.role, Role::Service | Role::Admin)
}

fn not_theirs() -> ApiError {
    ApiError::forbidden("role_required", "this is not for your role")
}

fn unknown() -> ApiError {
    ApiError::not_found("unknown_user", "no such user")
}

async fn change(
    app: &App,
    caller: &AccountCaller,
    context: &RequestContext,
    account: AccountId,
    body: UserChange,
) -> Result<Response, ApiError> {
    let (settled, row) = changed(app, caller, context, account, body).await?;
    let user = user(app, &row)?.ok_or_else(unknown)?;
    Ok(settled.answer(StatusCode::OK, user))
}

async fn changed(
    app: &App,
    caller: &AccountCaller,
    context: &RequestContext,
    account: AccountId,
    body: UserChange,
) -> Result<(Settled, AccountRow), ApiError> {
    let command = ChangeProfile {
        account,
        change: ProfileChange {
            first_name: body.first_name,
            last_name: body.last_name,
            phone: body.phone,
            profile_image: body.profile_image,
        },
        standing: Standing {
            user_type: body.user_type,
            trust_score: body.trust_score,
        },
    };
    let request = context.unrepeatable(context.actor(caller));
    let settled: Settled = match app.execute(&request, &command).await {
        Err(error) if error.status == StatusCode::NOT_FOUND => return Err(unknown()),
        settled => settled.map_err(naming)?,
    };
    let row = accounts::by_id(&*app.reader, account).await?;
    Ok((settled, row.ok_or_else(lagging)?))
}
