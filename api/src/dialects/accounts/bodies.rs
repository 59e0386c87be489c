//! What the fields of bodies may be. Rules of the domain are said here too, so that one answer
//! names every bad field.

use domain::{Role, limits};

use super::shapes::{
    Credentials, LogoutRequest, NewUser, PasswordChangeRequest, PasswordResetRequest,
    RefreshRequest, Registration, UserChange,
};
use crate::auth::Email;
use crate::catalogue::Catalogue;
use crate::error::ApiError;
use crate::extract::{Problems, Validate};

/// A counsellor's field ids are at most so many.
const MAX_FIELDS: usize = limits::COUNSELING_FIELDS;

impl Validate for Registration {
    fn validate(&self, problems: &mut Problems) {
        name(&self.name, problems);
        email(&self.email, problems);
        password("password", &self.password, problems);
    }
}

/// Nothing is said about what an email or a password would have to be.
impl Validate for Credentials {
    fn validate(&self, problems: &mut Problems) {
        presented("password", &self.password, problems);
    }
}

impl Validate for RefreshRequest {
    fn validate(&self, _: &mut Problems) {}
}

impl Validate for LogoutRequest {
    fn validate(&self, _: &mut Problems) {}
}

impl Validate for PasswordChangeRequest {
    fn validate(&self, problems: &mut Problems) {
        presented("current_password", &self.current_password, problems);
        password("new_password", &self.new_password, problems);
    }
}

impl Validate for PasswordResetRequest {
    fn validate(&self, problems: &mut Problems) {
        password("new_password", &self.new_password, problems);
    }
}

/// See [`NewUser::check`].
impl Validate for NewUser {}

impl NewUser {
    /// Names every bad field in one answer, those included that only the catalogue can tell.
    pub(super) fn check(&self, catalogue: &Catalogue) -> Result<(), ApiError> {
        let mut problems = Problems::of("body");
        self.note_problems(&mut problems);
        if self
            .character_type_id
            .is_some_and(|id| catalogue.character(id).is_none())
        {
            problems.note("character_type_id", "is no character type");
        }
        let mut fields = self.counseling_fields.iter().flatten();
        if fields.any(|id| catalogue.field(*id).is_none()) {
            problems.note("counseling_fields", "names an unknown field");
        }
        problems.into_result()
    }

    fn note_problems(&self, problems: &mut Problems) {
        role(&self.role, problems);
        name(&self.name, problems);
        email(&self.email, problems);
        password("password", &self.password, problems);
        for (field, text) in [
            ("firstName", &self.first_name),
            ("lastName", &self.last_name),
            ("phone", &self.phone),
        ] {
            if let Some(text) = text {
                problems.length(field, text, 0..=limits::PROFILE_FIELD_CHARS);
            }
        }
        if self
            .max_active
            .is_some_and(|max| !(1..=limits::MAX_ACTIVE).contains(&max))
        {
            problems.note("max_active", "must be from 1 to 100");
        }
        if self
            .counseling_fields
            .as_ref()
            .is_some_and(|fields| fields.len() > MAX_FIELDS)
        {
            problems.note("counseling_fields", "must be 50 at most");
        }
    }
}

impl Validate for UserChange {
    fn validate(&self, problems: &mut Problems) {
        if let Some(text) = &self.role {
            role(text, problems);
        }
    }
}

fn name(text: &str, problems: &mut Problems) {
    if text.trim().is_empty() {
        problems.note("name", "must not be blank");
    } else {
        problems.length("name", text, 1..=limits::NAME_CHARS);
    }
}

fn email(text: &str, problems: &mut Problems) {
    if Email::parse(text).is_none() {
        problems.note("email", "must be an email address");
    }
}

fn password(field: &str, text: &str, problems: &mut Problems) {
    problems.length(
        field,
        text,
        limits::PASSWORD_CHARS_MIN..=limits::PASSWORD_CHARS_MAX,
    );
}

/// A password that is only compared; hashing time must not be the caller's to choose.
fn presented(field: &str, text: &str, problems: &mut Problems) {
    problems.length(field, text, 0..=limits::PASSWORD_CHARS_MAX);
}

fn role(text: &str, problems: &mut Problems) {
    if account_role(text).is_none() {
        problems.note(
            "role",
            "must be user, counselor, admin, auditor, analyst or service",
        );
    }
}

/// A role that an account can have.
pub(super) fn account_role(text: &str) -> Option<Role> {
    text.parse().ok().filter(|role| *role != Role::Guest)
}
