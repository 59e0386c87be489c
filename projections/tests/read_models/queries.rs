//! What the read models answer, given what has happened.

mod alerts;
mod emotions;
mod lists;
mod people;
mod retention;
mod rooms;
mod story;
mod talks;
mod uploads;
