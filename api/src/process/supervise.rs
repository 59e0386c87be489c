//! The loop of a process manager: it wakes on facts and due times, and outlives its own failures.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use event_store::Position;
use projections::Fact;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until};

use super::ProcessError;
use crate::app::App;

/// Each looks at least this often, so that neither a lost wake-up nor a clock that was set can
/// hold it up for longer.
const FALLBACK: Duration = Duration::from_secs(1);

/// After a failure, and between two rounds at least where a due time is near.
const PAUSE: Duration = Duration::from_millis(50);

/// When a process manager wants to look again, if nothing wakes it before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// There was more to do than one round may.
    Now,
    /// At this time, in microseconds since the Unix epoch.
    At(i64),
    /// Nothing is outstanding.
    WhenWoken,
}

impl Next {
    /// The earlier of this and a due time. What is due already was tried in this round: it waits
    /// for a wake-up or the fallback.
    pub(super) fn or_at(self, due: i64, now: i64) -> Self {
        match self {
            _ if due <= now => self,
            Self::Now => Self::Now,
            Self::At(at) => Self::At(at.min(due)),
            Self::WhenWoken => Self::At(due),
        }
    }

    /// The earlier of both.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Now, _) | (_, Self::Now) => Self::Now,
            (Self::At(one), Self::At(other)) => Self::At(one.min(other)),
            (Self::WhenWoken, next) | (next, Self::WhenWoken) => next,
        }
    }
}

/// One process manager.
pub(super) trait Process: Send + Sync + 'static {
    const NAME: &'static str;

    /// Every node has one of its own, and not only the one that leads.
    const EVERYWHERE: bool = false;

    /// What lies at least between the beginnings of two rounds.
    const AT_LEAST_BETWEEN: Duration = Duration::ZERO;

    /// Takes notice of a fact; says whether it may give it something to do.
    fn notice(&mut self, fact: &Fact) -> bool;

    /// Facts went by unseen: whatever it took notice of may be out of date.
    fn missed(&mut self) {}

    /// Does what is outstanding now, as the read models show it.
    fn round(&mut self, app: &Arc<App>) -> impl Future<Output = Result<Next, ProcessError>> + Send;
}

/// What all process managers hear.
#[derive(Clone)]
pub(super) struct Signals {
    pub(super) stop: watch::Receiver<bool>,
    pub(super) look: watch::Receiver<u64>,
}

/// Runs a process manager until it is told to stop. One that dies is made anew. The receiver tells
/// for which look a round was last done.
pub(super) fn start<P: Process>(
    app: &Arc<App>,
    signals: &Signals,
    make: impl Fn() -> P + Send + 'static,
) -> (JoinHandle<()>, watch::Receiver<u64>) {
    let (app, signals) = (Arc::clone(app), signals.clone());
    let (looked, looks) = watch::channel(0);
    let supervisor = tokio::spawn(async move {
        loop {
            let run = run(make(), Arc::clone(&app), signals.clone(), looked.clone());
            let Err(error) = tokio::spawn(run).await else {
                return;
            };
            tracing::error!(process = P::NAME, %error, "a process manager died; it is made anew");
            metrics::counter!("maeum_process_restarts_total", "process" => P::NAME).increment(1);
            let mut stop = signals.stop.clone();
            tokio::select! {
                () = stopped(&mut stop) => return,
                () = sleep(FALLBACK) => {}
            }
        }
    });
    (supervisor, looks)
}

async fn run<P: Process>(
    mut process: P,
    app: Arc<App>,
    mut signals: Signals,
    looked: watch::Sender<u64>,
) {
    let mut facts = app.hub.subscribe_facts();
    // What was recorded before the subscription is not woken for.
    let mut seen = app.hub.published();
    let mut leads = app.cluster.leads();
    loop {
        if !P::EVERYWHERE && !*leads.borrow_and_update() {
            tokio::select! {
                biased;
                () = stopped(&mut signals.stop) => return,
                led = leads.wait_for(|leads| *leads) => match led {
                    Ok(_) => process.missed(),
                    Err(_) => return,
                }
            }
        }
        let began = Instant::now();
        let look = *signals.look.borrow_and_update();
        let next = match round(&mut process, &app, seen).await {
            Ok(next) => {
                looked.send_replace(look);
                next
            }
            Err(error) => {
                tracing::warn!(process = P::NAME, %error, "a round of a process manager broke off");
                metrics::counter!("maeum_process_errors_total", "process" => P::NAME).increment(1);
                Next::WhenWoken
            }
        };
        tokio::select! {
            biased;
            () = stopped(&mut signals.stop) => return,
            woken = wake(&mut process, &mut facts) => match woken {
                Some(position) => seen = seen.max(position),
                // The hub is gone: only the fallback is left.
                None => sleep(FALLBACK).await,
            },
            changed = signals.look.changed() => match changed {
                // Facts may be on their way that the read models show already.
                Ok(()) => process.missed(),
                Err(_) => return,
            },
            () = sleep(patience(next, app.clock.now_us())) => {}
        }
        tokio::select! {
            biased;
            () = stopped(&mut signals.stop) => return,
            () = sleep_until(began + P::AT_LEAST_BETWEEN) => {}
        }
        seen = seen.max(drain(&mut process, &mut facts));
    }
}

/// Waits until all are told to stop; also where nobody is left to tell.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        tracing::debug!("process managers were dropped without being stopped");
    }
}

async fn round<P: Process>(
    process: &mut P,
    app: &Arc<App>,
    seen: Position,
) -> Result<Next, ProcessError> {
    if !app.projected(seen).await {
        return Err(ProcessError::Lagging(seen));
    }
    process.round(app).await
}

/// How long to sleep if nothing happens.
fn patience(next: Next, now: i64) -> Duration {
    match next {
        Next::Now => Duration::ZERO,
        Next::WhenWoken => FALLBACK,
        Next::At(at) => {
            let until = u64::try_from(at.saturating_sub(now)).unwrap_or(0);
            Duration::from_micros(until).clamp(PAUSE, FALLBACK)
        }
    }
}

/// Waits for a fact that gives the process something to do; its position. None where no more will
/// come.
async fn wake<P: Process>(process: &mut P, facts: &mut Receiver<Arc<Fact>>) -> Option<Position> {
    loop {
        match facts.recv().await {
            Ok(fact) if process.notice(&fact) => return Some(fact.recorded.position),
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => {
                process.missed();
                return Some(0);
            }
            Err(RecvError::Closed) => return None,
        }
    }
}

/// Takes what else has come: one round is for all of it. The last position.
fn drain<P: Process>(process: &mut P, facts: &mut Receiver<Arc<Fact>>) -> Position {
    let mut last = 0;
    loop {
        match facts.try_recv() {
            Ok(fact) => {
                process.notice(&fact);
                last = fact.recorded.position;
            }
            Err(TryRecvError::Lagged(_)) => process.missed(),
            Err(TryRecvError::Empty | TryRecvError::Closed) => return last,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::clock::SystemClock;
    use crate::settings::Settings;

    /// Dies in its first round, breaks off its second, and is well from then on.
    struct Ailing(Arc<AtomicUsize>);

    impl Process for Ailing {
        const NAME: &'static str = "ailing";

        fn notice(&mut self, _fact: &Fact) -> bool {
            false
        }

        async fn round(&mut self, _app: &Arc<App>) -> Result<Next, ProcessError> {
            match self.0.fetch_add(1, Ordering::SeqCst) {
                0 => panic!("it dies"),
                1 => Err(ProcessError::Lagging(1)),
                _ => Ok(Next::WhenWoken),
            }
        }
    }

    #[tokio::test]
    async fn a_process_manager_that_dies_or_fails_goes_on_and_ends_when_told() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("test.toml");
        std::fs::write(&file, "auth.argon2_memory = \"64KiB\"").unwrap();
        let settings = Settings::for_tests(directory.path(), &file).unwrap();
        let running = crate::start::start(settings, Arc::new(SystemClock))
            .await
            .unwrap();
        let (stop, stopped) = watch::channel(false);
        let (_look, looks) = watch::channel(1);
        let rounds = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&rounds);
        let signals = Signals {
            stop: stopped,
            look: looks,
        };
        let (task, mut looked) = start(&running.app, &signals, move || Ailing(Arc::clone(&count)));
        let well = looked.wait_for(|look| *look == 1);
        tokio::time::timeout(Duration::from_secs(20), well)
            .await
            .unwrap()
            .unwrap();
        assert!(rounds.load(Ordering::SeqCst) >= 3);
        stop.send_replace(true);
        task.await.unwrap();
        running.stop().await;
    }

    const NOW: i64 = 1_000_000_000;

    #[test]
    fn what_is_due_already_waits_for_the_fallback() {
        let next = Next::WhenWoken.or_at(NOW - 1, NOW).or_at(NOW, NOW);
        assert_eq!(next, Next::WhenWoken);
        assert_eq!(patience(next, NOW), FALLBACK);
    }

    #[test]
    fn the_earliest_due_time_counts() {
        let next = Next::WhenWoken
            .or_at(NOW + 700_000, NOW)
            .or_at(NOW + 200_000, NOW);
        assert_eq!(next, Next::At(NOW + 200_000));
        assert_eq!(patience(next, NOW), Duration::from_millis(200));
        assert_eq!(patience(Next::At(NOW + 1), NOW), PAUSE);
        assert_eq!(patience(Next::At(NOW + 60_000_000), NOW), FALLBACK);
    }

    #[test]
    fn more_to_do_goes_before_everything() {
        assert_eq!(Next::At(NOW).or(Next::Now), Next::Now);
        assert_eq!(Next::WhenWoken.or(Next::At(NOW)), Next::At(NOW));
        assert_eq!(patience(Next::Now, NOW), Duration::ZERO);
    }
}
