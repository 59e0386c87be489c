//! Alerts in random histories: raised where somebody says something, raised again, taken up.

use domain::*;
use event_store::StreamName;
use rand::RngExt;
use rand::seq::IndexedRandom;
use uuid::Uuid;

use super::{Decision, Stage, World, consultation_stream};

/// An alert, until it is taken up for the last time.
pub struct Alert {
    id: Uuid,
    source: AlertSource,
    times: u32,
}

impl World {
    /// Something happens to an alert; or one is raised by what was said in a talk or a session.
    pub(super) fn alert(&mut self) -> Option<Decision> {
        if !self.alerts.is_empty() && self.random.random() {
            return self.change_alert();
        }
        if self.random.random() {
            self.alert_in_talk()
        } else {
            self.alert_in_session()
        }
    }

    fn alert_in_talk(&mut self) -> Option<Decision> {
        let which = self.consultation(|one| matches!(one.stage, Stage::Active(..)))?;
        let (id, person) = {
            let talk = &self.consultations[which];
            (talk.id, talk.requester.person())
        };
        let Stage::Active(counselor, _) = self.consultations[which].stage else {
            return None;
        };
        let message = MessageId(self.uuid());
        let audience = AlertAudience {
            counselor: Some(self.counselors[counselor].id),
            ..AlertAudience::default()
        };
        let source = AlertSource::Consultation(id);
        let raised = self.raise(source, message.0, person, audience);
        let flagged = ConsultationEvent::RiskFlagged {
            message,
            alert: AlertId(message.0),
            level: Risk::High,
            rule: "ko.wish_to_die".to_owned(),
        };
        Some(vec![(consultation_stream(id), flagged.into()), raised])
    }

    fn alert_in_session(&mut self) -> Option<Decision> {
        let session = self.emotions.choose(&mut self.random)?.clone();
        let said = self.uuid();
        let audience = AlertAudience {
            counselor: None,
            waiting: self.counselors.iter().map(|one| one.id).collect(),
            administrators: true,
        };
        let source = AlertSource::EmotionSession(session.id);
        Some(vec![self.raise(
            source,
            said,
            session.owner.into(),
            audience,
        )])
    }

    fn raise(
        &mut self,
        source: AlertSource,
        said: Uuid,
        person: PersonId,
        audience: AlertAudience,
    ) -> (StreamName, Event) {
        let (id, times) = (said, 0);
        self.alerts.push(Alert { id, source, times });
        let raised = AlertEvent::Raised {
            source,
            said,
            person,
            level: Risk::High,
            rule: "ko.wish_to_die".to_owned(),
            audience,
        };
        (StreamName::new("alert", id), raised.into())
    }

    fn change_alert(&mut self) -> Option<Decision> {
        let which = self.below(self.alerts.len());
        let by = *self.accounts.choose(&mut self.random)?;
        let taken_up = self.below(3) == 0;
        let counselor = self.counselors.choose(&mut self.random).map(|one| one.id);
        let audience = AlertAudience {
            counselor,
            ..AlertAudience::default()
        };
        let alert = &mut self.alerts[which];
        let (id, source) = (alert.id, alert.source);
        let event = if taken_up {
            self.alerts.swap_remove(which);
            AlertEvent::Acknowledged {
                source,
                by,
                audience,
            }
        } else {
            alert.times += 1;
            AlertEvent::RaisedAgain {
                source,
                times: alert.times,
                audience,
            }
        };
        Some(vec![(StreamName::new("alert", id), event.into())])
    }
}
