//! One limit over time for each of many, in bounded memory.

use std::hash::Hash;
use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use parking_lot::RwLock;

use crate::error::ApiError;

/// Keys remembered at once. Beyond it all start anew: whoever has so many addresses gains little
/// by that, and memory stays bounded.
const MAX_KEYS: usize = 200_000;

/// A limit over time; none is no limit.
pub(super) struct Rate<K: Hash + Eq + Clone> {
    name: &'static str,
    limit: Option<(Quota, RwLock<DefaultKeyedRateLimiter<K>>)>,
    clock: DefaultClock,
}

impl<K: Hash + Eq + Clone> Rate<K> {
    /// At most so many at once, and so many a minute from then on; 0 is no limit.
    pub(super) fn per_minute(name: &'static str, count: u32) -> Self {
        Self::of(name, NonZeroU32::new(count).map(Quota::per_minute))
    }

    /// At most so many at once, and so many an hour from then on; 0 is no limit.
    pub(super) fn per_hour(name: &'static str, count: u32) -> Self {
        Self::of(name, NonZeroU32::new(count).map(Quota::per_hour))
    }

    fn of(name: &'static str, quota: Option<Quota>) -> Self {
        Self {
            name,
            limit: quota.map(|quota| (quota, RwLock::new(RateLimiter::keyed(quota)))),
            clock: DefaultClock::default(),
        }
    }

    /// Counts one, or refuses it and says when to try again.
    pub(super) fn check(&self, key: &K) -> Result<(), ApiError> {
        let Some((_, limiter)) = &self.limit else {
            return Ok(());
        };
        let checked = limiter.read().check_key(key);
        checked.map_err(|refused| {
            metrics::counter!("maeum_limited_total", "limit" => self.name).increment(1);
            let wait = refused.wait_time_from(self.clock.now());
            let code = match self.name {
                "logins" | "logins_by_address" => "too_many_logins",
                "messages" => "too_many_messages",
                "uploads" => "too_many_uploads",
                _ => "too_many_requests",
            };
            ApiError::too_many(code, wait.as_secs() + 1)
        })?;
        if limiter.read().len() > MAX_KEYS {
            self.make_room();
        }
        Ok(())
    }

    pub(super) fn forget_the_quiet(&self) {
        if let Some((_, limiter)) = &self.limit {
            let limiter = limiter.read();
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }

    fn make_room(&self) {
        let Some((quota, limiter)) = &self.limit else {
            return;
        };
        let mut limiter = limiter.write();
        if limiter.len() <= MAX_KEYS {
            return;
        }
        limiter.retain_recent();
        if limiter.len() > MAX_KEYS / 2 {
            tracing::warn!(
                limit = self.name,
                "too many callers to count; all start anew"
            );
            *limiter = RateLimiter::keyed(*quota);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded() {
        let rate = Rate::per_minute("requests", 1);
        for key in 0..MAX_KEYS as u64 + 10 {
            assert!(rate.check(&key).is_ok());
        }
        assert!(rate.limit.unwrap().1.read().len() <= MAX_KEYS);
    }

    #[test]
    fn a_refusal_says_when_to_try_again() {
        let rate = Rate::per_minute("requests", 60);
        while rate.check(&1).is_ok() {}
        let refused = rate.check(&1).unwrap_err();
        assert!((1..=2).contains(&refused.retry_after.unwrap()));
        assert!(rate.check(&2).is_ok());
    }
}
