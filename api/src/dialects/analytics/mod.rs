//! What analysts are told: counts of groups, never of one person.

mod asked;
mod csv;
mod reader;
mod report;
mod shapes;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// The tag of these calls in the OpenAPI document.
const TAG: &str = "analytics";

/// Every call.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(report::read_metric))
}
