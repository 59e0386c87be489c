//! A consultation as both of its sides see it.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A consultation.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub(crate) struct ConsultationView {
    pub id: u64,
    pub uuid: Uuid,
    pub consultation_code: String,
    pub user_nickname: String,
    /// The preferred character while waiting, the counsellor's afterwards.
    pub character_type_id: Option<u32>,
    pub character_name: Option<String>,
    /// `waiting`, `active`, `completed` or `terminated`.
    pub status: &'static str,
    pub created_at: String,
    pub counselor_id: Option<u64>,
    pub counselor_name: Option<String>,
    pub accepted_at: Option<String>,
    /// When it was completed or terminated.
    pub completed_at: Option<String>,
    /// `ended_by_user`, `ended_by_counselor`, `idle` or `no_counselor`.
    pub end_reason: Option<&'static str>,
    pub duration_minutes: Option<i64>,
    /// The room that it is from acceptance on.
    pub room_id: Option<u64>,
    pub room_uuid: Option<Uuid>,
    /// Its place among those who wait, from 1.
    pub queue_position: Option<u32>,
    pub estimated_wait_seconds: Option<u64>,
    /// A token for this consultation's paths only; given at the start and on a reconnect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<&'static str>,
    /// Seconds until the token expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<u64>,
}

/// A consultation whose user came back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReconnectView {
    #[serde(flatten)]
    pub consultation: ConsultationView,
    /// The other side's messages since the user's last open socket, oldest first.
    pub missed_messages: Vec<super::MessageRow>,
}

/// A consultation that is over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EndedView {
    pub status: &'static str,
    pub completed_at: String,
    pub duration_minutes: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RatingView {
    pub consultation_code: String,
    pub score: u8,
    pub comment: Option<String>,
    pub created_at: String,
}
