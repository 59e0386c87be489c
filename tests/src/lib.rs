//! What the end-to-end tests speak: a server, people who use it, and sockets with deadlines.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod forms;
mod golden;
mod meeting;
mod people;
mod process;
pub mod room_talks;
mod seat;
mod server;
mod socket;
pub mod talks;
mod users;

pub use forms::{FORM_TYPE, Fetched, Form, fetch};
pub use golden::assert_golden;
pub use meeting::Meeting;
pub use people::{Counselor, Visitor, admin_token};
pub use process::{Process, binary};
pub use seat::{Dialect, Seat};
pub use server::{ADMIN_EMAIL, ADMIN_PASSWORD, Answer, Client, TestApp, TestClock};
pub use socket::Socket;
pub use test_support::{Cluster, Engine, Place, model_double};
pub use users::User;

use std::future::Future;
use std::time::Duration;

/// How long a test waits for something that must come.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// Whether the full counts are asked for.
pub fn long() -> bool {
    std::env::var_os("MAEUM_TEST_LONG").is_some()
}

/// `SEED`, or a fresh one; printed, so that a failure can be repeated.
pub fn seed() -> u64 {
    let seed = std::env::var("SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(rand::random::<u64>);
    println!("SEED={seed}");
    seed
}

/// Asks again until there is an answer; fails with `what` at the deadline.
pub async fn eventually<T, F>(what: &str, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let deadline = tokio::time::Instant::now() + DEADLINE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(tokio::time::Instant::now() < deadline, "in vain: {what}");
        tokio::task::yield_now().await;
        tokio::time::sleep_until(tokio::time::Instant::now() + Duration::from_millis(10)).await;
    }
}
