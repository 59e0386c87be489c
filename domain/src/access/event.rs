//! What can have happened to the register of one day's accesses.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Concerned;
use crate::event::events;
use crate::{AccountId, Role};

/// What somebody did with what is not theirs. The names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Read events as they are recorded, through the audit API.
    #[serde(rename = "audit.events.read")]
    ReadEvents,
    /// Began to follow events as they are recorded, or was shown a person for the first time.
    #[serde(rename = "audit.events.followed")]
    FollowEvents,
    /// Read of a consultation: as it stands, what was said, its card.
    #[serde(rename = "consultation.read")]
    ReadConsultation,
    /// Read why the requests of a consultation went where they went.
    #[serde(rename = "consultation.dispatch.read")]
    ReadDispatch,
    /// Read, as a counsellor, of requests that became those of others, or of nobody.
    #[serde(rename = "requests.read")]
    ReadRequests,
    /// Read what a counsellor has done so far.
    #[serde(rename = "counselor.statistics.read")]
    ReadStatistics,
    /// Read a counsellor's desk.
    #[serde(rename = "dashboard.read")]
    ReadDashboard,
    /// Read what somebody says of themselves.
    #[serde(rename = "account.read")]
    ReadAccount,
    /// Read of a room: what was said in it, and who is there.
    #[serde(rename = "room.read")]
    ReadRoom,
    /// Read the reasons of legal holds.
    #[serde(rename = "holds.read")]
    ReadHolds,
    /// Read of sessions about somebody's emotions, or as whom they want to be answered.
    #[serde(rename = "emotion.read")]
    ReadEmotions,
}

impl Act {
    pub const ALL: [Self; 11] = [
        Self::ReadEvents,
        Self::FollowEvents,
        Self::ReadConsultation,
        Self::ReadDispatch,
        Self::ReadRequests,
        Self::ReadStatistics,
        Self::ReadDashboard,
        Self::ReadAccount,
        Self::ReadRoom,
        Self::ReadHolds,
        Self::ReadEmotions,
    ];

    /// Whether somebody of this role may do that with what is not theirs.
    pub fn is_open_to(self, role: Role) -> bool {
        match self {
            Self::ReadEvents
            | Self::FollowEvents
            | Self::ReadDispatch
            | Self::ReadDashboard
            | Self::ReadStatistics => matches!(role, Role::Admin | Role::Auditor),
            Self::ReadConsultation | Self::ReadRoom | Self::ReadEmotions => {
                matches!(role, Role::Admin | Role::Auditor | Role::Service)
            }
            Self::ReadRequests => role == Role::Counselor,
            Self::ReadAccount => matches!(role, Role::Admin | Role::Service),
            Self::ReadHolds => role == Role::Admin,
        }
    }

    /// Whether nothing at all is shown without a purpose; of events without one no text is.
    pub fn needs_purpose(self) -> bool {
        match self {
            Self::ReadEvents | Self::FollowEvents => false,
            Self::ReadConsultation
            | Self::ReadDispatch
            | Self::ReadRequests
            | Self::ReadStatistics
            | Self::ReadDashboard
            | Self::ReadAccount
            | Self::ReadRoom
            | Self::ReadHolds
            | Self::ReadEmotions => true,
        }
    }
}

/// What of the log was asked for. Holds no personal content: only names that the log gives itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AccessFilter {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stream: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub event_type: Option<String>,
    /// What this person did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor: Option<Uuid>,
    /// Only the events at these positions.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub positions: Vec<u64>,
}

events! {
    /// What can have happened to the register of one day's accesses.
    AccessEvent {
        /// Recorded before anything is shown: what is not on record was not read.
        Recorded = "access.recorded", "1.0.0" {
            /// Who read.
            account: AccountId,
            role: Role,
            act: Act,
            filter: AccessFilter,
            /// The position of the first event that was shown. Of a state, of what created it.
            from: u64,
            /// The position of the last event that was shown. Of a state, as of which it was.
            to: u64,
            /// How many events were shown, or rows of a state.
            events: u32,
            /// Whose data it was.
            concerned: Concerned,
            /// Why, in the reader's own words and without personal data; with it the texts were
            /// shown, without it none was.
            #[serde(skip_serializing_if = "Option::is_none", default)]
            purpose: Option<String>,
        }
    }
}
