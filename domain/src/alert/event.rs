//! What can have happened to an alert.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::event::events;
use crate::{AccountId, ConsultationId, CounselorId, EmotionSessionId, PersonId, Risk};

/// Where it was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum AlertSource {
    Consultation(ConsultationId),
    EmotionSession(EmotionSessionId),
}

/// Who is told of an alert. Administrators are told of it as well where no counsellor is with the
/// person, and whenever it is raised again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AlertAudience {
    /// Who is with the person.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub counselor: Option<CounselorId>,
    /// Others who take calls.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub waiting: Vec<CounselorId>,
    pub administrators: bool,
}

events! {
    /// What can have happened to an alert. Nothing of it is personal content: what was said stands
    /// in the message or step.
    AlertEvent {
        /// Its number is the alert's.
        Raised = "alert.raised", "1.0.0" {
            source: AlertSource,
            /// The message or the step; else the session that it opens, or an id for its place in
            /// a consultation: as whom somebody comes, the card, the rating.
            said: Uuid,
            /// Who said it.
            person: PersonId,
            level: Risk,
            /// The id of the rule that found it.
            rule: String,
            audience: AlertAudience,
        }
        /// Nobody acknowledged it in time.
        RaisedAgain = "alert.raised_again", "1.0.0" {
            source: AlertSource,
            /// How often, from 1.
            times: u32,
            audience: AlertAudience,
        }
        Acknowledged = "alert.acknowledged", "1.0.0" {
            source: AlertSource,
            by: AccountId,
            /// All who were told of the alert.
            audience: AlertAudience,
        }
    }
}
