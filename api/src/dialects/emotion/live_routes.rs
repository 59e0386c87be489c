//! `/ws/emotion`: who may come, and to which session.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use domain::{SessionOpening, StepId};
use serde::Deserialize;

use super::access::Entered;
use super::ask::step_in;
use super::sessions::open;
use super::socket::{self, Coming, From};
use crate::app::App;
use crate::auth::{Asked, Asker, Caller, Peer, RequestContext};
use crate::error::ApiError;
use crate::live::{Ended, Knock, Rights, ended_by};

/// Where a socket names its user.
const PLACE: &str = "query";

/// The live endpoint.
pub fn live_routes() -> Router<Arc<App>> {
    Router::new().route("/ws/emotion", get(talk))
}

#[derive(Deserialize)]
struct Parameters {
    user_id: Option<String>,
    /// A new one is opened where it is left out.
    session_id: Option<String>,
    /// Whoever comes back goes on with the answer to this step.
    step_id: Option<String>,
    /// From this token on, from 0.
    token_index: Option<String>,
}

async fn talk(
    State(app): State<Arc<App>>,
    Query(parameters): Query<Parameters>,
    peer: Peer,
    context: RequestContext,
    knock: Knock,
) -> Response {
    let coming = match admit(&app, peer, context, &knock, parameters).await {
        Ok(coming) => Box::new(coming),
        Err(ended) => return knock.turn_away(ended),
    };
    knock.enter(move |websocket, after| socket::run(app, websocket, coming, after))
}

/// Lets somebody into a session of theirs, by a token or where a bare `user_id` is believed.
async fn admit(
    app: &App,
    peer: Peer,
    context: RequestContext,
    knock: &Knock,
    parameters: Parameters,
) -> Result<Coming, Ended> {
    let refused = |error: ApiError| ended_by(&error);
    // A bad token is never taken for nobody.
    let claims = knock
        .claims
        .clone()
        .map_err(|error| refused(error.into()))?;
    let asker = Asker::new(app, Caller::of(claims.clone()), peer, context.clone());
    let asker = asker.map_err(refused)?;
    // What is no id is nobody's.
    let user_id = parameters.user_id.map(|id| id.parse()).transpose();
    let user_id = user_id.map_err(|_| Ended::NotAuthenticated)?;
    let session = parameters.session_id.filter(|id| !id.is_empty());
    let entered = match session {
        Some(session) => asker.enter(app, &session, PLACE, user_id).await,
        None => begin(app, &asker, &context, user_id).await,
    };
    let entered = entered.map_err(refused)?;
    entered.reads(app, &asker).await.map_err(refused)?;
    let token_index = parameters
        .token_index
        .map(|index| index.parse())
        .transpose();
    let token_index = token_index.map_err(|_| Ended::BadPosition)?;
    let from = match parameters.step_id {
        None => None,
        Some(step) => {
            let step = StepId(step.parse().map_err(|_| Ended::Unknown)?);
            step_in(app, entered.session(), step)
                .await
                .map_err(refused)?;
            Some(From {
                step,
                token_index: token_index.unwrap_or(0),
            })
        }
    };
    Ok(Coming {
        entered,
        context,
        from,
        rights: Rights(claims),
    })
}

/// Opens a session for whoever names none.
async fn begin(
    app: &App,
    asker: &Asker,
    context: &RequestContext,
    user_id: Option<uuid::Uuid>,
) -> Result<Entered, ApiError> {
    let named = asker.named(app, PLACE, user_id).await?;
    // To say something one has to be somebody.
    let somebody = named.somebody(PLACE);
    let owner = somebody.map_err(|_| ApiError::unauthenticated())?.account;
    let write = Asked {
        request: named.asked(app, context)?.request,
        repeatable: None,
    };
    let (row, _) = open(app, &write, owner, SessionOpening::default()).await?;
    Ok(Entered::new(named, row))
}
