//! How long somebody who waits will have to, from what counsellors can take and recent durations.

use std::sync::Arc;

use domain::ConsultationId;
use domain::matching::estimate_wait;
use projections::{ReadError, Reader, consultations, counselors};

use crate::settings::ConsultationSettings;

/// Consultations whose durations count, the last ones.
const RECENT: u32 = 100;

/// The place of a request in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// From 1.
    pub queue_position: u32,
    /// At most the waiting time-out, after which nobody waits any more.
    pub estimated_wait_seconds: u64,
}

/// What counsellors can take now, and how long consultations last.
pub(super) struct Capacity {
    total: u32,
    free: u32,
    durations_s: Vec<u32>,
    longest_wait_s: u64,
}

impl Capacity {
    pub(super) async fn of(
        reader: &dyn Reader,
        settings: &ConsultationSettings,
    ) -> Result<Self, ReadError> {
        let mut capacity = Self {
            total: 0,
            free: 0,
            durations_s: Vec::new(),
            longest_wait_s: settings.waiting_timeout.as_secs(),
        };
        for row in counselors::waiting(reader).await? {
            let max_active = row.max_active.unwrap_or(settings.max_active);
            capacity.total += max_active;
            capacity.free += max_active.saturating_sub(row.active_consultations);
        }
        let durations = consultations::recent_durations(reader, RECENT).await?;
        capacity.durations_s = durations
            .into_iter()
            .map(|us| u32::try_from(us / 1_000_000).unwrap_or(0))
            .collect();
        Ok(capacity)
    }

    /// The wait of whoever is at this place of the queue, from 1.
    pub(super) fn wait(&self, queue_position: u32) -> Wait {
        let estimate = estimate_wait(queue_position, self.total, self.free, &self.durations_s);
        let estimate = estimate.map_or(self.longest_wait_s, u64::from);
        Wait {
            queue_position,
            estimated_wait_seconds: estimate.min(self.longest_wait_s),
        }
    }
}

/// Answers how long one request will wait.
#[derive(Clone)]
pub struct Waits {
    pub reader: Arc<dyn Reader>,
    pub settings: ConsultationSettings,
}

impl Waits {
    /// The place of a request; none unless it waits.
    pub async fn of(&self, consultation: ConsultationId) -> Result<Option<Wait>, ReadError> {
        let reader = &*self.reader;
        let Some(place) = consultations::queue_position(reader, consultation).await? else {
            return Ok(None);
        };
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        Ok(Some(
            Capacity::of(reader, &self.settings).await?.wait(place),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capacity(total: u32, free: u32) -> Capacity {
        Capacity {
            total,
            free,
            durations_s: vec![100],
            longest_wait_s: 600,
        }
    }

    #[test]
    fn nobody_waits_longer_than_the_waiting_time_out() {
        assert_eq!(capacity(1, 0).wait(50).estimated_wait_seconds, 600);
        assert_eq!(capacity(0, 0).wait(1).estimated_wait_seconds, 600);
    }

    #[test]
    fn a_free_place_is_taken_at_once() {
        let wait = capacity(2, 1).wait(1);
        assert_eq!(
            wait,
            Wait {
                queue_position: 1,
                estimated_wait_seconds: 0
            }
        );
        assert_eq!(capacity(2, 1).wait(2).estimated_wait_seconds, 50);
    }
}
