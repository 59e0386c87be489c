//! PostgreSQL: addresses, pools with their time-outs, and schemas, for every store kept there;
//! and the log.

mod batch;
mod connections;
mod failure;
mod import;
mod leases;
mod limits;
mod listen;
mod migrate;
mod queries;
mod read_only;
mod row;
mod schema;
mod session;
mod store;
mod stream_id;
mod tail;
mod url;
mod writer;

pub use connections::{Connections, POOL_WAIT, PoolOptions};
pub use import::PostgresImport;
pub use leases::PostgresLeases;
pub use migrate::{Component, MigrateError, migrate, pending_steps};
pub use read_only::PostgresLogReader;
pub use store::{PostgresEventStore, PostgresOptions};
pub use url::PostgresUrl;
