//! `/ws/chat/{room_id}`: who may listen, and then the connection.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::access::{Entered, is_present};
use super::socket;
use crate::app::App;
use crate::auth::{Asker, Caller, Peer, RequestContext, Somebody};
use crate::error::ApiError;
use crate::live::{Knock, Rights, converse, ended_by};

/// Where a socket names its user.
const PLACE: &str = "query";

/// The live endpoint.
pub fn live_routes() -> Router<Arc<App>> {
    Router::new().route("/ws/chat/{room_id}", get(listen))
}

#[derive(Deserialize)]
struct Parameters {
    user_id: Option<String>,
}

/// Who is at the door, from where, and whom they name.
struct Asking {
    peer: Peer,
    context: RequestContext,
    user_id: Option<String>,
}

async fn listen(
    State(app): State<Arc<App>>,
    Path(room): Path<String>,
    Query(Parameters { user_id }): Query<Parameters>,
    peer: Peer,
    context: RequestContext,
    knock: Knock,
) -> Response {
    let asker = Asking {
        peer,
        context,
        user_id,
    };
    let (entered, somebody) = match admit(&app, asker, &knock, &room).await {
        Ok(admitted) => admitted,
        Err(error) => return knock.turn_away(ended_by(&error)),
    };
    let (place, listening) = socket::seat(&app, knock.address, &entered, &somebody);
    let rights = Rights(knock.claims.clone().ok().flatten());
    knock.enter(move |websocket, after| converse(app, websocket, place, listening, rights, after))
}

/// Lets a member of a room in, by a token or where a bare `user_id` is believed.
async fn admit(
    app: &App,
    asking: Asking,
    knock: &Knock,
    room: &str,
) -> Result<(Entered, Somebody), ApiError> {
    // A bad token is never taken for nobody.
    let claims = knock.claims.clone()?;
    let asker = Asker::new(app, Caller::of(claims), asking.peer, asking.context)?;
    // What is no number is nobody's.
    let user_id = asking.user_id.as_deref().map(str::parse).transpose();
    let user_id = user_id.map_err(|_| ApiError::unauthenticated())?;
    let entered = Entered::into_room(app, &asker, room, PLACE, user_id).await?;
    // To listen one has to be somebody.
    let somebody = entered
        .somebody(PLACE)
        .map_err(|_| ApiError::unauthenticated())?;
    if !is_present(app, entered.room.number, somebody.person()).await? {
        return Err(socket::unknown());
    }
    entered.reads(app, &asker).await?;
    Ok((entered, somebody))
}
