//! One HTTP/2 connection to one node, with `TCP_NODELAY` and, unless the address says not to, TLS.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper::http::uri::Uri;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::ConfigVerifierExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tonic::body::Body;
use tonic::client::GrpcService;

use super::limits::{CONNECT_WAIT, KEEP_ALIVE};
use super::url::Node;

/// A connection that many calls share.
#[derive(Clone)]
pub(super) struct Connection {
    sender: SendRequest<Body>,
    pub origin: Uri,
}

/// What TLS needs, made once. HTTP/2 is asked for by ALPN.
pub(super) fn tls() -> Result<Arc<ClientConfig>, String> {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    // An error says that another part of the process has chosen the same before.
    let _chosen_before = provider.install_default();
    let mut config = ClientConfig::with_platform_verifier().map_err(|cause| cause.to_string())?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Arc::new(config))
}

impl Connection {
    pub async fn open(node: &Node, tls: Option<&Arc<ClientConfig>>) -> Result<Self, String> {
        match timeout(CONNECT_WAIT, Self::connect(node, tls)).await {
            Ok(connected) => connected.map_err(|cause| format!("{node}: {cause}")),
            Err(_) => Err(format!(
                "{node}: no connection within {} s",
                CONNECT_WAIT.as_secs()
            )),
        }
    }

    async fn connect(node: &Node, tls: Option<&Arc<ClientConfig>>) -> Result<Self, String> {
        let stream = TcpStream::connect(node.to_string())
            .await
            .map_err(|cause| cause.to_string())?;
        stream
            .set_nodelay(true)
            .map_err(|cause| cause.to_string())?;
        let Some(tls) = tls else {
            return Self::over(stream, format!("http://{node}")).await;
        };
        let name = node.host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(name.to_owned()).map_err(|cause| cause.to_string())?;
        let stream = TlsConnector::from(tls.clone()).connect(name, stream).await;
        let stream = stream.map_err(|cause| cause.to_string())?;
        Self::over(stream, format!("https://{node}")).await
    }

    async fn over(
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        origin: String,
    ) -> Result<Self, String> {
        let origin = origin.parse::<Uri>().map_err(|cause| cause.to_string())?;
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(KEEP_ALIVE)
            .keep_alive_timeout(KEEP_ALIVE)
            .adaptive_window(true)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|cause| cause.to_string())?;
        tokio::spawn(async move {
            if let Err(cause) = connection.await {
                tracing::debug!(%cause, "a connection to KurrentDB has ended");
            }
        });
        Ok(Self { sender, origin })
    }

    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }
}

impl GrpcService<Body> for Connection {
    type ResponseBody = Incoming;
    type Error = hyper::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Incoming>, hyper::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), hyper::Error>> {
        self.sender.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.sender.send_request(request))
    }
}
