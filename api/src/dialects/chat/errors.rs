//! Which field a refusal is about, so that a 422 can name it.

use crate::error::ApiError;

/// What the rules refuse, by code, and the field of a body that it is about.
const FIELDS: [(&str, &str); 12] = [
    ("empty_text", "message_content"),
    ("text_too_long", "message_content"),
    ("file_mismatch", "message_type"),
    ("upload_kind_differs", "message_type"),
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
pub(super) fn naming(error: ApiError) -> ApiError {
    error.about(&FIELDS)
}

#[cfg(test)]
mod tests {
    use domain::Refusal;

    use super::*;
    use crate::error::FieldError;

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
