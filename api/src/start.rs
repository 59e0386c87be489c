//! Starting and stopping one server: stores, read models, hub, process managers, listeners.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::{Event, NodeId};
use event_store::EventStore;
use projections::analytics::{Analytics, Pseudonyms};
use projections::search::{self, Search};
use projections::{FactStream, Projector, Reader, Tail, accounts};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::answering::Answering;
use crate::app::App;
use crate::auth::Authority;
use crate::catalogue::Catalogue;
use crate::clock::{Clock, Ids, SystemIds};
use crate::cluster::Cluster;
use crate::commands::Commands;
use crate::dialects::chat::ChatFrames;
use crate::dialects::consultation::{ConsultationFrames, Views};
use crate::dialects::emotion::EmotionFrames;
use crate::dialects::feed::FeedFrames;
use crate::dialects::messenger::{MessengerFrames, Seats};
use crate::limits::Limits;
use crate::live::{Dialect, Ended, Hub, Presence, Relay, Wakes, relay, review};
use crate::people::{Finder, People};
use crate::process::{ProcessManagers, Waits};
use crate::responder::Responder;
use crate::settings::Settings;
use crate::stores::{Log, ReadModels, Stores, open_leases, open_stores};
use crate::times::LegacyTimes;
use crate::uploads::{Files, Objects, Uploads};
use crate::{dialects, router, server};

/// How long the read models may take to catch up at the start before it is said again.
const CATCH_UP_NOTICE: Duration = Duration::from_secs(10);

/// How often limits and metrics forget what is old.
const UPKEEP: Duration = Duration::from_secs(10);

/// How long live connections may take over their close frames.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// Why the server could not start; one line for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(pub String);

impl StartError {
    /// What could not be done, and why.
    pub fn because(what: impl std::fmt::Display, cause: impl std::fmt::Display) -> Self {
        Self(format!("{what}: {cause}"))
    }
}

/// A server that is ready.
pub struct Running {
    pub app: Arc<App>,
    pub addresses: Vec<SocketAddr>,
    /// The first administrator's password, where this start made one.
    pub made_password: Option<String>,
    log: Log,
    read: ReadModels,
    index: ReadModels,
    counts: ReadModels,
    pub managers: ProcessManagers,
    publishing: JoinHandle<()>,
    upkeep: JoinHandle<()>,
    alive: JoinHandle<()>,
    relay: Option<Relay>,
    serving: Vec<JoinHandle<()>>,
    stop: watch::Sender<bool>,
}

/// Starts a server: it listens only when its read models have caught up with the log.
pub async fn start(settings: Settings, clock: Arc<dyn Clock>) -> Result<Running, StartError> {
    let listeners = listen(&settings.server.listen).await?;
    let metrics_listener = match settings.server.metrics_listen {
        Some(address) => listen(&[address]).await?,
        None => Vec::new(),
    };
    let addresses = listeners
        .iter()
        .map(TcpListener::local_addr)
        .collect::<Result<_, _>>()
        .map_err(|error| StartError::because("an address is not known", error))?;
    let stores = open_stores(&settings, &clock).await?;
    let read = ReadModels::open(&settings).await?;
    let index = ReadModels::open_search(&settings).await?;
    let counts = ReadModels::open_analytics(&settings).await?;
    let log = stores.log.clone();
    let (app, head) = assemble(settings, clock, stores, &read, &index, &counts).await?;
    if !app.responder.is_language_model() {
        tracing::info!("emotion sessions are answered by rules, not by a language model");
    }
    let alive = app.cluster.keep_alive();
    let made_password = dialects::accounts::ensure_admin(&app)
        .await
        .map_err(|error| StartError::because("the first administrator", error))?;
    let publishing = tokio::spawn(publish(Arc::clone(&app), app.tail.subscribe(head)));
    let managers = ProcessManagers::start(&app).await;
    let (stop, stopped) = watch::channel(false);
    let mut serving = vec![tokio::spawn(server::serve(
        listeners,
        router::service(&app),
        stopped.clone(),
    ))];
    if !metrics_listener.is_empty() {
        let service = router::metrics_service(&app);
        serving.push(tokio::spawn(server::serve(
            metrics_listener,
            service,
            stopped,
        )));
    }
    let upkeep = tokio::spawn(keep_up(Arc::clone(&app)));
    let relay = tell_other_nodes(&app)?;
    Ok(Running {
        app,
        addresses,
        made_password,
        log,
        read,
        index,
        counts,
        managers,
        publishing,
        upkeep,
        alive,
        relay,
        serving,
        stop,
    })
}

async fn listen(addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, StartError> {
    let mut listeners = Vec::new();
    for address in addresses {
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| StartError::because(format!("cannot listen on {address}"), error))?;
        listeners.push(listener);
    }
    Ok(listeners)
}

/// Makes all parts, and waits until the read models show the whole log. Gives the position from
/// which on the hub publishes.
async fn assemble(
    settings: Settings,
    clock: Arc<dyn Clock>,
    stores: Stores,
    read: &ReadModels,
    index: &ReadModels,
    counts: &ReadModels,
) -> Result<(Arc<App>, u64), StartError> {
    let ids: Arc<dyn Ids> = Arc::new(SystemIds);
    let (store, keys) = (stores.log.store(), stores.keys);
    let node = NodeId(ids.next());
    let unreadable = |error| StartError::because("the log cannot be read", error);
    let leases = open_leases(&settings, node.0).await?;
    let cluster = Cluster::join(node, leases).await.map_err(unreadable)?;
    know_all_types(&*store).await?;
    let head = store.head().await.map_err(unreadable)?;
    let tail = Tail::start(Arc::clone(&store), Arc::clone(&keys), head);
    let projector = Projector::start(&tail, read.store(), projections::all())
        .await
        .map_err(|error| StartError::because("the read models cannot be started", error))?;
    let reader: Arc<dyn Reader> = read.store() as _;
    while !projector.wait_for(head, CATCH_UP_NOTICE).await {
        let status = projector.status();
        if !status.is_healthy() {
            tracing::error!(
                ?status,
                "read models are stopped; the server starts without them"
            );
            break;
        }
        tracing::info!(
            position = projector.position(),
            head,
            "the read models are catching up"
        );
    }
    let authority = Authority::load(
        &settings,
        Arc::clone(&keys),
        Arc::clone(&clock),
        Arc::clone(&ids),
    )
    .map_err(|error| StartError::because("the keys of accounts", error))?;
    let (search, analytics) = follow(&tail, &authority, &reader, index, counts).await?;
    let catalogue = Catalogue::load(&settings).map_err(|error| StartError(error.to_string()))?;
    let responder = Responder::new(&settings).map_err(|error| StartError(error.to_string()))?;
    let frames = Arc::new(ConsultationFrames {
        views: Views::new(
            Arc::clone(&reader),
            Arc::clone(&keys),
            projector.clone(),
            catalogue.clone(),
        ),
        times: LegacyTimes::new(settings.general.legacy_time_zone.clone()),
        reader: Arc::clone(&reader),
        store: Arc::clone(&store),
        waits: Waits {
            reader: Arc::clone(&reader),
            settings: settings.consultation.clone(),
        },
        files: Files {
            reader: Arc::clone(&reader),
            keys: Arc::clone(&keys),
        },
    });
    let people = People::new(Arc::clone(&reader), Arc::clone(&keys), projector.clone());
    let finder = Finder::new(Arc::clone(&reader), Arc::clone(&keys), projector.clone());
    let hub = Arc::new(Hub::new(head));
    let seats = Arc::new(Seats::default());
    hub.speak(spoken(&frames, people, &seats));
    let commands = Commands::new(
        Arc::clone(&store),
        Arc::clone(&keys),
        Arc::clone(&clock),
        Arc::clone(&ids),
    );
    let objects = Objects::open(&settings)
        .map_err(|error| StartError::because("the store of files cannot be opened", error))?;
    let app = App {
        uploads: Uploads::new(&settings.upload, objects),
        node,
        cluster,
        limits: Limits::new(&settings.limits),
        settings,
        clock,
        ids,
        store,
        keys,
        commands,
        presence: Presence::new(Arc::clone(&hub), Arc::clone(&reader)),
        reader,
        projector,
        search,
        analytics,
        tail,
        hub,
        seats,
        finder: Arc::new(finder),
        consultation_frames: frames,
        authority,
        catalogue,
        responder,
        answering: Answering::default(),
    };
    know_revocations(&app).await?;
    Ok((Arc::new(app), head))
}

/// A newer version may have recorded what this one cannot read: then it does not start, rather than
/// come upon it.
async fn know_all_types(store: &dyn EventStore) -> Result<(), StartError> {
    let types = store.types().await;
    let types = types.map_err(|error| StartError::because("the log cannot be read", error))?;
    let unknown: Vec<String> = types
        .into_iter()
        .flatten()
        .filter(|(name, version)| !Event::is_known(name, version))
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(StartError(format!(
        "the log holds events that version {} does not know ({}): a newer version wrote them, start \
         that one",
        env!("CARGO_PKG_VERSION"),
        unknown.join(", ")
    )))
}

/// Starts what follows the log by itself, whether or not anybody asks.
async fn follow(
    tail: &Tail,
    authority: &Authority,
    reader: &Arc<dyn Reader>,
    index: &ReadModels,
    counts: &ReadModels,
) -> Result<(Search, Analytics), StartError> {
    let secret = |purpose| authority.pepper.hash(purpose, &[]);
    let tokens = search::Tokens::new(secret("search"));
    let search = Search::start(tail, index.store(), Arc::clone(reader), tokens)
        .await
        .map_err(|error| StartError::because("the search index cannot be started", error))?;
    let pseudonyms = Pseudonyms::new(secret("analytics"));
    let analytics = Analytics::start(tail, counts.store(), pseudonyms)
        .await
        .map_err(|error| StartError::because("the counts of analysts cannot be started", error))?;
    Ok((search, analytics))
}

/// Tells the other nodes who is here, where there is a place for it.
fn tell_other_nodes(app: &App) -> Result<Option<Relay>, StartError> {
    let Some(url) = &app.settings.cluster.redis_url else {
        return Ok(None);
    };
    let redis = redis::Client::open(url.clone())
        .map_err(|error| StartError::because("cluster.redis_url", error))?;
    // Nodes of one log, and no others, have the same.
    let channel = format!("maeum:{}", app.authority.pepper.hex("presence", &[]));
    let ttl = app.settings.live.presence_ttl;
    Ok(Some(relay(&app.presence, redis, channel, app.node, ttl)))
}

/// Every dialect with live connections, each at the index that it knows as its own.
fn spoken(
    consultation: &Arc<ConsultationFrames>,
    people: People,
    seats: &Arc<Seats>,
) -> Vec<Arc<dyn Dialect>> {
    let people = Arc::new(people);
    let chat = ChatFrames {
        people: Arc::clone(&people),
        times: consultation.times.clone(),
        files: consultation.files.clone(),
    };
    let feed = FeedFrames {
        people: Arc::clone(&people),
    };
    let messenger = MessengerFrames {
        people,
        seats: Arc::clone(seats),
    };
    vec![
        Arc::clone(consultation) as _,
        Arc::new(chat),
        Arc::new(feed),
        Arc::new(messenger),
        Arc::new(EmotionFrames),
    ]
}

/// Tokens that were revoked while they would still be good are known before anyone shows one.
async fn know_revocations(app: &App) -> Result<(), StartError> {
    let unreadable = |error| StartError::because("revocations cannot be read", error);
    let revocations = &app.authority.revocations;
    let since = revocations.needed_from_us(app.clock.now_us());
    for session in accounts::revoked_since(&*app.reader, since)
        .await
        .map_err(unreadable)?
    {
        revocations.know_session(session.id, session.revoked_at.unwrap_or(since));
    }
    for account in accounts::voids_since(&*app.reader, since)
        .await
        .map_err(unreadable)?
    {
        revocations.know_account(
            account.id,
            account.sessions_void,
            account.role,
            app.clock.now_us(),
        );
    }
    Ok(())
}

/// Shows what is recorded to those who listen, in the order of the log.
async fn publish(app: Arc<App>, mut facts: FactStream) {
    let mut wakes = Wakes::default();
    loop {
        let batch = tokio::select! {
            biased;
            () = app.hub.wake_more(&mut wakes) => continue,
            batch = facts.next() => batch,
        };
        let batch = match batch {
            Ok(batch) => batch,
            Err(error) => {
                tracing::error!(%error, "the log is not followed any more");
                wakes.wake_all();
                return;
            }
        };
        for fact in &*batch {
            let recorded = &fact.recorded;
            app.authority.revocations.apply(
                recorded.stream.key(),
                recorded.sequence,
                recorded.recorded_at,
                &fact.event,
            );
            app.finder.notice(fact);
            app.hub.publish(fact, &mut wakes).await;
            review(&app.hub, fact);
            app.hub.wake_some(&mut wakes);
        }
    }
}

async fn keep_up(app: Arc<App>) {
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        ticks.tick().await;
        app.limits.forget_the_quiet();
        crate::telemetry::metrics().run_upkeep();
        if let Err(error) = app.authority.reload_signing_keys() {
            tracing::error!(%error, "the signing keys cannot be read");
        }
    }
}

impl Running {
    /// Waits until the log cannot be written any more: the process has to be started anew.
    pub async fn failed(&self) {
        self.log.failed().await;
        tracing::error!("the log can no longer be trusted; stopping");
    }

    /// Takes no more connections, lets requests finish, tells live connections, and closes.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.app.answering.stop().await;
        self.app.hub.close_all(Ended::GoingDown);
        for task in self.serving {
            if let Err(error) = task.await {
                tracing::error!(%error, "a listener ended badly");
            }
        }
        self.managers.stop().await;
        if timeout(LAST_WORDS, self.app.hub.deserted()).await.is_err() {
            tracing::warn!("some live connections were cut off");
        }
        if let Some(relay) = self.relay {
            relay.stop().await;
        }
        self.publishing.abort();
        self.upkeep.abort();
        self.app.search.stop().await;
        self.app.analytics.stop().await;
        self.app.projector.stop().await;
        self.app.tail.stop();
        self.alive.abort();
        self.app.cluster.leave().await;
        self.index.close().await;
        self.counts.close().await;
        self.read.close().await;
        self.log.close().await;
    }
}
