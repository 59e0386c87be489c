//! What clients send, and what their fields may be.

use domain::limits;
use projections::consultations::{ConsultationStatus, OfferStatus};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::catalogue::Catalogue;
use crate::error::ApiError;
use crate::extract::{Problems, Validate};

/// A request for a consultation.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct StartRequest {
    /// 1 to 50 characters.
    #[schema(min_length = 1, max_length = 50)]
    pub nickname: String,
    /// The id of a character from `GET /api/v1/characters`.
    #[serde(default)]
    pub character_type_preference: Option<u32>,
    /// Ask all who are waiting at once (the default), or one after the other.
    #[serde(default)]
    pub quick_match: Option<bool>,
}

/// See [`StartRequest::check`].
impl Validate for StartRequest {}

impl StartRequest {
    /// Names every bad field in one answer, that included which only the catalogue can tell.
    pub(crate) fn check(&self, catalogue: &Catalogue) -> Result<(), ApiError> {
        let mut problems = Problems::of("body");
        nickname(&self.nickname, &mut problems);
        if self
            .character_type_preference
            .is_some_and(|id| catalogue.character(id).is_none())
        {
            problems.note("character_type_preference", "is no character type");
        }
        problems.into_result()
    }
}

fn nickname(nickname: &str, problems: &mut Problems) {
    if nickname.trim().is_empty() {
        problems.note("nickname", "must not be blank");
    } else {
        problems.length("nickname", nickname, 1..=limits::NICKNAME_CHARS);
    }
}

/// What a counsellor says with an acceptance; it becomes the first message.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct AcceptBody {
    #[serde(default)]
    #[schema(max_length = 10_000)]
    pub response_message: Option<String>,
}

impl Validate for AcceptBody {
    fn validate(&self, problems: &mut Problems) {
        optional(
            "response_message",
            self.response_message.as_deref(),
            limits::TEXT_CHARS,
            problems,
        );
    }
}

/// What a counsellor says about a rejection.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct RejectBody {
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub response_message: Option<String>,
}

impl Validate for RejectBody {
    fn validate(&self, problems: &mut Problems) {
        let most = limits::RESPONSE_CHARS;
        optional(
            "response_message",
            self.response_message.as_deref(),
            most,
            problems,
        );
    }
}

#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct ReconnectRequest {
    /// A new nickname; messages sent before keep the old one.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 50)]
    pub nickname: Option<String>,
}

impl Validate for ReconnectRequest {
    fn validate(&self, problems: &mut Problems) {
        if let Some(name) = &self.nickname {
            nickname(name, problems);
        }
    }
}

#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct CardRequest {
    #[serde(default)]
    #[schema(max_length = 10_000)]
    pub additional_notes: Option<String>,
}

impl Validate for CardRequest {
    fn validate(&self, problems: &mut Problems) {
        let most = limits::NOTES_CHARS;
        optional(
            "additional_notes",
            self.additional_notes.as_deref(),
            most,
            problems,
        );
    }
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct RatingRequest {
    #[schema(minimum = 1, maximum = 5)]
    pub score: u8,
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub comment: Option<String>,
}

impl Validate for RatingRequest {
    fn validate(&self, problems: &mut Problems) {
        let allowed = (1..=limits::SCORE_MAX).contains(&self.score);
        problems.require(allowed, "score", "must be a whole number from 1 to 5");
        optional(
            "comment",
            self.comment.as_deref(),
            limits::COMMENT_CHARS,
            problems,
        );
    }
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NotesRequest {
    #[schema(max_length = 10_000)]
    pub counselor_notes: String,
    /// At most 20, of at most 500 characters each.
    #[serde(default)]
    pub key_points: Option<Vec<String>>,
}

impl Validate for NotesRequest {
    fn validate(&self, problems: &mut Problems) {
        problems.length(
            "counselor_notes",
            &self.counselor_notes,
            0..=limits::NOTES_CHARS,
        );
        let points = self.key_points.as_deref().unwrap_or_default();
        let allowed = points.len() <= limits::KEY_POINTS
            && points
                .iter()
                .all(|point| point.chars().count() <= limits::KEY_POINT_CHARS);
        let message = "must be at most 20 texts of at most 500 characters";
        problems.require(allowed, "key_points", message);
    }
}

/// Which requests a counsellor wants to see.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RequestsOf {
    /// `pending` (the default), `accepted`, `rejected`, `withdrawn` or `expired`.
    #[param(value_type = Option<String>)]
    pub status: Option<OfferStatus>,
}

impl Validate for RequestsOf {}

/// Which consultations a counsellor wants to see.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ConsultationsOf {
    /// `waiting`, `active`, `completed` or `terminated`; all by default.
    #[param(value_type = Option<String>)]
    pub status: Option<ConsultationStatus>,
}

impl Validate for ConsultationsOf {}

fn optional(field: &str, text: Option<&str>, most: usize, problems: &mut Problems) {
    if let Some(text) = text {
        problems.length(field, text, 0..=most);
    }
}
