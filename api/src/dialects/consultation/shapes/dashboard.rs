//! A counsellor's own desk, and why requests went where they went.

use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DashboardConsultations {
    pub consultations: Vec<super::ConsultationView>,
    pub total: u64,
}

/// What happened since the start of a day.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub(crate) struct PeriodView {
    pub accepted: u64,
    pub completed: u64,
    pub rejected: u64,
    pub expired: u64,
    /// From the request for a consultation to its acceptance.
    pub average_wait_seconds: Option<f64>,
    pub average_duration_minutes: Option<f64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SummaryView {
    pub counselor_id: u64,
    pub status: &'static str,
    pub pending_requests: u64,
    pub active_consultations: u32,
    pub max_active: u32,
    /// Active consultations as a share of how many there may be, 0 to 1.
    pub load: f64,
    /// Since midnight, in the zone of the times shown.
    pub today: PeriodView,
    /// Today and the six days before.
    pub last_7_days: PeriodView,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotesView {
    pub consultation_code: String,
    pub status: &'static str,
    pub counselor_notes: String,
    pub key_points: Option<Vec<String>>,
    pub updated_at: String,
}

/// One counsellor when a request was put to someone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CandidateView {
    pub counselor_id: Option<u64>,
    pub counselor_name: String,
    pub eligible: bool,
    pub active_consultations: u32,
    pub max_active: u32,
    pub character_fits: bool,
    pub idle_seconds: i64,
    /// `full`, `already_asked`, `rejected` or `ranked_lower`; null for who was eligible.
    pub passed_over: Option<&'static str>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DispatchOffer {
    pub request_id: u64,
    pub counselor_id: Option<u64>,
    pub counselor_name: String,
    /// `broadcast` or `one_at_a_time`.
    pub mode: &'static str,
    pub round: u32,
    pub status: &'static str,
    pub offered_at: String,
    pub decided_at: Option<String>,
    pub candidates: Vec<CandidateView>,
}

/// Why each request of a consultation went where it went.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DispatchView {
    pub consultation_id: u64,
    pub consultation_code: String,
    pub status: &'static str,
    pub offers: Vec<DispatchOffer>,
}
