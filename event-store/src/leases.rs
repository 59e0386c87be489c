//! Leases: which nodes are alive, and which of them does what only one at a time should do.
//!
//! Nothing rests on them: appends carry the versions that they were decided on, so two holders at
//! once cost conflicts, never a wrong event.

use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use crate::StoreError;

/// Leases by name, among all nodes of one log.
#[async_trait]
pub trait Leases: Send + Sync {
    /// Takes a lease that is free or has run out, or renews one's own, for `span` from now. False
    /// while another holds it.
    async fn hold(&self, name: &str, holder: Uuid, span: Duration) -> Result<bool, StoreError>;

    /// Gives a lease back, if it is one's own.
    async fn release(&self, name: &str, holder: Uuid) -> Result<(), StoreError>;

    /// Who holds leases, not run out, whose names begin with `prefix`.
    async fn holders(&self, prefix: &str) -> Result<Vec<Uuid>, StoreError>;
}

/// The leases of an embedded log, whose only node holds all there are.
#[derive(Debug)]
pub struct OneNode(pub Uuid);

#[async_trait]
impl Leases for OneNode {
    async fn hold(&self, _: &str, holder: Uuid, _: Duration) -> Result<bool, StoreError> {
        Ok(holder == self.0)
    }

    async fn release(&self, _: &str, _: Uuid) -> Result<(), StoreError> {
        Ok(())
    }

    async fn holders(&self, _: &str) -> Result<Vec<Uuid>, StoreError> {
        Ok(vec![self.0])
    }
}
