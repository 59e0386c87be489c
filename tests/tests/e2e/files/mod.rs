//! Files: what is taken, what is given to whom, and what is kept, in the chat dialect's messages.

mod given;
mod kept;
mod pages;
mod pictures;
mod taken;

use serde_json::Value;
use tests::{Client, Form, User};

/// Two who share a room, somebody who is not in it, and the room's number.
async fn three(client: &Client) -> (User, User, User, u64) {
    let jiwoo = User::new(client, "한지우").await;
    let seojun = User::new(client, "이서준").await;
    let stranger = User::new(client, "남").await;
    let room = jiwoo.meets(&seojun).await;
    (jiwoo, seojun, stranger, room)
}

/// The message with a file that was taken.
async fn shares(user: &User, name: &str, bytes: &[u8], room: u64) -> Value {
    user.sends(Form::of(name, bytes), room).await.expect(201)
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Bytes that look like nothing, the same each time.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    let random = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[1]
    };
    // No file that anybody knows begins so.
    b"\0nothing"
        .iter()
        .copied()
        .chain(std::iter::repeat_with(random))
        .take(length)
        .collect()
}
