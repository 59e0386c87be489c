//! All that a server needs to say who is who, made once at the start.

use std::sync::Arc;

use event_store::keys::{KeyError, KeyStore};
use secrecy::ExposeSecret;

use super::{
    Cause, Claims, Credentials, Email, InvalidToken, Origins, PasswordError, Passwords, Pepper,
    Revocations, SigningKeys, TICKET_TTL, Tickets, Tokens,
};
use crate::clock::{Clock, Ids};
use crate::settings::Settings;

/// Passwords, tokens, tickets, revocations, origins and the pepper of one server.
pub struct Authority {
    pub passwords: Passwords,
    pub tokens: Tokens,
    /// For live connections; each stands for the claims of the token it was got with.
    pub tickets: Tickets<Arc<Claims>>,
    pub revocations: Revocations,
    pub origins: Origins,
    pub pepper: Pepper,
    clock: Arc<dyn Clock>,
}

/// Why a server cannot say who is who.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    #[error(transparent)]
    Keys(#[from] KeyError),
    #[error(transparent)]
    Passwords(#[from] PasswordError),
}

impl Authority {
    /// Makes pepper and signing key at the very first start. Reads files and hashes once.
    pub fn load(
        settings: &Settings,
        keys: Arc<dyn KeyStore>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Result<Self, AuthorityError> {
        let auth = &settings.auth;
        let pepper = Pepper::load(&*keys)?;
        let signing =
            SigningKeys::load(keys, Arc::clone(&clock), Arc::clone(&ids), auth.access_ttl)?;
        let secret = auth.hs256_secret.as_ref().map(ExposeSecret::expose_secret);
        Ok(Self {
            passwords: Passwords::new(settings.into())?,
            tokens: Tokens::new(signing, secret, auth, Arc::clone(&clock), ids),
            tickets: Tickets::new(TICKET_TTL),
            revocations: Revocations::new(auth.access_ttl),
            origins: Origins::new(&auth.allowed_origins),
            pepper,
            clock,
        })
    }

    /// Who bears a token, unless it expired or was revoked.
    pub fn bearer_of(&self, token: &str) -> Result<Arc<Claims>, InvalidToken> {
        let claims = self.tokens.verify(token)?;
        self.check(&claims).map_err(|_| InvalidToken)?;
        Ok(claims)
    }

    /// Who is behind a token or a ticket; a ticket is used up.
    pub fn caller(&self, credentials: &Credentials) -> Result<Arc<Claims>, InvalidToken> {
        match credentials {
            Credentials::Token(token) => self.bearer_of(token),
            Credentials::Ticket(ticket) => {
                let now_us = self.clock.now_us();
                let claims = self.tickets.redeem(ticket, now_us).ok_or(InvalidToken)?;
                if claims.exp <= now_us.div_euclid(1_000_000) {
                    return Err(InvalidToken);
                }
                self.check(&claims).map_err(|_| InvalidToken)?;
                Ok(claims)
            }
        }
    }

    /// A one-time ticket that stands for the bearer of these claims.
    pub fn ticket(&self, claims: &Arc<Claims>) -> Result<String, KeyError> {
        self.tickets
            .issue(claims.sub, Arc::clone(claims), self.clock.now_us())
    }

    /// Whether what was verified before was revoked since; the expiry is not looked at.
    pub fn check(&self, claims: &Claims) -> Result<(), Cause> {
        self.revocations
            .check(claims.sub, claims.sid, claims.ver, claims.role)
    }

    /// Learns of signing keys that another process made, and removes those that are retired. To be
    /// called now and then.
    pub fn reload_signing_keys(&self) -> Result<(), KeyError> {
        self.tokens
            .signing_keys()
            .map_or(Ok(()), SigningKeys::reload)
    }

    /// The key of an email's stream; none if the text cannot be an email.
    pub fn email_key(&self, email: &str) -> Option<String> {
        Email::parse(email).map(|email| email.key(&self.pepper))
    }
}

#[cfg(test)]
mod tests {
    use domain::{Revocation, Role, SessionEvent, SessionId};
    use uuid::Uuid;

    use super::*;
    use crate::auth::memory_keys::MemoryKeys;
    use crate::auth::{InvalidToken, NewToken};
    use crate::clock::{ManualClock, SystemIds};

    fn authority(clock: &Arc<ManualClock>) -> Authority {
        let mut settings = Settings::default();
        settings.auth.argon2_memory = 64 * 1024;
        settings.auth.argon2_iterations = 1;
        let clock = Arc::clone(clock);
        Authority::load(
            &settings,
            Arc::new(MemoryKeys::default()),
            clock,
            Arc::new(SystemIds),
        )
        .unwrap()
    }

    fn log_in(authority: &Authority) -> (String, Arc<Claims>) {
        let session = Some(SessionId(Uuid::from_u128(5)));
        let new = NewToken {
            sub: Uuid::from_u128(4),
            number: 1,
            session,
            role: Role::User,
            version: 1,
            consultation: None,
        };
        let (token, claims) = authority.tokens.issue(new).unwrap();
        (token, Arc::new(claims))
    }

    fn revoke(authority: &Authority, session: SessionId) {
        let revoked = SessionEvent::Revoked {
            reason: Revocation::LoggedOut,
        }
        .into();
        authority
            .revocations
            .apply(&session.to_string(), 2, 0, &revoked);
    }

    #[test]
    fn a_revoked_token_has_no_bearer_even_if_it_was_seen_before() {
        let clock = Arc::new(ManualClock::at(1_000_000));
        let authority = authority(&clock);
        let (token, claims) = log_in(&authority);
        assert_eq!(authority.bearer_of(&token), Ok(Arc::clone(&claims)));
        revoke(&authority, claims.sid);
        assert_eq!(authority.bearer_of(&token), Err(InvalidToken));
    }

    #[test]
    fn a_ticket_stands_for_its_caller_once_and_only_while_their_token_would() {
        let clock = Arc::new(ManualClock::at(1_000_000));
        let authority = authority(&clock);
        let (_, claims) = log_in(&authority);
        let ticket = || Credentials::Ticket(authority.ticket(&claims).unwrap());
        let first = ticket();
        assert_eq!(authority.caller(&first), Ok(Arc::clone(&claims)));
        assert_eq!(authority.caller(&first), Err(InvalidToken));
        clock.advance_seconds(3_590);
        let late = ticket();
        clock.advance_seconds(20);
        assert_eq!(
            authority.caller(&late),
            Err(InvalidToken),
            "the token expired meanwhile"
        );
        clock.advance_seconds(-3_000);
        let revoked = ticket();
        revoke(&authority, claims.sid);
        assert_eq!(authority.caller(&revoked), Err(InvalidToken));
    }
}
