//! What can have happened to a counsellor.

use serde::{Deserialize, Serialize};

use crate::event::events;
use crate::{AccountId, ConnectionId, ConsultationId, NodeId, OfferId};

/// Whether a counsellor takes calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CounselorStatus {
    #[default]
    Offline,
    /// Taking calls.
    Waiting,
    Busy,
    Away,
}

/// Why a counsellor's status changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusReason {
    Chosen,
    LoggedOut,
    /// No notification socket was open for the time of grace.
    Unreachable,
    Deactivated,
}

/// How a call ended for the counsellor who had it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallEnd {
    Completed,
    /// The counsellor was deactivated; the consultation waits again.
    GivenBack,
}

/// Why a notification socket counts as closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SocketEnd {
    Closed,
    /// The process that held it is gone.
    NodeLost,
}

events! {
    /// What can have happened to a counsellor.
    CounselorEvent {
        /// Entered into the catalogue. The name shown is the account's.
        Registered = "counselor.registered", "1.0.0" {
            account: AccountId,
            character_type_id: u32,
            counseling_fields: Vec<u32>,
            /// How many consultations at once; none for the setting's.
            max_active: Option<u32>,
        }
        StatusChanged = "counselor.status_changed", "1.0.0" {
            status: CounselorStatus,
            reason: StatusReason,
        }
        CallTaken = "counselor.call_taken", "1.0.0" {
            consultation: ConsultationId,
            offer: OfferId,
        }
        CallReleased = "counselor.call_released", "1.0.0" {
            consultation: ConsultationId,
            end: CallEnd,
        }
        /// A notification socket is open: the counsellor can be reached.
        SocketOpened = "counselor.socket_opened", "1.0.0" {
            connection: ConnectionId,
            node: NodeId,
        }
        SocketClosed = "counselor.socket_closed", "1.0.0" {
            connection: ConnectionId,
            end: SocketEnd,
        }
        Deactivated = "counselor.deactivated", "1.0.0" {}
        Activated = "counselor.activated", "1.0.0" {}
    }
}
