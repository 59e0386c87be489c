//! A unit of work: what one decision reads and writes, so that the store can check all of it.

use std::any::Any;
use std::collections::HashMap;
use std::fmt::Display;
use std::sync::Arc;

use domain::{Decide, Event, Seal};
use event_store::{Append, Direction, NewEvent, OpenPart, SealKeys, StreamName, Version, Write};
use projections::{Fact, fact};

use super::{CommandError, Commands, Request};

/// Events of a stream read at a time.
const STREAM_PAGE: usize = 1_000;

/// A sequence that no stream reaches; it fits into every engine's integers.
pub(crate) const LAST: Version = i64::MAX.cast_unsigned();

/// Streams of which only one event is ever needed: not worth keeping.
const UNCACHED_CATEGORIES: [&str; 3] = ["message", "presence", Seal::STREAM];

/// An aggregate as a decision sees it, its own new events included.
pub struct Loaded<A> {
    stream: StreamName,
    /// The version in the store.
    version: Version,
    state: Arc<A>,
    newest_at: Option<i64>,
}

impl<A> std::ops::Deref for Loaded<A> {
    type Target = A;
    fn deref(&self) -> &A {
        &self.state
    }
}

impl<A> Loaded<A> {
    /// The version of the stream in the store, before what this work adds.
    pub fn version(&self) -> Version {
        self.version
    }

    /// When its newest event was recorded, in microseconds since the Unix epoch: known of what was
    /// loaded by that event alone.
    pub fn newest_at(&self) -> Option<i64> {
        self.newest_at
    }
}

/// What one decision reads and writes.
pub struct Work<'a> {
    commands: &'a Commands,
    request: &'a Request,
    /// Read the store even where the cache knows the stream.
    fresh: bool,
    read: HashMap<StreamName, Version>,
    writes: Vec<Write>,
    states: HashMap<StreamName, (Version, Arc<dyn Any + Send + Sync>)>,
}

impl<'a> Work<'a> {
    pub(super) fn new(commands: &'a Commands, request: &'a Request, fresh: bool) -> Self {
        Self {
            commands,
            request,
            fresh,
            read: HashMap::new(),
            writes: Vec::new(),
            states: HashMap::new(),
        }
    }

    /// Microseconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        self.commands.now()
    }

    /// The aggregate of this id. Its version is among what the append requires.
    pub async fn load<A: Decide + 'static>(
        &mut self,
        id: impl Display,
    ) -> Result<Loaded<A>, CommandError> {
        let stream = StreamName::new(A::TYPE, id);
        let (version, state) = self.commands.aggregate::<A>(&stream, self.fresh).await?;
        self.read.insert(stream.clone(), version);
        Ok(Loaded {
            stream,
            version,
            state,
            newest_at: None,
        })
    }

    /// The aggregate of this id with all that was recorded of it, read from the store. Its version
    /// is among what the append requires.
    pub async fn load_recorded<A: Decide + 'static>(
        &mut self,
        id: impl Display,
    ) -> Result<(Loaded<A>, Vec<Fact>), CommandError> {
        let stream = StreamName::new(A::TYPE, id);
        let (mut version, mut state, mut facts) = (0, A::default(), Vec::new());
        loop {
            let store = self.commands.store();
            let page = store
                .read_stream(&stream, version + 1, Direction::Forward, STREAM_PAGE)
                .await?;
            let full = page.len() == STREAM_PAGE;
            for recorded in page {
                version = recorded.sequence;
                let fact = fact(recorded, self.commands.keys())
                    .map_err(|error| CommandError::Unreadable(error.to_string()))?;
                if let Some(event) = A::event_of(fact.event.clone()) {
                    state.apply(event);
                }
                facts.push(fact);
            }
            if !full {
                break;
            }
        }
        self.read.insert(stream.clone(), version);
        let loaded = Loaded {
            stream,
            version,
            state: Arc::new(state),
            newest_at: None,
        };
        Ok((loaded, facts))
    }

    /// What was recorded of a stream up to an event, the newest first, at most `limit`. It is past:
    /// its version is not among what the append requires.
    pub async fn recorded_before(
        &self,
        stream: &StreamName,
        from: Version,
        limit: usize,
    ) -> Result<Vec<Fact>, CommandError> {
        let store = self.commands.store();
        let page = store
            .read_stream(stream, from, Direction::Backward, limit)
            .await?;
        let facts = page
            .into_iter()
            .map(|recorded| fact(recorded, self.commands.keys()));
        facts
            .collect::<Result<_, _>>()
            .map_err(|error| CommandError::Unreadable(error.to_string()))
    }

    /// An aggregate whose newest event alone says what it is.
    pub async fn load_newest<A: Decide + 'static>(
        &mut self,
        stream: StreamName,
    ) -> Result<Loaded<A>, CommandError> {
        let store = self.commands.store();
        let newest = store
            .read_stream(&stream, LAST, Direction::Backward, 1)
            .await?;
        let (mut version, mut state, mut newest_at) = (0, A::default(), None);
        for recorded in newest {
            version = recorded.sequence;
            newest_at = Some(recorded.recorded_at);
            let fact = fact(recorded, self.commands.keys())
                .map_err(|error| CommandError::Unreadable(error.to_string()))?;
            if let Some(event) = A::event_of(fact.event) {
                state.apply(event);
            }
        }
        self.read.insert(stream.clone(), version);
        Ok(Loaded {
            stream,
            version,
            state: Arc::new(state),
            newest_at,
        })
    }

    /// An aggregate that is new by its id: nothing is read, and the store refuses if it exists.
    pub fn create<A: Decide + 'static>(&mut self, id: impl Display) -> Loaded<A> {
        Loaded {
            stream: StreamName::new(A::TYPE, id),
            version: 0,
            state: Arc::new(A::default()),
            newest_at: None,
        }
    }

    /// Lets an aggregate decide; its events are applied to it and join the append.
    pub fn decide<A: Decide + 'static>(
        &mut self,
        aggregate: &mut Loaded<A>,
        command: A::Command,
    ) -> Result<(), CommandError>
    where
        Event: From<A::Event>,
    {
        let events = aggregate.state.decide(command)?;
        if events.is_empty() {
            return Ok(());
        }
        let state = Arc::make_mut(&mut aggregate.state);
        let mut new = Vec::with_capacity(events.len());
        for event in events {
            new.push(self.encode(&event.clone().into())?);
            state.apply(event);
        }
        let known = self
            .writes
            .iter()
            .position(|write| write.stream == aggregate.stream);
        let index = known.unwrap_or_else(|| {
            self.writes.push(Write {
                stream: aggregate.stream.clone(),
                expected: aggregate.version,
                events: Vec::new(),
            });
            self.writes.len() - 1
        });
        let write = &mut self.writes[index];
        write.events.append(&mut new);
        let version = write.expected + write.events.len() as Version;
        if !UNCACHED_CATEGORIES.contains(&A::TYPE) {
            let state: Arc<dyn Any + Send + Sync> = Arc::clone(&aggregate.state) as _;
            self.states
                .insert(aggregate.stream.clone(), (version, state));
        }
        Ok(())
    }

    fn encode(&self, event: &Event) -> Result<NewEvent, CommandError> {
        let (payload, parts) = event
            .encode()
            .map_err(|error| CommandError::Unreadable(error.to_string()))?;
        Ok(NewEvent {
            event_id: self.commands.ids().next(),
            dedupe: None,
            event_type: event.event_type().into(),
            event_version: event.event_version().into(),
            number: None,
            metadata: self.request.metadata(),
            payload: payload.into(),
            parts: parts
                .into_iter()
                .map(|part| OpenPart {
                    keys: SealKeys {
                        subject: part.keys.subject.to_string().into(),
                        bucket: part.keys.bucket.map(|bucket| bucket.to_string().into()),
                    },
                    content: part.content,
                })
                .collect(),
        })
    }

    /// The append, and the states that hold once it is stored. None where nothing is to be done.
    pub(super) fn finish(mut self) -> Option<(Append, States)> {
        let first = self.writes.first_mut()?.events.first_mut()?;
        first.dedupe = self.request.once.as_ref().map(|once| once.dedupe);
        let writes = self.writes;
        let requires = self
            .read
            .into_iter()
            .filter(|(stream, _)| !writes.iter().any(|write| write.stream == *stream))
            .collect();
        Some((Append { writes, requires }, self.states))
    }
}

/// Aggregates by stream, at the version that they have once an append is stored.
pub(super) type States = HashMap<StreamName, (Version, Arc<dyn Any + Send + Sync>)>;

impl Commands {
    /// An aggregate as it stands, as far as this node knows.
    ///
    /// # Errors
    /// Its stream cannot be read.
    pub async fn state<A: Decide + 'static>(
        &self,
        id: impl Display,
    ) -> Result<Arc<A>, CommandError> {
        let stream = StreamName::new(A::TYPE, id);
        Ok(self.aggregate::<A>(&stream, false).await?.1)
    }

    /// The aggregate behind a stream: from the cache, brought up to date if asked, else read.
    pub(super) async fn aggregate<A: Decide + 'static>(
        &self,
        stream: &StreamName,
        fresh: bool,
    ) -> Result<(Version, Arc<A>), CommandError> {
        let (mut version, mut state) = match self.cache().get::<A>(stream) {
            Some(cached) if !fresh => return Ok(cached),
            Some(cached) => cached,
            None => (0, Arc::new(A::default())),
        };
        loop {
            let page = self
                .store()
                .read_stream(stream, version + 1, Direction::Forward, STREAM_PAGE)
                .await?;
            let full = page.len() == STREAM_PAGE;
            for recorded in page {
                version = recorded.sequence;
                let fact = fact(recorded, self.keys())
                    .map_err(|error| CommandError::Unreadable(error.to_string()))?;
                if let Some(event) = A::event_of(fact.event) {
                    Arc::make_mut(&mut state).apply(event);
                }
            }
            if !full {
                break;
            }
        }
        if version > 0 && !UNCACHED_CATEGORIES.contains(&A::TYPE) {
            let kept: Arc<dyn Any + Send + Sync> = Arc::clone(&state) as _;
            self.cache().put(stream.clone(), version, kept);
        }
        Ok((version, state))
    }
}
