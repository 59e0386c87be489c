//! What the read models answer, given what has happened.

mod people;
mod rooms;
mod story;
mod talks;
