//! The emotion dialect: sessions, steps that are answered token by token, flow, card and prompt.

mod access;
mod ask;
mod card;
mod flow;
mod following;
mod frames;
mod handover;
mod live_routes;
mod missed;
mod prompt;
mod sessions;
mod shapes;
mod show;
mod socket;
mod steps;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use frames::EmotionFrames;
pub use live_routes::live_routes;

use crate::app::App;

/// Which of the hub's dialects this is.
pub const DIALECT: usize = 4;

/// Under which heading the calls stand in the documentation.
const TAG: &str = "emotion";

/// Every call of the dialect. Its socket is [`live_routes`].
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(sessions::open_session))
        .routes(routes!(sessions::show_session))
        .routes(routes!(sessions::list_sessions))
        .routes(routes!(sessions::end_session))
        .routes(routes!(handover::hand_over))
        .routes(routes!(steps::generate))
        .routes(routes!(steps::list_steps))
        .routes(routes!(flow::show_flow))
        .routes(routes!(card::write_card, card::show_card))
        .routes(routes!(prompt::show_prompt, prompt::set_prompt))
}
