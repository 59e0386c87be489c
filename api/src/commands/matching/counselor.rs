//! Who cannot be reached any more.

use domain::{ConnectionId, Counselor, CounselorCommand, CounselorId, NodeId, SocketEnd};
use event_store::StreamName;

use super::stream_of;
use crate::commands::{Command, CommandError, Work};

/// The grace is over: who waits without an open notification socket goes away.
#[derive(Debug, Clone, Copy)]
pub struct MarkUnreachable {
    pub counselor: CounselorId,
}

impl Command for MarkUnreachable {
    fn stream(&self) -> StreamName {
        stream_of::<Counselor>(self.counselor)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut counselor = work.load::<Counselor>(self.counselor).await?;
        work.decide(&mut counselor, CounselorCommand::MarkUnreachable)
    }
}

/// Closes the notification sockets of a counsellor that processes held which are gone.
#[derive(Debug, Clone)]
pub struct CloseLostSockets {
    pub counselor: CounselorId,
    pub gone: Vec<NodeId>,
}

impl Command for CloseLostSockets {
    fn stream(&self) -> StreamName {
        stream_of::<Counselor>(self.counselor)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut counselor = work.load::<Counselor>(self.counselor).await?;
        let lost: Vec<ConnectionId> = counselor
            .sockets()
            .filter(|(_, node)| self.gone.contains(node))
            .map(|(connection, _)| connection)
            .collect();
        for connection in lost {
            let close = CounselorCommand::CloseSocket {
                connection,
                end: SocketEnd::NodeLost,
            };
            work.decide(&mut counselor, close)?;
        }
        Ok(())
    }
}
