//! Where in a room something was said.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use projections::search::{Query as Wanted, RoomKey};

use super::TAG;
use super::access::Entered;
use super::shapes::{FoundPage, FoundRow, SearchFor};
use super::show::{Show, kind_word};
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{PageOf, PageRule, Query};

/// How what is found is paged.
pub(super) struct FoundPages;

impl PageRule for FoundPages {
    const SIZE: &'static str = "size";
    const DEFAULT: u64 = 20;
    const MAX: u64 = 100;
}

/// The messages of a room that contain a text, in whatever case, newest first. What was sent less
/// than a second ago may be missing.
#[utoipa::path(
    get,
    path = "/chat/rooms/{room_id}/search",
    tag = TAG,
    params(
        ("room_id" = u64, Path),
        SearchFor,
        ("page" = Option<u64>, Query, description = "From 1", minimum = 1),
        ("size" = Option<u64>, Query, description = "20 by default", minimum = 1, maximum = 100),
    ),
    security(("bearer" = [])),
    responses(
        (status = 200, body = FoundPage),
        (status = 401, description = "No valid token"),
        (status = 404, description = "No such room, or not the caller's"),
        (status = 422, description = "What is looked for has 1 to 200 characters"),
    )
)]
pub(super) async fn search(
    State(app): State<Arc<App>>,
    entered: Entered,
    Query(asked): Query<SearchFor>,
    page: PageOf<FoundPages>,
) -> Result<Json<FoundPage>, ApiError> {
    let wanted = Wanted::parse(&asked.query)
        .map_err(|refusal| ApiError::invalid("query", "query", refusal.to_string()))?;
    let room = RoomKey {
        id: entered.room_id(),
        number: entered.room.number,
    };
    let published = app.hub.published();
    let found = app
        .search
        .find(room, &wanted, page.0.stored(), published)
        .await?;
    let show = Show::new(&app);
    let mut cast = show.cast(&entered.room).await?;
    let senders = found.hits.iter().map(|hit| hit.message.sender);
    show.complete(&mut cast, senders).await?;
    let rows = found.hits.into_iter().map(|hit| {
        let sender = cast.at(hit.message.sender, hit.message.position);
        FoundRow {
            message_id: hit.message.number,
            uuid: hit.message.id.0,
            room_id: entered.room.number,
            sender_id: sender.number,
            sender_name: sender.name,
            message_content: hit.body.text,
            message_type: kind_word(hit.message.kind),
            created_at: show.times.print(hit.message.sent_at),
            highlight: hit.highlight,
        }
    });
    Ok(Json(FoundPage {
        messages: rows.collect(),
        total_count: found.total,
        has_more: found.has_more,
    }))
}
