//! Calls of the server: append at the end of the log, read it, be told of what comes.

use std::sync::Arc;

use hyper::http::uri::PathAndQuery;
use parking_lot::Mutex;
use rustls::ClientConfig;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use tonic::client::Grpc;
use tonic::codec::{ProstCodec, Streaming};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::{Code, Request, Status};

use super::connection::{self, Connection};
use super::limits::{
    ANSWER_BYTES, ANSWER_WAIT, FIRST_BACKOFF, LONGEST_BACKOFF, OUTCOME_WAIT, PAGE, PAGE_BYTES,
    REFERRALS,
};
use super::url::Node;
use super::wire::{
    APPEND, AppendContent, AppendOptions, AppendReq, AppendResp, AppendResult, Count, Empty,
    ExpectedRevision, From, ProposedMessage, READ, ReadContent, ReadOptions, ReadReq, ReadResp,
    RecordedEvent, StreamIdentifier, StreamOptions, UuidOption,
};
use super::{KurrentUrl, revision};
use crate::{OpenError, Position, StoreError};

/// What is said when nodes name each other as the leader.
const NO_LEADER: &str = "no node of KurrentDB leads";

/// What became of an append that was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Appended {
    Stored,
    /// The log does not end where it should: others have appended, or have not.
    Overtaken,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failed {
    /// The server has done nothing. Worth another attempt.
    NotDone(String),
    /// Another node leads, which the next attempt asks.
    Elsewhere,
    /// The server may have done it.
    Unknown(String),
    /// The server has refused it, as it will again.
    Refused(StoreError),
}

impl std::convert::From<Failed> for StoreError {
    /// Of a call that only reads.
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::NotDone(cause) | Failed::Unknown(cause) => Self::Unavailable(cause),
            Failed::Elsewhere => Self::Unavailable(NO_LEADER.to_owned()),
            Failed::Refused(error) => error,
        }
    }
}

/// A client of one log. Its connection is made when it is needed, and anew after a failure.
pub(super) struct Client {
    url: KurrentUrl,
    tls: Option<Arc<ClientConfig>>,
    authorization: Option<MetadataValue<Ascii>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    connection: Option<Connection>,
    /// The leader, as another node told.
    leader: Option<Node>,
}

impl Client {
    /// Connects to nothing yet.
    pub fn new(url: &KurrentUrl) -> Result<Self, OpenError> {
        let failed = |reason: String| OpenError::Server {
            place: url.to_string(),
            reason,
        };
        let tls = url.tls().then(connection::tls).transpose();
        let authorization = url.user().map(|(name, password)| {
            use base64::Engine as _;
            let pair = format!("{name}:{password}");
            let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
            MetadataValue::try_from(format!("Basic {encoded}"))
        });
        Ok(Self {
            url: url.clone(),
            tls: tls.map_err(failed)?,
            authorization: authorization
                .transpose()
                .map_err(|cause| failed(cause.to_string()))?,
            state: Mutex::default(),
        })
    }

    /// Appends where the log holds `head` events, and no more.
    pub async fn append(
        &self,
        head: Position,
        events: &[ProposedMessage],
    ) -> Result<Appended, Failed> {
        let expected = match revision::of_last(head) {
            Some(last) => ExpectedRevision::Revision(last),
            None => ExpectedRevision::NoStream(Empty {}),
        };
        let options = AppendContent::Options(AppendOptions {
            stream_identifier: Some(self.stream()),
            expected: Some(expected),
        });
        let events = events.iter().cloned().map(AppendContent::ProposedMessage);
        let messages: Vec<_> = std::iter::once(options)
            .chain(events)
            .map(|content| AppendReq {
                content: Some(content),
            })
            .collect();
        let mut grpc = self.ready().await?;
        let request = self.request(futures_util::stream::iter(messages));
        let call = grpc.client_streaming::<_, AppendReq, AppendResp, _>(
            request,
            PathAndQuery::from_static(APPEND),
            ProstCodec::default(),
        );
        let answer = match timeout(ANSWER_WAIT, call).await {
            Ok(Ok(answer)) => answer.into_inner().result,
            Ok(Err(status)) => return Err(self.explain(&status)),
            Err(_) => return Err(self.late()),
        };
        match answer {
            Some(AppendResult::Success(_)) => Ok(Appended::Stored),
            Some(AppendResult::WrongExpectedVersion(_)) => Ok(Appended::Overtaken),
            None => Err(Failed::Unknown("the server answered nothing".to_owned())),
        }
    }

    /// Appends, and insists on an answer: the same append is sent again until it is known what
    /// became of it, since a server takes the repetition of what it has stored for done.
    pub async fn insist(
        &self,
        head: Position,
        events: &[ProposedMessage],
        closing: &watch::Receiver<bool>,
    ) -> Result<Appended, StoreError> {
        let until = Instant::now() + OUTCOME_WAIT;
        let mut backoff = FIRST_BACKOFF;
        let mut in_doubt = None;
        loop {
            let cause = match self.append(head, events).await {
                Ok(appended) => return Ok(appended),
                Err(Failed::Refused(error)) if in_doubt.is_none() => return Err(error),
                Err(Failed::Refused(error)) => return Err(StoreError::Unknown(error.to_string())),
                Err(Failed::NotDone(cause)) => cause,
                Err(Failed::Elsewhere) => NO_LEADER.to_owned(),
                Err(Failed::Unknown(cause)) => {
                    tracing::warn!(cause, "the answer to an append was lost: it is asked for");
                    in_doubt.insert(cause).clone()
                }
            };
            if Instant::now() >= until || *closing.borrow() {
                return Err(match in_doubt {
                    Some(cause) => StoreError::Unknown(cause),
                    None => StoreError::Unavailable(cause),
                });
            }
            sleep(backoff).await;
            backoff = (backoff * 2).min(LONGEST_BACKOFF);
        }
    }

    /// The events after a position, at most a page of them, and whether that is all.
    pub async fn read(&self, after: Position) -> Result<(Vec<RecordedEvent>, bool), Failed> {
        let from = From::Revision(revision::of_next(after));
        let events = self.page(from, 0, PAGE).await?;
        let limit = usize::try_from(PAGE).unwrap_or(usize::MAX);
        let is_all = events.len() < limit && bytes_of(&events) < PAGE_BYTES;
        Ok((events, is_all))
    }

    /// The position of the last event on the server.
    pub async fn head(&self) -> Result<Position, Failed> {
        let last = self.page(From::End(Empty {}), 1, 1).await?;
        let last = last.first();
        Ok(last.map_or(0, |event| revision::position(event.stream_revision)))
    }

    /// Asks the leader, whoever that is.
    async fn page(
        &self,
        from: From,
        direction: i32,
        limit: u64,
    ) -> Result<Vec<RecordedEvent>, Failed> {
        for _ in 0..REFERRALS {
            match self.page_of_node(from, direction, limit).await {
                Err(Failed::Elsewhere) => {}
                page => return page,
            }
        }
        self.page_of_node(from, direction, limit).await
    }

    async fn page_of_node(
        &self,
        from: From,
        direction: i32,
        limit: u64,
    ) -> Result<Vec<RecordedEvent>, Failed> {
        let reading = async {
            let mut answers = self.reading(from, direction, Count::Limit(limit)).await?;
            let (mut events, mut bytes) = (Vec::new(), 0);
            while bytes < PAGE_BYTES
                && let Some(answer) = self.next(&mut answers).await?
            {
                match answer.content {
                    Some(ReadContent::Event(read)) => {
                        bytes += bytes_of(read.event.as_slice());
                        events.extend(read.event);
                    }
                    Some(ReadContent::StreamNotFound(_)) | None => {}
                }
            }
            Ok(events)
        };
        match timeout(ANSWER_WAIT, reading).await {
            Ok(events) => events,
            Err(_) => Err(self.late()),
        }
    }

    /// Tells of each event that comes after a position, by anything at all.
    pub async fn subscribe(&self, after: Position) -> Result<Streaming<ReadResp>, Failed> {
        // A subscription begins after the revision that it is given, a read with it.
        let from = match revision::of_last(after) {
            Some(last) => From::Revision(last),
            None => From::Start(Empty {}),
        };
        let subscribing = self.reading(from, 0, Count::Subscription(Empty {}));
        match timeout(ANSWER_WAIT, subscribing).await {
            Ok(answers) => answers,
            Err(_) => Err(self.late()),
        }
    }

    async fn reading(
        &self,
        from: From,
        direction: i32,
        count: Count,
    ) -> Result<Streaming<ReadResp>, Failed> {
        let stream = StreamOptions {
            stream_identifier: Some(self.stream()),
            from: Some(from),
        };
        let options = ReadOptions {
            stream: Some(stream),
            direction,
            count: Some(count),
            no_filter: Some(Empty {}),
            uuid_option: Some(UuidOption {
                structured: Some(Empty {}),
            }),
        };
        let mut grpc = self.ready().await?;
        let request = self.request(ReadReq {
            options: Some(options),
        });
        grpc.server_streaming(
            request,
            PathAndQuery::from_static(READ),
            ProstCodec::default(),
        )
        .await
        .map(tonic::Response::into_inner)
        .map_err(|status| self.explain(&status))
    }

    /// The next answer; none at the end.
    pub async fn next(&self, of: &mut Streaming<ReadResp>) -> Result<Option<ReadResp>, Failed> {
        of.message().await.map_err(|status| self.explain(&status))
    }

    fn stream(&self) -> StreamIdentifier {
        StreamIdentifier {
            stream_name: self.url.stream().as_bytes().to_vec().into(),
        }
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        // What is decided on is read where it is written.
        let required = MetadataValue::from_static("true");
        request.metadata_mut().insert("requires-leader", required);
        if let Some(authorization) = &self.authorization {
            let authorization = authorization.clone();
            request
                .metadata_mut()
                .insert("authorization", authorization);
        }
        request
    }

    async fn ready(&self) -> Result<Grpc<Connection>, Failed> {
        let connection = self.connected().await?;
        let origin = connection.origin.clone();
        let mut grpc =
            Grpc::with_origin(connection, origin).max_decoding_message_size(ANSWER_BYTES);
        match timeout(ANSWER_WAIT, grpc.ready()).await {
            Ok(Ok(())) => Ok(grpc),
            Ok(Err(cause)) => {
                self.disconnect();
                Err(Failed::NotDone(cause.to_string()))
            }
            Err(_) => {
                self.disconnect();
                Err(Failed::NotDone(
                    "the connection does not get ready".to_owned(),
                ))
            }
        }
    }

    async fn connected(&self) -> Result<Connection, Failed> {
        let leader = {
            let state = self.state.lock();
            if let Some(connection) = &state.connection
                && !connection.is_closed()
            {
                return Ok(connection.clone());
            }
            state.leader.clone()
        };
        let mut failures = Vec::new();
        for node in leader.iter().chain(self.url.nodes()) {
            match Connection::open(node, self.tls.as_ref()).await {
                Ok(connection) => {
                    self.state.lock().connection = Some(connection.clone());
                    return Ok(connection);
                }
                Err(cause) => failures.push(cause),
            }
        }
        self.state.lock().leader = None;
        Err(Failed::NotDone(failures.join("; ")))
    }

    fn disconnect(&self) {
        self.state.lock().connection = None;
    }

    fn late(&self) -> Failed {
        self.disconnect();
        Failed::Unknown(format!("no answer within {} s", ANSWER_WAIT.as_secs()))
    }

    /// What a status means. The connection is made anew after all but plain refusals.
    fn explain(&self, status: &Status) -> Failed {
        let told = |name: &str| status.metadata().get(name)?.to_str().ok();
        let message = status.message().to_owned();
        match (told("exception"), status.code()) {
            (Some("not-leader"), _) => {
                let leader = told("leader-endpoint-host").zip(told("leader-endpoint-port"));
                let leader = leader.and_then(|(host, port)| {
                    Some(Node {
                        host: host.to_owned(),
                        port: port.parse().ok()?,
                    })
                });
                let mut state = self.state.lock();
                (state.leader, state.connection) = (leader, None);
                Failed::Elsewhere
            }
            (Some("maximum-append-size-exceeded"), _) => {
                Failed::Refused(StoreError::TooLarge(message))
            }
            (_, Code::Unauthenticated | Code::PermissionDenied) => Failed::Refused(
                StoreError::Unavailable(format!("KurrentDB refuses access: {message}")),
            ),
            _ if never_sent(status) => {
                self.disconnect();
                Failed::NotDone("the connection was lost".to_owned())
            }
            (exception, code) => {
                self.disconnect();
                let exception = exception.unwrap_or_default();
                Failed::Unknown(format!("{code:?} {exception} {message}"))
            }
        }
    }
}

fn bytes_of(events: &[RecordedEvent]) -> usize {
    let bytes = |event: &RecordedEvent| event.data.len() + event.custom_metadata.len();
    events.iter().map(bytes).sum()
}

/// Whether the connection ended before the request was on its way.
fn never_sent(status: &Status) -> bool {
    let mut cause = std::error::Error::source(status);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<hyper::Error>() {
            return error.is_canceled();
        }
        cause = error.source();
    }
    false
}
