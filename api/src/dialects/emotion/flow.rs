//! A session as a graph: what was felt, step after step.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use domain::{EmotionSessionId, StepInput, limits};
use projections::Page;
use projections::emotions::{self, StepRow};

use super::TAG;
use super::shapes::{AskedBy, FlowEdge, FlowNode, FlowView};
use super::show;
use crate::app::App;
use crate::auth::Asker;
use crate::error::ApiError;
use crate::extract::Query;
use crate::reading::ForOthers;
use crate::times::utc_millis;

/// Steps read at a time.
const PAGE: u32 = 100;

/// What was felt in a session: a node for each step, an edge from each to the next.
#[utoipa::path(
    get,
    path = "/emotion/sessions/{session_id}/flow",
    tag = TAG,
    params(("session_id" = uuid::Uuid, Path), AskedBy, ForOthers),
    responses(
        (status = 200, body = FlowView),
        (status = 400, description = "`purpose_required`, of a service"),
        (status = 401, description = "No valid token"),
        (status = 404, description = "No such session, or another's"),
        (status = 410, description = "It is kept no longer"),
    )
)]
pub(super) async fn show_flow(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(session): Path<String>,
    Query(by): Query<AskedBy>,
) -> Result<Json<FlowView>, ApiError> {
    let entered = asker.enter(&app, &session, "query", by.user_id).await?;
    entered.reads(&app, &asker).await?;
    let mut nodes: Vec<FlowNode> = Vec::new();
    each_step(&app, entered.session(), |row| {
        nodes.push(node(&app, row)?);
        Ok(())
    })
    .await?;
    let edges = nodes.windows(2).map(|pair| FlowEdge {
        from: pair[0].step_id,
        to: pair[1].step_id,
    });
    Ok(Json(FlowView {
        session_id: entered.session().0,
        edges: edges.collect(),
        nodes,
    }))
}

fn node(app: &App, row: &StepRow) -> Result<FlowNode, ApiError> {
    let known = row
        .settled
        .as_ref()
        .is_some_and(|settled| settled.emotion.is_some());
    let input: Option<StepInput> = if known {
        None
    } else {
        row.input.open(&*app.keys)?
    };
    let input = input.as_ref().map(|input| &*input.user_input);
    let emotion = show::emotion(app, row, input);
    Ok(FlowNode {
        step_id: row.id.0,
        step_order: row.order,
        intensity: emotion.as_ref().map(|emotion| emotion.intensity),
        label: emotion.map(|emotion| emotion.label),
        created_at: utc_millis(row.asked_at),
    })
}

/// Does something with every step of a session, in their order.
pub(super) async fn each_step(
    app: &App,
    session: EmotionSessionId,
    mut take: impl FnMut(&StepRow) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    let pages = u32::try_from(limits::STEPS)
        .unwrap_or(u32::MAX)
        .div_ceil(PAGE);
    for page in 1..=pages {
        let page = Page { page, size: PAGE };
        let rows = emotions::in_session(&*app.reader, session, page).await?;
        for row in &rows {
            take(row)?;
        }
        if rows.len() < PAGE as usize {
            break;
        }
    }
    Ok(())
}
