//! The card of a completed consultation.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What stays of a consultation for its user.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CardView {
    pub id: u64,
    pub uuid: Uuid,
    pub consultation_code: String,
    pub counselor_name: String,
    /// The name of the counsellor's character.
    pub character_type: String,
    /// The day of the acceptance.
    pub consultation_date: String,
    pub duration_minutes: i64,
    pub key_points: Vec<String>,
    pub counselor_notes: String,
    pub additional_notes: Option<String>,
    pub created_at: String,
}
