//! Alerts as frames: to whoever is with the person, to those who take calls, to administrators.

use std::sync::Arc;

use axum::extract::ws::WebSocket;
use domain::{AlertAudience, AlertEvent, AlertId, AlertSource, MessageId, PersonId};
use projections::alerts::AlertRow;
use projections::{Fact, alerts, directory, messages};
use serde_json::{Value, json};

use super::frames::{ConsultationFrames, out};
use super::notifications::Deaf;
use crate::app::App;
use crate::live::{Connection, Missed, Outbox, Outgoing, Rights, Subscriber, To, Topic, reach};
use crate::times::LegacyTimes;

impl ConsultationFrames {
    /// Those who hear of an alert.
    pub(super) fn alerted(event: &AlertEvent) -> Vec<Topic> {
        let (source, audience) = source_and_audience(event);
        let counselors = audience.counselor.iter().chain(&audience.waiting);
        let mut topics: Vec<_> = counselors.map(|id| Topic::Counselor(id.0)).collect();
        if let (AlertSource::Consultation(id), Some(_)) = (source, audience.counselor) {
            topics.push(Topic::Consultation(id.0));
        }
        if audience.administrators {
            topics.push(Topic::Alerts);
        }
        topics
    }

    /// The same frame to everybody who hears of it. In the consultation only its counsellor does.
    pub(super) async fn alert(&self, fact: &Fact, event: &AlertEvent) -> Vec<Outgoing> {
        self.views.wait_for(fact.recorded.position).await;
        let row = match alerts::by_id(&*self.reader, AlertId(fact.id)).await {
            Ok(Some(row)) => row,
            Ok(None) => return Vec::new(),
            Err(error) => {
                tracing::error!(%error, "an alert cannot be read");
                return Vec::new();
            }
        };
        let content = self.alert_content(&row, event).await;
        let (_, audience) = source_and_audience(event);
        let person = match audience.counselor {
            Some(counselor) => self.views.counselor_person(counselor).await,
            None => None,
        };
        let to = |topic| match topic {
            Topic::Consultation(_) => person.map(To::Only),
            _ => Some(To::All),
        };
        let topics = Self::alerted(event).into_iter();
        topics
            .filter_map(|topic| Some(out(topic, to(topic)?, fact, &content)))
            .collect()
    }

    async fn alert_content(&self, row: &AlertRow, event: &AlertEvent) -> Value {
        let mut content = self.shown_alert(row).await;
        content["type"] = match event {
            AlertEvent::Raised { .. } | AlertEvent::RaisedAgain { .. } => "risk_alert".into(),
            AlertEvent::Acknowledged { .. } => "risk_acknowledged".into(),
        };
        // As of the event, and not as of now.
        content["times"] = match event {
            AlertEvent::Raised { .. } => 0.into(),
            AlertEvent::RaisedAgain { times, .. } => (*times).into(),
            AlertEvent::Acknowledged { .. } => row.times.into(),
        };
        content
    }

    /// An alert as clients see it: where it was said, and nothing of what was said.
    pub(super) async fn shown_alert(&self, row: &AlertRow) -> Value {
        let (mut consultation, mut message, mut session, mut step) = (None, None, None, None);
        match row.source {
            AlertSource::Consultation(id) => {
                consultation = self.number_of(directory::Kind::Consultation, id.0).await;
                message = self.message_number(MessageId(row.said)).await;
            }
            AlertSource::EmotionSession(id) => {
                session = Some(id.0);
                // What a session is opened with is no step.
                step = Some(row.said).filter(|said| *said != id.0);
            }
        }
        shown(&self.times, row, consultation, message, session, step)
    }
}

impl ConsultationFrames {
    /// None where it is not known yet, or gone: the alert tells its uuid as well.
    async fn message_number(&self, message: MessageId) -> Option<u64> {
        match messages::by_id(&*self.reader, &*self.store, message).await {
            Ok(row) => row.map(|row| row.number),
            Err(error) => {
                tracing::error!(%error, "a message cannot be read");
                None
            }
        }
    }
}

fn shown(
    times: &LegacyTimes,
    row: &AlertRow,
    consultation: Option<u64>,
    message: Option<u64>,
    session: Option<uuid::Uuid>,
    step: Option<uuid::Uuid>,
) -> Value {
    json!({
        "risk_id": row.number,
        "risk_uuid": row.id.0,
        "level": row.level,
        "rule": row.rule,
        "consultation_id": consultation,
        "message_id": message,
        "message_uuid": consultation.map(|_| row.said),
        "session_id": session,
        "step_id": step,
        "raised_at": times.print(row.raised_at),
        "times": row.times,
        "acknowledged_at": row.acknowledged_at.map(|at| times.print(at)),
    })
}

fn source_and_audience(event: &AlertEvent) -> (AlertSource, &AlertAudience) {
    match event {
        AlertEvent::Raised {
            source, audience, ..
        }
        | AlertEvent::RaisedAgain {
            source, audience, ..
        }
        | AlertEvent::Acknowledged {
            source, audience, ..
        } => (*source, audience),
    }
}

/// Runs one connection of an administrator, who hears of alerts. It only sends.
pub(super) async fn run(
    app: Arc<App>,
    socket: WebSocket,
    person: PersonId,
    rights: Rights,
    after: Option<String>,
) {
    let subscriber = Arc::new(Subscriber {
        dialect: super::DIALECT,
        person,
        outbox: Outbox::new(app.settings.live.queue_bytes, app.hub.wave()),
        still_entitled: rights.still_hold(&app),
    });
    let mut topics = vec![Topic::Alerts];
    topics.extend(rights.topics());
    Box::pin(reach(&app, after.as_deref())).await;
    let subscription = app.hub.subscribe(Arc::clone(&subscriber), topics);
    let mut connection = Connection::new(socket, Arc::clone(&subscriber));
    let missed = Missed {
        app: &app,
        subscriber: &subscription.subscriber,
        since: subscription.since,
        topics: &[Topic::Alerts],
        rooms: &[],
    };
    if let Err(ended) = Box::pin(missed.send(&mut connection, after.as_deref())).await {
        return connection.close(ended).await;
    }
    let visit = Box::pin(app.presence.arrive(person, None)).await;
    let mut deaf = Deaf {
        outbox: &subscriber.outbox,
    };
    connection.run(&mut deaf, rights.limits(&app)).await;
    Box::pin(visit.end(&app)).await;
    drop(subscription);
}
