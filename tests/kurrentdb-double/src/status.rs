//! How a server says no: a status, and what it is about in the trailers.

use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Status};

use crate::log::MAX_APPEND_BYTES;

fn status(code: Code, message: &str, trailers: &[(&'static str, &str)]) -> Status {
    let mut map = MetadataMap::new();
    for (name, value) in trailers {
        map.insert(*name, MetadataValue::try_from(*value).unwrap());
    }
    Status::with_metadata(code, message, map)
}

pub fn not_leader(host: &str, port: u16) -> Status {
    let trailers = [
        ("exception", "not-leader"),
        ("leader-endpoint-host", host),
        ("leader-endpoint-port", &port.to_string()),
    ];
    status(Code::NotFound, "Leader info available", &trailers)
}

pub fn too_large() -> Status {
    let message = format!("Maximum Append Size of {MAX_APPEND_BYTES} Exceeded.");
    let size = MAX_APPEND_BYTES.to_string();
    let trailers = [
        ("exception", "maximum-append-size-exceeded"),
        ("maximum-append-size", &size),
    ];
    status(Code::InvalidArgument, &message, &trailers)
}

pub fn too_slow() -> Status {
    status(Code::Aborted, "Operation timed out", &[])
}

pub fn busy() -> Status {
    status(Code::Unavailable, "Server Is Too Busy", &[])
}
