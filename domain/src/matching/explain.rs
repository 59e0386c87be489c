//! Why an offer went where it went, as its event tells it.

use super::{OpenRequest, Outcome, WaitingCounselor};
use crate::{Candidate, CounselorId, PassedOver, limits};

/// The reasons of the `index`-th offer of those that are decided together: who was asked, then
/// who was passed over, each best first.
///
/// The first offer tells of all, up to [`limits::CANDIDATES`]. Each further one tells of its own
/// counsellor and of the best others, [`limits::CANDIDATES_OF_FURTHER_OFFERS`] in all: a broadcast
/// to hundreds must not write the whole list hundreds of times.
pub(super) fn explain(
    request: &OpenRequest,
    ranked: &[&WaitingCounselor],
    chosen: &[CounselorId],
    index: usize,
    now: i64,
) -> Vec<Candidate> {
    let own = chosen.get(index).copied();
    let limit = if index == 0 {
        limits::CANDIDATES
    } else {
        limits::CANDIDATES_OF_FURTHER_OFFERS
    };
    let mut ordered: Vec<&WaitingCounselor> = ranked.to_vec();
    // A stable sort: within each group the rank stays.
    ordered.sort_by_key(|counselor| {
        let id = counselor.counselor;
        (Some(id) != own, !chosen.contains(&id))
    });
    ordered
        .into_iter()
        .take(limit)
        .map(|counselor| Candidate {
            counselor: counselor.counselor,
            active_consultations: counselor.active_consultations,
            max_active: counselor.max_active,
            character_fits: counselor.fits(request.preference),
            idle_us: (now - counselor.idle_since).max(0),
            passed_over: passed_over(request, counselor, chosen),
        })
        .collect()
}

fn passed_over(
    request: &OpenRequest,
    counselor: &WaitingCounselor,
    chosen: &[CounselorId],
) -> Option<PassedOver> {
    let id = counselor.counselor;
    if chosen.contains(&id) {
        return None;
    }
    if !counselor.has_room() {
        return Some(PassedOver::Full);
    }
    if request
        .pending
        .iter()
        .any(|pending| pending.counselor == id)
    {
        return Some(PassedOver::AlreadyAsked);
    }
    Some(match request.asked.get(&id) {
        Some(asked) if asked.outcome == Outcome::Rejected => PassedOver::Rejected,
        Some(asked) if asked.round >= request.round => PassedOver::AlreadyAsked,
        _ => PassedOver::RankedLower,
    })
}
