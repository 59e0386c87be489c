//! How the consultation dialect shows events: on a consultation's sockets and on a counsellor's.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{
    ConsultationEvent, ConsultationId, EndReason, Event, MemberEvent, MessageEvent, OfferId,
    PersonId, RoomId,
};
use event_store::{EventStore, Position};
use projections::consultations::ConsultationStatus;
use projections::{Fact, Reader, directory};
use serde_json::{Value, json};

use super::shapes::RequestRow;
use super::show::status_word;
use super::view::{Speaker, View, Views};
use crate::live::{Dialect, Ended, Ephemeral, Frame, Hub, Outgoing, Sign, To, Topic};
use crate::process::{Wait, Waits};
use crate::times::LegacyTimes;
use crate::uploads::Files;

/// The consultation dialect's frames.
pub struct ConsultationFrames {
    pub views: Views,
    pub times: LegacyTimes,
    pub reader: Arc<dyn Reader>,
    pub store: Arc<dyn EventStore>,
    pub waits: Waits,
    pub files: Files,
}

#[async_trait]
impl Dialect for ConsultationFrames {
    fn notice(&self, fact: &Fact) -> Vec<Topic> {
        match &fact.event {
            Event::Consultation(event) => {
                if changes_view(event) {
                    self.views
                        .forget(consultation_of(fact), fact.recorded.position);
                }
                let mut topics = vec![Topic::Consultation(consultation_of(fact).0)];
                topics.extend(concerned_counselor(event).map(|id| Topic::Counselor(id.0)));
                topics
            }
            Event::Message(
                MessageEvent::Sent { room, .. }
                | MessageEvent::Edited { room, .. }
                | MessageEvent::Deleted { room, .. },
            )
            | Event::Member(MemberEvent::Read { room, .. } | MemberEvent::Delivered { room, .. }) =>
            {
                vec![Topic::Room(room.0)]
            }
            Event::Account(_) => {
                if let Ok(id) = fact.recorded.stream.key().parse() {
                    self.views.forget_name(PersonId(id), fact.recorded.position);
                }
                Vec::new()
            }
            Event::Alert(event) => Self::alerted(event),
            Event::Member(MemberEvent::SettingsChanged { .. })
            | Event::Counselor(_)
            | Event::Room(_)
            | Event::Presence(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Upload(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Emotion(_) => Vec::new(),
        }
    }

    async fn frames(&self, fact: &Fact) -> Vec<Outgoing> {
        match &fact.event {
            Event::Consultation(event) => self.consultation(fact, event).await,
            Event::Message(event) => self
                .message(fact, event)
                .await
                .into_iter()
                .flatten()
                .collect(),
            Event::Member(MemberEvent::Read {
                room,
                person,
                message: _,
                number,
            }) => {
                let position = fact.recorded.position;
                let Some(view) = self.views.of_room(*room, position).await else {
                    return Vec::new();
                };
                let speaker = self.views.speaker(&view, *person, position).await;
                let content = json!({
                    "type": "message_read",
                    "message_id": number,
                    "sender_type": speaker.kind,
                    "sender_name": speaker.name,
                    "read_at": self.times.print(fact.recorded.recorded_at),
                });
                vec![out(
                    Topic::Room(room.0),
                    To::Except(*person),
                    fact,
                    &content,
                )]
            }
            Event::Alert(event) => self.alert(fact, event).await,
            Event::Member(MemberEvent::Delivered { .. } | MemberEvent::SettingsChanged { .. })
            | Event::Counselor(_)
            | Event::Room(_)
            | Event::Presence(_)
            | Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Upload(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Emotion(_) => Vec::new(),
        }
    }

    async fn ephemeral(&self, told: &Ephemeral) -> Option<Value> {
        let show: fn(&Speaker, bool) -> Value = match told.sign {
            Sign::Here(_) => user_status,
            Sign::Typing(_) => typing,
            Sign::Online(_) => return None,
        };
        let view = self.views.of_room(told.room, 0).await?;
        let speaker = self.views.speaker(&view, told.person, Position::MAX).await;
        match told.sign {
            Sign::Here(is) | Sign::Typing(is) | Sign::Online(is) => Some(show(&speaker, is)),
        }
    }
}

impl ConsultationFrames {
    /// A message as a history row. Its sender's connections are told their own id of it.
    async fn message(&self, fact: &Fact, event: &MessageEvent) -> Option<Vec<Outgoing>> {
        let (room, sender, message, file, body) = match event {
            MessageEvent::Sent {
                room,
                sender,
                message,
                file,
                body,
                ..
            } => (room, sender, message, *file, body),
            MessageEvent::Edited {
                room, number, body, ..
            } => {
                let text = body.get().map_or("", |body| &body.text);
                return self
                    .changed(fact, *room, "message_edited", *number, Some(text))
                    .await;
            }
            MessageEvent::Deleted { room, number, .. } => {
                return self
                    .changed(fact, *room, "message_deleted", *number, None)
                    .await;
            }
        };
        let position = fact.recorded.position;
        let view = self.views.of_room(*room, position).await?;
        let speaker = self.views.speaker(&view, *sender, position).await;
        let client_id = body.get().and_then(|body| body.client_message_id.clone());
        let file = match file {
            Some(upload) => {
                self.views.wait_for(position).await;
                self.files.live(upload).await
            }
            None => None,
        };
        let mut content = json!({
            "type": "message",
            "id": fact.recorded.number(),
            "uuid": message.0,
            "sender_type": speaker.kind,
            "sender_name": speaker.name,
            "message": body.get().map_or("", |body| &body.text),
            "file_url": file.as_ref().map(|file| &file.url),
            "file_name": file.as_ref().map(|file| &file.name),
            "file_size": file.as_ref().map(|file| file.size),
            "created_at": self.times.print(fact.recorded.recorded_at),
        });
        let topic = Topic::Room(room.0);
        let Some(client_id) = client_id else {
            return Some(vec![out(topic, To::All, fact, &content)]);
        };
        let others = out(topic, To::Except(*sender), fact, &content);
        content["client_message_id"] = client_id.into();
        Some(vec![others, out(topic, To::Only(*sender), fact, &content)])
    }

    /// What became of a message: the words it has now, or that it is gone.
    async fn changed(
        &self,
        fact: &Fact,
        room: RoomId,
        frame_type: &str,
        number: u64,
        text: Option<&str>,
    ) -> Option<Vec<Outgoing>> {
        self.views.of_room(room, fact.recorded.position).await?;
        let at = self.times.print(fact.recorded.recorded_at);
        let mut content = json!({"type": frame_type, "message_id": number});
        match text {
            Some(text) => {
                content["message"] = text.into();
                content["edited_at"] = at.into();
            }
            None => content["deleted_at"] = at.into(),
        }
        Some(vec![out(Topic::Room(room.0), To::All, fact, &content)])
    }

    /// What the event is to the two of the consultation, and what to the counsellor it concerns.
    async fn consultation(&self, fact: &Fact, event: &ConsultationEvent) -> Vec<Outgoing> {
        let id = consultation_of(fact);
        let Some(view) = self.views.at(id, fact.recorded.position).await else {
            return Vec::new();
        };
        let mut frames = self.statuses(fact, event, &view).await;
        if let Some(counselor) = concerned_counselor(event)
            && let Some(content) = self.ring(fact, event, &view).await
        {
            frames.push(out(Topic::Counselor(counselor.0), To::All, fact, &content));
        }
        frames
    }

    /// A status frame for each change of status. The last one ends the connections.
    async fn statuses(&self, fact: &Fact, event: &ConsultationEvent, view: &View) -> Vec<Outgoing> {
        let at = fact.recorded.recorded_at;
        let topic = Topic::Consultation(view.id.0);
        let status = |to, content: &Value| out(topic, to, fact, content);
        let over = |word: &str, reason: EndReason| {
            let content = json!({
                "type": "status",
                "status": word,
                "reason": reason,
                "completed_at": self.times.print(at),
                "duration_minutes": view.minutes_until(at),
            });
            vec![ended(status(To::All, &content))]
        };
        match event {
            ConsultationEvent::Requested { .. } => vec![status(To::All, &waiting())],
            ConsultationEvent::ReturnedToWaiting { counselor } => {
                let Some(former) = self.views.counselor_person(*counselor).await else {
                    return vec![status(To::All, &waiting())];
                };
                let stays = status(To::Except(former), &waiting());
                vec![stays, ended(status(To::Only(former), &waiting()))]
            }
            ConsultationEvent::Accepted {
                counselor,
                account,
                character_type_id,
                ..
            } => {
                let content = json!({
                    "type": "status",
                    "status": "active",
                    "counselor_id": self.counselor_number(counselor.0).await,
                    "counselor_name": self.views.account_name(*account).await,
                    "character_type_id": character_type_id,
                    "character_name": self.views.character_name(*character_type_id),
                    "accepted_at": self.times.print(at),
                });
                vec![status(To::All, &content)]
            }
            ConsultationEvent::Completed { reason, .. } => over("completed", *reason),
            ConsultationEvent::Terminated { reason } => over("terminated", *reason),
            ConsultationEvent::Offered { .. }
            | ConsultationEvent::OfferWithdrawn { .. }
            | ConsultationEvent::OfferExpired { .. }
            | ConsultationEvent::OfferRejected { .. }
            | ConsultationEvent::NicknameChanged { .. }
            | ConsultationEvent::NotesWritten { .. }
            | ConsultationEvent::CardIssued { .. }
            | ConsultationEvent::CardNoted { .. }
            | ConsultationEvent::Rated { .. }
            | ConsultationEvent::RiskFlagged { .. }
            | ConsultationEvent::HistoryGranted { .. }
            | ConsultationEvent::Erased {} => Vec::new(),
        }
    }

    /// What a counsellor's notification socket says.
    async fn ring(&self, fact: &Fact, event: &ConsultationEvent, view: &View) -> Option<Value> {
        let position = fact.recorded.position;
        match event {
            ConsultationEvent::Offered { offer, .. } => {
                let request = RequestRow {
                    id: fact.recorded.number(),
                    uuid: offer.0,
                    consultation_id: view.number,
                    user_nickname: view.nickname_at(position),
                    character_preference: view.preference.clone(),
                    status: "pending",
                    requested_at: self.times.print(view.requested_at),
                };
                Some(json!({"type": "new_request", "request": request}))
            }
            ConsultationEvent::OfferWithdrawn { offer, reason, .. } => Some(json!({
                "type": "request_withdrawn",
                "request_id": self.offer_number(*offer, position).await,
                "consultation_id": view.number,
                "reason": reason,
            })),
            ConsultationEvent::OfferExpired { offer, .. } => Some(json!({
                "type": "request_expired",
                "request_id": self.offer_number(*offer, position).await,
                "consultation_id": view.number,
            })),
            ConsultationEvent::Completed { reason, .. } => Some(json!({
                "type": "consultation_ended",
                "consultation_id": view.number,
                "consultation_code": view.code,
                "status": "completed",
                "reason": reason,
            })),
            ConsultationEvent::Requested { .. }
            | ConsultationEvent::Accepted { .. }
            | ConsultationEvent::ReturnedToWaiting { .. }
            | ConsultationEvent::Terminated { .. }
            | ConsultationEvent::OfferRejected { .. }
            | ConsultationEvent::NicknameChanged { .. }
            | ConsultationEvent::NotesWritten { .. }
            | ConsultationEvent::CardIssued { .. }
            | ConsultationEvent::CardNoted { .. }
            | ConsultationEvent::Rated { .. }
            | ConsultationEvent::RiskFlagged { .. }
            | ConsultationEvent::HistoryGranted { .. }
            | ConsultationEvent::Erased {} => None,
        }
    }

    /// Tells those who wait in a consultation how far it is in the queue.
    pub fn tell_place(&self, hub: &Hub, consultation: ConsultationId, wait: Wait) {
        let content = json!({
            "type": "status",
            "status": "waiting",
            "queue_position": wait.queue_position,
            "estimated_wait_seconds": wait.estimated_wait_seconds,
        });
        hub.ephemeral(
            super::DIALECT,
            Topic::Consultation(consultation.0),
            To::All,
            &content,
        );
    }

    /// How the consultation stands: the first frame of a connection.
    pub async fn present_status(&self, view: &View) -> Value {
        let print = |at: Option<i64>| at.map(|at| self.times.print(at));
        let mut content = json!({"type": "status", "status": status_word(view.status)});
        match view.status {
            ConsultationStatus::Waiting => {
                if let Ok(Some(wait)) = self.waits.of(view.id).await {
                    content["queue_position"] = wait.queue_position.into();
                    content["estimated_wait_seconds"] = wait.estimated_wait_seconds.into();
                }
            }
            ConsultationStatus::Active => {
                content["accepted_at"] = print(view.accepted_at).into();
                if let Some(counselor) = view.counselor {
                    content["counselor_id"] = self.counselor_number(counselor.0).await.into();
                    content["counselor_name"] = self.views.counselor_name(counselor).await.into();
                }
            }
            ConsultationStatus::Completed | ConsultationStatus::Terminated => {
                content["completed_at"] = print(view.ended_at).into();
                let minutes = view.ended_at.map_or(0, |ended| view.minutes_until(ended));
                content["duration_minutes"] = minutes.into();
            }
        }
        content
    }

    async fn offer_number(&self, offer: OfferId, position: Position) -> Option<u64> {
        self.views.wait_for(position).await;
        self.number_of(directory::Kind::Offer, offer.0).await
    }

    async fn counselor_number(&self, counselor: uuid::Uuid) -> Option<u64> {
        self.number_of(directory::Kind::Counselor, counselor).await
    }

    pub(super) async fn number_of(&self, kind: directory::Kind, id: uuid::Uuid) -> Option<u64> {
        match directory::number_of(&*self.reader, kind, id).await {
            Ok(number) => number,
            Err(error) => {
                tracing::error!(%error, "the directory cannot be read");
                None
            }
        }
    }
}

/// What the person whose connection came or went is shown as to the others.
fn user_status(speaker: &Speaker, online: bool) -> Value {
    json!({
        "type": "user_status",
        "sender_type": speaker.kind,
        "sender_name": speaker.name,
        "status": if online { "online" } else { "offline" },
    })
}

/// A typing frame.
fn typing(speaker: &Speaker, is_typing: bool) -> Value {
    json!({
        "type": "typing",
        "sender_type": speaker.kind,
        "sender_name": speaker.name,
        "is_typing": is_typing,
    })
}

fn waiting() -> Value {
    json!({"type": "status", "status": "waiting"})
}

pub(super) fn out(topic: Topic, to: To, fact: &Fact, content: &Value) -> Outgoing {
    let frame = Frame::durable(content, fact.recorded.position);
    Outgoing {
        topic,
        to,
        frame,
        then: None,
    }
}

fn ended(mut outgoing: Outgoing) -> Outgoing {
    outgoing.then = Some(Ended::NotAllowed);
    outgoing
}

/// The consultation on whose stream an event stands.
pub fn consultation_of(fact: &Fact) -> ConsultationId {
    ConsultationId(fact.recorded.stream.key().parse().unwrap_or_default())
}

/// Which counsellor an event is told to on the notification socket.
fn concerned_counselor(event: &ConsultationEvent) -> Option<domain::CounselorId> {
    match event {
        ConsultationEvent::Offered { counselor, .. }
        | ConsultationEvent::OfferExpired { counselor, .. }
        | ConsultationEvent::OfferWithdrawn { counselor, .. }
        | ConsultationEvent::Completed { counselor, .. } => Some(*counselor),
        ConsultationEvent::Requested { .. }
        | ConsultationEvent::OfferRejected { .. }
        | ConsultationEvent::Accepted { .. }
        | ConsultationEvent::ReturnedToWaiting { .. }
        | ConsultationEvent::NicknameChanged { .. }
        | ConsultationEvent::Terminated { .. }
        | ConsultationEvent::NotesWritten { .. }
        | ConsultationEvent::CardIssued { .. }
        | ConsultationEvent::CardNoted { .. }
        | ConsultationEvent::Rated { .. }
        | ConsultationEvent::RiskFlagged { .. }
        | ConsultationEvent::HistoryGranted { .. }
        | ConsultationEvent::Erased {} => None,
    }
}

/// Whether what is known of the consultation has to be read anew.
fn changes_view(event: &ConsultationEvent) -> bool {
    match event {
        ConsultationEvent::Requested { .. }
        | ConsultationEvent::Accepted { .. }
        | ConsultationEvent::ReturnedToWaiting { .. }
        | ConsultationEvent::NicknameChanged { .. }
        | ConsultationEvent::Completed { .. }
        | ConsultationEvent::Terminated { .. } => true,
        ConsultationEvent::Offered { .. }
        | ConsultationEvent::OfferRejected { .. }
        | ConsultationEvent::OfferExpired { .. }
        | ConsultationEvent::OfferWithdrawn { .. }
        | ConsultationEvent::NotesWritten { .. }
        | ConsultationEvent::CardIssued { .. }
        | ConsultationEvent::CardNoted { .. }
        | ConsultationEvent::Rated { .. }
        | ConsultationEvent::RiskFlagged { .. }
        | ConsultationEvent::HistoryGranted { .. }
        | ConsultationEvent::Erased {} => false,
    }
}
