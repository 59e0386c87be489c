//! Whether the log can still be trusted: once poisoned, it is so for ever.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::StoreError;

/// Once poisoned, nothing is appended any more. The process should end, and start anew from
/// what is on disk.
#[derive(Debug)]
pub(crate) struct Health {
    poisoned: watch::Sender<bool>,
    reason: Mutex<Option<String>>,
}

impl Health {
    pub fn new() -> Self {
        Self {
            poisoned: watch::Sender::new(false),
            reason: Mutex::new(None),
        }
    }

    pub fn poison(&self, reason: &str) {
        tracing::error!(
            reason,
            "the event log is poisoned: nothing more is appended"
        );
        self.reason.lock().get_or_insert_with(|| reason.to_owned());
        self.poisoned.send_replace(true);
    }

    pub fn is_poisoned(&self) -> bool {
        *self.poisoned.borrow()
    }

    pub fn watch(&self) -> watch::Receiver<bool> {
        self.poisoned.subscribe()
    }

    pub fn check(&self) -> Result<(), StoreError> {
        if !self.is_poisoned() {
            return Ok(());
        }
        let reason = self.reason.lock().clone().unwrap_or_default();
        Err(StoreError::Unavailable(format!(
            "the log is poisoned: {reason}"
        )))
    }
}

/// Poisons the log if whoever holds it panics.
pub(crate) struct Alarm(pub Arc<Health>);

impl Drop for Alarm {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.poison("the writer panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poisoned_log_refuses_appends_and_says_why() {
        let health = Health::new();
        assert_eq!(health.check(), Ok(()));
        let watch = health.watch();
        health.poison("first");
        health.poison("second");
        assert!(*watch.borrow());
        let refusal = health.check().unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "the event store is unavailable: the log is poisoned: first"
        );
    }
}
