//! What is held of somebody: erasure with its receipts, legal holds, and all of it on request.

mod access_log;
mod erasures;
mod export;
mod holds;
mod subject;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// The tag of these calls in the OpenAPI document.
const TAG: &str = "privacy";

/// Every call.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(erasures::erase_me))
        .routes(routes!(erasures::withdraw_mine))
        .routes(routes!(erasures::withdraw_of_account))
        .routes(routes!(erasures::erase_user))
        .routes(routes!(erasures::erase_account))
        .routes(routes!(erasures::show_erasure))
        .routes(routes!(holds::place_hold, holds::list_holds))
        .routes(routes!(holds::lift_hold))
        .routes(routes!(export::export_me))
        .routes(routes!(access_log::show_access_log))
}
