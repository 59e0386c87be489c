//! Steps whose answer nobody gives any more: their process is gone, or knows nothing of them, or
//! their owner does not want it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::{EmotionEvent, Event, StepId};
use projections::Fact;
use projections::emotions::{self, StepRow};
use tokio::time::Instant;

use super::ProcessError;
use super::attempt::attempt;
use super::supervise::{Next, Process};
use crate::app::App;
use crate::commands::emotion::NoteInterrupted;

/// Steps read at a time.
const PAGE: u32 = 500;

/// How long a step of this process may be open without being answered: its task may not have begun.
const BEGINS_WITHIN: Duration = Duration::from_secs(5);

/// The process manager of answers that broke off. Each node looks after its own; the one that leads
/// also after those of nodes that are gone.
#[derive(Default)]
pub(super) struct Unanswered {
    /// Steps of this process that nothing answers, since when.
    missing: HashMap<StepId, Instant>,
}

impl Process for Unanswered {
    const NAME: &'static str = "unanswered";
    const EVERYWHERE: bool = true;

    fn notice(&mut self, fact: &Fact) -> bool {
        match &fact.event {
            Event::Emotion(event) => match event {
                EmotionEvent::StepAsked { .. }
                | EmotionEvent::StepAskedAgain { .. }
                | EmotionEvent::CancelAsked { .. } => true,
                EmotionEvent::Opened { .. }
                | EmotionEvent::StepArrived { .. }
                | EmotionEvent::StepAnswered { .. }
                | EmotionEvent::StepFailed { .. }
                | EmotionEvent::StepCancelled { .. }
                | EmotionEvent::Ended { .. }
                | EmotionEvent::HandedOver { .. }
                | EmotionEvent::CardWritten { .. }
                | EmotionEvent::Erased { .. } => false,
            },
            Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Counselor(_)
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
            | Event::Alert(_) => false,
        }
    }

    async fn round(&mut self, app: &Arc<App>) -> Result<Next, ProcessError> {
        let leads = *app.cluster.leads().borrow();
        let mut open = Vec::new();
        let mut after = 0;
        loop {
            let page = emotions::open_after(&*app.reader, after, PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            after = page.last().map_or(after, |row| row.number);
            open.extend(page);
            if is_last {
                break;
            }
        }
        for row in open.iter().filter(|row| row.cancel_asked) {
            // It was asked where another node answers.
            if let Some(running) = app.answering.find(row.id) {
                running.cancel();
            }
        }
        let broken_off = self.own(app, &open);
        for row in broken_off {
            note(app, &row).await?;
        }
        if leads && open.iter().any(|row| row.node != app.node) {
            let alive = app.cluster.alive().await?;
            for row in open.iter().filter(|row| !alive.contains(&row.node)) {
                note(app, row).await?;
            }
        }
        Ok(Next::WhenWoken)
    }
}

impl Unanswered {
    /// Those of this process that nothing has answered for too long.
    fn own(&mut self, app: &App, open: &[StepRow]) -> Vec<StepRow> {
        let is_missing =
            |row: &&StepRow| row.node == app.node && app.answering.find(row.id).is_none();
        let missing: Vec<&StepRow> = open.iter().filter(is_missing).collect();
        self.missing
            .retain(|step, _| missing.iter().any(|row| row.id == *step));
        let long = missing.into_iter().filter(|row| {
            let since = self.missing.entry(row.id).or_insert_with(Instant::now);
            since.elapsed() >= BEGINS_WITHIN
        });
        long.cloned().collect()
    }
}

async fn note(app: &App, row: &StepRow) -> Result<(), ProcessError> {
    let interrupted = NoteInterrupted {
        session: row.session,
        step: row.id,
        node: row.node,
    };
    attempt(app, Unanswered::NAME, &interrupted).await?;
    Ok(())
}
