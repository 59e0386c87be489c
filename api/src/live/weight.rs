//! What a connection's task weighs while nothing happens on it.

use std::future::Future;

/// The most that the task of one connection may take, in bytes, from its upgrade to its end. What
/// is awaited only now and then goes on the heap meanwhile, by `Box::pin`.
pub const IDLE_BYTES: usize = 2 * 1024;

/// The size of the future that runs a connection, given by a closure over a tuple of what it takes.
pub fn bytes_of_future<Arguments, Run: Future>(_run: impl Fn(Arguments) -> Run) -> usize {
    size_of::<Run>()
}
