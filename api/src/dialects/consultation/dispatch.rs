//! Why each request of a consultation went where it went: for administrators and auditors.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use domain::{Act, Candidate, CounselorId, OfferMode, PassedOver};
use projections::consultations::{OfferRow, offers_of};

use super::access::consultation_by_code;
use super::shapes::{CandidateView, DispatchOffer, DispatchView};
use super::show::{Show, offer_word, status_word};
use crate::app::App;
use crate::auth::{Caller, RequestContext};
use crate::error::ApiError;
use crate::reading::{self, ForOthers, Reading};

const SECOND_US: i64 = 1_000_000;

/// The offers of a consultation, each with all who were waiting and why the others were passed
/// over.
#[utoipa::path(
    get,
    path = "/api/v1/consultations/{consultation_code}/dispatch",
    tag = "consultation",
    params(("consultation_code" = String, Path, description = "In any case"), ForOthers),
    security(("bearer" = [])),
    responses(
        (status = 200, body = DispatchView),
        (status = 400, description = "`purpose_required`"),
        (status = 401, description = "No valid token"),
        (status = 403, description = "Neither administrator nor auditor"),
        (status = 404, description = "Nobody has this code"),
    )
)]
pub(super) async fn dispatch(
    State(app): State<Arc<App>>,
    caller: Caller,
    context: RequestContext,
    Path(code): Path<String>,
) -> Result<Json<DispatchView>, ApiError> {
    let reader = caller.account()?;
    if !Act::ReadDispatch.is_open_to(reader.role) {
        return Err(ApiError::forbidden(
            "role_required",
            "this is not for your role",
        ));
    }
    let (code, row) = consultation_by_code(&app, &caller, context.address, &code).await?;
    let mut telling = Telling {
        show: Show::new(&app),
        known: HashMap::new(),
    };
    let stored = offers_of(&*app.reader, row.id).await?;
    let mut reading = Reading::of_consultation(&app, Act::ReadDispatch, &row).await?;
    reading.count = stored.len();
    let counselors = stored.iter().flat_map(counselors_in);
    reading.concerned.counselors.extend(counselors);
    reading::recorded(&app, reader, &context, reading).await?;
    let mut offers = Vec::new();
    for offer in stored {
        offers.push(telling.offer(&offer).await?);
    }
    Ok(Json(DispatchView {
        consultation_id: row.number,
        consultation_code: code.as_str().to_owned(),
        status: status_word(row.status),
        offers,
    }))
}

/// To whom an offer went, and who was passed over.
fn counselors_in(offer: &OfferRow) -> impl Iterator<Item = CounselorId> {
    let candidates = offer.candidates.iter();
    std::iter::once(offer.counselor).chain(candidates.map(|candidate| candidate.counselor))
}

/// Tells of offers, and asks for each counsellor once.
struct Telling<'a> {
    show: Show<'a>,
    known: HashMap<CounselorId, (Option<u64>, String)>,
}

impl Telling<'_> {
    async fn counselor(&mut self, id: CounselorId) -> Result<(Option<u64>, String), ApiError> {
        if let Some(known) = self.known.get(&id) {
            return Ok(known.clone());
        }
        let known = (
            self.show.counselor_number(id).await?,
            self.show.counselor_name(id).await?,
        );
        self.known.insert(id, known.clone());
        Ok(known)
    }

    async fn offer(&mut self, offer: &OfferRow) -> Result<DispatchOffer, ApiError> {
        let (counselor_id, counselor_name) = self.counselor(offer.counselor).await?;
        let mut candidates = Vec::with_capacity(offer.candidates.len());
        for candidate in &offer.candidates {
            candidates.push(self.candidate(candidate).await?);
        }
        Ok(DispatchOffer {
            request_id: offer.number,
            counselor_id,
            counselor_name,
            mode: match offer.mode {
                OfferMode::Broadcast => "broadcast",
                OfferMode::OneAtATime => "one_at_a_time",
            },
            round: offer.round,
            status: offer_word(offer.status),
            offered_at: self.show.times.print(offer.offered_at),
            decided_at: offer.decided_at.map(|at| self.show.times.print(at)),
            candidates,
        })
    }

    async fn candidate(&mut self, candidate: &Candidate) -> Result<CandidateView, ApiError> {
        let (counselor_id, counselor_name) = self.counselor(candidate.counselor).await?;
        Ok(CandidateView {
            counselor_id,
            counselor_name,
            eligible: candidate.passed_over.is_none(),
            active_consultations: candidate.active_consultations,
            max_active: candidate.max_active,
            character_fits: candidate.character_fits,
            idle_seconds: candidate.idle_us / SECOND_US,
            passed_over: candidate.passed_over.map(|reason| match reason {
                PassedOver::Full => "full",
                PassedOver::AlreadyAsked => "already_asked",
                PassedOver::Rejected => "rejected",
                PassedOver::RankedLower => "ranked_lower",
            }),
        })
    }
}
