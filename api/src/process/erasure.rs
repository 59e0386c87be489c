//! Erasure: what was asked for is carried out, step by step. Each step is recorded or can be done
//! twice, so that whoever comes after a crash goes on from the beginning and finds the first ones
//! done.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use domain::{
    AccountId, Bucket, ConsultationId, EndedBy, ErasureEvent, Event, HoldEvent, PersonId, Receipt,
    RoomId, Subject, UploadEnd,
};
use event_store::log_seal::SealKey;
use projections::erasures::{self, ErasureRow};
use projections::uploads::UploadRow;
use projections::{Fact, consultations, uploads};
use uuid::Uuid;

use super::ProcessError;
use super::attempt::{Attempt, attempt};
use super::destruction::destroy_keys;
use super::seals::with_keys;
use super::supervise::{Next, Process};
use crate::app::App;
use crate::commands::Command;
use crate::commands::consultations::EndConsultation;
use crate::commands::erasure::{CompleteErasure, EraseAccount, EraseConsultation};
use crate::commands::rooms::room_of;
use crate::commands::uploads::EraseUpload;

/// Erasures, consultations or files read at a time.
const PAGE: u32 = 500;

/// Keys destroyed at a time.
const KEYS: usize = 500;

/// How long an erasure waits for the search index, before it is tried again.
const INDEX_WITHIN: Duration = Duration::from_secs(2);

/// The process manager of erasures.
#[derive(Default)]
pub(super) struct Erasure {}

/// Somebody else was quicker, or a hold was placed: the next round sees what is so then.
struct Stopped;

impl Process for Erasure {
    const NAME: &'static str = "erasure";

    fn notice(&mut self, fact: &Fact) -> bool {
        match &fact.event {
            Event::Erasure(event) => match event {
                ErasureEvent::Requested { .. } => true,
                ErasureEvent::Withdrawn { .. } | ErasureEvent::Completed { .. } => false,
            },
            Event::Hold(event) => match event {
                HoldEvent::Lifted { .. } => true,
                HoldEvent::Placed { .. } => false,
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
            | Event::Emotion(_)
            | Event::Alert(_) => false,
        }
    }

    async fn round(&mut self, app: &Arc<App>) -> Result<Next, ProcessError> {
        let mut after = 0;
        loop {
            let page = erasures::outstanding(&*app.reader, after, PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            for row in page {
                after = row.number;
                carry_out(app, &row).await?;
            }
            if is_last {
                return Ok(Next::WhenWoken);
            }
        }
    }
}

async fn carry_out(app: &App, row: &ErasureRow) -> Result<(), ProcessError> {
    if erasures::is_held(&*app.reader, row.subject).await? {
        return Ok(());
    }
    let Ok(gone) = record(app, row.subject).await? else {
        return Ok(());
    };
    for names in gone.keys.chunks(KEYS) {
        destroy_keys(app, names.to_vec()).await?;
    }
    for object in gone.objects {
        if let Err(error) = app.uploads.objects.remove(object).await {
            tracing::warn!(%error, "an erased file could not be removed; it is tried again");
            return Ok(());
        }
    }
    let head = app.store.head().await?;
    if !app.search.passes(head, INDEX_WITHIN).await {
        return Err(ProcessError::Lagging(head));
    }
    let receipt = Receipt {
        erasure: row.id,
        subject: row.subject,
        requested_at: row.requested_at,
        completed_at: app.clock.now_us(),
        consultations: gone.consultations,
        files: gone.files,
    };
    let key = with_keys(app, SealKey::load).await?;
    let complete = CompleteErasure::of(&receipt, &key);
    if attempt(app, Erasure::NAME, &complete).await?.recorded() {
        tracing::info!(erasure = %row.id, "an erasure is complete");
    }
    Ok(())
}

/// What the log says is gone, and now has to be.
#[derive(Default)]
struct Gone {
    keys: Vec<Arc<str>>,
    /// By which the object store knows the files.
    objects: HashSet<Uuid>,
    consultations: u64,
    files: u64,
}

/// Records all that is to go, and waits until the read models have passed it.
async fn record(app: &App, subject: Subject) -> Result<Result<Gone, Stopped>, ProcessError> {
    let mut gone = Gone::default();
    gone.keys.push(subject.to_string().into());
    match subject {
        Subject::Account(account) => {
            // From here on the person can do nothing more that would have to be erased.
            if !happens(app, &EraseAccount { account }).await? {
                return Ok(Err(Stopped));
            }
            let mut after = 0;
            loop {
                let reader = &*app.reader;
                let page =
                    consultations::of_requester_after(reader, account.into(), after, PAGE).await?;
                let is_last = page.len() < PAGE as usize;
                for row in page {
                    after = row.number;
                    let subject = Subject::Consultation(row.id);
                    gone.keys.push(subject.to_string().into());
                    if !erase_consultation(app, row.id, None, &mut gone).await? {
                        return Ok(Err(Stopped));
                    }
                }
                if is_last {
                    break;
                }
            }
            // What a counsellor sent in a consultation, sealed under it, belongs to the other.
            let own = subject.to_string();
            let is_own = |row: &UploadRow| *row.details.keys().subject == *own;
            if !erase_files(app, Files::Of(account.into()), is_own, &mut gone).await? {
                return Ok(Err(Stopped));
            }
        }
        Subject::Consultation(consultation) => {
            let row = consultations::by_id(&*app.reader, consultation).await?;
            let guest = row.map(|row| row.requester).and_then(guest_of);
            if !erase_consultation(app, consultation, guest, &mut gone).await? {
                return Ok(Err(Stopped));
            }
        }
    }
    Ok(Ok(gone))
}

fn guest_of(requester: domain::Requester) -> Option<PersonId> {
    match requester {
        domain::Requester::Guest(person) => Some(person),
        domain::Requester::Account(AccountId(_)) => None,
    }
}

/// Ends a consultation, records that it and its files are gone. False if something was against it.
async fn erase_consultation(
    app: &App,
    consultation: ConsultationId,
    guest: Option<PersonId>,
    gone: &mut Gone,
) -> Result<bool, ProcessError> {
    let by = EndedBy::User;
    let end = EndConsultation { consultation, by };
    if !happens(app, &end).await? || !happens(app, &EraseConsultation { consultation }).await? {
        return Ok(false);
    }
    gone.consultations += 1;
    let room = Files::In(room_of(consultation));
    for files in [Some(room), guest.map(Files::Of)].into_iter().flatten() {
        if !erase_files(app, files, |_| true, gone).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Which files.
#[derive(Clone, Copy)]
enum Files {
    Of(PersonId),
    In(RoomId),
}

/// Records that files are gone. False if something was against it.
async fn erase_files(
    app: &App,
    files: Files,
    is_meant: impl Fn(&UploadRow) -> bool,
    gone: &mut Gone,
) -> Result<bool, ProcessError> {
    let reader = &*app.reader;
    let mut after = 0;
    loop {
        let page = match files {
            Files::Of(person) => uploads::of_owner(reader, person, after, PAGE).await?,
            Files::In(room) => uploads::in_room(reader, room, after, PAGE).await?,
        };
        let is_last = page.len() < PAGE as usize;
        for row in page {
            after = row.number;
            if !is_meant(&row) {
                continue;
            }
            let erase = EraseUpload {
                upload: row.id,
                reason: UploadEnd::SubjectErased,
            };
            if row.erased_at.is_none() && !happens(app, &erase).await? {
                return Ok(false);
            }
            // One may be found twice: by its owner and by its room.
            gone.files += u64::from(gone.objects.insert(row.object));
            gone.keys.push(Bucket::Upload(row.id.0).to_string().into());
        }
        if is_last {
            return Ok(true);
        }
    }
}

/// Executes a step; false if something was against it.
async fn happens(app: &App, command: &impl Command) -> Result<bool, ProcessError> {
    Ok(attempt(app, Erasure::NAME, command).await? != Attempt::Refused)
}
