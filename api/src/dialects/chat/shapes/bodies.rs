//! What clients send, and what their fields may be.

use domain::{MessageKind, limits};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::LocationShape;
use crate::extract::{Problems, Validate};

/// No number is beyond what every client can count to.
pub(crate) const MAX_NUMBER: u64 = 1 << 53;

/// People named in one request, the same one more than once included.
const MAX_IDS: usize = 1_000;

/// Which sort of room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RoomType {
    Direct,
    Group,
}

/// A room that is to be.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct RoomRequest {
    pub room_type: RoomType,
    /// A group's, 1 to 100 characters. A direct room is called by the other person's name.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub room_name: Option<String>,
    /// A group's.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub room_description: Option<String>,
    /// Whom it is with, beside the caller: of a direct room one, of a group at most 99.
    pub participant_ids: Vec<u64>,
}

impl Validate for RoomRequest {
    fn validate(&self, problems: &mut Problems) {
        let ids = &self.participant_ids;
        problems.require(
            ids.len() <= MAX_IDS,
            "participant_ids",
            format!("must be at most {MAX_IDS} numbers"),
        );
        let greatest = ids.iter().max().copied();
        number("participant_ids", greatest, problems);
        if self.room_type == RoomType::Group {
            match self.room_name.as_deref() {
                None => problems.note("room_name", "is missing"),
                Some(name) if name.trim().is_empty() => {
                    problems.note("room_name", "must not be blank");
                }
                Some(name) => problems.length("room_name", name, 1..=limits::ROOM_NAME_CHARS),
            }
            let description = self.room_description.as_deref().unwrap_or_default();
            let allowed = 0..=limits::ROOM_DESCRIPTION_CHARS;
            problems.length("room_description", description, allowed);
        }
    }
}

/// A message that is to be sent.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct MessageRequest {
    /// 1 to 10,000 characters; it may be empty or left out with a file.
    #[serde(default)]
    #[schema(max_length = 10_000)]
    pub message_content: Option<String>,
    /// `text`, `image`, `file`, `voice` or `location`; found where it is left out.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub message_type: Option<MessageKind>,
    /// A message of the same room.
    #[serde(default)]
    pub reply_to_message_id: Option<u64>,
    /// Of a message of the type `location`.
    #[serde(default)]
    pub location: Option<LocationShape>,
    /// The caller's own id of the message: the same one again is the same message.
    #[serde(default, alias = "clientMessageId")]
    #[schema(min_length = 1, max_length = 128)]
    pub client_message_id: Option<String>,
}

impl Validate for MessageRequest {
    fn validate(&self, problems: &mut Problems) {
        let text = self.message_content.as_deref().unwrap_or_default();
        problems.length("message_content", text, 1..=limits::TEXT_CHARS);
        self.validate_beside_text(problems);
    }
}

impl MessageRequest {
    /// Everything but the text, which may be missing where there is a file.
    pub(crate) fn validate_beside_text(&self, problems: &mut Problems) {
        number("reply_to_message_id", self.reply_to_message_id, problems);
        if let Some(id) = &self.client_message_id {
            let allowed = 1..=limits::CLIENT_MESSAGE_ID_CHARS;
            problems.length("client_message_id", id, allowed);
        }
    }
}

/// The same as a form, with a file.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "it is there for the documentation; forms are read part by part"
)]
pub(crate) struct MessageForm {
    #[schema(max_length = 10_000)]
    message_content: Option<String>,
    /// `image`, `file` or `voice`; found from the file where it is left out.
    message_type: Option<String>,
    reply_to_message_id: Option<u64>,
    #[schema(min_length = 1, max_length = 128)]
    client_message_id: Option<String>,
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: Option<String>,
}

/// What a message is to say from now on.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct EditRequest {
    #[schema(min_length = 1, max_length = 10_000)]
    pub message_content: String,
}

impl Validate for EditRequest {
    fn validate(&self, problems: &mut Problems) {
        let allowed = 0..=limits::TEXT_CHARS;
        problems.length("message_content", &self.message_content, allowed);
    }
}

/// How far the caller has read.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct ReadRequest {
    /// Up to which message; up to the newest without it.
    #[serde(default)]
    pub message_id: Option<u64>,
}

impl Validate for ReadRequest {
    fn validate(&self, problems: &mut Problems) {
        number("message_id", self.message_id, problems);
    }
}

/// What of the settings is to change; what is left out stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct SettingsRequest {
    #[serde(default)]
    pub notification_enabled: Option<bool>,
    #[serde(default)]
    pub read_receipt_enabled: Option<bool>,
    /// The room's, for its creator to change: 1 to 3,650.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3_650)]
    pub message_retention_days: Option<u16>,
    /// The room's, for its creator to change.
    #[serde(default)]
    pub auto_delete_enabled: Option<bool>,
}

impl Validate for SettingsRequest {
    fn validate(&self, problems: &mut Problems) {
        if let Some(days) = self.message_retention_days {
            let most = limits::RETENTION_DAYS_MAX;
            problems.require(
                (1..=most).contains(&days),
                "message_retention_days",
                format!("must be a whole number from 1 to {most}"),
            );
        }
    }
}

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchFor {
    /// 1 to 200 characters, white space included
    pub query: String,
}

fn number(field: &str, number: Option<u64>, problems: &mut Problems) {
    let allowed = number.is_none_or(|number| number <= MAX_NUMBER);
    problems.require(allowed, field, format!("must be at most {MAX_NUMBER}"));
}

impl Validate for SearchFor {}
