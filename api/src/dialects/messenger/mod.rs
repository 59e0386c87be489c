//! The messenger dialect: people, rooms of two and the messages in them, by UUIDs, over HTTP and
//! Socket.IO.

mod access;
mod arrival;
mod attachments;
mod delivery;
mod engine;
mod errors;
mod events;
mod frames;
mod gateway;
mod handed;
mod intake;
mod line;
mod masking;
mod messages;
mod offline;
mod packet;
mod rooms;
mod seats;
mod session;
mod shapes;
mod show;
mod upload;
mod users;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use frames::MessengerFrames;
pub use gateway::live_routes;
pub use seats::Seats;

use crate::app::App;

/// Which of the hub's dialects this is.
pub const DIALECT: usize = 3;

/// Under which heading the calls stand in the documentation.
const TAG: &str = "messenger";

/// Every call of the dialect. Its connections are [`live_routes`].
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
