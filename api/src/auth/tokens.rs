//! Access tokens: JWTs that name their bearer for an hour, and the strict reading of them.

use std::sync::Arc;
use std::time::Duration;

use domain::{ConsultationId, Role, SessionId, Version};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::signing_keys::SigningKeys;
use super::verified_tokens::VerifiedTokens;
use crate::clock::{Clock, Ids};

/// A longer text is not looked at. Ours have about 500 bytes.
const MAX_TOKEN_BYTES: usize = 4_096;

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The account or guest.
    pub sub: Uuid,
    /// Their number.
    pub uid: u64,
    /// The log-in session; for a guest the token's own id.
    pub sid: SessionId,
    pub role: Role,
    /// Seconds since the Unix epoch.
    pub iat: i64,
    /// Seconds since the Unix epoch; from then on the token is void.
    pub exp: i64,
    /// Seconds since the Unix epoch before which the token is void. Ours have none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub nbf: Option<i64>,
    pub iss: String,
    pub aud: String,
    pub jti: Uuid,
    /// The version of the account's stream at the log-in; 0 for a guest.
    #[serde(default)]
    pub ver: Version,
    /// The one consultation that a guest's token is for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub con: Option<ConsultationId>,
}

/// Whom a new token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewToken {
    pub sub: Uuid,
    pub number: u64,
    /// None for a guest, who has not logged in.
    pub session: Option<SessionId>,
    pub role: Role,
    pub version: Version,
    pub consultation: Option<ConsultationId>,
}

/// The token does not count; why is nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token is not valid")]
pub struct InvalidToken;

enum Keys {
    Own(SigningKeys),
    Shared {
        encoding: Box<EncodingKey>,
        decoding: Box<DecodingKey>,
    },
}

/// Issues and reads access tokens.
pub struct Tokens {
    keys: Keys,
    issuer: String,
    audience: String,
    ttl: Duration,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    verified: VerifiedTokens,
}

impl Tokens {
    /// `shared_secret`: sign with it (HS256) instead of with our own keys (`EdDSA`).
    pub fn new(
        keys: SigningKeys,
        shared_secret: Option<&str>,
        settings: &crate::settings::AuthSettings,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        let keys = match shared_secret {
            Some(secret) => Keys::Shared {
                encoding: Box::new(EncodingKey::from_secret(secret.as_bytes())),
                decoding: Box::new(DecodingKey::from_secret(secret.as_bytes())),
            },
            None => Keys::Own(keys),
        };
        Self {
            keys,
            issuer: settings.issuer.clone(),
            audience: settings.audience.clone(),
            ttl: settings.access_ttl,
            clock,
            ids,
            verified: VerifiedTokens::default(),
        }
    }

    /// How long a token is good.
    pub fn ttl(&self) -> Duration {
        self.ttl
    }

    /// A new token with what it says.
    ///
    /// # Errors
    /// There is no key to sign with, which cannot happen once the keys are loaded.
    pub fn issue(&self, new: NewToken) -> Result<(String, Claims), InvalidToken> {
        let jti = self.ids.next();
        let now = self.clock.now_seconds();
        let claims = Claims {
            sub: new.sub,
            uid: new.number,
            sid: new.session.unwrap_or(SessionId(jti)),
            role: new.role,
            iat: now,
            exp: now.saturating_add_unsigned(self.ttl.as_secs()),
            nbf: None,
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            jti,
            ver: new.version,
            con: new.consultation,
        };
        let token = match &self.keys {
            Keys::Own(keys) => {
                let key = keys.newest().ok_or(InvalidToken)?;
                let mut header = Header::new(Algorithm::EdDSA);
                header.kid = Some(key.id.clone());
                jsonwebtoken::encode(&header, &claims, &key.encoding)
            }
            Keys::Shared { encoding, .. } => {
                jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, encoding)
            }
        };
        token.map(|token| (token, claims)).map_err(|error| {
            tracing::error!(%error, "a token could not be signed");
            InvalidToken
        })
    }

    /// Reads a token. Whether it was revoked is another question.
    pub fn verify(&self, token: &str) -> Result<Arc<Claims>, InvalidToken> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(InvalidToken);
        }
        let claims = match self.verified.get(token, |key_id| self.still_counts(key_id)) {
            Some(claims) => claims,
            None => self.read(token)?,
        };
        let now = self.clock.now_seconds();
        if claims.exp <= now || claims.nbf.is_some_and(|from| from > now) {
            return Err(InvalidToken);
        }
        Ok(claims)
    }

    /// Signature, algorithm, issuer and audience; not the times.
    fn read(&self, token: &str) -> Result<Arc<Claims>, InvalidToken> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| InvalidToken)?;
        if header.crit.is_some() {
            return Err(InvalidToken);
        }
        let claims = match &self.keys {
            Keys::Own(keys) => {
                let id = header.kid.as_deref().ok_or(InvalidToken)?;
                let key = keys.find(id).ok_or(InvalidToken)?;
                self.decode(token, &key.decoding, Algorithm::EdDSA)?
            }
            Keys::Shared { decoding, .. } => self.decode(token, decoding, Algorithm::HS256)?,
        };
        let claims = Arc::new(claims);
        self.verified.put(token, header.kid, Arc::clone(&claims));
        Ok(claims)
    }

    fn decode(
        &self,
        token: &str,
        key: &DecodingKey,
        algorithm: Algorithm,
    ) -> Result<Claims, InvalidToken> {
        let mut validation = Validation::new(algorithm);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        // The times are compared with our own clock, without leeway.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.leeway = 0;
        let decoded = jsonwebtoken::decode::<Claims>(token, key, &validation);
        decoded
            .map(|decoded| decoded.claims)
            .map_err(|_| InvalidToken)
    }

    fn still_counts(&self, key_id: Option<&str>) -> bool {
        match &self.keys {
            Keys::Own(keys) => key_id.is_some_and(|id| keys.find(id).is_some()),
            Keys::Shared { .. } => true,
        }
    }

    /// The public keys, for `/.well-known/jwks.json`; none with a shared secret.
    pub fn jwks(&self) -> Value {
        match &self.keys {
            Keys::Own(keys) => keys.jwks(),
            Keys::Shared { .. } => json!({ "keys": [] }),
        }
    }

    /// Our own signing keys; none with a shared secret.
    pub fn signing_keys(&self) -> Option<&SigningKeys> {
        match &self.keys {
            Keys::Own(keys) => Some(keys),
            Keys::Shared { .. } => None,
        }
    }
}
