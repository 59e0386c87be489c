//! A message's rules: what it may say, who may change it, and until when.

use serde::{Deserialize, Serialize};

use super::{Location, MessageBody, MessageCommand, MessageEvent, MessageKind};
use crate::decide::{Decide, aggregate};
use crate::{PersonId, Refusal, RoomId, limits, text};

/// A message. Its text is in the log only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message(State);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    #[default]
    Unknown,
    Sent(Sent),
    Deleted(Sent),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Sent {
    room: RoomId,
    sender: PersonId,
    kind: MessageKind,
    has_file: bool,
    edits: u32,
}

aggregate!(Message, "message", MessageCommand, MessageEvent);

impl Message {
    /// The room that it is in.
    pub fn room(&self) -> Option<RoomId> {
        self.sent().map(|sent| sent.room)
    }

    pub fn sender(&self) -> Option<PersonId> {
        self.sent().map(|sent| sent.sender)
    }

    pub fn is_deleted(&self) -> bool {
        matches!(self.0, State::Deleted(_))
    }

    fn sent(&self) -> Option<&Sent> {
        match &self.0 {
            State::Unknown => None,
            State::Sent(sent) | State::Deleted(sent) => Some(sent),
        }
    }
}

impl Decide for Message {
    fn decide(&self, command: MessageCommand) -> Result<Vec<MessageEvent>, Refusal> {
        match command {
            MessageCommand::Send {
                message,
                room,
                sender,
                kind,
                reply_to,
                file,
                body,
            } => match self.sent() {
                Some(sent) if sent.room == room && sent.sender == sender => Ok(vec![]),
                Some(_) => Err(Refusal::AlreadyRegistered),
                None => {
                    check(text::content(&body)?, kind, file.is_some())?;
                    Ok(vec![MessageEvent::Sent {
                        message,
                        room,
                        sender,
                        message_kind: kind,
                        reply_to: reply_to.map(|original| original.message),
                        reply_number: reply_to.map(|original| original.number),
                        file,
                        body,
                    }])
                }
            },
            MessageCommand::Edit {
                message,
                by,
                number,
                body,
            } => {
                let sent = self.sent().ok_or(Refusal::UnknownMessage)?;
                if sent.sender != by {
                    return Err(Refusal::NotTheSender);
                }
                if self.is_deleted() {
                    return Err(Refusal::MessageDeleted);
                }
                if sent.edits >= limits::EDITS {
                    return Err(Refusal::TooManyEdits);
                }
                check(text::content(&body)?, sent.kind, sent.has_file)?;
                Ok(vec![MessageEvent::Edited {
                    message,
                    room: sent.room,
                    sender: sent.sender,
                    number,
                    body,
                }])
            }
            MessageCommand::Delete {
                message,
                by,
                creator,
                number,
            } => {
                let sent = self.sent().ok_or(Refusal::UnknownMessage)?;
                if sent.sender != by && creator != Some(by) {
                    return Err(Refusal::NotTheSender);
                }
                if self.is_deleted() {
                    return Ok(vec![]);
                }
                Ok(vec![MessageEvent::Deleted {
                    message,
                    room: sent.room,
                    sender: sent.sender,
                    by,
                    number,
                }])
            }
        }
    }
}

fn check(body: &MessageBody, kind: MessageKind, has_file: bool) -> Result<(), Refusal> {
    let may_have_file = match kind {
        MessageKind::Image | MessageKind::File | MessageKind::Voice => true,
        MessageKind::Text | MessageKind::Location => false,
    };
    if has_file && !may_have_file {
        return Err(Refusal::FileMismatch);
    }
    if body.location.is_some() != (kind == MessageKind::Location) {
        return Err(Refusal::LocationMismatch);
    }
    if let Some(link) = &body.link {
        check_link(link, kind, has_file)?;
    }
    if body.text.is_empty() && !has_file && body.link.is_none() {
        return Err(Refusal::EmptyText);
    }
    text::check(&body.text, 0..=limits::TEXT_CHARS, Refusal::TextTooLong)?;
    if let Some(id) = &body.client_message_id {
        let chars = 0..=limits::CLIENT_MESSAGE_ID_CHARS;
        text::check(id, chars, Refusal::ClientMessageIdTooLong)?;
    }
    body.location.as_ref().map_or(Ok(()), check_location)
}

fn check_link(link: &str, kind: MessageKind, has_file: bool) -> Result<(), Refusal> {
    let refusal = Refusal::LinkNotAllowed;
    let may_have_link = match kind {
        MessageKind::Text | MessageKind::Image | MessageKind::File => !has_file,
        MessageKind::Voice | MessageKind::Location => false,
    };
    let starts = |scheme: &str| {
        link.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    if !may_have_link || !(starts("https://") || starts("http://")) {
        return Err(refusal);
    }
    text::check(link, 1..=limits::LINK_CHARS, refusal)
}

fn check_location(location: &Location) -> Result<(), Refusal> {
    let refusal = Refusal::LocationOutOfRange;
    let is_on_earth = (-90.0..=90.0).contains(&location.latitude)
        && (-180.0..=180.0).contains(&location.longitude);
    if !is_on_earth {
        return Err(refusal);
    }
    match &location.label {
        Some(label) => text::check(label, 0..=limits::LOCATION_LABEL_CHARS, refusal),
        None => Ok(()),
    }
}

impl Message {
    fn evolve(&mut self, event: MessageEvent) {
        match (self.0, event) {
            (
                State::Unknown,
                MessageEvent::Sent {
                    room,
                    sender,
                    message_kind,
                    file,
                    ..
                },
            ) => {
                self.0 = State::Sent(Sent {
                    room,
                    sender,
                    kind: message_kind,
                    has_file: file.is_some(),
                    edits: 0,
                });
            }
            (State::Sent(mut sent), MessageEvent::Edited { .. }) => {
                sent.edits += 1;
                self.0 = State::Sent(sent);
            }
            (State::Sent(sent), MessageEvent::Deleted { .. }) => self.0 = State::Deleted(sent),
            (State::Sent(_) | State::Deleted(_), MessageEvent::Sent { .. })
            | (
                State::Unknown | State::Deleted(_),
                MessageEvent::Edited { .. } | MessageEvent::Deleted { .. },
            ) => {}
        }
    }
}
