//! Reads and subscriptions, of one stream and of the whole log.

use std::sync::Arc;

use ::uuid::Uuid as Id;
use futures_util::{StreamExt, stream};
use prost_types::Timestamp;
use tokio::sync::{mpsc, watch};
use tonic::Status;

use crate::filter::Filter;
use crate::log::{Event, Log};
use crate::protocol::event_store::client::streams::read_req::options::all_options::AllOption;
use crate::protocol::event_store::client::streams::read_req::options::stream_options::RevisionOption;
use crate::protocol::event_store::client::streams::read_req::options::uuid_option::Content as Ids;
use crate::protocol::event_store::client::streams::read_req::options::{
    AllOptions, CountOption, ReadDirection, StreamOption, StreamOptions,
};
use crate::protocol::event_store::client::streams::read_resp::{
    CaughtUp, Checkpoint, Content, Position, ReadEvent, StreamNotFound, SubscriptionConfirmation,
    read_event,
};
use crate::protocol::event_store::client::streams::{ReadReq, ReadResp};
use crate::protocol::event_store::client::{StreamIdentifier, Uuid, uuid};
use crate::service::{Answers, Service};

/// Answers that wait for a slow reader.
const QUEUED: usize = 64;

/// Events of a subscription that are taken from the log at once.
const STRETCH: usize = 512;

/// How ids are written.
#[derive(Clone, Copy)]
struct AsText(bool);

impl Service {
    pub fn answer_read(&self, request: ReadReq) -> Result<Answers<ReadResp>, Status> {
        let options = request.options.ok_or_else(|| missing("options"))?;
        let backwards = options.read_direction == i32::from(ReadDirection::Backwards);
        let ids = options.uuid_option.and_then(|option| option.content);
        let as_text = AsText(matches!(ids, Some(Ids::String(()))));
        let source = options
            .stream_option
            .ok_or_else(|| missing("what to read"))?;
        let filter = Filter::of(options.filter_option)?;
        match options.count_option.ok_or_else(|| missing("a count"))? {
            CountOption::Count(0) => Err(Status::invalid_argument("the count is 0")),
            CountOption::Count(count) => {
                let count = usize::try_from(count).unwrap_or(usize::MAX);
                self.read_once(source, backwards, &filter, count, as_text)
            }
            CountOption::Subscription(_) if backwards => {
                Err(Status::invalid_argument("nobody subscribes backwards"))
            }
            CountOption::Subscription(_) => self.subscribe(source, filter, as_text),
        }
    }

    fn read_once(
        &self,
        source: StreamOption,
        backwards: bool,
        filter: &Filter,
        count: usize,
        as_text: AsText,
    ) -> Result<Answers<ReadResp>, Status> {
        let events = match source {
            StreamOption::Stream(of) => {
                let (identifier, from) = start_of(of)?;
                let name = name_of(&identifier)?;
                let from = match from {
                    From::Start if backwards => Some(0),
                    From::End if !backwards => Some(u64::MAX),
                    From::Start | From::End => None,
                    From::At(revision) => Some(revision),
                };
                let Some(events) = self.log.stream(&name, from, backwards) else {
                    let not_found = Content::StreamNotFound(StreamNotFound {
                        stream_identifier: Some(identifier),
                    });
                    return Ok(stream::iter([Ok(answer(not_found))]).boxed());
                };
                events
            }
            StreamOption::All(of) => all_from(&self.log, start_of_all(of)?, backwards),
        };
        let events = events.into_iter().filter(|event| filter.passes(event));
        let answers: Vec<_> = events
            .take(count)
            .map(|event| Ok(answer(Content::Event(read_event(&event, as_text)))))
            .collect();
        Ok(stream::iter(answers).boxed())
    }

    fn subscribe(
        &self,
        source: StreamOption,
        filter: Filter,
        as_text: AsText,
    ) -> Result<Answers<ReadResp>, Status> {
        let source = match source {
            StreamOption::Stream(of) => {
                let (identifier, from) = start_of(of)?;
                let name = name_of(&identifier)?;
                let next = match from {
                    From::Start => 0,
                    From::At(revision) => revision.saturating_add(1),
                    From::End => self
                        .log
                        .stream(&name, None, true)
                        .and_then(|events| Some(events.first()?.stream_revision + 1))
                        .unwrap_or_default(),
                };
                Source::Stream { name, next }
            }
            StreamOption::All(of) => {
                let skip = match start_of_all(of)? {
                    From::Start => 0,
                    From::End => *self.log.count.borrow(),
                    From::At(position) => {
                        let all = self.log.all(0);
                        all.partition_point(|event| event.commit_position <= position)
                    }
                };
                Source::All { skip }
            }
        };
        let (sender, mut answers) = mpsc::channel(QUEUED);
        let subscription = Subscription {
            log: self.log.clone(),
            source,
            filter,
            as_text,
            looked_at: 0,
            answers: sender,
        };
        let (count, turns) = (self.log.count.subscribe(), self.faults.turns.subscribe());
        tokio::spawn(async move {
            // It ends when nobody listens any more.
            drop(subscription.run(count, turns).await);
        });
        Ok(stream::poll_fn(move |cx| answers.poll_recv(cx)).boxed())
    }
}

enum Source {
    Stream { name: String, next: u64 },
    All { skip: usize },
}

struct Subscription {
    log: Arc<Log>,
    source: Source,
    filter: Filter,
    as_text: AsText,
    /// Events since the last checkpoint was told.
    looked_at: usize,
    answers: mpsc::Sender<Result<ReadResp, Status>>,
}

/// The reader has gone.
struct Gone;

impl Subscription {
    async fn run(
        mut self,
        mut count: watch::Receiver<usize>,
        mut turns: watch::Receiver<u64>,
    ) -> Result<(), Gone> {
        turns.mark_unchanged();
        #[expect(
            clippy::disallowed_methods,
            reason = "the name of a subscription is no event's id"
        )]
        let subscription_id = Id::now_v7().to_string();
        let confirmation = SubscriptionConfirmation { subscription_id };
        self.tell(Content::Confirmation(confirmation)).await?;
        let mut is_live = false;
        loop {
            count.mark_unchanged();
            let events = self.next();
            if events.is_empty() {
                if !is_live {
                    is_live = true;
                    self.caught_up().await?;
                }
                tokio::select! {
                    changed = count.changed() => changed.map_err(|_| Gone)?,
                    _ = turns.changed() => return Ok(()),
                    () = self.answers.closed() => return Err(Gone),
                }
            }
            for event in events {
                self.hand_on(&event).await?;
            }
        }
    }

    fn next(&mut self) -> Vec<Event> {
        match &mut self.source {
            Source::Stream { name, next } => {
                let events = self.log.stretch(name, *next, STRETCH);
                *next += u64::try_from(events.len()).unwrap();
                events
            }
            Source::All { skip } => {
                let events = self.log.all(*skip);
                *skip += events.len();
                events
            }
        }
    }

    async fn hand_on(&mut self, event: &Event) -> Result<(), Gone> {
        if self.filter.passes(event) {
            let event = read_event(event, self.as_text);
            self.tell(Content::Event(event)).await?;
        }
        self.looked_at += 1;
        if self.filter.checkpoint_every() == Some(self.looked_at) {
            self.looked_at = 0;
            self.checkpoint(event).await?;
        }
        Ok(())
    }

    async fn checkpoint(&self, event: &Event) -> Result<(), Gone> {
        self.tell(Content::Checkpoint(Checkpoint {
            commit_position: event.commit_position,
            prepare_position: event.prepare_position,
            timestamp: Some(created(event)),
        }))
        .await
    }

    async fn caught_up(&self) -> Result<(), Gone> {
        let last = match &self.source {
            Source::Stream { name, .. } => {
                let down = self.log.stream(name, None, true);
                down.and_then(|events| events.into_iter().next())
            }
            Source::All { .. } => self.log.all(0).pop(),
        };
        let of_all = matches!(self.source, Source::All { .. });
        if let Some(last) = &last
            && self.filter.checkpoint_every().is_some()
        {
            self.checkpoint(last).await?;
        }
        let revision = last.as_ref().filter(|_| !of_all);
        let position = last.as_ref().filter(|_| of_all);
        self.tell(Content::CaughtUp(CaughtUp {
            timestamp: Some(Timestamp::default()),
            stream_revision: revision.map(|last| last.stream_revision.cast_signed()),
            position: position.map(|last| Position {
                commit_position: last.commit_position,
                prepare_position: last.prepare_position,
            }),
        }))
        .await
    }

    async fn tell(&self, content: Content) -> Result<(), Gone> {
        let told = self.answers.send(Ok(answer(content)));
        told.await.map_err(|_| Gone)
    }
}

/// Where a read begins, by revision or position.
#[derive(Clone, Copy)]
enum From {
    Start,
    End,
    At(u64),
}

fn start_of(of: StreamOptions) -> Result<(StreamIdentifier, From), Status> {
    let identifier = of.stream_identifier.ok_or_else(|| missing("a stream"))?;
    let from = match of.revision_option.ok_or_else(|| missing("a revision"))? {
        RevisionOption::Revision(revision) => From::At(revision),
        RevisionOption::Start(()) => From::Start,
        RevisionOption::End(()) => From::End,
    };
    Ok((identifier, from))
}

fn start_of_all(of: AllOptions) -> Result<From, Status> {
    Ok(match of.all_option.ok_or_else(|| missing("a position"))? {
        AllOption::Position(position) => From::At(position.commit_position),
        AllOption::Start(()) => From::Start,
        AllOption::End(()) => From::End,
    })
}

/// Forwards what stands at a position or after it, backwards what stands before it.
fn all_from(log: &Log, from: From, backwards: bool) -> Vec<Event> {
    let mut events = log.all(0);
    match (from, backwards) {
        (From::Start, false) | (From::End, true) => {}
        (From::Start, true) | (From::End, false) => events.clear(),
        (From::At(position), false) => events.retain(|event| event.commit_position >= position),
        (From::At(position), true) => events.retain(|event| event.commit_position < position),
    }
    if backwards {
        events.reverse();
    }
    events
}

fn name_of(identifier: &StreamIdentifier) -> Result<String, Status> {
    String::from_utf8(identifier.stream_name.to_vec())
        .map_err(|_| Status::invalid_argument("a stream's name is text"))
}

fn missing(what: &str) -> Status {
    Status::invalid_argument(format!("{what} is missing"))
}

fn answer(content: Content) -> ReadResp {
    ReadResp {
        content: Some(content),
    }
}

fn read_event(event: &Event, as_text: AsText) -> ReadEvent {
    let mut recorded = read_event::RecordedEvent::clone(event);
    recorded.id = recorded.id.map(|id| written(id, as_text));
    ReadEvent {
        position: Some(read_event::Position::CommitPosition(event.commit_position)),
        event: Some(recorded),
        link: None,
    }
}

fn written(id: Uuid, as_text: AsText) -> Uuid {
    let id = match id.value {
        Some(uuid::Value::Structured(of)) => Id::from_u64_pair(
            of.most_significant_bits.cast_unsigned(),
            of.least_significant_bits.cast_unsigned(),
        ),
        Some(uuid::Value::String(text)) => text.parse().unwrap(),
        None => Id::nil(),
    };
    let value = if as_text.0 {
        uuid::Value::String(id.to_string())
    } else {
        let (most, least) = id.as_u64_pair();
        uuid::Value::Structured(uuid::Structured {
            most_significant_bits: most.cast_signed(),
            least_significant_bits: least.cast_signed(),
        })
    };
    Uuid { value: Some(value) }
}

fn created(event: &Event) -> Timestamp {
    let ticks: i64 = event.metadata["created"].parse().unwrap();
    Timestamp {
        seconds: ticks / 10_000_000,
        nanos: i32::try_from(ticks % 10_000_000).unwrap() * 100,
    }
}
