//! Tokens whose signatures were found good: checking one again costs more than the whole request.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use super::Claims;

/// Tokens remembered at most; the older half goes when it is full.
const MAX_TOKENS: usize = 20_000;

type Hash = [u8; 32];

#[derive(Clone)]
struct Verified {
    key_id: Option<Arc<str>>,
    claims: Arc<Claims>,
}

#[derive(Default)]
struct Generations {
    young: HashMap<Hash, Verified>,
    old: HashMap<Hash, Verified>,
}

/// Tokens by their hash, with the key that had signed them.
#[derive(Default)]
pub(super) struct VerifiedTokens(Mutex<Generations>);

impl VerifiedTokens {
    /// What a token says, if its signature was found good before and its key still counts.
    pub(super) fn get(
        &self,
        token: &str,
        still_counts: impl FnOnce(Option<&str>) -> bool,
    ) -> Option<Arc<Claims>> {
        let hash: Hash = Sha256::digest(token).into();
        let found = {
            let mut generations = self.0.lock();
            if let Some(found) = generations.young.get(&hash).cloned() {
                found
            } else {
                let found = generations.old.remove(&hash)?;
                generations.put(hash, found.clone());
                found
            }
        };
        still_counts(found.key_id.as_deref()).then_some(found.claims)
    }

    pub(super) fn put(&self, token: &str, key_id: Option<String>, claims: Arc<Claims>) {
        let verified = Verified {
            key_id: key_id.map(Arc::from),
            claims,
        };
        self.0.lock().put(Sha256::digest(token).into(), verified);
    }
}

impl Generations {
    fn put(&mut self, hash: Hash, verified: Verified) {
        if self.young.len() >= MAX_TOKENS / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(hash, verified);
    }
}
