//! What an export says, part after part.

use domain::{FileDetails, Notes, PersonId, Profile, RequestText, RoomText};
use projections::accounts::{self, AccountRow};
use projections::consultations::{self, ConsultationRow};
use projections::messages::{self, MessageRow};
use projections::rooms::{self, RoomRow};
use projections::uploads::{self, UploadRow};
use serde_json::{Value, json};

use super::writer::Writer;
use super::{ExportError, emotions};
use crate::app::App;
use crate::times::utc_millis;

/// Rows read at a time.
const PAGE: u32 = 200;

/// Log-ins that are told of, the newest.
const SESSIONS: u32 = 1_000;

type Written = Result<(), ExportError>;

pub(super) async fn write(app: &App, row: &AccountRow, out: &mut Writer) -> Written {
    let person = PersonId::from(row.id);
    out.mark('{').await?;
    out.field("exported_at", &utc_millis(app.clock.now_us()))
        .await?;
    out.field("account", &account(app, row)?).await?;
    sessions(app, row, out).await?;
    write_rooms(app, person, out).await?;
    write_consultations(app, person, out).await?;
    emotions::write(app, row.id, out).await?;
    files(app, person, out).await?;
    out.mark('}').await
}

fn account(app: &App, row: &AccountRow) -> Result<Value, ExportError> {
    let profile: Option<Profile> = row.profile.open(&*app.keys)?;
    Ok(json!({
        "id": row.id,
        "user_id": row.number,
        "role": row.role,
        "profile": profile,
        "user_type": row.standing.user_type,
        "trust_score": row.standing.trust_score,
        "created_at": utc_millis(row.created_at),
    }))
}

async fn sessions(app: &App, row: &AccountRow, out: &mut Writer) -> Written {
    out.begin_list("sessions").await?;
    for session in accounts::sessions_of(&*app.reader, row.id, SESSIONS).await? {
        let session = json!({
            "id": session.id,
            "opened_at": utc_millis(session.opened_at),
            "rotated_at": session.rotated_at.map(utc_millis),
            "expires_at": utc_millis(session.expires_at),
            "revoked_at": session.revoked_at.map(utc_millis),
        });
        out.item(&session).await?;
    }
    out.mark(']').await
}

async fn write_rooms(app: &App, person: PersonId, out: &mut Writer) -> Written {
    out.begin_list("rooms").await?;
    let mut after = 0;
    loop {
        let page = rooms::ever_rooms_of(&*app.reader, person, after, PAGE).await?;
        let is_last = page.len() < PAGE as usize;
        for room in page {
            after = room.number;
            out.mark('{').await?;
            describe_room(app, person, &room, out).await?;
            write_messages(app, room.number, Some(person), out).await?;
            out.mark('}').await?;
        }
        if is_last {
            return out.mark(']').await;
        }
    }
}

async fn describe_room(app: &App, person: PersonId, room: &RoomRow, out: &mut Writer) -> Written {
    out.field("id", &room.id).await?;
    out.field("room_id", &room.number).await?;
    out.field("kind", &room.kind).await?;
    out.field("opened_at", &utc_millis(room.opened_at)).await?;
    if room.creator == person {
        let text = room.description.as_ref();
        let text: Option<RoomText> = text
            .map(|text| text.open(&*app.keys))
            .transpose()?
            .flatten();
        let booking = room.booking.as_ref();
        let booking = booking.map(|booking| booking.open::<String>(&*app.keys));
        out.field("text", &text).await?;
        out.field("booking", &booking.transpose()?.flatten())
            .await?;
    }
    let member = rooms::member_of(&*app.reader, room.number, person).await?;
    let member = member.map(|member| {
        json!({
            "role": member.role,
            "joined_at": utc_millis(member.joined_at),
            "removed_at": member.removed_at.map(utc_millis),
            "read_number": member.read_number,
            "read_at": member.read_at.map(utc_millis),
            "delivered_number": member.delivered_number,
            "notification_enabled": member.settings.notification_enabled,
            "read_receipt_enabled": member.settings.read_receipt_enabled,
        })
    });
    out.field("membership", &member).await
}

/// The messages of a room, those of one sender or of all.
async fn write_messages(
    app: &App,
    room: u64,
    sender: Option<PersonId>,
    out: &mut Writer,
) -> Written {
    out.begin_list("messages").await?;
    let mut after = 0;
    loop {
        let page = messages::after(&*app.reader, room, after, u64::MAX >> 1, PAGE).await?;
        let is_last = page.len() < PAGE as usize;
        for row in page {
            after = row.position;
            if sender.is_none_or(|sender| row.sender == sender) {
                out.item(&message(app, &row).await?).await?;
            }
        }
        if is_last {
            return out.mark(']').await;
        }
    }
}

async fn message(app: &App, row: &MessageRow) -> Result<Value, ExportError> {
    let versions = messages::versions(&*app.store, &*app.keys, row.id).await?;
    let versions = versions
        .into_iter()
        .map(|version| json!({ "since": utc_millis(version.since), "body": version.body }));
    Ok(json!({
        "id": row.id,
        "message_id": row.number,
        "sender": row.sender,
        "kind": row.kind,
        "reply_to": row.reply_to,
        "file": row.file,
        "sent_at": utc_millis(row.sent_at),
        "edited_at": row.edited_at.map(utc_millis),
        "deleted_at": row.deleted_at.map(utc_millis),
        "versions": versions.collect::<Vec<_>>(),
    }))
}

async fn write_consultations(app: &App, person: PersonId, out: &mut Writer) -> Written {
    out.begin_list("consultations").await?;
    let mut after = 0;
    loop {
        let reader = &*app.reader;
        let page = consultations::of_requester_after(reader, person, after, PAGE).await?;
        let is_last = page.len() < PAGE as usize;
        for row in page {
            after = row.number;
            out.mark('{').await?;
            write_consultation(app, &row, out).await?;
            out.mark('}').await?;
        }
        if is_last {
            return out.mark(']').await;
        }
    }
}

async fn write_consultation(app: &App, row: &ConsultationRow, out: &mut Writer) -> Written {
    let (reader, keys) = (&*app.reader, &*app.keys);
    let request: Option<RequestText> = row.request.open(keys)?;
    let notes = row.notes.as_ref().map(|notes| notes.open::<Notes>(keys));
    let comment = row.comment.as_ref();
    let comment = comment.map(|comment| comment.open::<String>(keys));
    let mut nicknames = Vec::new();
    for (from, name) in consultations::nicknames_of(reader, row.id).await? {
        nicknames.push(json!({"from": from, "nickname": name.open(keys)?}));
    }
    let card = match consultations::card_of(reader, row.id).await? {
        Some(card) => card.open(keys)?,
        None => None,
    };
    out.field("id", &row.id).await?;
    out.field("consultation_id", &row.number).await?;
    out.field("status", &row.status).await?;
    out.field("request", &request).await?;
    out.field("nicknames", &nicknames).await?;
    out.field("requested_at", &utc_millis(row.requested_at))
        .await?;
    out.field("accepted_at", &row.accepted_at.map(utc_millis))
        .await?;
    out.field("ended_at", &row.ended_at.map(utc_millis)).await?;
    out.field("notes", &notes.transpose()?.flatten()).await?;
    out.field("card", &card).await?;
    out.field("score", &row.score).await?;
    out.field("comment", &comment.transpose()?.flatten())
        .await?;
    match rooms::by_consultation(reader, row.id).await? {
        Some(room) => write_messages(app, room.number, None, out).await,
        None => out.field("messages", &Value::Array(Vec::new())).await,
    }
}

async fn files(app: &App, person: PersonId, out: &mut Writer) -> Written {
    out.begin_list("files").await?;
    let mut after = 0;
    loop {
        let page = uploads::of_owner(&*app.reader, person, after, PAGE).await?;
        let is_last = page.len() < PAGE as usize;
        for row in page {
            after = row.number;
            out.mark('{').await?;
            file(app, &row, out).await?;
            out.mark('}').await?;
        }
        if is_last {
            return out.mark(']').await;
        }
    }
}

async fn file(app: &App, row: &UploadRow, out: &mut Writer) -> Written {
    let details: Option<FileDetails> = row.details.open(&*app.keys)?;
    out.field("id", &row.id).await?;
    out.field("name", &details.as_ref().map(|details| &details.name))
        .await?;
    out.field("media_type", &row.media_type).await?;
    out.field("size", &row.size).await?;
    out.field("room", &row.room).await?;
    out.field("message", &row.message).await?;
    out.field("stored_at", &utc_millis(row.stored_at)).await?;
    out.field("erased_at", &row.erased_at.map(utc_millis))
        .await?;
    if details.is_none() || row.erased_at.is_some() {
        return Ok(());
    }
    let bytes = crate::uploads::contents(app, row).await?;
    out.bytes("content", bytes).await
}
