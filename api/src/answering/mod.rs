//! Answers that are being given. Each is a task of this node, and of no connection: whoever listens
//! reads along, from whichever token on, at their own pace.

mod question;
mod record;
mod running;
mod speak;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::{EmotionSessionId, StepId};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::timeout;

pub use question::Question;
pub use running::{Chunk, End, Ending, Reader, Running};

use crate::app::App;
use crate::commands::emotion::Came;

/// How long answers may go on that are being given when the server is told to stop.
const FINISH_WITHIN: Duration = Duration::from_secs(5);

/// How long those that were told to stop may take to say so.
const GIVE_UP_WITHIN: Duration = Duration::from_secs(5);

/// How long those who read along may take to hear of the end, before they are waited for no more.
const TOLD_WITHIN: Duration = Duration::from_secs(1);

/// The answers that this node is giving.
pub struct Answering {
    running: watch::Sender<usize>,
    steps: Mutex<HashMap<StepId, Arc<Running>>>,
    stopping: watch::Sender<bool>,
}

impl Default for Answering {
    fn default() -> Self {
        Self {
            running: watch::Sender::new(0),
            steps: Mutex::default(),
            stopping: watch::Sender::new(false),
        }
    }
}

impl Answering {
    /// The answer to a step, while this node gives it.
    pub fn find(&self, step: StepId) -> Option<Arc<Running>> {
        self.steps.lock().get(&step).cloned()
    }

    /// The answer that is being given in a session, by this node.
    pub fn in_session(&self, session: EmotionSessionId) -> Option<Arc<Running>> {
        let steps = self.steps.lock();
        steps
            .values()
            .find(|running| running.session == session)
            .cloned()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.steps.lock().len()
    }

    /// Begins to answer a step that was asked.
    pub fn start(app: &Arc<App>, question: Question) -> Arc<Running> {
        let running = Arc::new(Running::of(&question));
        let answering = &app.answering;
        let step = question.step;
        answering.steps.lock().insert(step, Arc::clone(&running));
        answering.running.send_modify(|count| *count += 1);
        let (app, answer) = (Arc::clone(app), Arc::clone(&running));
        tokio::spawn(async move {
            give(&app, &answer, question).await;
            app.answering.steps.lock().remove(&step);
            if timeout(TOLD_WITHIN, answer.read_to_the_end())
                .await
                .is_err()
            {
                tracing::debug!("somebody reads slowly what was answered");
            }
            app.answering.running.send_modify(|count| *count -= 1);
        });
        running
    }

    /// Lets answers end for a while, then ends them, and waits until what came of each is recorded.
    pub async fn stop(&self) {
        let mut running = self.running.subscribe();
        let gone = running.wait_for(|count| *count == 0);
        if timeout(FINISH_WITHIN, gone).await.is_ok() {
            return;
        }
        self.stopping.send_replace(true);
        let gone = running.wait_for(|count| *count == 0);
        if timeout(GIVE_UP_WITHIN, gone).await.is_err() {
            tracing::warn!("some answers are recorded as interrupted by the next start");
        }
    }

    /// Waits until answers are to be given no more.
    async fn stopped(&self) {
        let mut stopping = self.stopping.subscribe();
        // Whoever would tell is this very thing: it is there as long as anybody asks.
        if stopping.wait_for(|stopping| *stopping).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }
}

/// Gives one answer, and records what came of it.
async fn give(app: &Arc<App>, running: &Arc<Running>, question: Question) {
    let request = question.request.clone();
    let speaking = {
        let (app, running) = (Arc::clone(app), Arc::clone(running));
        tokio::spawn(async move {
            let speak = speak::speak(&app, &running, &question);
            tokio::select! {
                biased;
                () = running.cancelled() => Some(Came::Cancelled(running.answer())),
                () = app.answering.stopped() => Some(failed(&running, "going_down")),
                came = speak => came,
            }
        })
    };
    let came = speaking.await.unwrap_or_else(|error| {
        tracing::error!(%error, "an answer died");
        Some(failed(running, "internal"))
    });
    let ending = match came {
        Some(came) => record::record(app, &request, running, came).await,
        None => Ending::interrupted(),
    };
    running.end(ending);
}

fn failed(running: &Running, reason: &str) -> Came {
    Came::Failed {
        reason: reason.to_owned(),
        retryable: true,
        arrived: Some(running.answer()),
    }
}
