//! The card of a completed consultation: made once, read, and noted on by its user.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::{CardId, CardText, MessageBody, Notes, Refusal, SummaryBy};
use projections::consultations::{ConsultationStatus, card_of};
use projections::{Page, messages, rooms};

use super::access::{Entered, enter};
use super::past::consultation_then;
use super::shapes::{CardRequest, CardView};
use super::show::{IssuedCard, Show};
use crate::app::App;
use crate::auth::{Caller, RequestContext};
use crate::commands::consultations::{IssueCard, NoteCard};
use crate::error::ApiError;
use crate::extract::{Body, OptionalBody, Query};
use crate::past::AsOf;
use crate::reading::ForOthers;
use crate::summary::{Said, Speaker, Summary, summarise};

/// Messages that a summary looks at, from the beginning; longer conversations are rare.
const MAX_SUMMARISED: u32 = 2_000;

/// Makes the card, or gives the one that there is.
#[utoipa::path(
    post,
    path = "/api/v1/consultations/{consultation_code}/card",
    tag = "consultation",
    params(("consultation_code" = String, Path, description = "In any case"), ForOthers),
    request_body(content = CardRequest, description = "May be left out"),
    responses(
        (status = 201, description = "The card was made", body = CardView),
        (status = 200, description = "There was one", body = CardView),
        (status = 404, description = "Nobody has this code"),
        (status = 409, description = "The consultation is not completed"),
    )
)]
pub(super) async fn make_card(
    State(app): State<Arc<App>>,
    caller: Caller,
    context: RequestContext,
    Path(code): Path<String>,
    OptionalBody(body): OptionalBody<CardRequest>,
) -> Result<Response, ApiError> {
    // Who has just heard of the end is not told otherwise.
    app.caught_up().await;
    let entered = enter(&app, &caller, &context, &code).await?;
    if entered.row.status != ConsultationStatus::Completed {
        return Err(Refusal::NotCompleted.into());
    }
    let show = Show::new(&app);
    let asked = entered.asked(&app, &context)?;
    let made = card_of(&*app.reader, entered.consultation()).await?;
    if let (Some(card), None) = (&made, &asked.repeatable) {
        let card = IssuedCard::of(&app, card)?;
        let view = show.card(card, &entered.row, &entered.code).await?;
        return Ok((StatusCode::OK, Json(view)).into_response());
    }
    let (summary_by, mut text) = words(&app, &show, &entered).await?;
    text.additional_notes = body.additional_notes;
    let command = IssueCard {
        consultation: entered.consultation(),
        card: CardId(asked.new_id(&app, "card")),
        summary_by,
        text,
    };
    let settled = app.execute(&asked.request, &command).await?;
    let issued = settled.done.event("consultation.card_issued");
    let status = if issued.is_some() {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let card = match (card_of(&*app.reader, entered.consultation()).await?, issued) {
        (Some(card), _) => IssuedCard::of(&app, &card)?,
        (None, Some(issued)) => IssuedCard {
            id: command.card,
            number: issued.number(),
            created_at: issued.recorded_at,
            text: command.text,
        },
        (None, None) => return Err(ApiError::internal()),
    };
    let view = show.card(card, &entered.row, &entered.code).await?;
    Ok(settled.answer(status, view))
}

/// What the card says: the counsellor's own words, else those of the conversation.
async fn words(
    app: &App,
    show: &Show<'_>,
    entered: &Entered,
) -> Result<(SummaryBy, CardText), ApiError> {
    let notes: Option<Notes> = match &entered.row.notes {
        Some(notes) => show.open(notes)?,
        None => None,
    };
    let notes = notes.filter(|notes| !notes.counselor_notes.trim().is_empty());
    let text = |key_points, counselor_notes| CardText {
        key_points,
        counselor_notes,
        additional_notes: None,
    };
    match notes {
        Some(Notes {
            counselor_notes,
            key_points: Some(key_points),
        }) => Ok((SummaryBy::Counselor, text(key_points, counselor_notes))),
        Some(Notes {
            counselor_notes,
            key_points: None,
        }) => {
            let (_, summary) = summary(app, show, entered).await?;
            Ok((
                SummaryBy::Counselor,
                text(summary.key_points, counselor_notes),
            ))
        }
        None => {
            let (by, summary) = summary(app, show, entered).await?;
            Ok((by, text(summary.key_points, summary.notes)))
        }
    }
}

/// The language model's summary where there is one, else that of the conversation's own sentences.
async fn summary(
    app: &App,
    show: &Show<'_>,
    entered: &Entered,
) -> Result<(SummaryBy, Summary), ApiError> {
    let conversation = conversation(app, show, entered).await?;
    if let Some(summary) = app.responder.summarise(&conversation).await {
        return Ok((SummaryBy::LanguageModel, summary));
    }
    let summary = tokio::task::spawn_blocking(move || summarise(&conversation)).await;
    let summary = summary.map_err(|error| {
        tracing::error!(%error, "a conversation could not be summarised");
        ApiError::internal()
    })?;
    Ok((SummaryBy::Extractive, summary))
}

async fn conversation(
    app: &App,
    show: &Show<'_>,
    entered: &Entered,
) -> Result<Vec<Said>, ApiError> {
    let Some(room) = rooms::by_id(&*app.reader, entered.room()).await? else {
        return Ok(Vec::new());
    };
    let page = Page {
        page: 1,
        size: MAX_SUMMARISED,
    };
    let requester = entered.row.requester.person();
    let mut conversation = Vec::new();
    for message in messages::page(&*app.reader, room.number, page).await? {
        let Some(body) = &message.body else { continue };
        let body: Option<MessageBody> = show.open(body)?;
        let by = if message.sender == requester {
            Speaker::Seeker
        } else {
            Speaker::Counselor
        };
        conversation.extend(body.map(|body| Said {
            by,
            text: body.text,
        }));
    }
    Ok(conversation)
}

/// The card.
#[utoipa::path(
    get,
    path = "/api/v1/consultations/{consultation_code}/card",
    tag = "consultation",
    params(("consultation_code" = String, Path, description = "In any case"), ForOthers, AsOf),
    responses(
        (status = 200, body = CardView),
        (status = 404, description = "Nobody has this code, or there is no card yet"),
    )
)]
pub(super) async fn show_card(
    State(app): State<Arc<App>>,
    caller: Caller,
    context: RequestContext,
    Path(code): Path<String>,
    Query(AsOf { as_of }): Query<AsOf>,
) -> Result<Json<CardView>, ApiError> {
    if let Some(as_of) = &as_of {
        let then = consultation_then(&app, &caller, &context, &code, as_of).await?;
        let card = card_of(&*then.past.reader, then.row.id).await?;
        let card = IssuedCard::of(&app, &card.ok_or(Refusal::NoCard)?)?;
        let show = Show::past(&app, &then.past);
        return Ok(Json(show.card(card, &then.row, &then.code).await?));
    }
    let entered = enter(&app, &caller, &context, &code).await?;
    let card = card_of(&*app.reader, entered.consultation())
        .await?
        .ok_or(Refusal::NoCard)?;
    let card = IssuedCard::of(&app, &card)?;
    Ok(Json(
        Show::new(&app)
            .card(card, &entered.row, &entered.code)
            .await?,
    ))
}

/// Replaces what the user noted on the card.
#[utoipa::path(
    put,
    path = "/api/v1/consultations/{consultation_code}/card",
    tag = "consultation",
    params(("consultation_code" = String, Path, description = "In any case"), ForOthers),
    request_body = CardRequest,
    responses(
        (status = 200, body = CardView),
        (status = 404, description = "Nobody has this code, or there is no card yet"),
        (status = 422, description = "The notes are too long"),
    )
)]
pub(super) async fn note_card(
    State(app): State<Arc<App>>,
    caller: Caller,
    context: RequestContext,
    Path(code): Path<String>,
    Body(body): Body<CardRequest>,
) -> Result<Response, ApiError> {
    let entered = enter(&app, &caller, &context, &code).await?;
    let asked = entered.asked(&app, &context)?;
    let command = NoteCard {
        consultation: entered.consultation(),
        additional_notes: body.additional_notes.clone(),
    };
    let settled = app.execute(&asked.request, &command).await?;
    let card = card_of(&*app.reader, entered.consultation())
        .await?
        .ok_or(Refusal::NoCard)?;
    let mut card = IssuedCard::of(&app, &card)?;
    card.text.additional_notes = body.additional_notes;
    let view = Show::new(&app)
        .card(card, &entered.row, &entered.code)
        .await?;
    Ok(settled.answer(StatusCode::OK, view))
}
