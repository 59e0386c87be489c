//! The messenger dialect: people, rooms of two and the messages in them, by UUIDs.

mod access;
mod attachments;
mod errors;
mod masking;
mod messages;
mod rooms;
mod shapes;
mod show;
mod upload;
mod users;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// Under which heading the calls stand in the documentation.
const TAG: &str = "messenger";

/// Every call of the dialect.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(users::search))
        .routes(routes!(users::show_me, users::change_me))
        .routes(routes!(users::change_user))
        .routes(routes!(rooms::open_room))
        .routes(routes!(rooms::list_chats))
        .routes(routes!(messages::list_messages, messages::send_message))
        .routes(routes!(upload::upload))
}
