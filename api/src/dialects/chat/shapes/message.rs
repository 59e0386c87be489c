//! Messages, what they said before, how far they were read, and where a text was found.

use domain::Location;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageRow {
    pub message_id: u64,
    pub uuid: Uuid,
    pub room_id: u64,
    pub sender_id: u64,
    pub sender_name: String,
    /// Empty once it is deleted or erased.
    pub message_content: String,
    /// `text`, `image`, `file`, `voice` or `location`.
    pub message_type: &'static str,
    pub file_url: Option<String>,
    pub file_name: Option<String>,
    /// Bytes.
    pub file_size: Option<u64>,
    pub location: Option<LocationShape>,
    pub reply_to_message_id: Option<u64>,
    pub is_edited: bool,
    pub is_deleted: bool,
    pub edited_at: Option<String>,
    pub created_at: String,
    /// When it was sent, last edited, or deleted.
    pub updated_at: String,
}

/// A page of messages: the newest are on the first page, and on each the oldest is first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessagePage {
    pub messages: Vec<MessageRow>,
    pub total_count: u64,
    pub has_more: bool,
}

/// A place on the earth, in degrees of WGS 84.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct LocationShape {
    #[schema(minimum = -90, maximum = 90)]
    pub latitude: f64,
    #[schema(minimum = -180, maximum = 180)]
    pub longitude: f64,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub label: Option<String>,
}

impl From<Location> for LocationShape {
    fn from(location: Location) -> Self {
        let Location {
            latitude,
            longitude,
            label,
        } = location;
        Self {
            latitude,
            longitude,
            label,
        }
    }
}

impl From<LocationShape> for Location {
    fn from(shape: LocationShape) -> Self {
        let LocationShape {
            latitude,
            longitude,
            label,
        } = shape;
        Self {
            latitude,
            longitude,
            label,
        }
    }
}

/// What a message said from one moment on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionRow {
    /// From 1.
    pub version: usize,
    /// Empty once it is erased.
    pub message_content: String,
    /// Of the first version, when it was sent.
    pub edited_at: String,
}

/// All that a message ever said.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionList {
    pub message_id: u64,
    pub versions: Vec<VersionRow>,
    pub total_count: usize,
}

/// How far the caller has read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadView {
    pub room_id: u64,
    /// None as long as nothing was read.
    pub last_read_message_id: Option<u64>,
    pub last_read_at: Option<String>,
    pub unread_count: u64,
}

/// A message that contains what was looked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundRow {
    pub message_id: u64,
    pub uuid: Uuid,
    pub room_id: u64,
    pub sender_id: u64,
    pub sender_name: String,
    pub message_content: String,
    pub message_type: &'static str,
    pub created_at: String,
    /// The first match, as it stands in the message.
    pub highlight: String,
}

/// A page of what was found, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundPage {
    pub messages: Vec<FoundRow>,
    /// Counted up to 1,000.
    pub total_count: u64,
    pub has_more: bool,
}
