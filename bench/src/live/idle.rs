//! Many sockets on which nothing is said, and the memory that each takes of the server.

use std::net::SocketAddr;

use futures_util::stream::{self, StreamExt};

use crate::failure::Failure;
use crate::report::Measured;
use crate::server::Server;
use crate::socket::Socket;

/// Connections that are opened at the same time.
const OPENING: usize = 32;

/// Opens so many sockets on these paths in turn; how many KiB each takes. `greeted` is the type
/// of the frame that says that a connection is up; none where the server says nothing.
pub async fn kib_of_each(
    server: &Server,
    paths: &[String],
    count: usize,
    greeted: Option<&'static str>,
) -> Result<Measured, Failure> {
    // What the first one brings about is not counted.
    let _first = open(server.address, &paths[0], greeted).await?;
    let before = server.memory()?;
    let opening = (0..count).map(|number| {
        let path = &paths[number % paths.len()];
        open(server.address, path, greeted)
    });
    let sockets: Vec<_> = stream::iter(opening)
        .buffer_unordered(OPENING)
        .collect()
        .await;
    let sockets: Vec<Socket> = sockets.into_iter().collect::<Result<_, _>>()?;
    let bytes = server.memory()?.saturating_sub(before);
    drop(sockets);
    let each = bytes / u64::try_from(count.max(1)).unwrap_or(u64::MAX);
    Ok(Measured {
        rate: f64::from(u32::try_from(each).unwrap_or(u32::MAX)) / 1024.0,
        ..Measured::default()
    })
}

async fn open(
    address: SocketAddr,
    path: &str,
    greeted: Option<&'static str>,
) -> Result<Socket, Failure> {
    let mut socket = Socket::connect(address, path).await?;
    if let Some(kind) = greeted {
        socket.expect(kind).await?;
    }
    Ok(socket)
}
