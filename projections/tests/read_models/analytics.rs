//! What analysts count, on both engines: against the events themselves, small groups, and who may
//! see what.

mod counted;
mod example;
mod folded;
mod following;
mod metrics;
mod nameless;
mod role;
mod small;
