//! The SQL of every table, readable without a compiler, embedded here.

pub mod read;
