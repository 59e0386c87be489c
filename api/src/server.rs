//! Listening: connections with time-outs and limits, and a drain that leaves nobody hanging.

mod peer;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::{Service, ServiceExt};

pub use self::peer::Cut;
use self::peer::Peer;

/// How long a peer may take over the head of a request.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);

/// The head of a request, HTTP/1.
const MAX_HEADER_BYTES: usize = 64 * 1024;

/// The headers of a request.
const MAX_HEADERS: usize = 100;

/// Requests at once on one HTTP/2 connection.
const MAX_STREAMS: u32 = 128;

/// Streams that a peer may reset before its connection is closed.
const MAX_RESET_STREAMS: usize = 64;

/// Connections at once.
const MAX_CONNECTIONS: usize = 50_000;

/// How long requests may go on after the server was told to stop.
pub const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// After an error in accepting, e.g. too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until told to stop, then lets requests under way finish for [`DRAIN_LIMIT`].
pub async fn serve<S>(listeners: Vec<TcpListener>, service: S, stop: watch::Receiver<bool>)
where
    S: Service<Request<Body>, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let graceful = Arc::new(GracefulShutdown::new());
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let accepting: Vec<_> = listeners
        .into_iter()
        .map(|listener| {
            let (service, graceful) = (service.clone(), Arc::clone(&graceful));
            let (places, stop) = (Arc::clone(&places), stop.clone());
            tokio::spawn(accept(listener, service, graceful, places, stop))
        })
        .collect();
    for task in accepting {
        if let Err(error) = task.await {
            tracing::error!(%error, "a listener died");
        }
    }
    let Some(graceful) = Arc::into_inner(graceful) else {
        return;
    };
    if tokio::time::timeout(DRAIN_LIMIT, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests were cut off at the end of the drain");
    }
}

async fn accept<S>(
    listener: TcpListener,
    service: S,
    graceful: Arc<GracefulShutdown>,
    places: Arc<Semaphore>,
    mut stop: watch::Receiver<bool>,
) where
    S: Service<Request<Body>, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    loop {
        let accepted = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            metrics::counter!("maeum_connections_refused_total").increment(1);
            continue;
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was not set");
        }
        let served = connection(stream, peer, service.clone(), &graceful);
        tokio::spawn(async move {
            served.await;
            drop(place);
        });
    }
}

/// Serves one connection; whatever ends it is of no interest to others.
fn connection<S>(
    stream: TcpStream,
    peer: SocketAddr,
    service: S,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + Send + use<S>
where
    S: Service<Request<Body>, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let stream = Peer::new(stream);
    let cut = stream.cut();
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(cut.clone());
        service.clone().oneshot(request)
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        .max_buf_size(MAX_HEADER_BYTES)
        .max_headers(MAX_HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_pending_accept_reset_streams(MAX_RESET_STREAMS)
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(20));
    let connection = builder
        .serve_connection_with_upgrades(TokioIo::new(stream), service)
        .into_owned();
    let connection = graceful.watch(connection);
    async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended");
        }
    }
}
