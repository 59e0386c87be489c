//! How far each projection of the live read models has come, and which of them can be compared.

use std::collections::BTreeMap;

use event_store::Position;
use projections::Checkpoint;
use serde::Serialize;

use super::projecting::Log;
use crate::failure::Failure;

/// The projections of the live read models.
#[derive(Debug, Default)]
pub struct Standing {
    /// Those that can be compared, and how far they have come; 0 where one has not begun.
    pub positions: BTreeMap<&'static str, Position>,
    pub not_compared: Vec<NotCompared>,
}

/// A projection that cannot be compared, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotCompared {
    pub projection: String,
    pub reason: String,
}

/// Sorts the projections by whether they belong to this log and to this release.
pub async fn judge(log: &Log, checkpoints: Vec<Checkpoint>) -> Result<Standing, Failure> {
    let mut standing = Standing::default();
    for projection in projections::all() {
        standing.positions.insert(projection.name(), 0);
    }
    let head = log.store.head().await?;
    for found in checkpoints {
        let known = projections::all()
            .into_iter()
            .find(|projection| projection.name() == found.projection);
        let reason = match &known {
            None => Some("this release does not know it".to_owned()),
            Some(known) if known.version() != found.version => Some(format!(
                "its rows are of version {}, this release makes version {}",
                found.version,
                known.version()
            )),
            Some(_) if found.position > head => Some(format!(
                "it has come to position {}, where the log ends at {head}",
                found.position
            )),
            Some(_) => of_another_log(log, &found).await?,
        };
        if let Some(reason) = reason {
            standing
                .positions
                .retain(|name, _| *name != found.projection);
            standing.not_compared.push(NotCompared {
                projection: found.projection,
                reason,
            });
        } else if let Some(known) = known {
            standing.positions.insert(known.name(), found.position);
        }
    }
    Ok(standing)
}

/// A log that was restored has another event where the checkpoint stands.
async fn of_another_log(log: &Log, found: &Checkpoint) -> Result<Option<String>, Failure> {
    let events = log.store.read_positions(&[found.position]).await?;
    let same = events
        .first()
        .is_some_and(|event| event.event_id == found.event_id);
    Ok((!same).then(|| {
        format!(
            "its rows belong to another log, which has event {} at position {}",
            found.event_id, found.position
        )
    }))
}
