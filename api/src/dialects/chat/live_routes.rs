//! `/chat/ws/{room_id}`: who may enter, and then the connection.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;

use super::access::{number, seen_by};
use super::socket;
use crate::app::App;
use crate::auth::Caller;
use crate::live::{Ended, Knock, Rights, converse, ended_by};

/// The live endpoint.
pub fn live_routes() -> Router<Arc<App>> {
    Router::new().route("/chat/ws/{room_id}", get(conversation))
}

async fn conversation(
    State(app): State<Arc<App>>,
    Path(room): Path<String>,
    knock: Knock,
) -> Response {
    let Ok(Some(claims)) = knock.claims.clone() else {
        return knock.turn_away(Ended::NotAuthenticated);
    };
    let caller = match Caller::of(Some(Arc::clone(&claims))).account() {
        Ok(caller) => caller.clone(),
        Err(error) => return knock.turn_away(ended_by(&error)),
    };
    if !app.caught_up().await {
        return knock.turn_away(Ended::TryAgain);
    }
    let seen = match number("room_id", &room) {
        Ok(room) => seen_by(&app, room, &caller).await,
        Err(error) => Err(error),
    };
    let (room, member) = match seen {
        Ok(Some(seen)) => seen,
        Ok(None) => return knock.turn_away(Ended::Unknown),
        Err(error) => return knock.turn_away(ended_by(&error)),
    };
    let (place, talk) = socket::seat(&app, knock.address, caller, room, member);
    let (rights, after) = (Rights(Some(claims)), knock.after);
    knock
        .upgrade
        .on_upgrade(move |websocket| converse(app, websocket, place, talk, rights, after))
}
