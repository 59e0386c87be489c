//! Hearing at once that another node has appended. What is not heard is found by looking.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_postgres::{AsyncMessage, Error};

use super::Connections;
use super::failure::describe;
use super::limits::{CONNECT_WAIT, LONGEST_BACKOFF};
use super::tail::Tail;

/// The channel on which each batch is told of, without a word.
pub(super) const CHANNEL: &str = "maeum_log";

/// Listens until `closing`, on a connection made anew as often as it is lost. What the process
/// `own` of the server tells is known already.
pub(super) async fn run(
    connections: Connections,
    tail: Arc<Tail>,
    own: Arc<AtomicI32>,
    mut closing: watch::Receiver<bool>,
) {
    loop {
        tokio::select! {
            heard = listen(&connections, &tail, &own) => {
                if let Err(cause) = heard {
                    tracing::warn!(cause = describe(&cause), "other nodes are not heard");
                }
            }
            _ = closing.wait_for(|closing| *closing) => return,
        }
        tokio::select! {
            () = sleep(LONGEST_BACKOFF) => {}
            _ = closing.wait_for(|closing| *closing) => return,
        }
    }
}

async fn listen(connections: &Connections, tail: &Tail, own: &AtomicI32) -> Result<(), Error> {
    let (config, tls) = connections.outside_the_pool();
    let Ok(connected) = timeout(CONNECT_WAIT, config.connect(tls)).await else {
        return Ok(());
    };
    let (client, mut connection) = connected?;
    let mut messages = std::pin::pin!(async {
        while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await {
            if let AsyncMessage::Notification(heard) = message?
                && heard.process_id() != own.load(Ordering::Relaxed)
            {
                tail.wake();
            }
        }
        Ok(())
    });
    let listening = async {
        client.batch_execute(&format!("LISTEN {CHANNEL}")).await?;
        // What was told before is looked for.
        tail.wake();
        std::future::pending().await
    };
    tokio::select! {
        ended = &mut messages => ended,
        failed = listening => failed,
    }
}
