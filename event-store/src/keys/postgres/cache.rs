//! Unwrapped keys in memory, never older than what this process knows to be destroyed.

use std::sync::Arc;

use crate::generations::Generations;
use crate::keys::{CACHED_KEYS, Key};

pub(super) struct Cache {
    keys: Generations<Arc<str>, Key>,
    /// How often keys were destroyed or forgotten.
    losses: u64,
}

/// What was lost until a moment; what is read after it may be remembered if nothing was since.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(u64);

impl Cache {
    pub fn new() -> Self {
        Self {
            keys: Generations::new(CACHED_KEYS),
            losses: 0,
        }
    }

    /// The key, if it was used lately enough not to need [`Self::touch`].
    pub fn young(&self, name: &str) -> Option<&Key> {
        self.keys.young(name)
    }

    /// The key, marked as used.
    pub fn touch(&mut self, name: &str) -> Option<&Key> {
        self.keys.touch(name)
    }

    /// To be asked for before the server is.
    pub fn now(&self) -> Moment {
        Moment(self.losses)
    }

    /// Keeps what the server said, unless a key was lost meanwhile, which may be one of these.
    /// That a key is absent is never kept: another node may make it.
    pub fn remember(&mut self, asked: Moment, found: impl IntoIterator<Item = (Arc<str>, Key)>) {
        if asked != self.now() {
            return;
        }
        for (name, key) in found {
            self.keys.insert(name, key);
        }
    }

    /// Keeps tombstones that are on disk.
    pub fn bury<'a>(&mut self, names: impl IntoIterator<Item = &'a Arc<str>>) {
        self.losses += 1;
        for name in names {
            self.keys.insert(Arc::clone(name), Key::Destroyed);
        }
    }

    pub fn forget(&mut self, names: &[Arc<str>]) {
        self.losses += 1;
        for name in names {
            self.keys.remove(&**name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_a_loss_is_not_remembered_after_it() {
        let name: Arc<str> = "a".into();
        let key = || Key::Present(Arc::default());
        for lose in [
            |cache: &mut Cache, name: &Arc<str>| cache.bury([name]),
            |cache: &mut Cache, name: &Arc<str>| cache.forget(&[Arc::clone(name)]),
        ] {
            let mut cache = Cache::new();
            let asked = cache.now();
            cache.remember(asked, [(Arc::clone(&name), key())]);
            assert!(matches!(cache.touch("a"), Some(Key::Present(_))));

            lose(&mut cache, &name);
            cache.remember(asked, [(Arc::clone(&name), key())]);
            assert!(!matches!(cache.touch("a"), Some(Key::Present(_))));
        }
    }
}
