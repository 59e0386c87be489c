//! What the two of a consultation do on its socket: say and read.

use axum::http::StatusCode;
use domain::{MessageBody, MessageKind};
use projections::messages;

use super::access::Entered;
use crate::app::App;
use crate::auth::Asked;
use crate::commands::Request;
use crate::commands::rooms::MarkRead;
use crate::error::ApiError;
use crate::saying::Saying;

/// Sends a message. Everyone's copy of the frame, the sender's own included, tells that it is on
/// disk.
pub async fn say(
    app: &App,
    entered: &Entered,
    text: String,
    client_message_id: Option<String>,
) -> Result<(), ApiError> {
    app.limits.message(entered.payer())?;
    let saying = Saying {
        room: entered.room(),
        sender: entered.person(),
        kind: MessageKind::Text,
        reply_to: None,
        file: None,
        body: MessageBody {
            text,
            client_message_id,
            location: None,
            link: None,
        },
    };
    let asked = Asked {
        request: Request::new(entered.actor(), app.ids.next()),
        repeatable: None,
    };
    let (request, command) = saying.asked(app, asked)?;
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
