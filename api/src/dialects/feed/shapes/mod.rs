//! What clients send and get, named as in the guide; the ids in it are numbers of the log.

mod answers;
mod bodies;
mod rows;

pub(crate) use answers::*;
pub(crate) use bodies::*;
pub(crate) use rows::*;
