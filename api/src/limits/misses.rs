//! Misses within the last minute, counted exactly: a look-up is refused before it is made.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::error::ApiError;

const WINDOW: Duration = Duration::from_mins(1);

/// Addresses remembered at once.
const MAX_ADDRESSES: usize = 100_000;

/// When each address missed, the oldest first.
pub(super) struct Misses {
    allowed: usize,
    of: Mutex<HashMap<IpAddr, VecDeque<Instant>>>,
}

impl Misses {
    /// So many misses a minute; 0 is no limit.
    pub(super) fn per_minute(allowed: u32) -> Self {
        Self {
            allowed: allowed as usize,
            of: Mutex::default(),
        }
    }

    /// Refuses an address that missed too often.
    pub(super) fn admit(&self, address: IpAddr, now: Instant) -> Result<(), ApiError> {
        if self.allowed == 0 {
            return Ok(());
        }
        let mut of = self.of.lock();
        let Some(misses) = of.get_mut(&address) else {
            return Ok(());
        };
        forget_old(misses, now);
        match misses.front() {
            Some(oldest) if misses.len() >= self.allowed => {
                metrics::counter!("maeum_limited_total", "limit" => "code_misses").increment(1);
                let wait = WINDOW.saturating_sub(now.saturating_duration_since(*oldest));
                Err(ApiError::too_many("too_many_codes", wait.as_secs() + 1))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn note(&self, address: IpAddr, now: Instant) {
        if self.allowed == 0 {
            return;
        }
        let mut of = self.of.lock();
        if of.len() >= MAX_ADDRESSES && !of.contains_key(&address) {
            retain_recent(&mut of, now);
            if of.len() >= MAX_ADDRESSES {
                tracing::warn!("too many addresses guess codes to count; all start anew");
                of.clear();
            }
        }
        let misses = of.entry(address).or_default();
        if misses.len() >= self.allowed {
            misses.pop_front();
        }
        misses.push_back(now);
    }

    pub(super) fn forget_the_quiet(&self, now: Instant) {
        retain_recent(&mut self.of.lock(), now);
    }
}

fn retain_recent(of: &mut HashMap<IpAddr, VecDeque<Instant>>, now: Instant) {
    of.retain(|_, misses| {
        forget_old(misses, now);
        !misses.is_empty()
    });
}

fn forget_old(misses: &mut VecDeque<Instant>, now: Instant) {
    while misses
        .front()
        .is_some_and(|oldest| now.saturating_duration_since(*oldest) >= WINDOW)
    {
        misses.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn never_more_than_allowed_within_any_minute() {
        let misses = Misses::per_minute(10);
        let start = Instant::now();
        let mut made: Vec<Instant> = Vec::new();
        for second in 0..600 {
            let now = start + Duration::from_secs(second);
            while misses.admit(HERE, now).is_ok() {
                misses.note(HERE, now);
                made.push(now);
            }
        }
        for (first, last) in made.iter().zip(made.iter().skip(10)) {
            assert!(last.duration_since(*first) >= WINDOW);
        }
        assert_eq!(made.len(), 100, "and not fewer");
    }

    #[test]
    fn a_refusal_says_when_to_try_again() {
        let misses = Misses::per_minute(1);
        let start = Instant::now();
        misses.note(HERE, start);
        let refused = misses
            .admit(HERE, start + Duration::from_secs(20))
            .unwrap_err();
        assert_eq!(refused.retry_after, Some(41));
        assert!(misses.admit(HERE, start + WINDOW).is_ok());
    }

    #[test]
    fn memory_is_bounded_and_the_quiet_are_forgotten() {
        let misses = Misses::per_minute(3);
        let start = Instant::now();
        for number in 0..MAX_ADDRESSES as u128 + 5 {
            misses.note(IpAddr::from(number.to_be_bytes()), start);
        }
        for _ in 0..100 {
            misses.note(HERE, start);
        }
        assert!(misses.of.lock().len() <= MAX_ADDRESSES);
        assert_eq!(misses.of.lock()[&HERE].len(), 3);
        misses.forget_the_quiet(start + WINDOW);
        assert!(misses.of.lock().is_empty());
    }
}
