//! The newest seal in the key store, so that a log whose end is cut off is told from a whole one.

use event_store::keys::{KeyError, KeyStore};
use event_store::log_seal::{SealHead, leaf_of};

use super::newest::Newest;
use super::with_keys;
use crate::app::App;
use crate::process::ProcessError;

/// Remembers a newer seal, then forgets the one before: a crash in between leaves both.
pub(super) fn replace(
    keys: &dyn KeyStore,
    old: Option<SealHead>,
    new: Option<SealHead>,
) -> Result<(), KeyError> {
    if let Some(new) = new {
        new.remember(keys)?;
    }
    match old {
        Some(old) if Some(old) != new => old.forget(keys),
        _ => Ok(()),
    }
}

/// Compares what the key store remembers with the log. What the log confirms and is not its newest
/// seal is forgotten. What it does not have is kept for ever: events were lost or replaced.
pub(super) async fn reconcile(app: &App, newest: &Newest) -> Result<(), ProcessError> {
    let mut confirmed = Vec::new();
    let mut lost = 0_u32;
    for head in with_keys(app, SealHead::all).await? {
        let there = app.store.read_positions(&[head.position]).await?;
        if there
            .first()
            .is_some_and(|event| leaf_of(event) == head.leaf)
        {
            confirmed.push(head);
            continue;
        }
        lost += 1;
        tracing::error!(
            position = head.position,
            "the key store remembers a seal that the log does not have: its end was cut off, or it \
             was restored from an older copy; maeum-replay verify tells more"
        );
    }
    metrics::gauge!("maeum_seals_lost").set(f64::from(lost));
    let newest = newest.head;
    with_keys(app, move |keys| {
        for head in confirmed {
            replace(keys, Some(head), newest)?;
        }
        replace(keys, None, newest)
    })
    .await
}
