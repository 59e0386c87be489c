//! What registration, log-in and administration do alike: making accounts and finding them.

use domain::{AccountId, Profile, Refusal, Role};
use event_store::StreamName;
use projections::directory;
use uuid::Uuid;

use super::shapes::User;
use crate::answer::Settled;
use crate::app::App;
use crate::commands::Request;
use crate::commands::accounts::{KnownAccount, NewCounselor, RegisterAccount};
use crate::error::ApiError;
use crate::times::utc_millis;

/// An account to be made.
pub(super) struct NewAccount<'a> {
    pub(super) account: AccountId,
    pub(super) role: Role,
    pub(super) profile: Profile,
    pub(super) password: &'a str,
    /// Looked at only where the role is that of counsellors.
    pub(super) counselor: NewCounselor,
}

/// The stream of an account.
pub(super) fn stream(account: AccountId) -> StreamName {
    StreamName::new("account", account)
}

/// The entry of a counsellor of whom nothing is said: the first character, no fields.
pub(super) fn plain_counselor(app: &App) -> NewCounselor {
    let first = app.catalogue.characters().first();
    NewCounselor {
        character_type_id: first.map_or(1, |character| character.id),
        counseling_fields: Vec::new(),
        max_active: None,
    }
}

/// Hashes the password and makes the account.
pub(super) async fn register_account(
    app: &App,
    request: &Request,
    new: NewAccount<'_>,
) -> Result<Settled, ApiError> {
    let email_key = email_key(app, &new.profile.email)?;
    let command = RegisterAccount {
        account: new.account,
        email_key,
        role: new.role,
        profile: new.profile,
        password_hash: app.authority.passwords.hash(new.password).await?,
        counselor: new.counselor,
    };
    app.execute(request, &command).await
}

/// The key of an email's stream.
pub(super) fn email_key(app: &App, email: &str) -> Result<String, ApiError> {
    let invalid = || ApiError::invalid("body", "email", "must be an email address");
    app.authority.email_key(email).ok_or_else(invalid)
}

/// The account that somebody names by UUID or integer.
pub(super) async fn find_account(app: &App, id: &str) -> Result<KnownAccount, ApiError> {
    let unknown = || ApiError::from(Refusal::UnknownAccount);
    let account = match (id.parse::<Uuid>(), id.parse::<u64>()) {
        (Ok(id), _) => id,
        (_, Ok(number)) => account_by_number(app, number).await?.ok_or_else(unknown)?,
        _ => return Err(unknown()),
    };
    app.commands
        .known_account(AccountId(account))
        .await?
        .ok_or_else(unknown)
}

async fn account_by_number(app: &App, number: u64) -> Result<Option<Uuid>, ApiError> {
    let find = || directory::uuid_of(&*app.reader, directory::Kind::Account, number);
    if let Some(found) = find().await? {
        return Ok(Some(found));
    }
    // It may have been shown to somebody before the read models had it.
    let caught_up = app.caught_up().await;
    let found = find().await?;
    if found.is_none() && !caught_up {
        return Err(ApiError::unavailable(
            "reads_lag",
            "the read models are behind",
            1,
        ));
    }
    Ok(found)
}

/// An account as an administrator sees it, with what it says of itself where that is given.
pub(super) async fn show(
    app: &App,
    account: &KnownAccount,
    profile: Option<Profile>,
) -> Result<User, ApiError> {
    let role = account.state.role().unwrap_or_default();
    let counselor_id = match role {
        Role::Counselor => app.commands.counselor_number(account.id).await?,
        _ => None,
    };
    let active = account.state.is_active();
    let said = |field: fn(Profile) -> Option<String>| profile.clone().and_then(field);
    Ok(User {
        id: account.id.0,
        user_id: account.number,
        name: said(|profile| Some(profile.name)),
        email: said(|profile| Some(profile.email)),
        role: role.to_string(),
        active,
        first_name: said(|profile| profile.first_name),
        last_name: said(|profile| profile.last_name),
        phone: said(|profile| profile.phone),
        counselor_id: counselor_id.map(|(_, number)| number),
        created_at: utc_millis(account.registered_at),
    })
}
