//! The catalogue: character types and counselling fields. Anybody may see it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::shapes::FieldList;
use crate::app::App;
use crate::catalogue::Character;

/// All character types.
#[utoipa::path(
    get,
    path = "/api/v1/characters",
    tag = "consultation",
    responses((status = 200, body = Vec<Character>))
)]
pub(super) async fn characters(State(app): State<Arc<App>>) -> Json<Vec<Character>> {
    Json(app.catalogue.characters().to_vec())
}

/// All counselling fields.
#[utoipa::path(
    get,
    path = "/api/v1/counselors/auth/counseling-fields",
    tag = "consultation",
    responses((status = 200, body = FieldList))
)]
pub(super) async fn counseling_fields(State(app): State<Arc<App>>) -> Json<FieldList> {
    Json(FieldList {
        fields: app.catalogue.fields().to_vec(),
    })
}
