//! What clients send and get, named as in the guide.

use domain::limits;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::extract::{Problems, Validate};

/// A new session.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct OpenRequest {
    /// Whose session it is. May be left out beside a token, and must be its bearer's own otherwise.
    #[serde(default)]
    pub user_id: Option<Uuid>,
    #[serde(default)]
    #[schema(max_length = 50)]
    pub emotion_label: Option<String>,
    #[serde(default)]
    #[schema(max_length = 500)]
    pub topic: Option<String>,
}

impl Validate for OpenRequest {
    fn validate(&self, problems: &mut Problems) {
        if let Some(label) = &self.emotion_label {
            problems.length("emotion_label", label, 0..=limits::EMOTION_LABEL_CHARS);
        }
        if let Some(topic) = &self.topic {
            problems.length("topic", topic, 0..=limits::TOPIC_CHARS);
        }
    }
}

/// Something said in a session, or a step that is to be answered after all.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct GenerateRequest {
    pub session_id: Uuid,
    /// Who says it, where that is not told by a token.
    #[serde(default)]
    pub user_id: Option<Uuid>,
    /// A step that failed or was cancelled, to be asked again; `user_input` is left out then.
    #[serde(default)]
    pub step_id: Option<Uuid>,
    /// What is said: 1 to 10,000 characters, not all of them blank.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 10_000)]
    pub user_input: Option<String>,
    /// From 1; the next one if it is left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub step_order: Option<u32>,
    /// A word; `normal` if it is left out.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 50)]
    pub step_type: Option<String>,
    /// As whom this one step is to be answered.
    #[serde(default)]
    #[schema(max_length = 4_000)]
    pub system_prompt: Option<String>,
}

impl GenerateRequest {
    /// What is said, and how.
    pub fn input(&self) -> InputFields {
        InputFields {
            user_input: self.user_input.clone(),
            step_order: self.step_order,
            step_type: self.step_type.clone(),
            system_prompt: self.system_prompt.clone(),
        }
    }
}

impl Validate for GenerateRequest {
    fn validate(&self, problems: &mut Problems) {
        self.input().check(problems, self.step_id.is_some());
    }
}

/// What is said, and how: in a frame it stands among other fields.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct InputFields {
    #[serde(default)]
    pub user_input: Option<String>,
    #[serde(default)]
    pub step_order: Option<u32>,
    #[serde(default)]
    pub step_type: Option<String>,
    #[serde(default)]
    pub system_prompt: Option<String>,
}

impl InputFields {
    /// `again`: a step is asked that has its words already.
    pub fn check(&self, problems: &mut Problems, again: bool) {
        match &self.user_input {
            Some(_) if again => problems.note("user_input", "must be left out beside step_id"),
            Some(text) => {
                problems.length("user_input", text, 1..=limits::USER_INPUT_CHARS);
                problems.require(
                    text.is_empty() || !text.trim().is_empty(),
                    "user_input",
                    "must not be blank",
                );
            }
            None => problems.require(again, "user_input", "is missing"),
        }
        if let Some(order) = self.step_order {
            let allowed = (1..=limits::STEP_ORDER_MAX).contains(&order);
            let most = limits::STEP_ORDER_MAX;
            problems.require(allowed, "step_order", format!("must be 1 to {most}"));
        }
        if let Some(prompt) = &self.system_prompt {
            problems.length("system_prompt", prompt, 0..=limits::SYSTEM_PROMPT_CHARS);
        }
    }
}

/// Who is to be asked for, and that they may read what was said.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct HandoverRequest {
    /// Must be true: whoever takes the consultation reads what was said in the session so far.
    #[serde(default)]
    pub consent: bool,
    /// Whose session it is, where that is not told by a token.
    #[serde(default)]
    pub user_id: Option<Uuid>,
    /// As whom the caller asks; the name of the account if it is left out.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 50)]
    pub nickname: Option<String>,
    /// The id of a character from `GET /api/v1/characters`.
    #[serde(default)]
    pub character_type_preference: Option<u32>,
    /// Ask all who are waiting at once (the default), or one after the other.
    #[serde(default)]
    pub quick_match: Option<bool>,
}

impl Validate for HandoverRequest {
    fn validate(&self, problems: &mut Problems) {
        if let Some(nickname) = &self.nickname {
            problems.length("nickname", nickname, 1..=limits::NICKNAME_CHARS);
            problems.require(
                nickname.is_empty() || !nickname.trim().is_empty(),
                "nickname",
                "must not be blank",
            );
        }
    }
}

/// As whom the caller wants to be answered.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct PromptRequest {
    /// Null, or empty, for what the server says.
    #[serde(default)]
    #[schema(max_length = 4_000)]
    pub system_prompt: Option<String>,
    /// Whose it is, where that is not told by a token.
    #[serde(default)]
    pub user_id: Option<Uuid>,
}

impl Validate for PromptRequest {
    fn validate(&self, problems: &mut Problems) {
        if let Some(prompt) = &self.system_prompt {
            problems.length("system_prompt", prompt, 0..=limits::SYSTEM_PROMPT_CHARS);
        }
    }
}

/// Who asks, where the body does not say so.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AskedBy {
    /// The caller. May be left out beside a token, and must be its bearer's own otherwise.
    pub user_id: Option<Uuid>,
}

impl Validate for AskedBy {}

/// A session.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct SessionView {
    pub session_id: Uuid,
    pub user_id: Uuid,
    pub emotion_label: Option<String>,
    pub topic: Option<String>,
    pub started_at: String,
    /// Null as long as it goes on.
    pub ended_at: Option<String>,
    /// It is kept no longer: this row is all that is left of it.
    pub erased: bool,
    /// The integer by which the log knows it.
    pub number: u64,
}

/// What somebody's words sound like.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct EmotionView {
    pub label: String,
    /// 0 to 1.
    pub intensity: f64,
}

/// A step: what was said, and what was answered.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct StepView {
    pub step_id: Uuid,
    pub session_id: Uuid,
    pub step_order: u32,
    pub step_type: String,
    /// Empty once it was erased.
    pub user_input: String,
    /// The whole answer, the crisis lines included; of a step that failed or was cancelled, what
    /// had come.
    pub gpt_response: String,
    /// Null once it was erased.
    pub emotion: Option<EmotionView>,
    /// When it was asked first.
    pub created_at: String,
    /// `open`, `answered`, `failed` or `cancelled`.
    pub status: &'static str,
    /// `high` where the words speak of suicide or self-harm.
    pub risk: Option<&'static str>,
    /// `built_in` or `language_model`, of what was answered.
    pub responder: Option<&'static str>,
    /// It was cut off because it was too long.
    pub truncated: bool,
    /// Why it failed, a stable word.
    pub error: Option<String>,
    /// Asked again, it may be answered.
    pub retryable: bool,
    /// How many tokens the answer came in: from any of them a connection can go on.
    pub token_count: usize,
    /// The integer by which the log knows it.
    pub number: u64,
}

/// A session as a graph.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct FlowView {
    pub session_id: Uuid,
    pub nodes: Vec<FlowNode>,
    pub edges: Vec<FlowEdge>,
}

/// A step in it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct FlowNode {
    pub step_id: Uuid,
    pub step_order: u32,
    /// Null once the step was erased before it was answered.
    pub label: Option<String>,
    /// 0 to 1.
    pub intensity: Option<f64>,
    pub created_at: String,
}

/// From one step to the next.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct FlowEdge {
    pub from: Uuid,
    pub to: Uuid,
}

/// What a session was about.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct EmotionCardView {
    pub session_id: Uuid,
    /// In the owner's own words.
    pub summary: String,
    /// The heaviest first.
    pub key_emotions: Vec<KeyEmotionView>,
    pub created_at: String,
}

/// How much of a session an emotion is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct KeyEmotionView {
    pub label: String,
    /// 0 to 1.
    pub weight: f64,
}

/// The consultation to which a session was handed over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandoverView {
    pub session_id: Uuid,
    pub consultation_id: u64,
    pub consultation_uuid: Uuid,
    /// By which its user's side is found, as in `GET /api/v1/consultations/{consultation_code}`.
    pub consultation_code: String,
    /// `waiting` or `active`; of a repeated request also `completed` or `terminated`.
    pub status: &'static str,
    pub user_nickname: String,
    pub created_at: String,
    /// A token for this consultation's paths only.
    pub access_token: String,
    pub token_type: &'static str,
    /// Seconds until the token expires.
    pub expires_in: u64,
}

/// As whom somebody wants to be answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct PromptView {
    /// Null where what the server says holds.
    pub system_prompt: Option<String>,
}
