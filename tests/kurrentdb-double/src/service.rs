//! The service `Streams`: what each call does is in `append` and `read`.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::Stream;
use tonic::{Request, Response, Status, Streaming};

use crate::faults::Faults;
use crate::log::Log;
use crate::protocol::event_store::client::streams::streams_server::Streams;
use crate::protocol::event_store::client::streams::{
    AppendReq, AppendResp, BatchAppendReq, BatchAppendResp, DeleteReq, DeleteResp, ReadReq,
    ReadResp, TombstoneReq, TombstoneResp,
};
use crate::status::not_leader;

pub struct Service {
    pub log: Arc<Log>,
    pub faults: Arc<Faults>,
    /// Cuts all connections.
    pub cut: Arc<dyn Fn() + Send + Sync>,
}

pub type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl Service {
    /// Sends whoever requires the leader to it, where it is another node.
    fn check_leader<T>(&self, request: &Request<T>) -> Result<(), Status> {
        let required = request.metadata().get("requires-leader");
        let required = required.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"));
        match self.faults.leader() {
            Some((host, port)) if required => Err(not_leader(&host, port)),
            _ => Ok(()),
        }
    }
}

#[tonic::async_trait]
impl Streams for Service {
    type ReadStream = Answers<ReadResp>;
    type BatchAppendStream = Answers<BatchAppendResp>;

    async fn read(&self, request: Request<ReadReq>) -> Result<Response<Answers<ReadResp>>, Status> {
        self.check_leader(&request)?;
        self.answer_read(request.into_inner()).map(Response::new)
    }

    async fn append(
        &self,
        request: Request<Streaming<AppendReq>>,
    ) -> Result<Response<AppendResp>, Status> {
        self.check_leader(&request)?;
        self.answer_append(request.into_inner())
            .await
            .map(Response::new)
    }

    async fn batch_append(
        &self,
        request: Request<Streaming<BatchAppendReq>>,
    ) -> Result<Response<Answers<BatchAppendResp>>, Status> {
        self.check_leader(&request)?;
        Ok(Response::new(self.answer_batches(request.into_inner())))
    }

    async fn delete(&self, _: Request<DeleteReq>) -> Result<Response<DeleteResp>, Status> {
        Err(Status::unimplemented("the double deletes nothing"))
    }

    async fn tombstone(&self, _: Request<TombstoneReq>) -> Result<Response<TombstoneResp>, Status> {
        Err(Status::unimplemented("the double deletes nothing"))
    }
}
