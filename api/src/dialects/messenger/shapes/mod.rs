//! What clients send and get, named as in the guide; the ids in it are UUIDs.

mod bodies;
mod rows;
mod users;

pub(super) use bodies::*;
pub(super) use rows::*;
pub(super) use users::*;
