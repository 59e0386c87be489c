//! People as clients see them, and what of a profile can change.

use domain::limits;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::commands::accounts::FieldChange;
use crate::extract::{Problems, Validate};

/// Least characters of what is looked for.
const MIN_QUERY_CHARS: usize = 2;

/// Most characters of what is looked for.
const MAX_QUERY_CHARS: usize = 254;

/// People in one answer at most.
const MAX_FOUND: u32 = 50;

/// People in one answer where nothing else is asked.
const DEFAULT_FOUND: u32 = 20;

/// Somebody. Email and phone are shown as far as the caller may know them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserRow {
    pub id: Uuid,
    pub number: u64,
    pub email: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<String>,
    pub profile_image: Option<String>,
    /// The role, as long as nobody said what sort of user it is.
    pub user_type: String,
    /// 0 to 100; 0 as long as nobody said it.
    pub trust_score: f64,
    /// First and last name, else the name.
    pub full_name: String,
}

/// Who was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundUsers {
    pub users: Vec<UserRow>,
    /// All of them, beyond this answer as well.
    pub total: usize,
}

/// Who is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LookFor {
    /// Any part of a name, or a whole email, telephone number or id; 2 characters or more
    #[serde(default)]
    pub q: String,
    /// 1 to 50; 20 by default
    pub limit: Option<u32>,
}

impl LookFor {
    pub fn limit(&self) -> usize {
        self.limit.unwrap_or(DEFAULT_FOUND) as usize
    }
}

impl Validate for LookFor {
    fn validate(&self, problems: &mut Problems) {
        problems.length("q", self.q.trim(), MIN_QUERY_CHARS..=MAX_QUERY_CHARS);
        problems.require(
            self.limit
                .is_none_or(|limit| (1..=MAX_FOUND).contains(&limit)),
            "limit",
            format!("must be a whole number from 1 to {MAX_FOUND}"),
        );
    }
}

/// What is to change of a profile: what is left out stays, what is null is taken away.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserChange {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 100)]
    pub first_name: FieldChange,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 100)]
    pub last_name: FieldChange,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 500)]
    pub phone: FieldChange,
    /// An `http` or `https` address, or a path on this server.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 500)]
    pub profile_image: FieldChange,
    /// For services and administrators to say: 1 to 50 letters, digits, `_` or `-`.
    #[serde(default)]
    #[schema(max_length = 50)]
    pub user_type: Option<String>,
    /// For services and administrators to say.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100)]
    pub trust_score: Option<f64>,
}

/// What is there: null, or nothing but white space, takes it away.
fn given<'de, D: Deserializer<'de>>(value: D) -> Result<FieldChange, D::Error> {
    let text: Option<String> = Option::deserialize(value)?;
    let text = text.map(|text| text.trim().to_owned());
    let text = text.filter(|text| !text.is_empty());
    Ok(text.map_or(FieldChange::Cleared, FieldChange::Set))
}

impl Validate for UserChange {
    fn validate(&self, problems: &mut Problems) {
        for (name, value, most) in [
            ("firstName", &self.first_name, limits::NAME_CHARS),
            ("lastName", &self.last_name, limits::NAME_CHARS),
            ("phone", &self.phone, limits::PROFILE_FIELD_CHARS),
            (
                "profileImage",
                &self.profile_image,
                limits::PROFILE_FIELD_CHARS,
            ),
        ] {
            if let FieldChange::Set(value) = value {
                problems.length(name, value, 0..=most);
            }
        }
        if let FieldChange::Set(image) = &self.profile_image {
            problems.require(
                is_address(image),
                "profileImage",
                "must be an http or https address, or a path on this server",
            );
        }
    }
}

fn is_address(text: &str) -> bool {
    let starts = |scheme: &str| {
        text.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    let is_path = text.starts_with('/') && !text.starts_with("//");
    is_path || starts("https://") || starts("http://")
}
