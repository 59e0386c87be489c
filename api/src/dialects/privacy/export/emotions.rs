//! What an export says of sessions about one's emotions, and as whom one wants to be answered.

use domain::{AccountId, EmotionCardText, SessionOpening, StepInput};
use projections::Page;
use projections::emotions::{self, EmotionSessionRow, StepRow};
use serde_json::{Value, json};

use super::ExportError;
use super::writer::Writer;
use crate::app::App;
use crate::times::utc_millis;

/// Rows read at a time.
const PAGE: u32 = 100;

type Written = Result<(), ExportError>;

pub(super) async fn write(app: &App, owner: AccountId, out: &mut Writer) -> Written {
    let prompt = emotions::prompt_of(&*app.reader, owner).await?;
    let prompt = prompt.map(|prompt| prompt.open::<Option<String>>(&*app.keys));
    out.field("system_prompt", &prompt.transpose()?.flatten().flatten())
        .await?;
    out.begin_list("emotion_sessions").await?;
    let mut after = 0;
    loop {
        let page = emotions::of_owner_after(&*app.reader, owner, after, PAGE).await?;
        let is_last = page.len() < PAGE as usize;
        for row in page {
            after = row.number;
            out.mark('{').await?;
            write_session(app, &row, out).await?;
            out.mark('}').await?;
        }
        if is_last {
            return out.mark(']').await;
        }
    }
}

async fn write_session(app: &App, row: &EmotionSessionRow, out: &mut Writer) -> Written {
    let opening: Option<SessionOpening> = row.opening.open(&*app.keys)?;
    let card = match &row.card {
        Some(card) => {
            let text: Option<EmotionCardText> = card.text.open(&*app.keys)?;
            Some(json!({
                "text": text,
                "summary_by": card.summary_by,
                "key_emotions": card.key_emotions,
                "created_at": utc_millis(card.created_at),
            }))
        }
        None => None,
    };
    out.field("id", &row.id).await?;
    out.field("opening", &opening).await?;
    out.field("started_at", &utc_millis(row.started_at)).await?;
    out.field("ended_at", &row.ended_at.map(utc_millis)).await?;
    out.field("erased_at", &row.erased_at.map(utc_millis))
        .await?;
    out.field("card", &card).await?;
    out.begin_list("steps").await?;
    for number in 1.. {
        let page = Page {
            page: number,
            size: PAGE,
        };
        let rows = emotions::in_session(&*app.reader, row.id, page).await?;
        let is_last = rows.len() < PAGE as usize;
        for row in &rows {
            out.item(&step(app, row)?).await?;
        }
        if is_last {
            break;
        }
    }
    out.mark(']').await
}

fn step(app: &App, row: &StepRow) -> Result<Value, ExportError> {
    let input: Option<StepInput> = row.input.open(&*app.keys)?;
    let settled = row.settled.as_ref();
    Ok(json!({
        "id": row.id,
        "step_order": row.order,
        "step_type": row.step_type,
        "risk": row.risk,
        "input": input,
        "status": row.status,
        "asked_at": utc_millis(row.asked_at),
        "settled_at": settled.map(|settled| utc_millis(settled.at)),
        "answer": row.answer(&*app.keys)?.text(),
        "responder": settled.and_then(|settled| settled.responder),
        "emotion": settled.and_then(|settled| settled.emotion.as_ref()),
        "usage": settled.and_then(|settled| settled.usage),
        "truncated": settled.is_some_and(|settled| settled.truncated),
        "error": settled.and_then(|settled| settled.reason.as_ref()),
    }))
}
