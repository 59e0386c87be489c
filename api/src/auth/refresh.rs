//! Refresh tokens: a session and a secret, whose successor can be found again for a repeat.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::SessionId;
use event_store::keys::KeyError;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::pepper::{hex, random_bytes};
use super::{InvalidToken, Pepper};

/// How long a token that was just replaced may be repeated, in microseconds; a client whose
/// connection broke gets the same successor.
pub const REFRESH_GRACE_US: i64 = 10_000_000;

/// A session and the secret that opens it. Never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    pub session: SessionId,
    secret: Zeroizing<[u8; 32]>,
}

impl RefreshToken {
    /// The first token of a new session.
    ///
    /// # Errors
    /// The machine has no random bytes to give.
    pub fn first(session: SessionId) -> Result<Self, KeyError> {
        random_bytes().map(|secret| Self { session, secret })
    }

    /// The token that replaces this one, always the same.
    #[must_use]
    pub fn successor(&self, pepper: &Pepper) -> Self {
        let parts = [self.session.0.as_bytes().as_slice(), self.secret.as_slice()];
        let secret = Zeroizing::new(pepper.hash("refresh-successor", &parts));
        Self {
            session: self.session,
            secret,
        }
    }

    /// What the log keeps of the secret.
    pub fn secret_hash(&self) -> String {
        secret_hash(self.secret.as_slice())
    }

    /// As the client gets it.
    pub fn encode(&self) -> String {
        format!(
            "{}.{}",
            self.session,
            URL_SAFE_NO_PAD.encode(self.secret.as_slice())
        )
    }
}

impl FromStr for RefreshToken {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        let (session, secret) = text.split_once('.').ok_or(InvalidToken)?;
        // One spelling only, so that one token is one text.
        let id = Uuid::try_parse(session).map_err(|_| InvalidToken)?;
        if id.hyphenated().to_string() != session {
            return Err(InvalidToken);
        }
        let decoded = URL_SAFE_NO_PAD.decode(secret).map_err(|_| InvalidToken)?;
        let secret = decoded.as_slice().try_into().map_err(|_| InvalidToken)?;
        Ok(Self {
            session: SessionId(id),
            secret: Zeroizing::new(secret),
        })
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RefreshToken({})", self.session)
    }
}

/// SHA-256 of a random secret, in hexadecimal. Not for passwords.
pub fn secret_hash(secret: &[u8]) -> String {
    hex(&Sha256::digest(secret))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token() -> RefreshToken {
        RefreshToken::first(SessionId(Uuid::from_u128(5))).unwrap()
    }

    #[test]
    fn a_token_reads_back_as_it_was_written() {
        let token = token();
        let text = token.encode();
        assert_eq!(text.len(), 36 + 1 + 43);
        assert_eq!(text.parse(), Ok(token));
    }

    #[test]
    fn a_repeat_finds_the_same_successor_and_nobody_else_does() {
        let token = token();
        let pepper = Pepper::new([1; 32]);
        let successor = token.successor(&pepper);
        assert_eq!(successor, token.successor(&pepper));
        assert_ne!(successor.secret_hash(), token.secret_hash());
        assert_ne!(successor, token.successor(&Pepper::new([2; 32])));
        assert_ne!(successor, successor.successor(&pepper));
    }

    #[test]
    fn the_hash_is_of_64_digits_and_the_secret_is_never_printed() {
        let token = token();
        assert_eq!(token.secret_hash().len(), 64);
        let secret = token.encode().split_once('.').unwrap().1.to_owned();
        assert!(!format!("{token:?}").contains(&secret));
    }

    #[test]
    fn what_is_no_refresh_token_is_refused() {
        let fine = token().encode();
        let (session, secret) = fine.split_once('.').unwrap();
        for bad in [
            String::new(),
            ".".to_owned(),
            session.to_owned(),
            format!("{session}."),
            format!("{session}.{}", &secret[1..]),
            format!("{session}.{secret}="),
            format!("{session}.{secret}A"),
            format!("{}.{secret}", session.to_uppercase().replace('0', "A")),
            format!("{{{session}}}.{secret}"),
            format!("{}.{secret}", session.replace('-', "")),
            format!(" {fine}"),
            format!("{fine}\n"),
        ] {
            assert_eq!(bad.parse::<RefreshToken>(), Err(InvalidToken), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn whatever_reads_has_one_spelling(text in "\\PC{0,90}|[0-9a-f-]{36}\\.[A-Za-z0-9_-]{42,44}") {
            if let Ok(token) = text.parse::<RefreshToken>() {
                prop_assert_eq!(token.encode(), text);
            }
        }
    }
}
