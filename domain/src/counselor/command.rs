//! What can be asked of a counsellor.

use crate::{
    AccountId, CallEnd, ConnectionId, ConsultationId, CounselorStatus, NodeId, OfferId, SocketEnd,
    StatusReason,
};

/// What can be asked of a counsellor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CounselorCommand {
    Register {
        account: AccountId,
        character_type_id: u32,
        counseling_fields: Vec<u32>,
        max_active: Option<u32>,
    },
    SetStatus {
        status: CounselorStatus,
        reason: StatusReason,
    },
    /// Together with the consultation's acceptance.
    TakeCall {
        consultation: ConsultationId,
        offer: OfferId,
        /// How many at once, where the counsellor has no number of their own.
        default_max_active: u32,
    },
    /// Together with the consultation's end, or its return to waiting.
    ReleaseCall {
        consultation: ConsultationId,
        end: CallEnd,
    },
    OpenSocket {
        connection: ConnectionId,
        node: NodeId,
    },
    CloseSocket {
        connection: ConnectionId,
        end: SocketEnd,
    },
    /// The grace without a notification socket is over: who waits goes away.
    MarkUnreachable,
    /// Their calls are given back by `ReleaseCall`, each with its consultation.
    Deactivate,
    Activate,
}
