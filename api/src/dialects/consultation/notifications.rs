//! `/ws/counselor/{id}/notifications`: what a counsellor is rung for. It only sends.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::WebSocket;
use domain::{ConnectionId, CounselorId, PersonId, Refusal, SocketEnd};

use crate::app::App;
use crate::commands::matching::{CloseSocket, OpenSocket};
use crate::commands::{CommandError, Request};
use crate::live::{
    Connection, Ended, Frame, Inbound, Missed, Outbox, Rights, Subscriber, Topic, bad_frame, reach,
};

/// Pause before the end of a socket is recorded again.
const RECORD_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Whose notifications they are.
#[derive(Debug, Clone, Copy)]
pub struct Rung {
    pub counselor: CounselorId,
    pub person: PersonId,
}

/// Runs one connection. That it is open is an event: the counsellor can be reached.
pub async fn run(
    app: Arc<App>,
    socket: WebSocket,
    rung: Rung,
    rights: Rights,
    after: Option<String>,
) {
    let subscriber = Arc::new(Subscriber {
        dialect: super::DIALECT,
        person: rung.person,
        outbox: Outbox::new(app.settings.live.queue_bytes, app.hub.wave()),
        still_entitled: rights.still_hold(&app),
    });
    let id = ConnectionId(app.ids.next());
    let mut topics = vec![Topic::Counselor(rung.counselor.0), Topic::Connection(id.0)];
    topics.extend(rights.topics());
    Box::pin(reach(&app, after.as_deref())).await;
    let subscription = app.hub.subscribe(Arc::clone(&subscriber), topics);
    let mut connection = Connection::new(socket, Arc::clone(&subscriber));
    let missed = Missed {
        app: &app,
        subscriber: &subscription.subscriber,
        since: subscription.since,
        topics: &[Topic::Counselor(rung.counselor.0)],
        rooms: &[],
    };
    // On the heap while it lasts, so that a connection does not keep a place for it ever after.
    if let Err(ended) = Box::pin(missed.send(&mut connection, after.as_deref())).await {
        return connection.close(ended).await;
    }
    if let Err(ended) = Box::pin(record_start(&app, rung.counselor, id)).await {
        return connection.close(ended).await;
    }
    let visit = Box::pin(app.presence.arrive(rung.person, None)).await;
    connection
        .run(
            &mut Deaf {
                outbox: &subscriber.outbox,
            },
            rights.limits(&app),
        )
        .await;
    let close = CloseSocket {
        counselor: rung.counselor,
        connection: id,
        end: SocketEnd::Closed,
    };
    Box::pin(record_end(&app, &close)).await;
    Box::pin(visit.end(&app)).await;
    drop(subscription);
}

/// Records that a socket is open.
async fn record_start(app: &App, counselor: CounselorId, id: ConnectionId) -> Result<(), Ended> {
    let open = OpenSocket {
        counselor,
        connection: id,
        node: app.node,
    };
    let request = Request::system(app.ids.next(), None);
    match app.commands.execute(&request, &open).await {
        Ok(_) => Ok(()),
        // They were let in a moment ago.
        Err(CommandError::Refused(Refusal::CounselorInactive)) => Err(Ended::NotAuthenticated),
        Err(error) => {
            tracing::warn!(%error, "a notification socket could not be recorded");
            Err(Ended::TryAgain)
        }
    }
}

/// Records that a socket is closed. While that cannot be recorded, its counsellor counts as one who
/// hears, and requests would ring nowhere: so it is tried until it is, or until the next start of
/// a server ends it.
async fn record_end(app: &App, close: &CloseSocket) {
    loop {
        let request = Request::system(app.ids.next(), None);
        match app.commands.execute(&request, close).await {
            Ok(_) => return,
            Err(CommandError::Refused(refusal)) => {
                tracing::error!(%refusal, "the end of a notification socket was refused");
                return;
            }
            Err(error) => {
                tracing::warn!(%error, "the end of a notification socket is not recorded yet");
                tokio::time::sleep(RECORD_AGAIN_AFTER).await;
            }
        }
    }
}

/// Whatever a client says here is answered with an error.
pub(super) struct Deaf<'a> {
    pub(super) outbox: &'a Outbox,
}

impl Inbound for Deaf<'_> {
    async fn text(&mut self, _text: &str) {
        let error = bad_frame("nothing is taken here: this connection only sends");
        self.outbox.push(Frame::error(&error));
    }

    async fn binary(&mut self) {
        self.outbox
            .push(Frame::error(&bad_frame("frames are text")));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_idle_connection_takes_little_memory() {
        let bytes = crate::live::bytes_of_future(|(app, socket, rung, rights, after)| {
            super::run(app, socket, rung, rights, after)
        });
        assert!(bytes <= crate::live::IDLE_BYTES, "{bytes}");
    }
}
