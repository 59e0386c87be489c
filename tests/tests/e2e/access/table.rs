//! Who may do what: the table.

/// Whoever may come, in the order of the columns below.
pub const WHO: [&str; 9] = [
    "anonymous",
    "guest",
    "stranger",
    "counselor",
    "admin",
    "former",
    "member",
    "author",
    "creator",
];

/// Without a token, as the guest of a consultation, and for those who are not in the room.
const OUTSIDE: [u16; 6] = [401, 403, 404, 404, 404, 404];

/// What it is like for those who are in the room.
const fn inside(member: u16, author: u16, creator: u16) -> [u16; 9] {
    let [anonymous, guest, stranger, counselor, admin, former] = OUTSIDE;
    [
        anonymous, guest, stranger, counselor, admin, former, member, author, creator,
    ]
}

const fn all_inside(status: u16) -> [u16; 9] {
    inside(status, status, status)
}

/// Method, path as it is documented, what follows it, body, and the status for each of [`WHO`].
pub type Call = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    [u16; 9],
);

const ACCOUNTS_200: [u16; 9] = [401, 403, 200, 200, 200, 200, 200, 200, 200];
const ACCOUNTS_201: [u16; 9] = [401, 403, 201, 201, 201, 201, 201, 201, 201];

pub const CALLS: &[Call] = &[
    ("get", "/chat/rooms", "", "", ACCOUNTS_200),
    (
        "post",
        "/chat/rooms",
        "",
        r#"{"room_type": "group", "room_name": "이름", "participant_ids": []}"#,
        ACCOUNTS_201,
    ),
    ("get", "/chat/rooms/{room_id}", "", "", all_inside(200)),
    (
        "get",
        "/chat/rooms/{room_id}/participants",
        "",
        "",
        all_inside(200),
    ),
    (
        "get",
        "/chat/rooms/{room_id}/online-status",
        "",
        "",
        all_inside(200),
    ),
    (
        "get",
        "/chat/rooms/{room_id}/search",
        "?query=a",
        "",
        all_inside(200),
    ),
    (
        "get",
        "/chat/rooms/{room_id}/settings",
        "",
        "",
        all_inside(200),
    ),
    (
        "put",
        "/chat/rooms/{room_id}/settings",
        "",
        r#"{"notification_enabled": false}"#,
        all_inside(200),
    ),
    (
        "put",
        "/chat/rooms/{room_id}/settings",
        "",
        r#"{"message_retention_days": 30}"#,
        inside(403, 403, 200),
    ),
    (
        "put",
        "/chat/rooms/{room_id}/settings",
        "",
        r#"{"auto_delete_enabled": true}"#,
        inside(403, 403, 200),
    ),
    (
        "get",
        "/chat/rooms/{room_id}/messages",
        "",
        "",
        all_inside(200),
    ),
    (
        "post",
        "/chat/rooms/{room_id}/messages",
        "",
        r#"{"message_content": "말"}"#,
        all_inside(201),
    ),
    (
        "put",
        "/chat/rooms/{room_id}/messages/{message_id}",
        "",
        r#"{"message_content": "고친 말"}"#,
        inside(403, 200, 403),
    ),
    (
        "delete",
        "/chat/rooms/{room_id}/messages/{message_id}",
        "",
        "",
        inside(403, 200, 200),
    ),
    // An auditor has to say what for.
    (
        "get",
        "/chat/rooms/{room_id}/messages/{message_id}/history",
        "",
        "",
        [401, 403, 404, 404, 400, 404, 200, 200, 200],
    ),
    (
        "get",
        "/chat/rooms/{room_id}/messages/{message_id}/history",
        "?purpose=complaint",
        "",
        [401, 403, 404, 404, 200, 404, 200, 200, 200],
    ),
    (
        "post",
        "/chat/rooms/{room_id}/read",
        "",
        "{}",
        all_inside(200),
    ),
    (
        "get",
        "/api/v1/chat/rooms/{room_id}/messages",
        "",
        "",
        all_inside(200),
    ),
    (
        "post",
        "/api/v1/chat/rooms/{room_id}/messages",
        "",
        r#"{"message": "말", "message_type": "text", "file_url": null}"#,
        all_inside(201),
    ),
    (
        "post",
        "/api/v1/chat/rooms/{room_id}/read",
        "",
        "{}",
        all_inside(200),
    ),
    (
        "get",
        "/api/v1/chat/rooms/{room_id}/members",
        "",
        "",
        all_inside(200),
    ),
    (
        "post",
        "/api/v1/chat/rooms/{room_id}/members",
        "",
        r#"{"user_id": SPARE}"#,
        all_inside(200),
    ),
    (
        "delete",
        "/api/v1/chat/rooms/{room_id}/members/{user_id}",
        "",
        "",
        inside(403, 403, 200),
    ),
    // A file that a message of this room has. Guests are given those of their own consultation.
    (
        "get",
        "/files/{id}",
        "",
        "",
        [401, 404, 404, 404, 404, 404, 200, 200, 200],
    ),
];

/// Sockets, with the close code for each of [`WHO`]; 0 for those who are let in.
pub const SOCKETS: &[(&str, [u16; 9])] = &[
    (
        "/chat/ws/{room_id}",
        [4401, 4403, 4404, 4404, 4404, 4404, 0, 0, 0],
    ),
    (
        "/ws/chat/{room_id}",
        [4401, 4403, 4404, 4404, 4404, 4404, 0, 0, 0],
    ),
];

/// What in the room of a consultation is not as in a group for those who are in it: method, path,
/// a part of the body, and the status for who asked for it, whose message it is, and for the
/// counsellor.
pub const IN_CONSULTATIONS: &[(&str, &str, &str, [u16; 2])] = &[
    (
        "put",
        "/chat/rooms/{room_id}/settings",
        "message_retention_days",
        [409, 409],
    ),
    (
        "put",
        "/chat/rooms/{room_id}/settings",
        "auto_delete_enabled",
        [409, 409],
    ),
    (
        "put",
        "/chat/rooms/{room_id}/messages/{message_id}",
        "",
        [200, 403],
    ),
    (
        "delete",
        "/chat/rooms/{room_id}/messages/{message_id}",
        "",
        [200, 403],
    ),
    (
        "post",
        "/api/v1/chat/rooms/{room_id}/members",
        "",
        [409, 409],
    ),
    (
        "delete",
        "/api/v1/chat/rooms/{room_id}/members/{user_id}",
        "",
        [409, 409],
    ),
];
