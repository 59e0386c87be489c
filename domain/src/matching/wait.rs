//! How long somebody will have to wait, as well as it can be told.

/// Assumed for a consultation while none has ended yet, in seconds.
pub const DEFAULT_DURATION_S: u32 = 30 * 60;

/// An estimate in seconds of how long the request at `queue_position` (from 1) will wait; none
/// while nobody takes calls.
///
/// With `free` places the first `free` in the queue wait for nothing but an answer: 0. Behind
/// them, `capacity` consultations of the median duration `d` end one every `d / capacity`, and the
/// k-th in the queue needs the k-th end: `(queue_position - free) * d / capacity`, rounded up.
/// `total_capacity` and `free` count the places of all counsellors who take calls,
/// `recent_durations_s` are those of consultations that ended lately, in any order.
pub fn estimate_wait(
    queue_position: u32,
    total_capacity: u32,
    free: u32,
    recent_durations_s: &[u32],
) -> Option<u32> {
    if total_capacity == 0 {
        return None;
    }
    let ends_needed = u64::from(queue_position.saturating_sub(free));
    let duration = u64::from(median(recent_durations_s).unwrap_or(DEFAULT_DURATION_S));
    let wait = (ends_needed * duration).div_ceil(u64::from(total_capacity));
    Some(u32::try_from(wait).unwrap_or(u32::MAX))
}

/// The lower one of two in the middle.
fn median(durations: &[u32]) -> Option<u32> {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len().saturating_sub(1) / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_free_places_nobody_waits_for_an_end() {
        assert_eq!(estimate_wait(1, 3, 1, &[600]), Some(0));
        assert_eq!(estimate_wait(2, 3, 1, &[600]), Some(200));
    }

    #[test]
    fn each_place_in_the_queue_needs_one_more_end() {
        assert_eq!(estimate_wait(1, 2, 0, &[600, 100, 9_000]), Some(300));
        assert_eq!(estimate_wait(4, 2, 0, &[600, 100, 9_000]), Some(1_200));
        assert_eq!(estimate_wait(1, 7, 0, &[10]), Some(2));
    }

    #[test]
    fn without_experience_half_an_hour_is_assumed() {
        assert_eq!(estimate_wait(1, 1, 0, &[]), Some(DEFAULT_DURATION_S));
    }

    #[test]
    fn without_counsellors_there_is_no_estimate() {
        assert_eq!(estimate_wait(1, 0, 0, &[600]), None);
    }

    #[test]
    fn a_huge_queue_does_not_overflow() {
        assert_eq!(estimate_wait(u32::MAX, 1, 0, &[u32::MAX]), Some(u32::MAX));
    }
}
