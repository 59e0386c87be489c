//! The server: configuration, authentication, dialects, live delivery, process managers.

mod answer;
mod app;
pub mod auth;
pub mod catalogue;
pub mod clock;
mod cluster;
pub mod commands;
pub mod demo;
pub mod dialects;
mod docs;
mod erasing;
pub mod error;
pub mod extract;
mod layers;
pub mod limits;
pub mod live;
mod master;
mod once;
pub mod operations;
pub mod people;
pub mod process;
mod reading;
pub mod responder;
mod router;
mod saying;
mod server;
pub mod settings;
mod start;
mod stores;
mod summary;
pub mod telemetry;
mod times;
pub mod uploads;

pub use app::App;
pub use router::openapi;
pub use start::{Running, StartError, start};
