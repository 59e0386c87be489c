//! Messages of KurrentDB's protocol (`event_store.client.streams`), as far as the log needs them.
//!
//! Written by hand from the definitions, since their generated form is private to the client
//! that carries them; a test holds them against a service made from the definitions.

use prost::{Message, Oneof};
use std::collections::HashMap;

use bytes::Bytes;

pub(super) const READ: &str = "/event_store.client.streams.Streams/Read";
pub(super) const APPEND: &str = "/event_store.client.streams.Streams/Append";

#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub(super) struct Empty {}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct StreamIdentifier {
    #[prost(bytes = "bytes", tag = "3")]
    pub stream_name: Bytes,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Uuid {
    #[prost(oneof = "UuidValue", tags = "1, 2")]
    pub value: Option<UuidValue>,
}

#[derive(Clone, PartialEq, Eq, Oneof)]
pub(super) enum UuidValue {
    #[prost(message, tag = "1")]
    Structured(StructuredUuid),
    #[prost(string, tag = "2")]
    Text(String),
}

#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub(super) struct StructuredUuid {
    #[prost(int64, tag = "1")]
    pub most_significant_bits: i64,
    #[prost(int64, tag = "2")]
    pub least_significant_bits: i64,
}

/// One message of the stream of an append: its options first, then each event.
#[derive(Clone, PartialEq, Message)]
pub(super) struct AppendReq {
    #[prost(oneof = "AppendContent", tags = "1, 2")]
    pub content: Option<AppendContent>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(super) enum AppendContent {
    #[prost(message, tag = "1")]
    Options(AppendOptions),
    #[prost(message, tag = "2")]
    ProposedMessage(ProposedMessage),
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct AppendOptions {
    #[prost(message, optional, tag = "1")]
    pub stream_identifier: Option<StreamIdentifier>,
    #[prost(oneof = "ExpectedRevision", tags = "2, 3")]
    pub expected: Option<ExpectedRevision>,
}

#[derive(Clone, Copy, PartialEq, Eq, Oneof)]
pub(super) enum ExpectedRevision {
    #[prost(uint64, tag = "2")]
    Revision(u64),
    #[prost(message, tag = "3")]
    NoStream(Empty),
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ProposedMessage {
    #[prost(message, optional, tag = "1")]
    pub id: Option<Uuid>,
    #[prost(map = "string, string", tag = "2")]
    pub metadata: HashMap<String, String>,
    #[prost(bytes = "bytes", tag = "3")]
    pub custom_metadata: Bytes,
    #[prost(bytes = "bytes", tag = "4")]
    pub data: Bytes,
}

#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub(super) struct AppendResp {
    #[prost(oneof = "AppendResult", tags = "1, 2")]
    pub result: Option<AppendResult>,
}

/// What is told besides (revisions and positions) is read from the log where it is needed.
#[derive(Clone, Copy, PartialEq, Eq, Oneof)]
pub(super) enum AppendResult {
    #[prost(message, tag = "1")]
    Success(Empty),
    #[prost(message, tag = "2")]
    WrongExpectedVersion(Empty),
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct ReadReq {
    #[prost(message, optional, tag = "1")]
    pub options: Option<ReadOptions>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct ReadOptions {
    #[prost(message, optional, tag = "1")]
    pub stream: Option<StreamOptions>,
    /// 0 is up, 1 is down.
    #[prost(int32, tag = "3")]
    pub direction: i32,
    #[prost(oneof = "Count", tags = "5, 6")]
    pub count: Option<Count>,
    #[prost(message, optional, tag = "8")]
    pub no_filter: Option<Empty>,
    #[prost(message, optional, tag = "9")]
    pub uuid_option: Option<UuidOption>,
}

#[derive(Clone, Copy, PartialEq, Eq, Oneof)]
pub(super) enum Count {
    #[prost(uint64, tag = "5")]
    Limit(u64),
    #[prost(message, tag = "6")]
    Subscription(Empty),
}

#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub(super) struct UuidOption {
    #[prost(message, optional, tag = "1")]
    pub structured: Option<Empty>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct StreamOptions {
    #[prost(message, optional, tag = "1")]
    pub stream_identifier: Option<StreamIdentifier>,
    #[prost(oneof = "From", tags = "2, 3, 4")]
    pub from: Option<From>,
}

#[derive(Clone, Copy, PartialEq, Eq, Oneof)]
pub(super) enum From {
    #[prost(uint64, tag = "2")]
    Revision(u64),
    #[prost(message, tag = "3")]
    Start(Empty),
    #[prost(message, tag = "4")]
    End(Empty),
}

/// Other contents (checkpoints, where a subscription stands) are none of these.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ReadResp {
    #[prost(oneof = "ReadContent", tags = "1, 4")]
    pub content: Option<ReadContent>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(super) enum ReadContent {
    #[prost(message, tag = "1")]
    Event(ReadEvent),
    #[prost(message, tag = "4")]
    StreamNotFound(Empty),
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ReadEvent {
    #[prost(message, optional, tag = "1")]
    pub event: Option<RecordedEvent>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct RecordedEvent {
    #[prost(message, optional, tag = "1")]
    pub id: Option<Uuid>,
    #[prost(uint64, tag = "3")]
    pub stream_revision: u64,
    #[prost(map = "string, string", tag = "6")]
    pub metadata: HashMap<String, String>,
    #[prost(bytes = "bytes", tag = "7")]
    pub custom_metadata: Bytes,
    #[prost(bytes = "bytes", tag = "8")]
    pub data: Bytes,
}

impl std::convert::From<uuid::Uuid> for Uuid {
    fn from(id: uuid::Uuid) -> Self {
        let (most, least) = id.as_u64_pair();
        let value = UuidValue::Structured(StructuredUuid {
            most_significant_bits: most.cast_signed(),
            least_significant_bits: least.cast_signed(),
        });
        Self { value: Some(value) }
    }
}

impl Uuid {
    /// None where it is not an id.
    pub fn id(&self) -> Option<uuid::Uuid> {
        match self.value.as_ref()? {
            UuidValue::Structured(of) => Some(uuid::Uuid::from_u64_pair(
                of.most_significant_bits.cast_unsigned(),
                of.least_significant_bits.cast_unsigned(),
            )),
            UuidValue::Text(text) => text.parse().ok(),
        }
    }
}
