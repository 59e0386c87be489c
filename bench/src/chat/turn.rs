//! When a client says its next message.

use std::pin::Pin;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::time::{Sleep, sleep_until};

/// The timer's own step: lateness up to it is the timer's and not the server's.
const TIMER_STEP: Duration = Duration::from_millis(1);

/// How one client takes its turns.
pub enum Turn {
    /// It only listens.
    Never,
    /// It may have so many more messages without an answer.
    Answered { free: usize },
    /// At its times, whatever was answered.
    Timed {
        every: Duration,
        next: Instant,
        timer: Pin<Box<Sleep>>,
    },
    /// When one of the messages on their way was heard by all.
    Windowed,
}

impl Turn {
    pub fn timed(every: Duration, first: Instant) -> Self {
        Self::Timed {
            every,
            next: first,
            timer: Box::pin(sleep_until(first.into())),
        }
    }

    pub fn speaks(&self) -> bool {
        !matches!(self, Self::Never)
    }

    /// Waits for the next turn; when it was due. May be dropped while it waits.
    pub async fn comes(&mut self, window: &Semaphore) -> Instant {
        match self {
            Self::Answered { free } if *free > 0 => {
                *free -= 1;
                Instant::now()
            }
            Self::Never | Self::Answered { .. } => std::future::pending().await,
            Self::Timed { every, next, timer } => {
                timer.as_mut().await;
                let due = Instant::now().min(*next + TIMER_STEP);
                *next += *every;
                timer.as_mut().reset((*next).into());
                due
            }
            Self::Windowed => {
                match window.acquire().await {
                    Ok(permit) => permit.forget(),
                    // It is never closed.
                    Err(_) => std::future::pending().await,
                }
                Instant::now()
            }
        }
    }

    /// One of its messages was answered.
    pub fn answered(&mut self) {
        if let Self::Answered { free } = self {
            *free += 1;
        }
    }
}
