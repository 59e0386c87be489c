//! What the server answers, held against the model.

use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use tests::User;

use super::world::{Message, Room, Who, World};

/// Holds what one person sees of everything against the model.
pub async fn list(world: &World, people: &[User], who: Who) {
    let list = people[who].get("/chat/rooms/").await.expect(200);
    let rows = list["rooms"].as_array().unwrap();
    let theirs = world.rooms.values().filter(|room| room.has(who)).count();
    assert_eq!((rows.len(), &list["total_count"]), (theirs, &json!(theirs)));
    let mut active = usize::MAX;
    for row in rows {
        let number = row["room_id"].as_u64().unwrap();
        let room = &world.rooms[&number];
        assert!(room.active <= active, "the last active first: {list}");
        active = room.active;
        row_of_list(room, people, who, row);
    }
}

fn row_of_list(room: &Room, people: &[User], who: Who, row: &Value) {
    assert!(room.has(who), "{row}");
    let name = if room.is_direct {
        let mut others = room.members.keys().filter(|other| **other != who);
        &people[*others.next().unwrap()].name
    } else {
        &room.name
    };
    let kind = if room.is_direct { "direct" } else { "group" };
    let expected = json!({
        "room_name": name, "room_type": kind, "created_by": people[room.creator].id,
        "participant_count": room.present().len(), "last_message": room.last(),
        "unread_count": room.unread(who), "is_active": true,
    });
    assert_covers(row, &expected);
}

/// Holds what one person sees of one room against the model.
pub async fn room(
    world: &World,
    people: &[User],
    who: Who,
    number: u64,
    random: &mut StdRng,
    all_pages: bool,
) {
    let (room, user) = (&world.rooms[&number], &people[who]);
    let chat = format!("/chat/rooms/{number}");
    let feed = format!("/api/v1/chat/rooms/{number}");
    if !room.has(who) {
        for path in ["", "/messages", "/participants", "/settings"] {
            assert_eq!(user.get(&format!("{chat}{path}")).await.status, 404);
        }
        for path in ["/messages", "/members"] {
            assert_eq!(user.get(&format!("{feed}{path}")).await.status, 404);
        }
        return;
    }
    row_of_list(room, people, who, &user.get(&chat).await.expect(200));
    members(room, people, who, &chat, &feed).await;
    let settings = user.get(&format!("{chat}/settings")).await.expect(200);
    let own = room.members[&who].own;
    let expected = json!({
        "room_id": number, "notification_enabled": own.notification,
        "read_receipt_enabled": own.receipts, "message_retention_days": room.shared.days,
        "auto_delete_enabled": room.shared.auto_delete,
    });
    assert_eq!(settings, expected);
    let size = if all_pages {
        100
    } else {
        random.random_range(1..=20)
    };
    let pages = room.messages.len().div_ceil(size).max(1);
    let shown = if all_pages {
        1..=pages
    } else {
        let page = random.random_range(1..=pages + 1);
        page..=page
    };
    for page in shown {
        messages(room, people, who, (&chat, &feed), (page, size)).await;
    }
    if !room.messages.is_empty() {
        let chosen = random.random_range(0..room.messages.len());
        let message = room.messages.values().nth(chosen).unwrap();
        history(user, &chat, message).await;
    }
}

async fn members(room: &Room, people: &[User], who: Who, chat: &str, feed: &str) {
    let user = &people[who];
    let present = room.present();
    let shown = user.get(&format!("{chat}/participants")).await.expect(200);
    assert_eq!(shown["total_count"], present.len());
    let rows = shown["participants"].as_array().unwrap();
    let seen = user.get(&format!("{feed}/members")).await.expect(200);
    assert_eq!(seen["pagination"]["total"], present.len());
    let others = seen["data"].as_array().unwrap();
    assert_eq!((rows.len(), others.len()), (present.len(), present.len()));
    for ((place, member), (row, other)) in present.iter().zip(rows.iter().zip(others)) {
        let person = &people[*place];
        let expected = json!({
            "user_id": person.id, "user_name": person.name, "is_active": true,
        });
        assert_covers(row, &expected);
        let expected = json!({
            "user_id": person.id, "unread_count": room.unread(*place),
        });
        assert_covers(other, &expected);
        let is_told = member.own.receipts || *place == who;
        for row in [row, other] {
            let is_shown = !row["last_read_at"].is_null();
            assert_eq!(is_shown, member.has_read && is_told, "{row}");
        }
    }
}

/// One page: the newest messages are on the first, and on each the oldest is first.
async fn messages(
    room: &Room,
    people: &[User],
    who: Who,
    (chat, feed): (&str, &str),
    (page, size): (usize, usize),
) {
    let user = &people[who];
    let path = format!("{chat}/messages/?page={page}&size={size}");
    let shown = user.get(&path).await.expect(200);
    let path = format!("{feed}/messages?page={page}&limit={size}");
    let seen = user.get(&path).await.expect(200);
    let total = room.messages.len();
    let has_more = page * size < total;
    assert_covers(&shown, &json!({"total_count": total, "has_more": has_more}));
    let pagination = json!({"total": total, "page": page, "limit": size, "has_more": has_more});
    assert_covers(&seen["pagination"], &pagination);
    let newest = room.messages.values().rev();
    let mut expected: Vec<&Message> = newest.skip((page - 1) * size).take(size).collect();
    expected.reverse();
    let rows = shown["messages"].as_array().unwrap();
    let others = seen["data"].as_array().unwrap();
    assert_eq!(
        (rows.len(), others.len()),
        (expected.len(), expected.len()),
        "page {page} of {size}"
    );
    for (message, (row, other)) in expected.into_iter().zip(rows.iter().zip(others)) {
        let sender = &people[message.sender];
        let is_edited = message.versions.len() > 1;
        let expected = json!({
            "message_id": message.number, "sender_id": sender.id, "sender_name": sender.name,
            "message_content": message.text(), "message_type": "text",
            "reply_to_message_id": message.reply_to, "is_edited": is_edited,
            "is_deleted": message.is_deleted,
        });
        assert_covers(row, &expected);
        assert_eq!(row["edited_at"].is_string(), is_edited, "{row}");
        let expected = json!({
            "id": message.number, "user_id": sender.id, "message": message.text(),
            "is_read": room.is_read(message), "is_edited": is_edited,
            "is_deleted": message.is_deleted, "reply_to_message_id": message.reply_to,
        });
        assert_covers(other, &expected);
        assert_eq!(other["user"]["name"], sender.name);
    }
}

async fn history(user: &User, chat: &str, message: &Message) {
    let path = format!("{chat}/messages/{}/history", message.number);
    let answer = user.get(&path).await;
    if message.is_deleted {
        assert_eq!(answer.status, 403, "{}", answer.body);
        return;
    }
    let history = answer.expect(200);
    let said: Vec<_> = history["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["message_content"].as_str().unwrap())
        .collect();
    assert_eq!(said, message.versions, "{history}");
}

/// Every field of the second is so in the first.
#[track_caller]
fn assert_covers(row: &Value, expected: &Value) {
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(row[field], *value, "{field} of {row}");
    }
}
