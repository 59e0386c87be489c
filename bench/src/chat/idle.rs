//! Many sockets in rooms in which nothing is said, and the memory that each takes of the server.

use std::time::Duration;

use tokio::time::sleep;

use super::BASELINE;
use super::place::{Kind, Layout, Place};
use crate::arguments::{ChatOptions, Common};
use crate::failure::Failure;
use crate::report::{Case, Measured, Run};

/// How long a server may tidy up before its memory is read.
const SETTLES: Duration = Duration::from_secs(3);

pub async fn case(common: &Common, options: &ChatOptions, kinds: &[Kind]) -> Result<Case, Failure> {
    let mut runs = Vec::new();
    for _ in 0..common.runs {
        let mut all = Vec::new();
        for &kind in kinds {
            all.push(kib_of_each(kind, common, options).await?);
        }
        let mut all = all.into_iter();
        runs.push(Run {
            ours: all.next().unwrap_or_default(),
            beside: all.map(|other| (BASELINE, other)).collect(),
            also: Vec::new(),
        });
    }
    let (sockets, rooms) = (options.sockets, options.rooms);
    let name = format!("{sockets} idle sockets, {rooms} rooms");
    Ok(Case::of(name, "KiB a socket", &runs))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts far below 2^52 become figures"
)]
/// On a server of its own: memory that was freed would hide what is taken.
async fn kib_of_each(
    kind: Kind,
    common: &Common,
    options: &ChatOptions,
) -> Result<Measured, Failure> {
    let (rooms, members) = (options.rooms, options.members);
    let place = Place::open(kind, common, options, Layout { rooms, members }).await?;
    // What the first one brings about is not counted.
    let first = place.enter(1).await?;
    sleep(SETTLES.min(common.seconds)).await;
    let before = place.server.memory()?;
    let clients = place.enter(options.sockets).await?;
    sleep(SETTLES.min(common.seconds)).await;
    let bytes = place.server.memory()?.saturating_sub(before);
    drop((first, clients));
    Ok(Measured {
        rate: bytes as f64 / 1024.0 / options.sockets as f64,
        ..Measured::default()
    })
}
