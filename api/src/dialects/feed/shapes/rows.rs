//! Messages, members and people, as members of a room see them.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Somebody in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FeedUser {
    pub id: u64,
    /// Empty for somebody without an account, and for whoever asked for a consultation.
    pub email: String,
    pub name: String,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct FeedMessage {
    pub id: u64,
    pub uuid: Uuid,
    pub chat_room_id: u64,
    pub user_id: u64,
    /// Empty once it was deleted or erased.
    pub message: String,
    /// `text`, `image`, `file`, `voice` or `location`.
    pub message_type: &'static str,
    pub file_url: Option<String>,
    /// Whether every other present member has read it.
    pub is_read: bool,
    pub created_at: String,
    /// When it was sent, edited or deleted, whichever was last.
    pub updated_at: String,
    pub user: FeedUser,
    pub reply_to_message_id: Option<u64>,
    /// `latitude`, `longitude` and perhaps a `label`.
    #[schema(value_type = Option<Object>)]
    pub location: Option<domain::Location>,
    pub is_edited: bool,
    pub is_deleted: bool,
    /// The sender's own id of it, told to the sender alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_message_id: Option<String>,
}

/// Somebody's place in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FeedMember {
    pub id: u64,
    pub chat_room_id: u64,
    pub user_id: u64,
    /// `owner` for whoever opened the room, else `member`.
    pub role: &'static str,
    pub joined_at: String,
    /// Null for somebody who has read nothing yet, or does not let others know.
    pub last_read_at: Option<String>,
    /// Messages of others that they have not read.
    pub unread_count: u64,
    pub created_at: String,
    pub user: FeedUser,
}
