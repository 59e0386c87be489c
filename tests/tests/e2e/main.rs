//! The whole system through real sockets: what a client of a guide sees.

mod accounts;
mod bad_input;
mod consultation;
mod crash;
mod desk;
mod live;
mod matching;
mod privacy;
