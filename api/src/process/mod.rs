//! Process managers: what time, or what somebody did, makes the server itself do.
//!
//! Each looks at what is outstanding in the read models and executes a command for it; the event
//! that results settles it. So a rebuild of the read models has no effects, a restart goes on
//! where it stopped, and doing anything twice changes nothing.

mod alerts;
mod attempt;
mod destruction;
mod disposal;
mod erasure;
mod error;
mod idle;
mod matching;
mod open_requests;
mod queue;
mod reach;
mod retention;
mod seals;
mod supervise;
mod sweep;
mod unanswered;
mod waits;

use std::sync::Arc;
use std::time::Duration;

use event_store::Position;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use error::ProcessError;
pub(crate) use retention::days_too_old;
pub use waits::{Wait, Waits};

use self::destruction::Destruction;
use crate::app::App;

/// The running process managers.
pub struct ProcessManagers {
    stop: watch::Sender<bool>,
    /// How often all of them were told to look.
    look: watch::Sender<u64>,
    /// The last look that each of those who record events has done a round for.
    looked: Vec<watch::Receiver<u64>>,
    tasks: Vec<JoinHandle<()>>,
}

impl ProcessManagers {
    /// Starts all of them. Keys that the log says are destroyed are so from here on: a key store
    /// that was put back revives nothing, not for a moment. Sockets of earlier runs are closed by
    /// events first, so that the grace of their counsellors runs.
    pub async fn start(app: &Arc<App>) -> Self {
        let destroyed = destroyed(app).await;
        let (stop, stopped) = watch::channel(false);
        let (look, looks) = watch::channel(0);
        let signals = supervise::Signals {
            stop: stopped,
            look: looks,
        };
        let supervised = [
            supervise::start(app, &signals, reach::Reach::default),
            supervise::start(app, &signals, matching::Matching::default),
            supervise::start(app, &signals, idle::Idle::default),
            supervise::start(app, &signals, seals::Seals::default),
            supervise::start(app, &signals, retention::Retention::default),
            supervise::start(app, &signals, disposal::Disposal::default),
            supervise::start(app, &signals, sweep::Sweep::default),
            supervise::start(app, &signals, move || Destruction::after(destroyed)),
            supervise::start(app, &signals, erasure::Erasure::default),
            supervise::start(app, &signals, unanswered::Unanswered::default),
            supervise::start(app, &signals, alerts::Alerts::default),
        ];
        let (mut tasks, looked): (Vec<_>, Vec<_>) = supervised.into_iter().unzip();
        let (queue, _) = supervise::start(app, &signals, queue::Queue::default);
        tasks.push(queue);
        Self {
            stop,
            look,
            looked,
            tasks,
        }
    }

    /// Lets all of them look at once, e.g. after the clock was moved, and waits until those who
    /// record events have. What they recorded may be cause for another look.
    pub async fn look(&self) {
        self.look.send_modify(|count| *count += 1);
        let count = *self.look.borrow();
        for looked in &self.looked {
            if looked
                .clone()
                .wait_for(|done| *done >= count)
                .await
                .is_err()
            {
                tracing::error!("a process manager has ended");
            }
        }
    }

    /// Lets each finish its round, and ends them.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "the supervisor of a process manager died");
            }
        }
    }
}

/// Up to where the keys are destroyed that the log says are.
async fn destroyed(app: &Arc<App>) -> Position {
    match Destruction::catch_up(app).await {
        Ok(position) => position,
        Err(error) => {
            tracing::error!(%error, "keys that are to be destroyed are not yet");
            0
        }
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
