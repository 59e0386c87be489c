//! What clients send, and what their fields may be.

use domain::{MessageKind, limits};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::extract::{Problems, Validate};

/// A new message.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SendRequest {
    /// The sender. May be left out beside a token, and must be its bearer's own otherwise.
    #[serde(default)]
    pub user_id: Option<u64>,
    /// 1 to 10,000 characters; may be empty with a file.
    #[serde(default)]
    #[schema(max_length = 10_000)]
    pub message: Option<String>,
    /// `text`, `image`, `file` or `voice`; found from the file if left out.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub message_type: Option<MessageKind>,
    /// The address of a file of the sender's on this server.
    #[serde(default)]
    pub file_url: Option<String>,
    /// The sender's own id of it: the same one again is the same message.
    #[serde(default, alias = "clientMessageId")]
    #[schema(max_length = 128)]
    pub client_message_id: Option<String>,
}

impl SendRequest {
    /// The address of a file; an empty one is none.
    pub(crate) fn file(&self) -> Option<&str> {
        self.file_url.as_deref().filter(|url| !url.is_empty())
    }
}

impl Validate for SendRequest {
    fn validate(&self, problems: &mut Problems) {
        let least = usize::from(self.file().is_none());
        match &self.message {
            Some(text) => problems.length("message", text, least..=limits::TEXT_CHARS),
            None => problems.require(least == 0, "message", "is missing"),
        }
        problems.require(
            self.message_type != Some(MessageKind::Location),
            "message_type",
            "must be text, image, file or voice",
        );
        if let Some(id) = &self.client_message_id {
            let most = limits::CLIENT_MESSAGE_ID_CHARS;
            problems.length("client_message_id", id, 1..=most);
        }
    }
}

/// Everything is read.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct ReadRequest {
    /// Who has read it. May be left out beside a token, and must be its bearer's own otherwise.
    #[serde(default)]
    pub user_id: Option<u64>,
}

impl Validate for ReadRequest {}

/// Somebody to be added.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct AddRequest {
    /// Whom to add.
    pub user_id: u64,
}

impl Validate for AddRequest {}

/// Who asks, where the body does not say so.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AskedBy {
    /// The caller. May be left out beside a token, and must be its bearer's own otherwise.
    pub user_id: Option<u64>,
}

impl Validate for AskedBy {}
