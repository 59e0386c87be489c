//! What the two of a consultation do on its socket: say and read.

use axum::http::StatusCode;
use domain::{MessageBody, MessageId, MessageKind};
use projections::messages;

use super::access::Entered;
use crate::app::App;
use crate::commands::Request;
use crate::commands::rooms::{MarkRead, SendMessage};
use crate::error::ApiError;
use crate::once::{Repeatable, Whose, fingerprint};

/// Longest `client_message_id`, in bytes.
const MAX_CLIENT_ID_BYTES: usize = 255;

/// Sends a message. Everyone's copy of the frame, the sender's own included, tells that it is on
/// disk.
pub async fn say(
    app: &App,
    entered: &Entered,
    text: String,
    client_message_id: Option<String>,
) -> Result<(), ApiError> {
    app.limits.message(entered.payer())?;
    let (room, sender) = (entered.room(), entered.person());
    let mut request = Request::new(entered.actor(), app.ids.next());
    let mut message = MessageId(app.ids.next());
    if let Some(key) = &client_message_id {
        if key.is_empty() || key.len() > MAX_CLIENT_ID_BYTES || key.contains('\0') {
            return Err(ApiError::invalid(
                "body",
                "client_message_id",
                "must have 1 to 255 bytes and no NUL",
            ));
        }
        let pepper = &app.authority.pepper;
        let print = fingerprint(pepper, &[text.as_bytes()]);
        let scope = format!("room {room}");
        let whose = Whose::Person(sender);
        let repeatable = Repeatable::new(pepper, whose, &scope, key, print, app.clock.now_us());
        message = MessageId(repeatable.seed.id("message"));
        request.once = Some(repeatable.once);
    }
    let body = MessageBody {
        text,
        client_message_id,
        location: None,
    };
    let command = SendMessage {
        message,
        room,
        sender,
        kind: MessageKind::Text,
        reply_to: None,
        file: None,
        body,
    };
    match app
        .commands
        .execute(&request, &command)
        .await
        .map_err(ApiError::from)
    {
        Ok(_) => Ok(()),
        // Before its acceptance a consultation has no room yet.
        Err(error) if error.status == StatusCode::NOT_FOUND => {
            Err(domain::Refusal::NotActive.into())
        }
        Err(error) => Err(error),
    }
}

/// Marks everything up to a message as read, by its number.
pub async fn read(app: &App, entered: &Entered, number: u64) -> Result<(), ApiError> {
    let unknown = || ApiError::from(domain::Refusal::UnknownMessage);
    if !app.caught_up().await {
        return Err(ApiError::unavailable(
            "reads_lag",
            "the read models are behind",
            1,
        ));
    }
    let message = messages::by_number(&*app.reader, number)
        .await?
        .ok_or_else(unknown)?;
    let command = MarkRead {
        room: entered.room(),
        person: entered.person(),
        message: message.id,
        number: message.number,
    };
    app.commands
        .execute(&Request::new(entered.actor(), app.ids.next()), &command)
        .await?;
    Ok(())
}
