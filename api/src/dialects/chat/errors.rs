//! Which field a refusal is about, so that a 422 can name it.

use axum::http::StatusCode;

use crate::error::{ApiError, FieldError};

/// What the rules refuse, by code, and the field of a body that it is about.
const FIELDS: [(&str, &str); 11] = [
    ("empty_text", "message_content"),
    ("text_too_long", "message_content"),
    ("file_mismatch", "message_type"),
    ("location_mismatch", "location"),
    ("location_out_of_range", "location"),
    ("client_message_id_too_long", "client_message_id"),
    ("unknown_participant", "participant_ids"),
    ("participants_out_of_range", "participant_ids"),
    ("room_full", "participant_ids"),
    ("room_text_length", "room_name"),
    ("retention_out_of_range", "message_retention_days"),
];

/// An error that names its field, where it is about one.
pub(super) fn naming(mut error: ApiError) -> ApiError {
    let field = FIELDS.iter().find(|(code, _)| *code == error.code);
    if let Some((_, field)) = field
        && error.status == StatusCode::UNPROCESSABLE_ENTITY
        && error.fields.is_empty()
    {
        error.fields = vec![FieldError::new("body", field, error.message.clone())];
    }
    error
}

#[cfg(test)]
mod tests {
    use domain::Refusal;

    use super::*;

    #[test]
    fn what_the_rules_refuse_names_its_field_and_keeps_its_code() {
        let error = naming(Refusal::EmptyText.into());
        assert_eq!(error.code, "empty_text");
        let expected = FieldError::new("body", "message_content", error.message.clone());
        assert_eq!(error.fields, [expected]);
    }

    #[test]
    fn what_is_no_422_is_left_as_it_is() {
        let error = naming(Refusal::RoomFull.into());
        assert_eq!((error.status.as_u16(), error.fields.len()), (409, 0));
    }
}
