//! Which field a refusal is about, so that a 422 can name it.

use crate::error::ApiError;

/// What the rules refuse, by code, and the field of a body that it is about.
const FIELDS: [(&str, &str); 11] = [
    ("empty_text", "content"),
    ("text_too_long", "content"),
    ("file_mismatch", "type"),
    ("upload_kind_differs", "type"),
    ("link_not_allowed", "attachmentUrl"),
    ("client_message_id_too_long", "clientMessageId"),
    ("participants_out_of_range", "otherUserId"),
    ("booking_length", "bookingId"),
    ("standing_out_of_range", "userType"),
    ("profile_too_long", "profileImage"),
    ("not_a_text", "content"),
];

/// An error that names its field, where it is about one.
pub(super) fn naming(error: ApiError) -> ApiError {
    error.about(&FIELDS)
}
