//! A request as the counsellor sees it who is being asked.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A request put to one counsellor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct RequestRow {
    pub id: u64,
    pub uuid: Uuid,
    pub consultation_id: u64,
    pub user_nickname: String,
    /// The name of the preferred character.
    pub character_preference: Option<String>,
    /// `pending`, `accepted`, `rejected`, `withdrawn` or `expired`.
    pub status: &'static str,
    pub requested_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RequestList {
    pub requests: Vec<RequestRow>,
    pub total: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AcceptedView {
    pub request_id: u64,
    pub consultation_id: u64,
    pub consultation_code: String,
    /// `active`.
    pub status: &'static str,
    pub counselor_id: u64,
    pub counselor_name: String,
    pub accepted_at: String,
    pub room_id: Option<u64>,
    pub room_uuid: Uuid,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RejectedView {
    pub request_id: u64,
    /// `rejected`.
    pub status: &'static str,
}
