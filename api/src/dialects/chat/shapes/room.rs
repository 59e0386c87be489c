//! Rooms, the people in them, and how they are set.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A room as one of its members sees it in the list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoomRow {
    pub room_id: u64,
    pub uuid: Uuid,
    /// Of a direct room the other person's name.
    pub room_name: String,
    /// `direct` or `group`; a consultation is `direct`.
    pub room_type: &'static str,
    pub created_by: u64,
    /// Whether anything can still be sent.
    pub is_active: bool,
    pub created_at: String,
    /// When something last happened in it, a message included.
    pub updated_at: String,
    pub participant_count: u32,
    /// The text of the newest message that is not deleted; of a file without text its name.
    pub last_message: Option<String>,
    /// Messages of others after one's own mark, counted up to 10,000.
    pub unread_count: u64,
}

/// The rooms of the caller.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoomList {
    pub rooms: Vec<RoomRow>,
    pub total_count: usize,
}

/// A room by itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoomView {
    #[serde(flatten)]
    pub row: RoomRow,
    pub room_description: Option<String>,
    pub max_participants: u32,
}

/// Somebody who is in a room.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ParticipantRow {
    /// The membership's number.
    pub id: u64,
    pub room_id: u64,
    pub user_id: u64,
    pub user_uuid: Uuid,
    pub user_name: String,
    /// `owner` or `member`.
    pub role: &'static str,
    pub joined_at: String,
    /// None before the first reading, and of others who let nobody know.
    pub last_read_at: Option<String>,
    pub is_active: bool,
}

/// Who is in a room, in the order in which they joined.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ParticipantList {
    pub participants: Vec<ParticipantRow>,
    pub total_count: usize,
}

/// How a room is set, for the caller.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SettingsView {
    pub room_id: u64,
    /// The caller's own.
    pub notification_enabled: bool,
    /// The room's.
    pub message_retention_days: u16,
    /// The room's: whether older messages are erased.
    pub auto_delete_enabled: bool,
    /// The caller's own: whether the others are told how far they have read.
    pub read_receipt_enabled: bool,
}

/// Whether somebody of a room is online.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OnlineRow {
    pub user_id: u64,
    pub user_name: String,
    /// Any live connection of theirs is open, in whatever dialect.
    pub is_online: bool,
    /// None for somebody who was never seen; now for somebody who is online.
    pub last_seen: Option<String>,
}
