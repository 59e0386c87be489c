//! Appends: one stream of events a call, or many batches in one session.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::{StreamExt, stream};
use prost::Message;
use tonic::{Code, Status, Streaming};

use crate::faults::AppendFault;
use crate::log::{Appended, Expected, Refused};
use crate::protocol::event_store::client::streams::append_req::options::ExpectedStreamRevision;
use crate::protocol::event_store::client::streams::append_req::{Content, ProposedMessage};
use crate::protocol::event_store::client::streams::append_resp::{
    Position, Success, WrongExpectedVersion, success, wrong_expected_version as wrong,
};
use crate::protocol::event_store::client::streams::batch_append_req::options::ExpectedStreamPosition;
use crate::protocol::event_store::client::streams::batch_append_resp::{
    self, Result as Outcome, Success as BatchSuccess, success as batch_success,
};
use crate::protocol::event_store::client::streams::read_resp::read_event::RecordedEvent;
use crate::protocol::event_store::client::streams::{
    AppendReq, AppendResp, BatchAppendReq, BatchAppendResp, append_resp, batch_append_req,
};
use crate::protocol::event_store::client::{
    AllStreamPosition, StreamIdentifier, WrongExpectedVersion as BatchWrong,
    wrong_expected_version as batch_wrong,
};
use crate::protocol::google::rpc;
use crate::service::{Answers, Service};
use crate::status::{busy, too_large, too_slow};

/// A moment in the unit of the protocol: ticks of 100 ns since the Unix epoch.
#[expect(clippy::disallowed_methods, reason = "a server has a clock of its own")]
fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    (since.as_nanos() / 100).to_string()
}

/// What became of an append: stored or refused, and a status in place of either.
type Stored = Result<Result<Appended, Refused>, Status>;

impl Service {
    pub async fn answer_append(
        &self,
        mut request: Streaming<AppendReq>,
    ) -> Result<AppendResp, Status> {
        let mut options = None;
        let mut events = Vec::new();
        while let Some(message) = request.message().await? {
            match message.content {
                Some(Content::Options(given)) => options = Some(given),
                Some(Content::ProposedMessage(event)) => events.push(recorded(event)?),
                None => return Err(Status::invalid_argument("a message without content")),
            }
        }
        let options = options.ok_or_else(|| Status::invalid_argument("no options"))?;
        let expected = match options.expected_stream_revision {
            Some(ExpectedStreamRevision::Revision(revision)) => Expected::Revision(revision),
            Some(ExpectedStreamRevision::NoStream(())) => Expected::NoStream,
            Some(ExpectedStreamRevision::Any(())) => Expected::Any,
            Some(ExpectedStreamRevision::StreamExists(())) => Expected::StreamExists,
            None => return Err(Status::invalid_argument("no expected revision")),
        };
        let stream = name(options.stream_identifier)?;
        let result = match self.store(&stream, expected, events).await? {
            Ok(appended) => append_resp::Result::Success(success(appended)),
            Err(Refused::WrongVersion(current)) => {
                append_resp::Result::WrongExpectedVersion(wrong_version(current, expected))
            }
            Err(Refused::TooLarge) => return Err(too_large()),
        };
        Ok(AppendResp {
            result: Some(result),
        })
    }

    /// Answers each batch when its last message has come, in that order.
    pub fn answer_batches(&self, request: Streaming<BatchAppendReq>) -> Answers<BatchAppendResp> {
        let service = Self {
            log: self.log.clone(),
            faults: self.faults.clone(),
            cut: self.cut.clone(),
        };
        let state = (service, request, HashMap::new());
        let answers = stream::unfold(state, |(service, mut request, mut open)| async move {
            loop {
                let message = match request.message().await {
                    Ok(Some(message)) => message,
                    Ok(None) => return None,
                    Err(status) => return Some((Err(status), (service, request, open))),
                };
                let answer = service.batch(&mut open, message).await;
                if let Some(answer) = answer.transpose() {
                    return Some((answer, (service, request, open)));
                }
            }
        });
        answers.boxed()
    }

    async fn batch(
        &self,
        open: &mut HashMap<Vec<u8>, BatchAppendReq>,
        message: BatchAppendReq,
    ) -> Result<Option<BatchAppendResp>, Status> {
        let key = message.correlation_id.clone().unwrap_or_default();
        let key = key.encode_to_vec();
        let whole = if let Some(mut before) = open.remove(&key) {
            before.proposed_messages.extend(message.proposed_messages);
            before.is_final = message.is_final;
            before
        } else {
            message
        };
        if !whole.is_final {
            open.insert(key, whole);
            return Ok(None);
        }
        let options = whole.options.clone();
        let options = options.ok_or_else(|| Status::invalid_argument("no options"))?;
        let stream = name(options.stream_identifier.clone())?;
        let (expected, echo) = expected_of(options.expected_stream_position)?;
        let events = whole.proposed_messages.into_iter().map(of_batch);
        let events = events.collect::<Result<_, _>>()?;
        let result = match self.store(&stream, expected, events).await? {
            Ok(appended) => Outcome::Success(batch_success(appended)),
            Err(refused) => Outcome::Error(explained(&refused, expected)),
        };
        Ok(Some(BatchAppendResp {
            correlation_id: whole.correlation_id,
            stream_identifier: options.stream_identifier,
            expected_stream_position: Some(echo),
            result: Some(result),
        }))
    }

    /// Stores, and meets the fault that waits for this append.
    async fn store(&self, stream: &str, expected: Expected, events: Vec<RecordedEvent>) -> Stored {
        let fault = self.faults.next_append();
        match fault {
            Some(AppendFault::CutBefore) => {
                (self.cut)();
                return Err(Status::unavailable("cut"));
            }
            Some(AppendFault::TimeOutBefore) => return Err(too_slow()),
            Some(AppendFault::Busy) => return Err(busy()),
            _ => {}
        }
        let stored = self.log.append(stream, expected, events);
        match fault {
            Some(AppendFault::CutAfter) => {
                (self.cut)();
                Err(Status::unavailable("cut"))
            }
            Some(AppendFault::TimeOutAfter) => Err(too_slow()),
            Some(AppendFault::SilenceAfter) => std::future::pending().await,
            _ => Ok(stored),
        }
    }
}

fn name(identifier: Option<StreamIdentifier>) -> Result<String, Status> {
    let name = identifier.map(|identifier| identifier.stream_name.to_vec());
    name.and_then(|name| String::from_utf8(name).ok())
        .filter(|name| !name.is_empty())
        .ok_or_else(|| Status::invalid_argument("the stream has no name"))
}

fn recorded(event: ProposedMessage) -> Result<RecordedEvent, Status> {
    let mut metadata = event.metadata;
    for required in ["type", "content-type"] {
        if !metadata.contains_key(required) {
            let reason = format!("Required Metadata Property '{required}' is Missing");
            return Err(Status::invalid_argument(reason));
        }
    }
    metadata.insert("created".to_owned(), now());
    Ok(RecordedEvent {
        id: event.id,
        metadata,
        custom_metadata: event.custom_metadata,
        data: event.data,
        ..RecordedEvent::default()
    })
}

fn of_batch(event: batch_append_req::ProposedMessage) -> Result<RecordedEvent, Status> {
    recorded(ProposedMessage {
        id: event.id,
        metadata: event.metadata,
        custom_metadata: event.custom_metadata,
        data: event.data,
    })
}

fn success(appended: Appended) -> Success {
    use success::{CurrentRevisionOption, PositionOption};
    Success {
        current_revision_option: Some(match appended.revision {
            Some(revision) => CurrentRevisionOption::CurrentRevision(revision),
            None => CurrentRevisionOption::NoStream(()),
        }),
        position_option: Some(match appended.position {
            Some(position) => PositionOption::Position(Position {
                commit_position: position,
                prepare_position: position,
            }),
            None => PositionOption::NoPosition(()),
        }),
    }
}

fn wrong_version(current: Option<u64>, expected: Expected) -> WrongExpectedVersion {
    use wrong::{
        CurrentRevisionOption, CurrentRevisionOption2060, ExpectedRevisionOption,
        ExpectedRevisionOption2060,
    };
    WrongExpectedVersion {
        current_revision_option_20_6_0: Some(match current {
            Some(revision) => CurrentRevisionOption2060::CurrentRevision2060(revision),
            None => CurrentRevisionOption2060::NoStream2060(()),
        }),
        current_revision_option: Some(match current {
            Some(revision) => CurrentRevisionOption::CurrentRevision(revision),
            None => CurrentRevisionOption::CurrentNoStream(()),
        }),
        expected_revision_option_20_6_0: match expected {
            Expected::Revision(revision) => {
                Some(ExpectedRevisionOption2060::ExpectedRevision2060(revision))
            }
            Expected::Any => Some(ExpectedRevisionOption2060::Any2060(())),
            Expected::StreamExists => Some(ExpectedRevisionOption2060::StreamExists2060(())),
            Expected::NoStream => None,
        },
        expected_revision_option: Some(match expected {
            Expected::Revision(revision) => ExpectedRevisionOption::ExpectedRevision(revision),
            Expected::Any => ExpectedRevisionOption::ExpectedAny(()),
            Expected::StreamExists => ExpectedRevisionOption::ExpectedStreamExists(()),
            Expected::NoStream => ExpectedRevisionOption::ExpectedNoStream(()),
        }),
    }
}

fn expected_of(
    position: Option<ExpectedStreamPosition>,
) -> Result<(Expected, batch_append_resp::ExpectedStreamPosition), Status> {
    use batch_append_resp::ExpectedStreamPosition as Echo;
    Ok(match position {
        Some(ExpectedStreamPosition::StreamPosition(revision)) => {
            (Expected::Revision(revision), Echo::StreamPosition(revision))
        }
        Some(ExpectedStreamPosition::NoStream(())) => (Expected::NoStream, Echo::NoStream(())),
        Some(ExpectedStreamPosition::Any(())) => (Expected::Any, Echo::Any(())),
        Some(ExpectedStreamPosition::StreamExists(())) => {
            (Expected::StreamExists, Echo::StreamExists(()))
        }
        None => return Err(Status::invalid_argument("no expected position")),
    })
}

fn batch_success(appended: Appended) -> BatchSuccess {
    use batch_success::{CurrentRevisionOption, PositionOption};
    BatchSuccess {
        current_revision_option: Some(match appended.revision {
            Some(revision) => CurrentRevisionOption::CurrentRevision(revision),
            None => CurrentRevisionOption::NoStream(()),
        }),
        position_option: Some(match appended.position {
            Some(position) => PositionOption::Position(AllStreamPosition {
                commit_position: position,
                prepare_position: position,
            }),
            None => PositionOption::NoPosition(()),
        }),
    }
}

fn explained(refused: &Refused, expected: Expected) -> rpc::Status {
    use batch_wrong::{CurrentStreamRevisionOption, ExpectedStreamPositionOption};
    let (code, message, details) = match refused {
        Refused::TooLarge => (
            Code::InvalidArgument,
            "MaximumAppendSizeExceeded",
            crate::protocol::event_store::client::MaximumAppendSizeExceeded {
                max_append_size: u32::try_from(crate::log::MAX_APPEND_BYTES).unwrap(),
            }
            .encode_to_vec(),
        ),
        Refused::WrongVersion(current) => (
            Code::FailedPrecondition,
            "WrongExpectedVersion",
            BatchWrong {
                current_stream_revision_option: Some(match current {
                    Some(revision) => CurrentStreamRevisionOption::CurrentStreamRevision(*revision),
                    None => CurrentStreamRevisionOption::CurrentNoStream(()),
                }),
                expected_stream_position_option: Some(match expected {
                    Expected::Revision(revision) => {
                        ExpectedStreamPositionOption::ExpectedStreamPosition(revision)
                    }
                    Expected::Any => ExpectedStreamPositionOption::ExpectedAny(()),
                    Expected::StreamExists => {
                        ExpectedStreamPositionOption::ExpectedStreamExists(())
                    }
                    Expected::NoStream => ExpectedStreamPositionOption::ExpectedNoStream(()),
                }),
            }
            .encode_to_vec(),
        ),
    };
    rpc::Status {
        code: i32::from(code),
        message: message.to_owned(),
        details: Some(prost_types::Any {
            type_url: format!("type.googleapis.com/event_store.client.{message}"),
            value: details,
        }),
    }
}
