//! A message as it comes: as JSON, or as a form where it has a file.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{FromRequest, Request as HttpRequest};
use domain::{MessageKind, RoomKind, Subject, UploadEnd, UploadId, limits};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as ValueError, StrDeserializer};

use super::access::Entered;
use super::errors::naming;
use super::messages::saying;
use super::shapes::MessageRequest;
use crate::answer::Settled;
use crate::app::App;
use crate::auth::Asked;
use crate::error::ApiError;
use crate::extract::{Body, Problems};
use crate::uploads::{Received, UploadForm, Uploader, discard, found_kind, receive};

/// A message as it came.
pub(super) enum Posted {
    Json(MessageRequest),
    Form(UploadForm),
}

impl FromRequest<Arc<App>> for Posted {
    type Rejection = ApiError;

    async fn from_request(request: HttpRequest, app: &Arc<App>) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        if let Some(form) = UploadForm::of(&parts) {
            return Ok(Self::Form(form));
        }
        let request = HttpRequest::from_parts(parts, body);
        let Body(message) = Body::from_request(request, app).await?;
        Ok(Self::Json(message))
    }
}

/// Sends what came in a form. A file that the message does not come to have is erased, but where
/// the request may come again under its key: it finds its file then.
pub(super) async fn send(
    app: &App,
    entered: &Entered,
    asked: Asked,
    form: UploadForm,
) -> Result<Settled, ApiError> {
    let keeps = asked.repeatable.is_some();
    let received = take(app, entered, &asked, form).await?;
    let settled = say(app, entered, asked, &received).await;
    if let Some(upload) = received.upload.map(|file| file.id) {
        match &settled {
            Ok(settled) if settled.done.repeated && !has(settled, upload) => {
                discard(app, upload, UploadEnd::Repeated).await;
            }
            Err(error) if error.status.is_client_error() && !keeps => {
                discard(app, upload, UploadEnd::NeverAttached).await;
            }
            Ok(_) | Err(_) => {}
        }
    }
    settled
}

/// Whether it is this file that the message has.
fn has(settled: &Settled, upload: UploadId) -> bool {
    let attached = settled.done.event("upload.attached");
    attached.is_some_and(|event| event.stream.key() == upload.to_string())
}

/// Takes a form. Its file is on disk on return; it waits for the message.
async fn take(
    app: &App,
    entered: &Entered,
    asked: &Asked,
    form: UploadForm,
) -> Result<Received, ApiError> {
    let subject = match entered.room.kind {
        RoomKind::Consultation(consultation) => Subject::Consultation(consultation),
        RoomKind::Direct | RoomKind::Group => Subject::Account(entered.caller.account),
    };
    let uploader = Uploader {
        person: entered.person(),
        payer: entered.payer(),
        room: Some(entered.room_id()),
        subject,
    };
    let mut request = asked.request.clone();
    // One key recognises two events, the file's and the message's: each by a hash of its own.
    if let (Some(once), Some(repeatable)) = (&mut request.once, &asked.repeatable) {
        once.dedupe = repeatable.seed.id("upload once").into_bytes();
    }
    let upload = UploadId(asked.new_id(app, "upload"));
    receive(app, request, &uploader, upload, form).await
}

async fn say(
    app: &App,
    entered: &Entered,
    asked: Asked,
    received: &Received,
) -> Result<Settled, ApiError> {
    let file = received.upload.as_ref();
    let mut body = read(&received.fields, file.is_some())?;
    if body.message_type.is_none() {
        body.message_type = file.map(|file| found_kind(file.kind));
    }
    let mut saying = saying(app, entered, body).await?;
    saying.file = file.map(|file| file.id);
    let (mut request, command) = saying.asked(app, asked)?;
    received.bind(app, &mut request.once);
    app.execute(&request, &command).await.map_err(naming)
}

/// The fields of a form, which are texts.
fn read(fields: &BTreeMap<String, String>, has_file: bool) -> Result<MessageRequest, ApiError> {
    let field = |name: &str| fields.get(name).filter(|text| !text.is_empty());
    let mut problems = Problems::of("body");
    let kind = field("message_type").map(|text| {
        let text: StrDeserializer<'_, ValueError> = text.as_str().into_deserializer();
        MessageKind::deserialize(text)
    });
    let is_kind = !matches!(kind, Some(Err(_)));
    problems.require(is_kind, "message_type", "is no type of message");
    let reply_to = field("reply_to_message_id").map(|text| text.parse::<u64>());
    let is_number = !matches!(reply_to, Some(Err(_)));
    let message = "must be a whole number, 0 or more";
    problems.require(is_number, "reply_to_message_id", message);
    let client_id = field("client_message_id").or_else(|| field("clientMessageId"));
    let request = MessageRequest {
        message_content: field("message_content").cloned(),
        message_type: kind.and_then(Result::ok),
        reply_to_message_id: reply_to.and_then(Result::ok),
        location: None,
        client_message_id: client_id.cloned(),
    };
    let text = request.message_content.as_deref().unwrap_or_default();
    let least = usize::from(!has_file);
    problems.length("message_content", text, least..=limits::TEXT_CHARS);
    request.validate_beside_text(&mut problems);
    problems.into_result()?;
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)], has_file: bool) -> Result<MessageRequest, Vec<String>> {
        let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        read(&fields.iter().map(own).collect(), has_file).map_err(|error| {
            let names = error
                .fields
                .iter()
                .map(|field| format!("{:?}", field.location));
            names.collect()
        })
    }

    #[test]
    fn the_text_may_be_missing_where_there_is_a_file() {
        let read = form(&[("message_type", "image")], true).unwrap();
        assert_eq!(read.message_type, Some(MessageKind::Image));
        assert_eq!(read.message_content, None);
        assert_eq!(form(&[], false).unwrap_err().len(), 1);
    }

    #[test]
    fn every_field_that_is_wrong_is_named() {
        let fields = [
            ("message_type", "video"),
            ("reply_to_message_id", "-1"),
            ("message_content", "x"),
        ];
        let wrong = form(&fields, true).unwrap_err().join(" ");
        assert!(wrong.contains("message_type") && wrong.contains("reply_to_message_id"));
        assert!(!wrong.contains("message_content"));
    }
}
