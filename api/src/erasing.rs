//! Asking for an erasure, waiting until it is over, and its receipt: the same for accounts and
//! consultations.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::Response;
use domain::{ErasureEvent, ErasureId, Event, HoldEvent, PersonId, Refusal, Subject};
use projections::erasures::{self, ErasureRow};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::App;
use crate::commands::Request;
use crate::commands::erasure::{RequestErasure, WithdrawErasure};
use crate::error::ApiError;
use crate::times::utc_millis;

/// How long an answer waits for the end of an erasure, before it says that it is on its way.
const COMPLETED_WITHIN: Duration = Duration::from_secs(10);

/// An erasure, and once it is over its receipt.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasureView {
    /// By which the receipt can be asked for, by anybody who knows it.
    pub erasure_id: Uuid,
    pub subject: SubjectView,
    /// `completed`, `pending`, `withdrawn`, or `held` by a legal hold, in which case it goes on when
    /// that is lifted.
    pub status: &'static str,
    pub requested_at: String,
    #[serde(flatten)]
    pub receipt: Option<ReceiptView>,
}

/// What is erased or held.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubjectView {
    /// `account` or `consultation`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub id: Uuid,
}

/// That all of it is gone, signed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptView {
    pub completed_at: String,
    /// How many consultations are erased.
    pub consultations: u64,
    /// How many files are gone.
    pub files: u64,
    /// What is signed, as text.
    pub statement: String,
    /// The public key, Ed25519, hexadecimal: the one that signs the seals of the log.
    pub key: String,
    /// Ed25519 over the statement, hexadecimal.
    pub signature: String,
}

impl SubjectView {
    pub fn of(subject: Subject) -> Self {
        let kind = match subject {
            Subject::Account(_) => "account",
            Subject::Consultation(_) => "consultation",
        };
        let id = subject.id();
        Self { kind, id }
    }
}

/// Asks for the erasure of a subject that exists, and answers with the receipt once it is over.
///
/// # Errors
/// 409 `held` where a hold is against it: it stays asked for; `erasure_withdrawn` where it was
/// withdrawn meanwhile.
pub async fn erase(app: &App, request: &Request, subject: Subject) -> Result<Response, ApiError> {
    let mut facts = app.hub.subscribe_facts();
    let erasure = ErasureId(app.ids.next());
    let settled = app
        .execute(request, &RequestErasure { erasure, subject })
        .await?;
    let deadline = Instant::now() + COMPLETED_WITHIN;
    let mut was_known = false;
    loop {
        let row = erasures::of_subject(&*app.reader, subject).await?;
        let view = match &row {
            Some(row) => Some(show(app, row).await?),
            None => None,
        };
        match view {
            Some(view) if view.status == HELD => return Err(Refusal::Held.into()),
            Some(view) if view.status == COMPLETED || Instant::now() >= deadline => {
                return Ok(settled.answer(StatusCode::OK, view));
            }
            None if Instant::now() >= deadline => {
                let message = "it was asked for, and the read models are behind";
                return Err(ApiError::unavailable("reads_lag", message, 1));
            }
            None if was_known => return Err(Refusal::ErasureWithdrawn.into()),
            Some(_) => was_known = true,
            None => {}
        }
        // Whatever comes, and also where something was missed, the read models are asked again.
        while let Ok(Ok(fact)) = timeout_at(deadline, facts.recv()).await {
            if decides(&fact.event, subject) {
                app.projected(fact.recorded.position).await;
                break;
            }
        }
    }
}

/// Whether something that happened may change what is answered.
fn decides(event: &Event, of: Subject) -> bool {
    match event {
        Event::Erasure(
            ErasureEvent::Completed { subject, .. } | ErasureEvent::Withdrawn { subject, .. },
        ) => *subject == of,
        event => matches!(event, Event::Hold(HoldEvent::Placed { .. })),
    }
}

/// Withdraws the erasure of a subject. `by` is who asked for it, none for administrators.
///
/// # Errors
/// 404 where none is outstanding, 403 `not_who_asked` for what somebody else asked for, 409
/// `erasure_begun` where it is too late.
pub async fn withdraw(
    app: &App,
    request: &Request,
    subject: Subject,
    by: Option<PersonId>,
) -> Result<Response, ApiError> {
    let row = erasures::of_subject(&*app.reader, subject).await?;
    let settled = app
        .execute(request, &WithdrawErasure { subject, by })
        .await?;
    let row = row.ok_or(Refusal::UnknownErasure)?;
    let view = ErasureView {
        erasure_id: row.id.0,
        subject: SubjectView::of(subject),
        status: WITHDRAWN,
        requested_at: utc_millis(row.requested_at),
        receipt: None,
    };
    Ok(settled.answer(StatusCode::OK, view))
}

const WITHDRAWN: &str = "withdrawn";
const HELD: &str = "held";
const COMPLETED: &str = "completed";
const PENDING: &str = "pending";

/// An erasure as anybody is shown it.
pub async fn show(app: &App, row: &ErasureRow) -> Result<ErasureView, ApiError> {
    let receipt = row.completed.as_ref().map(|completed| ReceiptView {
        completed_at: utc_millis(completed.receipt.completed_at),
        consultations: completed.receipt.consultations,
        files: completed.receipt.files,
        statement: completed.receipt.to_string(),
        key: completed.key.clone(),
        signature: completed.signature.clone(),
    });
    let status = match receipt {
        Some(_) => COMPLETED,
        None if erasures::is_held(&*app.reader, row.subject).await? => HELD,
        None => PENDING,
    };
    Ok(ErasureView {
        erasure_id: row.id.0,
        subject: SubjectView::of(row.subject),
        status,
        requested_at: utc_millis(row.requested_at),
        receipt,
    })
}
