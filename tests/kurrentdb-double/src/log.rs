//! The log: one file of appends, and in memory the order of all events and of each stream.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use prost::Message;
use tokio::sync::watch;

use crate::protocol::event_store::client::streams::read_resp::read_event::RecordedEvent;

/// What one append may hold, in bytes: the server's default.
pub const MAX_APPEND_BYTES: usize = 1024 * 1024;

/// Where the first event stands: what a server keeps for itself comes before.
const FIRST_POSITION: u64 = 1_207;

/// The version of a stream that an append asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    Revision(u64),
    NoStream,
    Any,
    StreamExists,
}

/// Why nothing was appended.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused {
    /// With the last revision of the stream, if it has one.
    WrongVersion(Option<u64>),
    TooLarge,
}

/// Where the last event of an append stands; of an empty stream there is none.
#[derive(Debug, Clone, Copy)]
pub struct Appended {
    pub revision: Option<u64>,
    pub position: Option<u64>,
}

pub type Event = Arc<RecordedEvent>;

pub struct Log {
    state: Mutex<State>,
    /// How many events there are, for who waits for more.
    pub count: watch::Sender<usize>,
}

struct State {
    file: File,
    events: Vec<Event>,
    streams: HashMap<String, Vec<usize>>,
    next_position: u64,
}

impl Log {
    /// Opens the file, made if it is not there. What a kill left half-written is dropped.
    pub fn open(path: &Path) -> Self {
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .open(path)
            .unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        let mut state = State {
            file,
            events: Vec::new(),
            streams: HashMap::new(),
            next_position: FIRST_POSITION,
        };
        let mut rest = &bytes[..];
        while let Some((append, after)) = next_append(rest) {
            let mut append = append;
            while !append.is_empty() {
                state.take(RecordedEvent::decode_length_delimited(&mut append).unwrap());
            }
            rest = after;
        }
        let whole = u64::try_from(bytes.len() - rest.len()).unwrap();
        state.file.set_len(whole).unwrap();
        let count = watch::Sender::new(state.events.len());
        Self {
            state: Mutex::new(state),
            count,
        }
    }

    /// Appends events that lack only stream, revision and position.
    pub fn append(
        &self,
        stream: &str,
        expected: Expected,
        events: Vec<RecordedEvent>,
    ) -> Result<Appended, Refused> {
        let mut state = self.state.lock();
        let size: usize = events.iter().map(size_of).sum();
        if size > MAX_APPEND_BYTES {
            return Err(Refused::TooLarge);
        }
        if let Some(before) = state.same_append(stream, expected, &events) {
            return Ok(before);
        }
        let current = state.last(stream).map(|event| event.stream_revision);
        let fits = match expected {
            Expected::Any => true,
            Expected::StreamExists => current.is_some(),
            Expected::NoStream => current.is_none(),
            Expected::Revision(revision) => current == Some(revision),
        };
        if !fits {
            return Err(Refused::WrongVersion(current));
        }
        state.write(stream, current.map_or(0, |last| last + 1), events);
        self.count.send_replace(state.events.len());
        Ok(state.end_of(stream))
    }

    /// Events of a stream from a revision on, up or down.
    pub fn stream(&self, stream: &str, from: Option<u64>, backwards: bool) -> Option<Vec<Event>> {
        let state = self.state.lock();
        let places = state.streams.get(stream)?;
        let events = places.iter().map(|place| state.events[*place].clone());
        let matching = |event: &Event| match (from, backwards) {
            (None, _) => true,
            (Some(from), false) => event.stream_revision >= from,
            (Some(from), true) => event.stream_revision <= from,
        };
        let mut events: Vec<_> = events.filter(matching).collect();
        if backwards {
            events.reverse();
        }
        Some(events)
    }

    /// Events of a stream with revisions of at least `from`, at most `limit`.
    pub fn stretch(&self, stream: &str, from: u64, limit: usize) -> Vec<Event> {
        let state = self.state.lock();
        let places = state.streams.get(stream).into_iter().flatten();
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        places
            .skip(from)
            .take(limit)
            .map(|place| state.events[*place].clone())
            .collect()
    }

    /// All events, from the `skip`-th on.
    pub fn all(&self, skip: usize) -> Vec<Event> {
        self.state
            .lock()
            .events
            .iter()
            .skip(skip)
            .cloned()
            .collect()
    }
}

impl State {
    fn last(&self, stream: &str) -> Option<&Event> {
        let place = self.streams.get(stream)?.last()?;
        Some(&self.events[*place])
    }

    fn end_of(&self, stream: &str) -> Appended {
        let last = self.last(stream);
        Appended {
            revision: last.map(|event| event.stream_revision),
            position: last.map(|event| event.commit_position),
        }
    }

    /// Where the same events were stored before at the place that is asked for: a server takes
    /// the repetition for done.
    fn same_append(
        &self,
        stream: &str,
        expected: Expected,
        events: &[RecordedEvent],
    ) -> Option<Appended> {
        let places = self.streams.get(stream)?;
        let first = events.first()?;
        let from = match expected {
            Expected::Revision(revision) => usize::try_from(revision).ok()? + 1,
            Expected::NoStream => 0,
            Expected::Any | Expected::StreamExists => places
                .iter()
                .position(|place| self.events[*place].id == first.id)?,
        };
        let stored = places.get(from..from + events.len())?;
        let same = stored
            .iter()
            .zip(events)
            .all(|(place, event)| self.events[*place].id == event.id);
        let last = &self.events[*stored.last()?];
        same.then_some(Appended {
            revision: Some(last.stream_revision),
            position: Some(last.commit_position),
        })
    }

    fn write(&mut self, stream: &str, first: u64, events: Vec<RecordedEvent>) {
        let mut bytes = Vec::new();
        let mut complete = Vec::with_capacity(events.len());
        let mut position = self.next_position;
        for (revision, mut event) in (first..).zip(events) {
            event.stream_identifier =
                Some(crate::protocol::event_store::client::StreamIdentifier {
                    stream_name: stream.as_bytes().to_vec().into(),
                });
            event.stream_revision = revision;
            (event.commit_position, event.prepare_position) = (position, position);
            position += u64::try_from(event.encoded_len()).unwrap();
            event.encode_length_delimited(&mut bytes).unwrap();
            complete.push(event);
        }
        if complete.is_empty() {
            return;
        }
        let length = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        self.file
            .write_all(&[&length[..], &bytes].concat())
            .unwrap();
        for event in complete {
            self.take(event);
        }
    }

    fn take(&mut self, event: RecordedEvent) {
        let stream = String::from_utf8(
            event
                .stream_identifier
                .as_ref()
                .unwrap()
                .stream_name
                .to_vec(),
        );
        self.streams
            .entry(stream.unwrap())
            .or_default()
            .push(self.events.len());
        self.next_position = event.commit_position + u64::try_from(event.encoded_len()).unwrap();
        self.events.push(Arc::new(event));
    }
}

/// The bytes of the next append in the file, and what comes after it.
fn next_append(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

/// As a server counts: the name of the type twice.
fn size_of(event: &RecordedEvent) -> usize {
    let event_type = event.metadata.get("type").map_or(0, String::len);
    event.data.len() + event.custom_metadata.len() + 2 * event_type
}
