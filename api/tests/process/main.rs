//! The process managers over the real store and read models, with a clock that the test moves.

mod measure;
mod offers;
mod random;
mod reach;
mod time;
mod world;
