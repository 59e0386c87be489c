//! What clients send and get, named as in the guide; the ids in it are numbers of the log.

mod bodies;
mod message;
mod room;

pub(super) use bodies::*;
pub(super) use message::*;
pub(super) use room::*;
