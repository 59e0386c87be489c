//! The keys that sign tokens: several at once, the newest signs, retired ones go in time.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use event_store::keys::{KeyError, KeyStore};
use jsonwebtoken::{DecodingKey, EncodingKey};
use parking_lot::RwLock;
use serde_json::{Value, json};

use super::pepper::random_bytes;
use crate::clock::{Clock, Ids};

/// Each key is a secret of this prefix and its id: when it was made (8 bytes, microseconds since
/// the Unix epoch, big-endian), then its seed.
const PREFIX: &str = "token-signing/";

/// Keys at once; the oldest go first.
const MAX_KEYS: usize = 16;

/// A retired key outlives its last tokens by this, for nodes that learn late of its successor.
const SLACK_US: i64 = 5 * 60 * 1_000_000;

/// A key that signs, or did.
pub(super) struct TokenKey {
    pub(super) id: String,
    pub(super) encoding: EncodingKey,
    pub(super) decoding: DecodingKey,
    public: [u8; 32],
    made_at_us: i64,
}

/// All keys that tokens may be signed with. Clones share them.
#[derive(Clone)]
pub struct SigningKeys {
    store: Arc<dyn KeyStore>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    access_ttl_us: i64,
    /// The newest last; never empty.
    ring: Arc<RwLock<Vec<Arc<TokenKey>>>>,
}

impl SigningKeys {
    /// Loads the keys; makes the first one if there is none.
    pub fn load(
        store: Arc<dyn KeyStore>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        access_ttl: Duration,
    ) -> Result<Self, KeyError> {
        let access_ttl_us = i64::try_from(access_ttl.as_micros()).unwrap_or(i64::MAX / 4);
        let keys = Self {
            store,
            clock,
            ids,
            access_ttl_us,
            ring: Arc::default(),
        };
        keys.reload()?;
        if keys.ring.read().is_empty() {
            keys.rotate()?;
        }
        Ok(keys)
    }

    /// Makes a new key, durable on return; it signs from now on. Gives its id.
    pub fn rotate(&self) -> Result<String, KeyError> {
        // A clock that went back must not leave the old key the newest.
        let last = self
            .ring
            .read()
            .last()
            .map_or(i64::MIN, |key| key.made_at_us);
        let made_at_us = self.clock.now_us().max(last.saturating_add(1));
        let seed = random_bytes()?;
        let id = self.ids.next().to_string();
        let mut secret = zeroize::Zeroizing::new(made_at_us.to_be_bytes().to_vec());
        secret.extend_from_slice(seed.as_slice());
        self.store.put_secret(&format!("{PREFIX}{id}"), &secret)?;
        self.reload()?;
        Ok(id)
    }

    /// Reads the keys again, since another process may have made one, and removes those whose
    /// last tokens have expired. To be called now and then; it may block.
    pub fn reload(&self) -> Result<(), KeyError> {
        let mut keys = Vec::new();
        for name in self.store.secret_names(PREFIX)? {
            if let Some(secret) = self.store.secret(&name)? {
                let id = name.strip_prefix(PREFIX).unwrap_or(&name);
                keys.push(Arc::new(read(id, &secret)?));
            }
        }
        keys.sort_by(|a, b| (a.made_at_us, &a.id).cmp(&(b.made_at_us, &b.id)));
        let now = self.clock.now_us();
        let retired = (1..keys.len())
            .take_while(|next| {
                let last_token = keys[*next].made_at_us.saturating_add(self.access_ttl_us);
                last_token.saturating_add(SLACK_US) < now || keys.len() - *next >= MAX_KEYS
            })
            .count();
        for key in keys.drain(..retired) {
            self.store.remove_secret(&format!("{PREFIX}{}", key.id))?;
            tracing::info!(key = key.id, "a retired signing key was removed");
        }
        *self.ring.write() = keys;
        Ok(())
    }

    /// The key that signs.
    pub(super) fn newest(&self) -> Option<Arc<TokenKey>> {
        self.ring.read().last().cloned()
    }

    /// The key of this id, if its tokens still count.
    pub(super) fn find(&self, id: &str) -> Option<Arc<TokenKey>> {
        self.ring.read().iter().find(|key| key.id == id).cloned()
    }

    /// The public keys as a JSON Web Key Set, RFC 7517 and 8037.
    pub fn jwks(&self) -> Value {
        let keys: Vec<_> = self
            .ring
            .read()
            .iter()
            .rev()
            .map(|key| {
                json!({
                    "kty": "OKP",
                    "crv": "Ed25519",
                    "use": "sig",
                    "alg": "EdDSA",
                    "kid": key.id,
                    "x": URL_SAFE_NO_PAD.encode(key.public),
                })
            })
            .collect();
        json!({ "keys": keys })
    }
}

fn read(id: &str, secret: &[u8]) -> Result<TokenKey, KeyError> {
    let damaged = || KeyError::DoesNotUnwrap(format!("{PREFIX}{id}").into());
    let (made_at, seed) = secret.split_first_chunk::<8>().ok_or_else(damaged)?;
    let seed: &[u8; 32] = seed.try_into().map_err(|_| damaged())?;
    let key = SigningKey::from_bytes(seed);
    let public = key.verifying_key().to_bytes();
    let private = key.to_pkcs8_der().map_err(|_| damaged())?;
    Ok(TokenKey {
        id: id.to_owned(),
        encoding: EncodingKey::from_ed_der(private.as_bytes()),
        decoding: DecodingKey::from_ed_der(&public),
        public,
        made_at_us: i64::from_be_bytes(*made_at),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::memory_keys::MemoryKeys;
    use crate::clock::{ManualClock, SystemIds};

    const HOUR: Duration = Duration::from_hours(1);

    fn ring(store: &Arc<MemoryKeys>, clock: &Arc<ManualClock>) -> SigningKeys {
        let (store, clock) = (Arc::clone(store), Arc::clone(clock));
        SigningKeys::load(store, clock, Arc::new(SystemIds), HOUR).unwrap()
    }

    fn ids(keys: &SigningKeys) -> Vec<String> {
        keys.ring.read().iter().map(|key| key.id.clone()).collect()
    }

    #[test]
    fn the_first_key_is_made_once_and_kept() {
        let (store, clock) = (Arc::default(), Arc::new(ManualClock::at(1)));
        let keys = ring(&store, &clock);
        assert_eq!(ids(&keys).len(), 1);
        assert_eq!(ids(&keys), ids(&ring(&store, &clock)));
    }

    #[test]
    fn the_newest_signs_and_the_old_one_goes_when_its_tokens_have_expired() {
        let (store, clock) = (Arc::default(), Arc::new(ManualClock::at(1)));
        let keys = ring(&store, &clock);
        let old = ids(&keys)[0].clone();
        clock.advance_seconds(60);
        let new = keys.rotate().unwrap();
        assert_eq!(keys.newest().unwrap().id, new);
        assert!(keys.find(&old).is_some());
        assert_eq!(keys.jwks()["keys"].as_array().unwrap().len(), 2);
        clock.advance_seconds(3_600);
        keys.reload().unwrap();
        assert!(
            keys.find(&old).is_some(),
            "another node may have signed with it a little later"
        );
        clock.advance_seconds(301);
        keys.reload().unwrap();
        assert!(keys.find(&old).is_none());
        assert_eq!(ids(&keys), [new]);
    }

    #[test]
    fn a_key_made_by_another_process_is_seen_after_a_reload() {
        let (store, clock) = (Arc::default(), Arc::new(ManualClock::at(1)));
        let (here, there) = (ring(&store, &clock), ring(&store, &clock));
        let id = there.rotate().unwrap();
        assert!(here.find(&id).is_none());
        here.reload().unwrap();
        assert_eq!(here.newest().unwrap().id, id);
    }

    #[test]
    fn a_clock_that_went_back_does_not_keep_the_old_key_signing() {
        let (store, clock) = (Arc::default(), Arc::new(ManualClock::at(1)));
        let keys = ring(&store, &clock);
        clock.advance_seconds(-3_600);
        let id = keys.rotate().unwrap();
        assert_eq!(keys.newest().unwrap().id, id);
    }

    #[test]
    fn there_are_never_too_many() {
        let (store, clock) = (Arc::default(), Arc::new(ManualClock::at(1)));
        let keys = ring(&store, &clock);
        for _ in 0..40 {
            keys.rotate().unwrap();
        }
        assert_eq!(ids(&keys).len(), MAX_KEYS);
    }

    #[test]
    fn a_damaged_key_is_an_error_and_never_left_out() {
        let (store, clock) = (Arc::<MemoryKeys>::default(), Arc::new(ManualClock::at(1)));
        store.put_secret("token-signing/x", b"short").unwrap();
        assert!(SigningKeys::load(store, clock, Arc::new(SystemIds), HOUR).is_err());
    }
}
