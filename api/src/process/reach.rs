//! Who can be reached: sockets of processes that are gone, the grace, and deactivated counsellors.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::{CounselorEvent, CounselorId, Event, NodeId};
use projections::consultations::{self, ConsultationStatus};
use projections::due::{self, DueKind};
use projections::{Fact, Page, counselors};
use tokio::time::Instant;

use super::attempt::attempt;
use super::supervise::{Next, Process};
use super::{ProcessError, micros};
use crate::app::App;
use crate::commands::matching::{CloseLostSockets, GiveBack, MarkUnreachable};

/// How often sockets of processes that are gone are looked for.
const LOOK_FOR_LOST: Duration = Duration::from_secs(1);

/// Counsellors whose grace is judged in one round.
const MAX_UNREACHABLE: u32 = 1_000;

/// Consultations of one counsellor given back in one round.
const MAX_GIVEN_BACK: u32 = 200;

/// The process manager of whether counsellors can be reached.
#[derive(Default)]
pub(super) struct Reach {
    /// When sockets of processes that are gone were last looked for.
    looked: Option<Instant>,
}

impl Process for Reach {
    const NAME: &'static str = "reach";

    fn notice(&mut self, fact: &Fact) -> bool {
        match &fact.event {
            Event::Counselor(event) => match event {
                CounselorEvent::StatusChanged { .. }
                | CounselorEvent::SocketClosed { .. }
                | CounselorEvent::Deactivated {} => true,
                CounselorEvent::Registered { .. }
                | CounselorEvent::CallTaken { .. }
                | CounselorEvent::CallReleased { .. }
                | CounselorEvent::SocketOpened { .. }
                | CounselorEvent::Activated {} => false,
            },
            Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Consultation(_)
            | Event::Room(_)
            | Event::Member(_)
            | Event::Message(_)
            | Event::Presence(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Upload(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Emotion(_)
            | Event::Alert(_) => false,
        }
    }

    async fn round(&mut self, app: &Arc<App>) -> Result<Next, ProcessError> {
        if self.looked.is_none_or(|at| at.elapsed() >= LOOK_FOR_LOST) {
            close_lost_sockets(app).await?;
            self.looked = Some(Instant::now());
        }
        let given_back = give_back(app).await?;
        let unreachable = mark_unreachable(app).await?;
        Ok(given_back.or(unreachable))
    }
}

/// Closes by events what nobody holds open any more, so that the grace runs.
async fn close_lost_sockets(app: &App) -> Result<(), ProcessError> {
    let lost = counselors::sockets_of_other_nodes(&*app.reader, app.node).await?;
    if lost.is_empty() {
        return Ok(());
    }
    let alive = app.cluster.alive().await?;
    let mut gone: BTreeMap<CounselorId, Vec<NodeId>> = BTreeMap::new();
    for socket in lost {
        if !alive.contains(&socket.node) {
            gone.entry(socket.counselor).or_default().push(socket.node);
        }
    }
    for (counselor, gone) in gone {
        attempt(app, Reach::NAME, &CloseLostSockets { counselor, gone }).await?;
    }
    Ok(())
}

/// Lets those go away who wait and have not been reachable for the time of grace.
async fn mark_unreachable(app: &App) -> Result<Next, ProcessError> {
    let grace = micros(app.settings.consultation.counselor_grace);
    let now = app.clock.now_us();
    let kind = DueKind::UnreachableCounselor;
    for row in due::due_before(&*app.reader, kind, now - grace, MAX_UNREACHABLE).await? {
        let counselor = CounselorId(row.aggregate);
        attempt(app, Reach::NAME, &MarkUnreachable { counselor }).await?;
    }
    let oldest = due::next(&*app.reader, kind).await?;
    Ok(oldest.map_or(Next::WhenWoken, |since| {
        Next::WhenWoken.or_at(since + grace, now)
    }))
}

/// What a deactivated counsellor had waits for another one.
async fn give_back(app: &App) -> Result<Next, ProcessError> {
    let reader = &*app.reader;
    let mut next = Next::WhenWoken;
    for row in counselors::list(reader).await? {
        if row.active || row.active_consultations == 0 {
            continue;
        }
        let page = Page {
            page: 1,
            size: MAX_GIVEN_BACK,
        };
        let status = Some(ConsultationStatus::Active);
        let theirs = consultations::of_counselor(reader, row.id, status, page).await?;
        let full = theirs.len() == MAX_GIVEN_BACK as usize;
        let mut recorded = false;
        for consultation in theirs {
            let back = GiveBack {
                consultation: consultation.id,
                counselor: row.id,
            };
            recorded |= attempt(app, Reach::NAME, &back).await?.recorded();
        }
        if full && recorded {
            next = Next::Now;
        }
    }
    Ok(next)
}
