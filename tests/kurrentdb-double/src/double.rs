//! The server: a port, its connections, and the file behind.

use std::net::{Shutdown, SocketAddr, TcpStream as Socket};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::stream;
use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tonic::transport::Server;

use crate::faults::Faults;
use crate::log::Log;
use crate::nodes::Nodes;
use crate::protocol::event_store::client::gossip::gossip_server::GossipServer;
use crate::protocol::event_store::client::server_features::server_features_server::ServerFeaturesServer;
use crate::protocol::event_store::client::streams::streams_server::StreamsServer;
use crate::service::Service;

/// One node, which runs until it is dropped. Its address stays when it is started again.
pub struct Double {
    file: PathBuf,
    address: SocketAddr,
    faults: Arc<Faults>,
    connections: Arc<Mutex<Vec<Socket>>>,
    running: Option<JoinHandle<()>>,
}

impl Double {
    /// Started on a free port, with the log in `file`, made if it is not there.
    pub async fn start(file: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut double = Self {
            file: file.to_owned(),
            address: listener.local_addr().unwrap(),
            faults: Arc::new(Faults::new()),
            connections: Arc::default(),
            running: None,
        };
        double.serve(listener);
        double
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address as clients are told it, with more that the query says, if anything.
    pub fn url(&self, query: &str) -> String {
        format!("kurrentdb://{}?tls=false{query}", self.address)
    }

    /// What is wrong with it.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Cuts all connections.
    pub fn cut(&self) {
        cut(&self.connections);
    }

    /// Ends it as a kill does.
    pub async fn kill(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
            assert!(running.await.unwrap_err().is_cancelled());
        }
        self.cut();
    }

    /// Starts it again on its port, with what its file holds. Only after [`Self::kill`].
    pub async fn start_again(&mut self) {
        assert!(self.running.is_none(), "it runs");
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.serve(listener);
    }

    fn serve(&mut self, listener: TcpListener) {
        let (faults, connections) = (self.faults.clone(), self.connections.clone());
        let service = Service {
            log: Arc::new(Log::open(&self.file)),
            faults: self.faults.clone(),
            cut: Arc::new({
                let connections = self.connections.clone();
                move || cut(&connections)
            }),
        };
        let nodes = Nodes {
            address: self.address,
            faults,
        };
        let incoming = stream::unfold(listener, move |listener| {
            let connections = connections.clone();
            async move {
                let accepted = listener.accept().await.map(|(stream, _)| {
                    stream.set_nodelay(true).unwrap();
                    let stream = stream.into_std().unwrap();
                    connections.lock().push(stream.try_clone().unwrap());
                    TcpStream::from_std(stream).unwrap()
                });
                Some((accepted, listener))
            }
        });
        self.running = Some(tokio::spawn(async move {
            let most = 32 * 1024 * 1024;
            Server::builder()
                .add_service(StreamsServer::new(service).max_decoding_message_size(most))
                .add_service(GossipServer::new(nodes.clone()))
                .add_service(ServerFeaturesServer::new(nodes))
                .serve_with_incoming(incoming)
                .await
                .unwrap();
        }));
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
        }
        self.cut();
    }
}

fn cut(connections: &Mutex<Vec<Socket>>) {
    for connection in connections.lock().drain(..) {
        // One that the other end has closed cannot be shut down any more.
        drop(connection.shutdown(Shutdown::Both));
    }
}
