//! What clients send and get, named as in the guide; the ids in it are numbers of the log.

mod bodies;
mod card;
mod consultation;
mod counselor;
mod dashboard;
mod message;
mod request;

pub(crate) use bodies::*;
pub(crate) use card::*;
pub(crate) use consultation::*;
pub(crate) use counselor::*;
pub(crate) use dashboard::*;
pub(crate) use message::*;
pub(crate) use request::*;

/// Shown in place of the name of somebody who was erased.
pub(crate) const ERASED_NAME: &str = "(탈퇴한 사용자)";
