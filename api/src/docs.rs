//! `/docs`: Swagger UI from files that the program carries, so that it works offline.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa_swagger_ui::{Config, serve};

use crate::app::App;
use crate::error::ApiError;

static CONFIG: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| Arc::new(Config::new(["/openapi.json"])));

/// The page names its files relative to itself; without a slash at the end of its own address it
/// has to say what they are relative to.
const BASE: &str = "<head><base href=\"/docs/\">";

/// The page and its files.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/docs", get(|| async { file("index.html") }))
        .route(
            "/docs/{file}",
            get(|Path(name): Path<String>| async move { file(&name) }),
        )
}

fn file(name: &str) -> Response {
    let found = match serve(name, Arc::clone(&CONFIG)) {
        Ok(found) => found,
        Err(error) => {
            tracing::error!(%error, "the documentation cannot be served");
            return ApiError::internal().into_response();
        }
    };
    let Some(file) = found else {
        return ApiError::not_found("unknown_path", "there is nothing here").into_response();
    };
    let bytes = match (name, std::str::from_utf8(&file.bytes)) {
        ("index.html", Ok(page)) => page.replacen("<head>", BASE, 1).into_bytes(),
        _ => file.bytes.into_owned(),
    };
    (
        StatusCode::OK,
        [(header::CONTENT_TYPE, file.content_type)],
        bytes,
    )
        .into_response()
}
