//! Calls whose guide has a `user_id` and no token: who is believed to make them, and as whom.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use domain::{AccountId, PersonId, Role};
use projections::accounts::{self, AccountRow};

use super::{AccountCaller, Asked, Caller, RequestContext};
use crate::app::App;
use crate::commands::Actor;
use crate::error::ApiError;
use crate::once::Whose;
use crate::settings::AuthSettings;

/// Seconds after which a look-up that missed on read models that lag may be tried again.
const RETRY_AFTER_SECONDS: u64 = 1;

/// Whoever is at the other end of the connection, a proxy or gateway included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

impl Peer {
    /// Whether a bare `user_id` is believed from here.
    pub fn is_believed(self, settings: &AuthSettings) -> bool {
        let address = self.0.to_canonical();
        let mut gateways = settings.trusted_gateways.iter();
        settings.trust_user_id
            && (address.is_loopback() || gateways.any(|network| network.contains(&address)))
    }
}

impl FromRequestParts<Arc<App>> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Infallible> {
        // A request that came by no socket, as within a test of a router, is a local one.
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::from([127, 0, 0, 1]), |ConnectInfo(peer)| peer.ip());
        Ok(Self(peer))
    }
}

/// As whom a call is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// Somebody: by their own token, or because a service or a gateway says so.
    Person(Somebody),
    /// A service that speaks for nobody in particular; its account, where it showed a token.
    Service(Option<AccountCaller>),
}

/// An account as which a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Somebody {
    pub account: AccountId,
    /// Their integer.
    pub number: u64,
    /// In which role they act: `service` where another speaks for them.
    pub role: Role,
}

impl Somebody {
    pub fn person(&self) -> PersonId {
        self.account.into()
    }

    /// As whom events name them.
    pub fn actor(&self, address: Arc<str>) -> Actor {
        Actor::person(self.person(), self.role, Some(address))
    }

    fn of(caller: &AccountCaller) -> Self {
        Self {
            account: caller.account,
            number: caller.number,
            role: caller.role,
        }
    }
}

impl Named {
    /// As whom a call is made that names an account by its integer, or nobody. `place` is where it
    /// names them: `body` or `query`.
    ///
    /// # Errors
    /// 401 without a token where none is believed, and for a bare `user_id` that is nobody's; 403
    /// for a guest, and for a token beside somebody else's `user_id`; 422 where a service names
    /// nobody that there is.
    pub async fn of(
        app: &App,
        caller: &Caller,
        peer: Peer,
        place: &str,
        user_id: Option<u64>,
    ) -> Result<Self, ApiError> {
        let Caller::Anonymous = caller else {
            let caller = caller.account()?;
            return match user_id {
                None if caller.role == Role::Service => Ok(Self::Service(Some(caller.clone()))),
                Some(number) if caller.role == Role::Service && number != caller.number => {
                    let account = active_account(app, number).await?;
                    let unknown = || ApiError::invalid(place, "user_id", "is nobody's");
                    Ok(Self::spoken_for(&account.ok_or_else(unknown)?))
                }
                Some(number) if number != caller.number => Err(ApiError::forbidden(
                    "not_your_user_id",
                    "user_id must be your own",
                )),
                None | Some(_) => Ok(Self::Person(Somebody::of(caller))),
            };
        };
        if !peer.is_believed(&app.settings.auth) {
            return Err(ApiError::unauthenticated());
        }
        match user_id {
            None => Ok(Self::Service(None)),
            Some(number) => {
                let account = active_account(app, number).await?;
                let account = account.ok_or_else(ApiError::unauthenticated)?;
                Ok(Self::spoken_for(&account))
            }
        }
    }

    fn spoken_for(account: &AccountRow) -> Self {
        Self::Person(Somebody {
            account: account.id,
            number: account.number,
            role: Role::Service,
        })
    }

    /// Who acts; a service acts as its own account.
    ///
    /// # Errors
    /// 422 where nobody is named: for what only a person can do.
    pub fn somebody(&self, place: &str) -> Result<Somebody, ApiError> {
        match self {
            Self::Person(somebody) => Ok(*somebody),
            Self::Service(Some(caller)) => Ok(Somebody::of(caller)),
            Self::Service(None) => Err(ApiError::invalid(place, "user_id", "is missing")),
        }
    }

    /// A write of theirs.
    ///
    /// # Errors
    /// Its key is not one.
    pub fn asked(&self, app: &App, context: &RequestContext) -> Result<Asked, ApiError> {
        let address = context.address_hash();
        let somebody = match self {
            Self::Person(somebody) => *somebody,
            Self::Service(Some(caller)) => Somebody::of(caller),
            Self::Service(None) => {
                let actor = Actor {
                    person: None,
                    role: Role::Service.as_str().into(),
                    address: Some(Arc::clone(&address)),
                };
                return context.asked(app, actor, Whose::Address(&address));
            }
        };
        let whose = Whose::Person(somebody.person());
        context.asked(app, somebody.actor(address), whose)
    }
}

/// The account of a number, if it is active. One that the read models do not have yet is waited
/// for.
///
/// # Errors
/// 503 where they lag, so that it cannot be told.
pub async fn active_account(app: &App, number: u64) -> Result<Option<AccountRow>, ApiError> {
    // No number of ours is one that an engine cannot hold.
    if i64::try_from(number).is_err() {
        return Ok(None);
    }
    let known = accounts::by_number(&*app.reader, number).await?;
    let known = match known {
        Some(account) => Some(account),
        None if app.caught_up().await => accounts::by_number(&*app.reader, number).await?,
        None => {
            return Err(ApiError::unavailable(
                "reads_lag",
                "the read models are behind; try again",
                RETRY_AFTER_SECONDS,
            ));
        }
    };
    Ok(known.filter(|account| account.active))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(trust_user_id: bool, gateways: &[&str]) -> AuthSettings {
        AuthSettings {
            trust_user_id,
            trusted_gateways: gateways.iter().map(|net| net.parse().unwrap()).collect(),
            ..AuthSettings::default()
        }
    }

    fn is_believed(peer: &str, settings: &AuthSettings) -> bool {
        Peer(peer.parse().unwrap()).is_believed(settings)
    }

    #[test]
    fn nobody_is_believed_unless_the_setting_says_so() {
        for peer in ["127.0.0.1", "::1", "10.1.2.3"] {
            assert!(!is_believed(peer, &settings(false, &["10.0.0.0/8"])));
        }
    }

    #[test]
    fn loopback_and_gateways_are_believed_and_nobody_else() {
        let settings = settings(true, &["10.0.0.0/8", "2001:db8::/32"]);
        for peer in [
            "127.0.0.1",
            "::1",
            "::ffff:127.0.0.1",
            "10.1.2.3",
            "::ffff:10.1.2.3",
            "2001:db8::7",
        ] {
            assert!(is_believed(peer, &settings), "{peer}");
        }
        for peer in ["11.0.0.1", "192.0.2.1", "::ffff:192.0.2.1", "2001:db9::7"] {
            assert!(!is_believed(peer, &settings), "{peer}");
        }
    }
}
