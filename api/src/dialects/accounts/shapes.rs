//! What clients send and get, named as in the contract of accounts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Somebody who wants an account. A `role` is ignored.
#[derive(Deserialize, ToSchema)]
pub struct Registration {
    pub name: String,
    #[schema(format = "email")]
    pub email: String,
    /// At least 8 characters.
    #[schema(format = "password", min_length = 8)]
    pub password: String,
}

/// A new account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Registered {
    pub id: Uuid,
    /// The same account as an integer.
    pub user_id: u64,
    pub name: String,
    pub email: String,
    /// RFC 3339 with milliseconds.
    pub created_at: String,
}

/// Email and password; as a form, `username` and `password`.
#[derive(Deserialize, ToSchema)]
pub struct Credentials {
    #[schema(format = "email")]
    #[serde(alias = "username")]
    pub email: String,
    #[schema(format = "password")]
    pub password: String,
}

/// Who has logged in.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoggedInUser {
    pub id: Uuid,
    pub user_id: u64,
    pub name: String,
    pub email: String,
    pub role: String,
    /// Only for counsellors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counselor_id: Option<u64>,
}

/// A new pair of tokens.
#[derive(Serialize, ToSchema)]
pub struct TokenPair {
    pub access_token: String,
    /// Works once.
    pub refresh_token: String,
    /// Always `bearer`.
    pub token_type: &'static str,
    /// Seconds until the access token expires.
    pub expires_in: u64,
}

/// A log-in session has begun.
#[derive(Serialize, ToSchema)]
pub struct LoggedIn {
    #[serde(flatten)]
    pub tokens: TokenPair,
    pub user: LoggedInUser,
}

/// The refresh token of a log-in session.
#[derive(Deserialize, ToSchema)]
pub struct RefreshRequest {
    pub refresh_token: String,
}

/// Both may be left out where the access token says which session ends.
#[derive(Default, Deserialize, ToSchema)]
pub struct LogoutRequest {
    pub refresh_token: Option<String>,
}

/// A password by its owner.
#[derive(Deserialize, ToSchema)]
pub struct PasswordChangeRequest {
    #[schema(format = "password")]
    pub current_password: String,
    #[schema(format = "password", min_length = 8)]
    pub new_password: String,
}

/// A password by a one-time link.
#[derive(Deserialize, ToSchema)]
pub struct PasswordResetRequest {
    pub token: String,
    #[schema(format = "password", min_length = 8)]
    pub new_password: String,
}

/// The password is another now.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasswordChanged {
    /// Always `changed`.
    pub status: &'static str,
}

/// A ticket for the URL of one live connection.
#[derive(Serialize, ToSchema)]
pub struct TicketIssued {
    pub ticket: String,
    /// Seconds.
    pub expires_in: u64,
}

/// An account of any role, made by an administrator.
#[derive(Deserialize, ToSchema)]
pub struct NewUser {
    /// `user`, `counselor`, `admin`, `auditor`, `analyst` or `service`.
    pub role: String,
    pub name: String,
    #[schema(format = "email")]
    pub email: String,
    #[schema(format = "password", min_length = 8)]
    pub password: String,
    #[serde(rename = "firstName")]
    pub first_name: Option<String>,
    #[serde(rename = "lastName")]
    pub last_name: Option<String>,
    pub phone: Option<String>,
    /// Only for counsellors; the first of the catalogue if left out.
    pub character_type_id: Option<u32>,
    /// Only for counsellors.
    pub counseling_fields: Option<Vec<u32>>,
    /// Only for counsellors: how many consultations at once; the setting's if left out.
    pub max_active: Option<u32>,
}

/// What is to change of an account; what is left out stays.
#[derive(Deserialize, ToSchema)]
pub struct UserChange {
    pub role: Option<String>,
    pub active: Option<bool>,
}

/// An account as an administrator sees it. What somebody says of themselves is there for whoever
/// has just said it, and for a purpose.
#[expect(
    clippy::struct_field_names,
    reason = "clients know the number by this name"
)]
#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    pub id: Uuid,
    pub user_id: u64,
    /// Null without a purpose.
    pub name: Option<String>,
    /// Null without a purpose.
    pub email: Option<String>,
    pub role: String,
    pub active: bool,
    #[serde(rename = "firstName", skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    #[serde(rename = "lastName", skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Only for counsellors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counselor_id: Option<u64>,
    pub created_at: String,
}

/// A one-time link to set a password with.
#[derive(Serialize, ToSchema)]
pub struct ResetLink {
    /// What `POST /reset-password` takes.
    pub token: String,
    /// The same as a path, for a page that a client shows.
    pub link: String,
    /// Seconds.
    pub expires_in: u64,
    pub expires_at: String,
}

/// Whether a counsellor takes calls.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatusChanged {
    pub counselor_id: u64,
    pub status: String,
    /// `2025-01-01T10:00:00`, in the zone `legacy_time_zone`.
    pub changed_at: String,
}
