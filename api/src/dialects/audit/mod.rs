//! What auditors read: the log itself, each reading on record before anything is shown.

mod asked;
mod content;
mod events;
mod follow;
mod reader;
mod search;
mod shapes;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// The tag of these calls in the OpenAPI document.
const TAG: &str = "audit";

/// Every call.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(events::read_events))
}
