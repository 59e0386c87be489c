//! Accounts, log-in sessions and roles, which all dialects share.

mod administration;
mod bodies;
mod counselors;
mod first_admin;
mod issue;
mod login;
mod logout;
mod passwords;
mod refresh;
mod register;
mod reset_token;
mod shapes;
#[cfg(test)]
mod tests;
mod tickets;
mod users;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub use first_admin::{FirstAdminError, ensure_admin};

/// The tag of these calls in the OpenAPI document.
const TAG: &str = "accounts";

/// Every route.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(register::register))
        .routes(routes!(login::login))
        .routes(routes!(refresh::refresh))
        .routes(routes!(logout::logout))
        .routes(routes!(passwords::change_password))
        .routes(routes!(passwords::reset_password))
        .routes(routes!(tickets::issue_ws_ticket))
        .routes(routes!(tickets::list_public_keys))
        .routes(routes!(administration::create_user))
        .routes(routes!(administration::change_user))
        .routes(routes!(administration::request_password_reset))
        .routes(routes!(counselors::login_counselor))
        .routes(routes!(counselors::refresh_counselor))
        .routes(routes!(counselors::logout_counselor))
        .routes(routes!(counselors::set_status))
}
