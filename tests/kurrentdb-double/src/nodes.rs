//! What a node tells of the cluster and of itself: that it is one, and leads unless told not to.

use std::net::SocketAddr;
use std::sync::Arc;

use tonic::{Request, Response, Status};

use crate::faults::Faults;
use crate::protocol::event_store::client::gossip::gossip_server::Gossip;
use crate::protocol::event_store::client::gossip::member_info::VNodeState;
use crate::protocol::event_store::client::gossip::{ClusterInfo, EndPoint, MemberInfo};
use crate::protocol::event_store::client::server_features::server_features_server::ServerFeatures;
use crate::protocol::event_store::client::server_features::{SupportedMethod, SupportedMethods};
use crate::protocol::event_store::client::{Uuid, uuid};

/// The server whose behaviour is imitated.
const VERSION: &str = "24.10.0";

#[derive(Clone)]
pub struct Nodes {
    pub address: SocketAddr,
    pub faults: Arc<Faults>,
}

#[tonic::async_trait]
impl Gossip for Nodes {
    async fn read(&self, _: Request<()>) -> Result<Response<ClusterInfo>, Status> {
        let state = if self.faults.leader().is_some() {
            VNodeState::Follower
        } else {
            VNodeState::Leader
        };
        let member = MemberInfo {
            instance_id: Some(Uuid {
                value: Some(uuid::Value::Structured(uuid::Structured {
                    most_significant_bits: 1,
                    least_significant_bits: i64::from(self.address.port()),
                })),
            }),
            time_stamp: 0,
            state: state.into(),
            is_alive: true,
            http_end_point: Some(EndPoint {
                address: self.address.ip().to_string(),
                port: self.address.port().into(),
            }),
        };
        let members = vec![member];
        Ok(Response::new(ClusterInfo { members }))
    }
}

#[tonic::async_trait]
impl ServerFeatures for Nodes {
    async fn get_supported_methods(
        &self,
        _: Request<()>,
    ) -> Result<Response<SupportedMethods>, Status> {
        let methods = ["read", "append", "batchappend"].map(|name| SupportedMethod {
            method_name: name.to_owned(),
            service_name: "event_store.client.streams.streams".to_owned(),
            features: Vec::new(),
        });
        Ok(Response::new(SupportedMethods {
            methods: methods.into(),
            event_store_server_version: VERSION.to_owned(),
        }))
    }
}
