//! Notification sockets: that one is open is an event, since requests ring there.

use domain::{ConnectionId, Counselor, CounselorCommand, CounselorId, NodeId, SocketEnd};
use event_store::StreamName;

use super::stream_of;
use crate::commands::{Command, CommandError, Work};

/// A notification socket of a counsellor was opened.
#[derive(Debug, Clone, Copy)]
pub struct OpenSocket {
    pub counselor: CounselorId,
    pub connection: ConnectionId,
    /// The process that holds it.
    pub node: NodeId,
}

impl Command for OpenSocket {
    fn stream(&self) -> StreamName {
        stream_of::<Counselor>(self.counselor)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut counselor = work.load::<Counselor>(self.counselor).await?;
        let Self {
            connection, node, ..
        } = *self;
        work.decide(
            &mut counselor,
            CounselorCommand::OpenSocket { connection, node },
        )
    }
}

/// A notification socket of a counsellor is closed.
#[derive(Debug, Clone, Copy)]
pub struct CloseSocket {
    pub counselor: CounselorId,
    pub connection: ConnectionId,
    pub end: SocketEnd,
}

impl Command for CloseSocket {
    fn stream(&self) -> StreamName {
        stream_of::<Counselor>(self.counselor)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut counselor = work.load::<Counselor>(self.counselor).await?;
        let Self {
            connection, end, ..
        } = *self;
        work.decide(
            &mut counselor,
            CounselorCommand::CloseSocket { connection, end },
        )
    }
}
