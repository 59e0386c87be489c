//! What was said in a session before its owner asked for a person: the first messages of the room.

use std::collections::{HashMap, HashSet};

use domain::{
    Answer, ConsultationId, EmotionEvent, EmotionSessionId, Event, Exchange, MessageBody,
    MessageId, MessageKind, PersonId, Room, Sealed, StepId, history, limits,
};
use event_store::{StreamName, Version};
use uuid::Uuid;

use crate::commands::rooms::{SendMessage, room_of, send};
use crate::commands::{CommandError, LAST, Loaded, Work};

/// Events read at a time.
const PAGE: usize = 200;

/// Writes what may be read of a session into the room, as messages of whoever said it. What was
/// erased meanwhile is left out.
pub(super) async fn write_history(
    work: &mut Work<'_>,
    room: &Loaded<Room>,
    consultation: ConsultationId,
    session: EmotionSessionId,
    sender: PersonId,
) -> Result<(), CommandError> {
    let exchanges = said_before(work, session, consultation).await?;
    for (index, text) in history(&exchanges).into_iter().enumerate() {
        let id = Uuid::new_v5(&consultation.0, format!("history {index}").as_bytes());
        let message = SendMessage {
            message: MessageId(id),
            room: room_of(consultation),
            sender,
            kind: MessageKind::Text,
            reply_to: None,
            file: None,
            body: MessageBody {
                text,
                client_message_id: None,
                location: None,
                link: None,
            },
        };
        send(work, room, &message)?;
    }
    Ok(())
}

/// The exchanges of a session before it was handed over, oldest first; of a long one the newest.
async fn said_before(
    work: &Work<'_>,
    session: EmotionSessionId,
    consultation: ConsultationId,
) -> Result<Vec<Exchange>, CommandError> {
    let stream = StreamName::new("emotion", session);
    let mut read = Backwards::default();
    let mut from = LAST;
    loop {
        let facts = work.recorded_before(&stream, from, PAGE).await?;
        let oldest: Option<Version> = facts.last().map(|fact| fact.recorded.sequence);
        for fact in facts {
            if let Event::Emotion(event) = fact.event {
                read.event(event, consultation);
            }
        }
        match oldest {
            Some(oldest) if oldest > 1 && read.chars <= limits::HANDED_OVER_CHARS => {
                from = oldest - 1;
            }
            Some(_) | None => break,
        }
    }
    read.exchanges.reverse();
    Ok(read.exchanges)
}

/// Reads a session from its end.
#[derive(Default)]
struct Backwards {
    /// Whether what comes now was said before it was handed over.
    handed_over: bool,
    settled: HashSet<StepId>,
    answers: HashMap<StepId, String>,
    /// The newest first.
    exchanges: Vec<Exchange>,
    /// Characters of them.
    chars: usize,
}

impl Backwards {
    fn event(&mut self, event: EmotionEvent, to: ConsultationId) {
        match event {
            EmotionEvent::HandedOver { consultation, .. } if consultation == to => {
                self.handed_over = true;
            }
            // What was said afterwards is nobody's.
            _ if !self.handed_over => {}
            EmotionEvent::StepAnswered { step, answer, .. } => self.settle(step, Some(&answer)),
            EmotionEvent::StepFailed { step, arrived, .. } => self.settle(step, arrived.as_ref()),
            EmotionEvent::StepCancelled { step, arrived, .. } => self.settle(step, Some(&arrived)),
            EmotionEvent::StepAsked { step, input, .. } => {
                let answered = self.answers.remove(&step).unwrap_or_default();
                if let Some(input) = input.get() {
                    let said = input.user_input.clone();
                    self.chars += said.chars().count() + answered.chars().count();
                    self.exchanges.push(Exchange { said, answered });
                }
            }
            EmotionEvent::Opened { .. }
            | EmotionEvent::StepAskedAgain { .. }
            | EmotionEvent::StepArrived { .. }
            | EmotionEvent::CancelAsked { .. }
            | EmotionEvent::HandedOver { .. }
            | EmotionEvent::Ended { .. }
            | EmotionEvent::CardWritten { .. }
            | EmotionEvent::Erased { .. } => {}
        }
    }

    /// What came of a step last is what came of it.
    fn settle(&mut self, step: StepId, answer: Option<&Sealed<Answer>>) {
        if self.settled.insert(step)
            && let Some(answer) = answer.and_then(Sealed::get)
        {
            self.answers.insert(step, answer.text().to_owned());
        }
    }
}
