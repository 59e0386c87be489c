//! Rooms, messages and uploads as clients get them.

use domain::Location;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::MessageType;
use crate::extract::Page;

/// The room of two people.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoomRow {
    pub id: Uuid,
    pub number: u64,
    /// The caller.
    pub user1_id: Uuid,
    pub user2_id: Uuid,
    /// The transaction elsewhere that it is about.
    pub booking_id: Option<String>,
    /// The same.
    pub transaction_id: Option<String>,
    pub created_at: String,
    /// When something last happened in it, a message included.
    pub updated_at: String,
}

/// A room of two as the caller sees it in the list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChatRow {
    pub chat_id: Uuid,
    pub number: u64,
    pub participant_id: Option<Uuid>,
    pub participant_name: String,
    pub participant_image: Option<String>,
    /// The text of the newest message that is not deleted; of a file without text its name.
    pub last_message: Option<String>,
    pub last_message_time: Option<String>,
    /// Messages of the other one that were not read, counted up to 10,000.
    pub unread_count: u64,
    pub is_online: bool,
    /// The transaction elsewhere that it is about.
    pub transaction_id: Option<String>,
}

/// The caller's rooms of two, the one in which something happened last first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChatList {
    pub chats: Vec<ChatRow>,
}

/// A message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "a shape that clients know")]
pub(crate) struct MessageRow {
    pub message_id: Uuid,
    pub number: u64,
    pub room_id: Uuid,
    pub sender_id: Uuid,
    pub sender_name: String,
    /// Empty once it is deleted or erased.
    pub content: String,
    #[serde(rename = "type")]
    pub kind: MessageType,
    pub attachment_url: Option<String>,
    pub file_name: Option<String>,
    /// Bytes.
    pub file_size: Option<u64>,
    #[schema(value_type = Option<Object>)]
    pub location: Option<Location>,
    pub reply_to_message_id: Option<Uuid>,
    /// When it was sent.
    pub timestamp: String,
    /// The mark of everybody else in the room, as far as they let it be known, has passed it.
    pub is_read: bool,
    /// It has reached a connection of everybody else in the room.
    pub is_delivered: bool,
    pub is_edited: bool,
    pub is_deleted: bool,
}

/// Which page of how many.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pagination {
    pub current_page: u64,
    pub total_pages: u64,
    pub total_items: u64,
    pub has_next: bool,
    pub has_prev: bool,
}

impl Pagination {
    pub fn of(page: Page, total_items: u64) -> Self {
        let total_pages = total_items.div_ceil(page.size);
        Self {
            current_page: page.number,
            total_pages,
            total_items,
            has_next: page.number < total_pages,
            has_prev: page.number > 1,
        }
    }
}

/// A page of messages, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessagePage {
    pub messages: Vec<MessageRow>,
    pub pagination: Pagination,
}

/// A file that was taken. It is its uploader's until a message has it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UploadRow {
    pub file_id: Uuid,
    pub number: u64,
    /// What a message names it by, in `attachmentUrl`.
    pub file_url: String,
    pub file_name: String,
    /// Bytes.
    pub file_size: u64,
    pub mime_type: String,
    #[serde(rename = "type")]
    pub kind: MessageType,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_know_whether_there_are_others() {
        let of = |number, total| Pagination::of(Page { number, size: 50 }, total);
        let shown = |pagination: Pagination| {
            (
                pagination.total_pages,
                pagination.has_next,
                pagination.has_prev,
            )
        };
        assert_eq!(shown(of(1, 0)), (0, false, false));
        assert_eq!(shown(of(1, 50)), (1, false, false));
        assert_eq!(shown(of(1, 250)), (5, true, false));
        assert_eq!(shown(of(5, 250)), (5, false, true));
        assert_eq!(shown(of(9, 250)), (5, false, true));
    }
}
