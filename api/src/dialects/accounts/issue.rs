//! Tokens for a log-in session.

use domain::{Profile, SessionId, Version};

use super::shapes::{LoggedInUser, TokenPair};
use crate::app::App;
use crate::auth::{NewToken, RefreshToken};
use crate::commands::accounts::KnownAccount;
use crate::error::ApiError;

/// What refresh and access token have to say.
pub(super) struct Issue<'a> {
    pub(super) account: &'a KnownAccount,
    pub(super) session: SessionId,
    /// The version of the account's stream at the log-in.
    pub(super) account_version: Version,
    pub(super) refresh_token: &'a RefreshToken,
}

impl Issue<'_> {
    pub(super) fn pair(&self, app: &App) -> Result<TokenPair, ApiError> {
        let role = self
            .account
            .state
            .role()
            .ok_or_else(ApiError::unauthenticated)?;
        let (access_token, _) = app
            .authority
            .tokens
            .issue(NewToken {
                sub: self.account.id.0,
                number: self.account.number,
                session: Some(self.session),
                role,
                version: self.account_version,
                consultation: None,
            })
            .map_err(|_| ApiError::internal())?;
        Ok(TokenPair {
            access_token,
            refresh_token: self.refresh_token.encode(),
            token_type: "bearer",
            expires_in: app.authority.tokens.ttl().as_secs(),
        })
    }
}

/// Until when a refresh token made now is good, in microseconds since the Unix epoch.
pub(super) fn refresh_expiry(app: &App) -> i64 {
    let ttl = i64::try_from(app.settings.auth.refresh_ttl.as_micros()).unwrap_or(i64::MAX);
    app.clock.now_us().saturating_add(ttl)
}

/// Who has logged in.
pub(super) fn user(account: KnownAccount, counselor_id: Option<u64>) -> LoggedInUser {
    let Profile { name, email, .. } = account.profile.unwrap_or_default();
    LoggedInUser {
        id: account.id.0,
        user_id: account.number,
        name,
        email,
        role: account
            .state
            .role()
            .map(|role| role.to_string())
            .unwrap_or_default(),
        counselor_id,
    }
}
