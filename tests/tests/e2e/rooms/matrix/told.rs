//! What each dialect tells of each deed: the frame, and what is shown afterwards.

use serde_json::{Value, json};
use tests::{Dialect, Seat};

use super::deed::Deed;
use super::holds;

/// The frame that somebody is told, as far as it is settled by the deed; none where their dialect
/// does not tell it them.
pub fn live(seat: &Seat, deed: &Deed) -> Option<Value> {
    match seat.dialect {
        Dialect::Consultation => in_consultation(seat, deed),
        Dialect::Chat => Some(in_chat(seat, deed)),
        Dialect::Feed => in_feed(seat, deed),
    }
}

fn in_consultation(seat: &Seat, deed: &Deed) -> Option<Value> {
    let side = |own: bool| {
        if own == seat.counsels {
            "counselor"
        } else {
            "user"
        }
    };
    match deed {
        Deed::Sent { by, number, text } => Some(json!({
            "type": "message", "id": number, "message": text, "sender_type": side(by.id == seat.user.id),
        })),
        Deed::Edited { number, text } => {
            Some(json!({"type": "message_edited", "message_id": number, "message": text}))
        }
        Deed::Deleted { number } => Some(json!({"type": "message_deleted", "message_id": number})),
        Deed::Read { by, .. } if by.id == seat.user.id => None,
        Deed::Read { number, .. } => Some(json!({
            "type": "message_read", "message_id": number, "sender_type": side(false),
        })),
        Deed::Joined(_) | Deed::Left(_) => None,
    }
}

fn in_chat(seat: &Seat, deed: &Deed) -> Value {
    match deed {
        Deed::Sent { by, number, text } => json!({
            "type": "message", "message_id": number, "content": text, "message_type": "text",
            "room_id": seat.room, "sender_id": by.id,
        }),
        Deed::Edited { number, text } => {
            json!({"type": "message_edited", "message_id": number, "content": text})
        }
        Deed::Deleted { number } => json!({"type": "message_deleted", "message_id": number}),
        Deed::Read { by, number } => json!({
            "type": "message_read", "user_id": by.id, "last_read_message_id": number,
        }),
        Deed::Joined(user) => json!({
            "type": "participant_joined", "user_id": user.id, "user_name": user.name,
        }),
        Deed::Left(user) => json!({
            "type": "participant_left", "user_id": user.id, "user_name": user.name,
        }),
    }
}

fn in_feed(seat: &Seat, deed: &Deed) -> Option<Value> {
    let envelope = |kind: &str, user: u64, data: Value| {
        Some(json!({"type": kind, "room_id": seat.room, "user_id": user, "data": data}))
    };
    match deed {
        Deed::Sent { by, number, text } => {
            let data = json!({
                "id": number, "chat_room_id": seat.room, "user_id": by.id, "message": text,
                "message_type": "text", "is_read": false, "user": {"id": by.id},
            });
            envelope("message", by.id, data)
        }
        Deed::Edited { number, text } => Some(json!({
            "type": "message_edited", "room_id": seat.room, "data": {"id": number, "message": text},
        })),
        Deed::Deleted { number } => Some(json!({
            "type": "message_deleted", "room_id": seat.room, "data": {"id": number},
        })),
        Deed::Read { by, .. } => envelope("read", by.id, json!({"user_id": by.id})),
        Deed::Joined(user) => {
            let data = json!({
                "chat_room_id": seat.room, "user_id": user.id, "role": "member",
                "user": {"id": user.id, "email": user.email, "name": user.name},
            });
            envelope("member_join", user.id, data)
        }
        Deed::Left(user) => envelope("member_leave", user.id, json!({"user_id": user.id})),
    }
}

/// Whether somebody is shown a deed when they ask afterwards.
pub async fn shown(seat: &Seat, deed: &Deed) -> Result<(), String> {
    match deed {
        Deed::Sent { by, number, text } => {
            let row = row(seat, *number).await?;
            let mut expected = json!({seat.text_field(): text});
            match seat.dialect {
                Dialect::Consultation => {
                    let own = by.id == seat.user.id;
                    let side = if own == seat.counsels {
                        "counselor"
                    } else {
                        "user"
                    };
                    expected["sender_type"] = side.into();
                }
                Dialect::Chat => expected["sender_id"] = by.id.into(),
                Dialect::Feed => expected["user_id"] = by.id.into(),
            }
            holds(&row, &expected)
        }
        Deed::Edited { number, text } => {
            let mut expected = json!({seat.text_field(): text});
            if seat.dialect != Dialect::Consultation {
                expected["is_edited"] = true.into();
            }
            holds(&row(seat, *number).await?, &expected)
        }
        Deed::Deleted { number } => {
            let mut expected = json!({seat.text_field(): ""});
            if seat.dialect != Dialect::Consultation {
                expected["is_deleted"] = true.into();
            }
            holds(&row(seat, *number).await?, &expected)
        }
        Deed::Read { by, number } => read(seat, by.id, *number).await,
        Deed::Joined(user) => match member(seat, user.id).await {
            Ok(None) => Err("they are not in the list".to_owned()),
            found => found.map(|_| ()),
        },
        Deed::Left(user) => match member(seat, user.id).await {
            Ok(Some(row)) => Err(format!("they are still in the list: {row}")),
            found => found.map(|_| ()),
        },
    }
}

async fn row(seat: &Seat, number: u64) -> Result<Value, String> {
    let row = seat.row(number).await;
    row.ok_or_else(|| format!("no row {number}"))
}

/// Somebody's row in the list of who is in the room; the consultation's guide has none.
async fn member(seat: &Seat, user: u64) -> Result<Option<Value>, String> {
    let (path, list) = match seat.dialect {
        Dialect::Consultation => return Ok(None),
        Dialect::Chat => ("/participants", "participants"),
        Dialect::Feed => ("/members", "data"),
    };
    let answer = seat.user.get(&seat.path(path)).await;
    let Some(rows) = answer.body[list].as_array() else {
        return Err(format!("{} {}", answer.status, answer.body));
    };
    Ok(rows.iter().find(|row| row["user_id"] == user).cloned())
}

async fn read(seat: &Seat, reader: u64, number: u64) -> Result<(), String> {
    let Some(row) = member(seat, reader).await? else {
        return match seat.dialect {
            Dialect::Consultation => Ok(()),
            Dialect::Chat | Dialect::Feed => Err("they are not in the list".to_owned()),
        };
    };
    if !row["last_read_at"].is_string() {
        return Err(format!("nothing is read: {row}"));
    }
    let expected = json!({"unread_count": 0});
    if seat.dialect == Dialect::Feed {
        holds(&row, &expected)?;
        return holds(&self::row(seat, number).await?, &json!({"is_read": true}));
    }
    if reader == seat.user.id {
        let room = seat.user.lists(seat.room).await;
        return holds(&room.ok_or("the room is not listed")?, &expected);
    }
    Ok(())
}
