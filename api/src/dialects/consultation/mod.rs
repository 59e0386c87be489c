//! The consultation dialect: the guide's calls, and the sockets of both sides.

mod access;
mod alerts;
mod cards;
mod characters;
mod consultations;
mod counselors;
mod dashboard;
mod dispatch;
mod erase;
mod frames;
mod live_routes;
mod notifications;
mod past;
mod risk;
mod shapes;
mod show;
mod socket;
mod start;
mod talk;
mod tokens;
mod view;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use frames::ConsultationFrames;
pub use live_routes::live_routes;
pub use view::Views;

use crate::app::App;

/// Which of the hub's dialects this is.
pub const DIALECT: usize = 0;

/// Every call of the dialect. Its sockets are [`live_routes`].
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(start::start))
        .routes(routes!(consultations::show))
        .routes(routes!(consultations::history))
        .routes(routes!(consultations::reconnect))
        .routes(routes!(consultations::end))
        .routes(routes!(consultations::rate))
        .routes(routes!(erase::erase))
        .routes(routes!(erase::withdraw))
        .routes(routes!(
            cards::make_card,
            cards::show_card,
            cards::note_card
        ))
        .routes(routes!(dispatch::dispatch))
        .routes(routes!(characters::characters))
        .routes(routes!(characters::counseling_fields))
        .routes(routes!(counselors::list_counselors))
        .routes(routes!(counselors::stats))
        .routes(routes!(dashboard::requests))
        .routes(routes!(dashboard::accept))
        .routes(routes!(dashboard::reject))
        .routes(routes!(dashboard::consultations_of))
        .routes(routes!(dashboard::summary))
        .routes(routes!(dashboard::write_notes))
        .routes(routes!(risk::open_alerts))
        .routes(routes!(risk::acknowledge))
}
