//! The feed dialect: messages, readings and members over HTTP, and a socket that tells of them.

mod access;
mod frames;
mod live_routes;
mod members;
mod messages;
mod read;
mod shapes;
mod show;
mod socket;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use frames::FeedFrames;
pub use live_routes::live_routes;

use crate::app::App;

/// Which of the hub's dialects this is.
pub const DIALECT: usize = 2;

/// Under which heading the calls stand in the documentation.
const TAG: &str = "feed";

/// Every call of the dialect. Its socket is [`live_routes`].
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(messages::list_messages, messages::send_message))
        .routes(routes!(read::mark_read))
        .routes(routes!(members::list_members, members::add_member))
        .routes(routes!(members::remove_member))
}
