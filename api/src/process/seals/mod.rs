//! The process manager of seals: what was recorded is sealed, stretch after stretch, and the key
//! store remembers the newest seal.

mod gathering;
mod heads;
mod newest;

use std::sync::Arc;
use std::time::Duration;

use domain::{Event, SealEvent};
use event_store::StoreError;
use event_store::keys::{KeyError, KeyStore};
use event_store::log_seal::SealKey;
use jiff::civil::Date;
use projections::Fact;

use self::gathering::{Gathering, Pushed};
use self::newest::{Newest, date_of};
use super::attempt::attempt;
use super::supervise::{Next, Process};
use super::{ProcessError, micros};
use crate::app::App;
use crate::commands::seals::SealLog;

/// How long after an event, at the latest, what was recorded up to now is sealed; and so the least
/// time between two seals.
const SEAL_AFTER: Duration = Duration::from_secs(10);

/// The process manager of seals.
#[derive(Default)]
pub(super) struct Seals {
    key: Option<Arc<SealKey>>,
    /// None until the log was asked, and after anything that leaves a doubt.
    known: Option<Known>,
    /// The last day whose last root was told to the operator.
    told: Option<Date>,
}

/// How far the log is sealed, and what was gathered since.
struct Known {
    newest: Newest,
    gathering: Gathering,
    /// Facts went by unseen: the log has to be read.
    behind: bool,
}

impl Process for Seals {
    const NAME: &'static str = "seals";

    fn notice(&mut self, fact: &Fact) -> bool {
        let Some(known) = &mut self.known else {
            return false;
        };
        if let Event::Seal(SealEvent::Sealed { to, .. }) = &fact.event
            && *to > known.newest.to
        {
            // Another node's. The next round reads what is so now.
            self.known = None;
            return false;
        }
        if known.behind {
            return false;
        }
        let idle = known.gathering.since().is_none();
        match known.gathering.push(&fact.recorded) {
            Pushed::Taken => idle && known.gathering.since().is_some(),
            Pushed::Known => false,
            Pushed::Ahead | Pushed::Full => {
                known.behind = true;
                true
            }
        }
    }

    fn missed(&mut self) {
        if let Some(known) = &mut self.known {
            known.behind = true;
        }
    }

    async fn round(&mut self, app: &Arc<App>) -> Result<Next, ProcessError> {
        let key = self.key(app).await?;
        // Where the round breaks off, nothing is known any more.
        let mut known = match self.known.take() {
            Some(known) => known,
            None => Known::load(app).await?,
        };
        if known.behind {
            known.behind = !known.gathering.catch_up(&*app.store).await?;
        }
        let now = app.clock.now_us();
        known.newest.tell_day(&mut self.told, date_of(now));
        let Some(since) = known.gathering.since() else {
            let next = if known.behind {
                Next::Now
            } else {
                Next::WhenWoken
            };
            self.known = Some(known);
            return Ok(next);
        };
        let due = since.saturating_add(micros(SEAL_AFTER));
        if now < due && !known.behind {
            self.known = Some(known);
            return Ok(Next::At(due));
        }
        let before = known.newest;
        while let Some(range) = known.gathering.take() {
            attempt(app, Self::NAME, &SealLog::of(&range, &key)).await?;
            let newest = Newest::read(app).await?;
            if newest.root != range.root() {
                // Somebody was quicker.
                return Ok(Next::WhenWoken);
            }
            known.newest.tell_day(&mut self.told, newest.date());
            known.newest = newest;
            metrics::gauge!("maeum_sealed_position").set(gauge(newest.to));
        }
        let (old, new) = (before.head, known.newest.head);
        with_keys(app, move |keys| heads::replace(keys, old, new)).await?;
        known.gathering = Gathering::after(&known.newest);
        // What came in the meantime, the seals among it, is read rather than awaited.
        known.behind = true;
        self.known = Some(known);
        Ok(Next::Now)
    }
}

impl Seals {
    /// The key that signs, made if there is none.
    async fn key(&mut self, app: &App) -> Result<Arc<SealKey>, ProcessError> {
        if let Some(key) = &self.key {
            return Ok(Arc::clone(key));
        }
        let key = Arc::new(with_keys(app, SealKey::load).await?);
        tracing::info!(
            key = key.public(),
            "seals of the log are signed with this key"
        );
        self.key = Some(Arc::clone(&key));
        Ok(key)
    }
}

impl Known {
    async fn load(app: &Arc<App>) -> Result<Self, ProcessError> {
        let newest = Newest::read(app).await?;
        heads::reconcile(app, &newest).await?;
        Ok(Self {
            gathering: Gathering::after(&newest),
            newest,
            behind: true,
        })
    }
}

/// Asks the key store on a thread that may block.
pub(super) async fn with_keys<T: Send + 'static>(
    app: &App,
    ask: impl FnOnce(&dyn KeyStore) -> Result<T, KeyError> + Send + 'static,
) -> Result<T, ProcessError> {
    let keys = Arc::clone(&app.keys);
    let answer = tokio::task::spawn_blocking(move || ask(&*keys))
        .await
        .map_err(|cause| StoreError::Unavailable(cause.to_string()))?;
    Ok(answer.map_err(StoreError::from)?)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge; positions stay below 2^53"
)]
fn gauge(position: u64) -> f64 {
    position as f64
}
