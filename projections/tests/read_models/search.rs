//! Searching the messages of a room, on both engines.

mod changing;
mod finding;
mod following;
mod random;
mod talk;
