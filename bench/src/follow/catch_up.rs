//! Followers of a log that nobody appends to, from the first event to the last.

use std::sync::Arc;

use event_store::EventStore;
use tokio::task::JoinSet;

use crate::failure::Failure;
use crate::meter::Meter;
use crate::report::Measured;

/// The events handed out to all of them in a second.
pub async fn measure(
    store: &Arc<dyn EventStore>,
    followers: usize,
    events: u64,
) -> Result<Measured, Failure> {
    let meter = Meter::start()?;
    let mut tasks = JoinSet::new();
    for _ in 0..followers {
        let mut follow = store.follow(0);
        tasks.spawn(async move {
            let mut position = 0;
            while position < events {
                for event in &*follow.next().await? {
                    if event.position != position + 1 {
                        let found = event.position;
                        return Err(Failure::Wrong(format!("{found} came after {position}")));
                    }
                    position = event.position;
                }
            }
            Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(Measured::of(events * followers as u64, meter.read()?))
}
