//! The dialects: each translates its guide's calls and frames, and none decides.

pub mod accounts;
pub mod analytics;
pub mod audit;
pub mod chat;
pub mod consultation;
pub mod emotion;
pub mod feed;
pub mod messenger;
pub mod privacy;
