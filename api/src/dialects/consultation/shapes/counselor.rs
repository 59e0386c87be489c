//! Counsellors as anybody sees them, and their figures.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::catalogue::CounselingField;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldList {
    pub fields: Vec<CounselingField>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CounselorRow {
    pub id: u64,
    pub uuid: Uuid,
    pub name: String,
    pub character_type_id: u32,
    pub character_name: Option<String>,
    pub counseling_fields: Vec<CounselingField>,
    /// `offline`, `waiting`, `busy` or `away`.
    pub status: &'static str,
    pub active_consultations: u64,
    /// The average of all ratings; null before the first.
    pub rating: Option<f64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CounselorList {
    pub counselors: Vec<CounselorRow>,
    pub total: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatsView {
    pub counselor_id: u64,
    /// Consultations that this counsellor accepted.
    pub total_consultations: u64,
    pub completed: u64,
    pub terminated: u64,
    /// Requests that this counsellor rejected.
    pub rejected: u64,
    pub active: u64,
    pub average_duration_minutes: Option<f64>,
    /// From a request to its answer.
    pub average_response_seconds: Option<f64>,
    pub average_rating: Option<f64>,
}
