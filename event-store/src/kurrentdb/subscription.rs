//! Hearing at once that another node has appended. What is not heard is found by looking.

use std::sync::Arc;

use tokio::sync::{Notify, watch};
use tokio::time::sleep;

use super::client::{Client, Failed};
use super::limits::LONGEST_BACKOFF;
use super::revision;
use super::wire::ReadContent;
use crate::feed::Feed;

/// Listens until `closing`. A subscription that ends, in whatever way, is made anew, but no
/// sooner than is decent.
pub(super) async fn run(
    client: Arc<Client>,
    feed: Arc<Feed>,
    wake: Arc<Notify>,
    mut closing: watch::Receiver<bool>,
) {
    loop {
        tokio::select! {
            heard = listen(&client, &feed, &wake) => {
                if let Err(cause) = heard {
                    tracing::debug!(?cause, "other nodes are not heard");
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

async fn listen(client: &Client, feed: &Feed, wake: &Notify) -> Result<(), Failed> {
    let mut answers = client.subscribe(feed.head()).await?;
    while let Some(answer) = client.next(&mut answers).await? {
        if let Some(ReadContent::Event(read)) = answer.content
            && let Some(event) = read.event
            && revision::position(event.stream_revision) > feed.head()
        {
            wake.notify_one();
        }
    }
    Ok(())
}
