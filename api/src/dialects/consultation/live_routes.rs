//! The live endpoints: who may enter, and then the connection.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::{PersonId, Role};
use projections::counselors;

use super::notifications::{self, Rung};
use super::{access, alerts, socket};
use crate::app::App;
use crate::auth::{Caller, InvalidToken, RequestContext};
use crate::live::{Ended, Knock, Rights, converse, ended_by};

/// The live endpoints.
pub fn live_routes() -> Router<Arc<App>> {
    Router::new()
        .route("/ws/consultation/{code}", get(conversation))
        .route("/ws/counselor/{counselor_id}/notifications", get(rings))
        .route("/ws/admin/notifications", get(alarms))
}

async fn conversation(
    State(app): State<Arc<App>>,
    Path(code): Path<String>,
    context: RequestContext,
    knock: Knock,
) -> Response {
    let claims = match &knock.claims {
        Ok(claims) => claims.clone(),
        // A bad token is never taken for nobody.
        Err(InvalidToken) => return knock.turn_away(Ended::NotAuthenticated),
    };
    let caller = Caller::of(claims.clone());
    if !app.caught_up().await {
        return knock.turn_away(Ended::TryAgain);
    }
    let entered = match access::enter(&app, &caller, &context, &code).await {
        Ok(entered) => entered,
        Err(error) if error.status == StatusCode::TOO_MANY_REQUESTS => {
            return error.into_response();
        }
        Err(error) => return knock.turn_away(ended_by(&error)),
    };
    let (place, talk) = socket::seat(&app, entered);
    let rights = Rights(claims);
    knock.enter(move |websocket, after| converse(app, websocket, place, talk, rights, after))
}

async fn rings(
    State(app): State<Arc<App>>,
    Path(counselor): Path<String>,
    knock: Knock,
) -> Response {
    let Ok(Some(claims)) = knock.claims.clone() else {
        return knock.turn_away(Ended::NotAuthenticated);
    };
    if !app.caught_up().await {
        return knock.turn_away(Ended::TryAgain);
    }
    let row = match counselor.parse() {
        Ok(number) => counselors::by_number(&*app.reader, number).await,
        Err(_) => Ok(None),
    };
    let row = match row {
        Ok(Some(row)) => row,
        Ok(None) => return knock.turn_away(Ended::Unknown),
        Err(error) => {
            tracing::error!(%error, "a counsellor cannot be read");
            return knock.turn_away(Ended::TryAgain);
        }
    };
    if row.account.0 != claims.sub || claims.con.is_some() {
        return knock.turn_away(Ended::NotAllowed);
    }
    let rung = Rung {
        counselor: row.id,
        person: PersonId::from(row.account),
    };
    let rights = Rights(Some(claims));
    knock.enter(move |websocket, after| notifications::run(app, websocket, rung, rights, after))
}

/// What administrators are told of.
async fn alarms(State(app): State<Arc<App>>, knock: Knock) -> Response {
    let Ok(Some(claims)) = knock.claims.clone() else {
        return knock.turn_away(Ended::NotAuthenticated);
    };
    if claims.role != Role::Admin || claims.con.is_some() {
        return knock.turn_away(Ended::NotAllowed);
    }
    let person = PersonId(claims.sub);
    let rights = Rights(Some(claims));
    knock.enter(move |websocket, after| alerts::run(app, websocket, person, rights, after))
}
