//! The card of a session: what it was about, and what was felt most.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::{
    CardId, EmotionCardText, EmotionSessionId, KeyEmotion, Refusal, Risk, StepInput, StepStatus,
    SummaryBy,
};
use projections::emotions::{self, EmotionCardRow};

use super::TAG;
use super::access::lagging;
use super::flow::each_step;
use super::shapes::{AskedBy, EmotionCardView, KeyEmotionView};
use crate::app::App;
use crate::auth::{Asker, RequestContext};
use crate::commands::emotion::WriteEmotionCard;
use crate::error::ApiError;
use crate::extract::Query;
use crate::reading::ForOthers;
use crate::summary::{Said, Speaker, summarise};
use crate::times::utc_millis;

/// Emotions on a card, the heaviest.
const KEY_EMOTIONS: usize = 5;

/// Characters of a summary that is the beginning of what was said.
const OPENING_CHARS: usize = 300;

/// Writes a card of all that was said. Where nothing was answered since the last one, that one is
/// given again.
#[utoipa::path(
    post,
    path = "/emotion/sessions/{session_id}/card",
    tag = TAG,
    params(("session_id" = uuid::Uuid, Path), AskedBy, ForOthers),
    responses(
        (status = 200, description = "It says all already", body = EmotionCardView),
        (status = 201, body = EmotionCardView),
        (status = 400, description = "`purpose_required`, of a service"),
        (status = 401, description = "No valid token"),
        (status = 404, description = "No such session, or another's"),
        (status = 409, description = "Nothing was answered yet"),
        (status = 410, description = "It is kept no longer"),
    )
)]
pub(super) async fn write_card(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(session): Path<String>,
    Query(by): Query<AskedBy>,
    context: RequestContext,
) -> Result<Response, ApiError> {
    let entered = asker.enter(&app, &session, "query", by.user_id).await?;
    entered.reads(&app, &asker).await?;
    let session = entered.session();
    let (key_emotions, said) = gather(&app, session).await?;
    let write = entered.asked(&app, &context)?;
    let command = WriteEmotionCard {
        session,
        card: CardId(write.new_id(&app, "card")),
        summary_by: SummaryBy::Extractive,
        key_emotions,
        summary: summary(said).await?,
    };
    let settled = app.execute(&write.request, &command).await?;
    let row = emotions::by_id(&*app.reader, session).await?;
    let card = row.and_then(|row| row.card).ok_or_else(lagging)?;
    let status = match settled.done.event("emotion.card_written") {
        Some(_) => StatusCode::CREATED,
        None => StatusCode::OK,
    };
    Ok(settled.answer(status, show(&app, session, &card)?))
}

/// The card of a session.
#[utoipa::path(
    get,
    path = "/emotion/sessions/{session_id}/card",
    tag = TAG,
    params(("session_id" = uuid::Uuid, Path), AskedBy, ForOthers),
    responses(
        (status = 200, body = EmotionCardView),
        (status = 400, description = "`purpose_required`, of a service"),
        (status = 401, description = "No valid token"),
        (status = 404, description = "No such session, or another's; no card yet"),
        (status = 410, description = "It is kept no longer"),
    )
)]
pub(super) async fn show_card(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(session): Path<String>,
    Query(by): Query<AskedBy>,
) -> Result<Json<EmotionCardView>, ApiError> {
    let entered = asker.enter(&app, &session, "query", by.user_id).await?;
    entered.reads(&app, &asker).await?;
    let card = entered.row.card.as_ref().ok_or(Refusal::NoCard)?;
    show(&app, entered.session(), card).map(Json)
}

fn show(
    app: &App,
    session: EmotionSessionId,
    card: &EmotionCardRow,
) -> Result<EmotionCardView, ApiError> {
    let text: Option<EmotionCardText> = card.text.open(&*app.keys)?;
    let key_emotions = card.key_emotions.iter().map(|key| KeyEmotionView {
        label: key.label.clone(),
        weight: key.weight,
    });
    Ok(EmotionCardView {
        session_id: session.0,
        summary: text.map(|text| text.summary).unwrap_or_default(),
        key_emotions: key_emotions.collect(),
        created_at: utc_millis(card.created_at),
    })
}

/// What was felt most in a session, and what was said in it.
async fn gather(
    app: &App,
    session: EmotionSessionId,
) -> Result<(Vec<KeyEmotion>, Vec<Said>), ApiError> {
    let mut weights: BTreeMap<String, f64> = BTreeMap::new();
    let mut said = Vec::new();
    each_step(app, session, |row| {
        if row.status != StepStatus::Answered {
            return Ok(());
        }
        let emotion = row
            .settled
            .as_ref()
            .and_then(|settled| settled.emotion.as_ref());
        if let Some(emotion) = emotion {
            *weights.entry(emotion.label.clone()).or_default() += emotion.intensity;
        }
        let input: Option<StepInput> = row.input.open(&*app.keys)?;
        said.extend(input.map(|input| Said {
            by: Speaker::Seeker,
            text: input.user_input,
        }));
        // The crisis lines are nothing that was said in this session.
        if row.risk != Some(Risk::High) {
            said.push(Said {
                by: Speaker::Counselor,
                text: row.answer(&*app.keys)?.text().to_owned(),
            });
        }
        Ok(())
    })
    .await?;
    Ok((heaviest(weights), said))
}

fn heaviest(weights: BTreeMap<String, f64>) -> Vec<KeyEmotion> {
    let total: f64 = weights.values().sum();
    let share = |weight: f64| {
        if total > 0.0 {
            (weight / total).clamp(0.0, 1.0)
        } else {
            0.0
        }
    };
    let mut keys: Vec<_> = weights
        .into_iter()
        .map(|(label, weight)| KeyEmotion {
            label,
            weight: share(weight),
        })
        .collect();
    keys.sort_by(|one, other| other.weight.total_cmp(&one.weight));
    keys.truncate(KEY_EMOTIONS);
    keys
}

/// The most telling sentences; where none tells anything, the beginning of what was said.
async fn summary(said: Vec<Said>) -> Result<String, ApiError> {
    let summary = tokio::task::spawn_blocking(move || {
        let notes = summarise(&said).notes;
        if !notes.trim().is_empty() {
            return notes;
        }
        let first = said.iter().find(|said| said.by == Speaker::Seeker);
        let first = first.map_or("", |said| said.text.trim());
        first.chars().take(OPENING_CHARS).collect()
    });
    summary.await.map_err(|error| {
        tracing::error!(%error, "a session could not be summarised");
        ApiError::internal()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_emotions_come_first_and_are_shares_of_all() {
        let weights = [("anger", 0.5), ("joy", 0.25), ("sadness", 1.25)];
        let weights = weights.map(|(label, weight)| (label.to_owned(), weight));
        let keys = heaviest(weights.into());
        let keys: Vec<_> = keys.iter().map(|key| (&*key.label, key.weight)).collect();
        assert_eq!(keys, [("sadness", 0.625), ("anger", 0.25), ("joy", 0.125)]);
    }

    #[test]
    fn where_nothing_was_felt_nothing_is_divided_by_it() {
        let keys = heaviest([("neutral".to_owned(), 0.0)].into());
        assert!(keys[0].weight.abs() < f64::EPSILON);
        assert!(heaviest(BTreeMap::new()).is_empty());
    }
}
