//! Who is calling, as a handler wants it.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use domain::{AccountId, ConsultationId, PersonId, Role, SessionId, Version};

use super::{Claims, bearer};
use crate::app::App;
use crate::error::ApiError;

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Nobody said who they are. A token that does not count is an error instead.
    Anonymous,
    Account(AccountCaller),
    Guest(GuestCaller),
}

/// Somebody who has logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountCaller {
    pub account: AccountId,
    /// Their integer.
    pub number: u64,
    pub session: SessionId,
    pub role: Role,
    /// The version of the account's stream at the log-in.
    pub version: Version,
    pub claims: Arc<Claims>,
}

/// Somebody with the token of one consultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestCaller {
    pub person: PersonId,
    /// Their integer.
    pub number: u64,
    pub consultation: ConsultationId,
    pub claims: Arc<Claims>,
}

impl Caller {
    /// Whom verified claims name; nobody without any.
    pub fn of(claims: Option<Arc<Claims>>) -> Self {
        let Some(claims) = claims else {
            return Self::Anonymous;
        };
        match claims.con {
            Some(consultation) => Self::Guest(GuestCaller {
                person: PersonId(claims.sub),
                number: claims.uid,
                consultation,
                claims,
            }),
            None => Self::Account(AccountCaller {
                account: AccountId(claims.sub),
                number: claims.uid,
                session: claims.sid,
                role: claims.role,
                version: claims.ver,
                claims,
            }),
        }
    }

    /// The caller of a plain request. `?token=` does not count here.
    pub fn of_request(app: &App, headers: &HeaderMap) -> Result<Self, ApiError> {
        match bearer(headers) {
            None => Ok(Self::Anonymous),
            Some(token) => {
                let claims = app.authority.bearer_of(token);
                claims
                    .map(|claims| Self::of(Some(claims)))
                    .map_err(|_| ApiError::unauthenticated())
            }
        }
    }

    /// The account that has logged in.
    ///
    /// # Errors
    /// 401 for nobody, 403 for a guest.
    pub fn account(&self) -> Result<&AccountCaller, ApiError> {
        match self {
            Self::Anonymous => Err(ApiError::unauthenticated()),
            Self::Guest(_) => Err(ApiError::forbidden("not_a_guests", "this needs an account")),
            Self::Account(account) if account.role == Role::Guest => {
                Err(ApiError::unauthenticated())
            }
            Self::Account(account) => Ok(account),
        }
    }

    /// The account, if it has this role.
    ///
    /// # Errors
    /// 401 for nobody, 403 for anybody else.
    pub fn require_role(&self, role: Role) -> Result<&AccountCaller, ApiError> {
        let account = self.account()?;
        if account.role == role {
            Ok(account)
        } else {
            Err(ApiError::forbidden(
                "role_required",
                "this is not for your role",
            ))
        }
    }

    /// Whoever it is; none for nobody.
    pub fn person(&self) -> Option<PersonId> {
        self.claims().map(|claims| PersonId(claims.sub))
    }

    /// What the token said; none for nobody.
    pub fn claims(&self) -> Option<&Arc<Claims>> {
        match self {
            Self::Anonymous => None,
            Self::Account(account) => Some(&account.claims),
            Self::Guest(guest) => Some(&guest.claims),
        }
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        Self::of_request(app, &parts.headers)
    }
}

/// An account's caller, known before the body is read: others learn nothing of what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedIn(pub AccountCaller);

impl FromRequestParts<Arc<App>> for LoggedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let caller = Caller::of_request(app, &parts.headers)?;
        caller.account().cloned().map(Self)
    }
}

/// An administrator, known before the body is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Administrator(pub AccountCaller);

impl FromRequestParts<Arc<App>> for Administrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let caller = Caller::of_request(app, &parts.headers)?;
        caller.require_role(Role::Admin).cloned().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn claims(role: Role, con: Option<ConsultationId>) -> Arc<Claims> {
        Arc::new(Claims {
            sub: Uuid::from_u128(1),
            uid: 7,
            sid: SessionId(Uuid::from_u128(2)),
            role,
            iat: 0,
            exp: 1,
            nbf: None,
            iss: String::new(),
            aud: String::new(),
            jti: Uuid::nil(),
            ver: 3,
            con,
        })
    }

    fn status(result: Result<&AccountCaller, ApiError>) -> Option<u16> {
        result.err().map(|error| error.status.as_u16())
    }

    #[test]
    fn nobody_is_asked_to_log_in_and_others_are_told_that_they_may_not() {
        let admin = Caller::of(Some(claims(Role::Admin, None)));
        let user = Caller::of(Some(claims(Role::User, None)));
        let con = Some(ConsultationId(Uuid::from_u128(9)));
        let guest = Caller::of(Some(claims(Role::Guest, con)));
        assert_eq!(
            status(Caller::Anonymous.require_role(Role::Admin)),
            Some(401)
        );
        assert_eq!(status(guest.require_role(Role::Admin)), Some(403));
        assert_eq!(status(user.require_role(Role::Admin)), Some(403));
        assert_eq!(status(admin.require_role(Role::Admin)), None);
        assert_eq!(status(guest.account()), Some(403));
        assert_eq!(status(user.account()), None);
        assert_eq!(Caller::Anonymous.person(), None);
        assert_eq!(guest.person(), Some(PersonId(Uuid::from_u128(1))));
    }

    #[test]
    fn a_token_of_one_consultation_is_a_guests_whoever_bears_it() {
        let con = Some(ConsultationId(Uuid::from_u128(9)));
        let owner = Caller::of(Some(claims(Role::User, con)));
        assert!(matches!(owner, Caller::Guest(_)));
        let nobodys = Caller::of(Some(claims(Role::Guest, None)));
        assert_eq!(status(nobodys.account()), Some(401));
        assert_eq!(Caller::of(None), Caller::Anonymous);
    }
}
