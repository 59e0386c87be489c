//! This node among those that share the log: who is alive, and who leads the process managers.

use std::sync::Arc;
use std::time::Duration;

use domain::NodeId;
use event_store::{Leases, StoreError};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How long a node counts as alive after it last said so.
pub const LEASE: Duration = Duration::from_secs(5);

/// How often it says so.
const RENEW_EVERY: Duration = Duration::from_secs(2);

/// The lease of the node that runs the process managers.
const PROCESS_MANAGERS: &str = "process-managers";

/// Leases of nodes begin like this.
const NODES: &str = "node:";

/// This node among the others.
pub struct Cluster {
    node: NodeId,
    leases: Arc<dyn Leases>,
    leads: watch::Sender<bool>,
}

impl Cluster {
    /// Says that this node is alive, and takes the lead if it is free.
    pub async fn join(node: NodeId, leases: Arc<dyn Leases>) -> Result<Arc<Self>, StoreError> {
        let cluster = Self {
            node,
            leases,
            leads: watch::Sender::new(false),
        };
        cluster.renew().await?;
        Ok(Arc::new(cluster))
    }

    /// Whether this node runs the process managers; changes when the lead does.
    pub fn leads(&self) -> watch::Receiver<bool> {
        self.leads.subscribe()
    }

    /// The nodes that are alive, this one among them.
    pub async fn alive(&self) -> Result<Vec<NodeId>, StoreError> {
        let holders = self.leases.holders(NODES).await?;
        let others = holders.into_iter().map(NodeId);
        Ok(others.chain([self.node]).collect())
    }

    /// Keeps saying that this node is alive, until the task is aborted.
    pub fn keep_alive(self: &Arc<Self>) -> JoinHandle<()> {
        let cluster = Arc::clone(self);
        tokio::spawn(async move {
            let mut renewed = Instant::now();
            let mut ticks = tokio::time::interval(RENEW_EVERY);
            loop {
                ticks.tick().await;
                match cluster.renew().await {
                    Ok(()) => renewed = Instant::now(),
                    Err(error) => {
                        tracing::warn!(%error, "the leases of this node are not renewed");
                        if renewed.elapsed() >= LEASE {
                            cluster.lead(false);
                        }
                    }
                }
            }
        })
    }

    /// Lets others take over at once.
    pub async fn leave(&self) {
        self.lead(false);
        for name in [PROCESS_MANAGERS, &self.name()] {
            if let Err(error) = self.leases.release(name, self.node.0).await {
                tracing::warn!(%error, name, "a lease was not given back; it runs out");
            }
        }
    }

    async fn renew(&self) -> Result<(), StoreError> {
        self.leases.hold(&self.name(), self.node.0, LEASE).await?;
        let leads = self
            .leases
            .hold(PROCESS_MANAGERS, self.node.0, LEASE)
            .await?;
        self.lead(leads);
        Ok(())
    }

    fn lead(&self, leads: bool) {
        let changed = self.leads.send_if_modified(|now| {
            let changed = *now != leads;
            *now = leads;
            changed
        });
        if changed {
            tracing::info!(leads, "the lead over the process managers");
        }
    }

    fn name(&self) -> String {
        format!("{NODES}{}", self.node)
    }
}
