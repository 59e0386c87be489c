//! What the read models answer, given what has happened.

mod lists;
mod people;
mod rooms;
mod story;
mod talks;
mod uploads;
