//! Every call of the document, as somebody makes it who takes no part in what it names.

/// Method and path as they are documented, the address that is asked, the body, and those of whom
/// it is known that they are shown content of others for a purpose.
pub type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

const NOBODY: &[&str] = &[];

/// The calls. In addresses and bodies stand `CODE`, `DESK` (the counsellor's), `OWN` (the desk of
/// whoever calls), `ROOM`, `CHAT`, `MESSAGE`, `FILE`, `ALICE` and `ALICES` (UUID and integer),
/// `HOLD` and `FRESH` (another one each time).
#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    ("get", "/.well-known/jwks.json", "/.well-known/jwks.json", "", NOBODY),
    ("get", "/admin/holds", "/admin/holds", "", &["admin"]),
    ("post", "/admin/holds", "/admin/holds", r#"{"user_id": 0, "reason": "x"}"#, NOBODY),
    ("post", "/admin/users", "/admin/users",
     r#"{"role": "user", "name": "이름", "email": "FRESH@example.com", "password": "eight-or-more"}"#, NOBODY),
    ("patch", "/admin/users/{id}", "/admin/users/ALICE", "{}", &["admin"]),
    ("post", "/admin/users/{id}/password-reset", "/admin/users/ALICE/password-reset", "{}", NOBODY),
    ("get", "/api/v1/audit/events", "/api/v1/audit/events?limit=500", "", &["admin", "auditor"]),
    ("get", "/api/v1/characters", "/api/v1/characters", "", NOBODY),
    ("get", "/api/v1/chat/rooms/{room_id}/members", "/api/v1/chat/rooms/ROOM/members", "", &["service"]),
    ("get", "/api/v1/chat/rooms/{room_id}/members", "/api/v1/chat/rooms/ROOM/members?user_id=ALICES", "", &["service"]),
    ("post", "/api/v1/chat/rooms/{room_id}/members", "/api/v1/chat/rooms/ROOM/members", r#"{"user_id": 0}"#, NOBODY),
    ("delete", "/api/v1/chat/rooms/{room_id}/members/{user_id}", "/api/v1/chat/rooms/ROOM/members/0", "", NOBODY),
    ("get", "/api/v1/chat/rooms/{room_id}/messages", "/api/v1/chat/rooms/ROOM/messages", "", &["service"]),
    ("get", "/api/v1/chat/rooms/{room_id}/messages", "/api/v1/chat/rooms/ROOM/messages?user_id=ALICES", "", &["service"]),
    ("post", "/api/v1/chat/rooms/{room_id}/messages", "/api/v1/chat/rooms/ROOM/messages",
     r#"{"message": "말", "message_type": "text"}"#, NOBODY),
    ("post", "/api/v1/chat/rooms/{room_id}/read", "/api/v1/chat/rooms/ROOM/read", r#"{"user_id": ALICES}"#, NOBODY),
    ("post", "/api/v1/consultations/start", "/api/v1/consultations/start", r#"{"nickname": "손"}"#, NOBODY),
    ("get", "/api/v1/consultations/{consultation_code}", "/api/v1/consultations/CODE", "", &["service"]),
    ("get", "/api/v1/consultations/{consultation_code}/card", "/api/v1/consultations/CODE/card", "", &["service"]),
    ("put", "/api/v1/consultations/{consultation_code}/card", "/api/v1/consultations/CODE/card", "{}", &["service"]),
    ("post", "/api/v1/consultations/{consultation_code}/card", "/api/v1/consultations/CODE/card", "{}", &["service"]),
    ("get", "/api/v1/consultations/{consultation_code}/dispatch", "/api/v1/consultations/CODE/dispatch", "", NOBODY),
    ("post", "/api/v1/consultations/{consultation_code}/end", "/api/v1/consultations/CODE/end", "", NOBODY),
    ("get", "/api/v1/consultations/{consultation_code}/messages", "/api/v1/consultations/CODE/messages", "", &["service"]),
    ("post", "/api/v1/consultations/{consultation_code}/rating", "/api/v1/consultations/CODE/rating", r#"{"score": 5}"#, NOBODY),
    ("post", "/api/v1/consultations/{consultation_code}/reconnect", "/api/v1/consultations/CODE/reconnect", "{}", &["service"]),
    ("get", "/api/v1/counselors", "/api/v1/counselors", "", NOBODY),
    ("get", "/api/v1/counselors/auth/counseling-fields", "/api/v1/counselors/auth/counseling-fields", "", NOBODY),
    ("post", "/api/v1/counselors/auth/login", "/api/v1/counselors/auth/login", r#"{"email": "a@example.com", "password": "no"}"#, NOBODY),
    ("post", "/api/v1/counselors/auth/refresh", "/api/v1/counselors/auth/refresh", r#"{"refresh_token": "no"}"#, NOBODY),
    ("put", "/api/v1/counselors/auth/status/{status}", "/api/v1/counselors/auth/status/waiting", "", NOBODY),
    ("get", "/api/v1/counselors/{counselor_id}/dashboard/consultations", "/api/v1/counselors/DESK/dashboard/consultations", "", NOBODY),
    ("get", "/api/v1/counselors/{counselor_id}/dashboard/consultations", "/api/v1/counselors/OWN/dashboard/consultations", "", NOBODY),
    ("put", "/api/v1/counselors/{counselor_id}/dashboard/consultations/{consultation_code}/notes",
     "/api/v1/counselors/OWN/dashboard/consultations/CODE/notes", r#"{"counselor_notes": "x"}"#, NOBODY),
    ("get", "/api/v1/counselors/{counselor_id}/dashboard/requests", "/api/v1/counselors/DESK/dashboard/requests?status=accepted", "", NOBODY),
    ("get", "/api/v1/counselors/{counselor_id}/dashboard/requests", "/api/v1/counselors/OWN/dashboard/requests?status=withdrawn", "", &["counselor"]),
    ("post", "/api/v1/counselors/{counselor_id}/dashboard/requests/{request_id}/accept",
     "/api/v1/counselors/DESK/dashboard/requests/1/accept", "{}", NOBODY),
    ("post", "/api/v1/counselors/{counselor_id}/dashboard/requests/{request_id}/reject",
     "/api/v1/counselors/DESK/dashboard/requests/1/reject", "{}", NOBODY),
    ("get", "/api/v1/counselors/{counselor_id}/dashboard/summary", "/api/v1/counselors/DESK/dashboard/summary", "", NOBODY),
    ("get", "/api/v1/counselors/{counselor_id}/stats", "/api/v1/counselors/DESK/stats", "", NOBODY),
    ("get", "/api/v1/erasures/{erasure_id}", "/api/v1/erasures/ALICE", "", NOBODY),
    ("post", "/api/v1/messages/chat-rooms", "/api/v1/messages/chat-rooms", r#"{"otherUserId": "FRESH"}"#, NOBODY),
    ("get", "/api/v1/messages/chats", "/api/v1/messages/chats", "", NOBODY),
    ("get", "/api/v1/messages/chats/{chat_id}/messages", "/api/v1/messages/chats/CHAT/messages", "", NOBODY),
    ("post", "/api/v1/messages/chats/{chat_id}/messages", "/api/v1/messages/chats/CHAT/messages", r#"{"content": "말"}"#, NOBODY),
    ("post", "/api/v1/upload", "/api/v1/upload", "{}", NOBODY),
    ("get", "/api/v1/users/me", "/api/v1/users/me", "", NOBODY),
    ("patch", "/api/v1/users/me", "/api/v1/users/me", "{}", NOBODY),
    ("get", "/api/v1/users/me/access-log", "/api/v1/users/me/access-log", "", NOBODY),
    ("get", "/api/v1/users/me/export", "/api/v1/users/me/export", "", NOBODY),
    ("get", "/api/v1/users/search", "/api/v1/users/search?q=보라", "", NOBODY),
    ("patch", "/api/v1/users/{id}", "/api/v1/users/ALICE", "{}", &["admin", "service"]),
    ("post", "/auth/file-ticket", "/auth/file-ticket", "{}", NOBODY),
    ("post", "/auth/ws-ticket", "/auth/ws-ticket", "{}", NOBODY),
    ("post", "/change-password", "/change-password", r#"{"current_password": "no", "new_password": "eight-or-more"}"#, NOBODY),
    ("get", "/chat/rooms", "/chat/rooms", "", NOBODY),
    ("post", "/chat/rooms", "/chat/rooms", r#"{"room_type": "group", "room_name": "이름", "participant_ids": []}"#, NOBODY),
    ("get", "/chat/rooms/{room_id}", "/chat/rooms/ROOM", "", NOBODY),
    ("get", "/chat/rooms/{room_id}/messages", "/chat/rooms/ROOM/messages", "", NOBODY),
    ("post", "/chat/rooms/{room_id}/messages", "/chat/rooms/ROOM/messages", r#"{"message_content": "말"}"#, NOBODY),
    ("put", "/chat/rooms/{room_id}/messages/{message_id}", "/chat/rooms/ROOM/messages/MESSAGE", r#"{"message_content": "말"}"#, NOBODY),
    ("delete", "/chat/rooms/{room_id}/messages/{message_id}", "/chat/rooms/ROOM/messages/MESSAGE", "", NOBODY),
    ("get", "/chat/rooms/{room_id}/messages/{message_id}/history", "/chat/rooms/ROOM/messages/MESSAGE/history", "", &["admin", "auditor"]),
    ("get", "/chat/rooms/{room_id}/online-status", "/chat/rooms/ROOM/online-status", "", NOBODY),
    ("get", "/chat/rooms/{room_id}/participants", "/chat/rooms/ROOM/participants", "", NOBODY),
    ("post", "/chat/rooms/{room_id}/read", "/chat/rooms/ROOM/read", "{}", NOBODY),
    ("get", "/chat/rooms/{room_id}/search", "/chat/rooms/ROOM/search?query=지워질", "", NOBODY),
    ("get", "/chat/rooms/{room_id}/settings", "/chat/rooms/ROOM/settings", "", NOBODY),
    ("put", "/chat/rooms/{room_id}/settings", "/chat/rooms/ROOM/settings", "{}", NOBODY),
    ("get", "/files/{id}", "FILE", "", NOBODY),
    ("post", "/login", "/login", r#"{"email": "a@example.com", "password": "no"}"#, NOBODY),
    ("post", "/refresh", "/refresh", r#"{"refresh_token": "no"}"#, NOBODY),
    ("post", "/register", "/register", r#"{"name": "이름", "email": "FRESH@example.com", "password": "eight-or-more"}"#, NOBODY),
    ("post", "/reset-password", "/reset-password", r#"{"token": "no", "new_password": "eight-or-more"}"#, NOBODY),
    // A legal hold is against these.
    ("delete", "/admin/users/{id}", "/admin/users/ALICE", "", NOBODY),
    ("delete", "/api/v1/users/{id}", "/api/v1/users/ALICE", "", NOBODY),
    ("delete", "/api/v1/consultations/{consultation_code}", "/api/v1/consultations/CODE", "", NOBODY),
    // These end whoever calls, or the hold.
    ("post", "/api/v1/counselors/auth/logout", "/api/v1/counselors/auth/logout", "{}", NOBODY),
    ("post", "/logout", "/logout", "{}", NOBODY),
    ("delete", "/api/v1/users/me", "/api/v1/users/me", "", NOBODY),
    ("delete", "/admin/holds/{hold_id}", "/admin/holds/HOLD", "", NOBODY),
];

/// Calls after which nobody's token counts any more.
pub const ENDING: [&str; 3] = [
    "/api/v1/counselors/auth/logout",
    "/logout",
    "/api/v1/users/me",
];

/// Where names and pictures are told that everybody finds who searches for people.
pub const TELLS_NAMES: (&str, &str) = ("patch", "/api/v1/users/{id}");
