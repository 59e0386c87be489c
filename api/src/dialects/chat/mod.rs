//! The chat dialect: rooms, the messages in them, and the socket of each room.

mod access;
mod errors;
mod form;
mod frames;
mod history;
mod live_routes;
mod lookup;
mod messages;
mod past;
mod people;
mod read;
mod rooms;
mod search;
mod settings;
mod shapes;
mod show;
mod socket;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use frames::ChatFrames;
pub use live_routes::live_routes;

use crate::app::App;

/// Which of the hub's dialects this is.
pub const DIALECT: usize = 1;

/// Under which heading the calls stand in the documentation.
const TAG: &str = "chat";

/// Every call of the dialect. Its socket is [`live_routes`].
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(rooms::list_rooms, rooms::create_room))
        .routes(routes!(rooms::show_room))
        .routes(routes!(people::participants))
        .routes(routes!(people::online_status))
        .routes(routes!(messages::list_messages, messages::send_message))
        .routes(routes!(messages::edit_message, messages::delete_message))
        .routes(routes!(history::history))
        .routes(routes!(read::mark_read))
        .routes(routes!(search::search))
        .routes(routes!(settings::show_settings, settings::change_settings))
}
