//! A message of a consultation.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// One row of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct MessageRow {
    pub id: u64,
    pub uuid: Uuid,
    /// `user` or `counselor`.
    pub sender_type: &'static str,
    pub sender_name: String,
    /// Empty once it was deleted or erased.
    pub message: String,
    /// Where its file is served to both sides; null where it has none, or none any more.
    pub file_url: Option<String>,
    pub file_name: Option<String>,
    /// Bytes.
    pub file_size: Option<u64>,
    pub created_at: String,
}

/// A page of the history, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessagePage {
    pub messages: Vec<MessageRow>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}
