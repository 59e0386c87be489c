//! The whole system through real sockets: what a client of a guide sees.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod access;
mod accounts;
mod analytics;
mod audit;
mod bad_input;
mod chat;
mod chat_files;
mod chat_flutter;
mod chat_live;
mod consultation;
mod crash;
mod crisis;
mod desk;
mod emotion;
mod erasure;
mod feed;
mod files;
mod following;
mod live;
mod looking_back;
mod looking_back_rooms;
mod matching;
mod messenger;
mod model;
mod model_cards;
mod privacy;
mod program;
mod retention;
mod retention_plan;
mod rooms;
mod timeline;
mod upgrade;
