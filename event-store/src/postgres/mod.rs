//! PostgreSQL: addresses, pools with their time-outs, and schemas, for every store kept there.

mod connections;
mod migrate;
mod url;

pub use connections::{Connections, POOL_WAIT, PoolOptions};
pub use migrate::{Component, MigrateError, migrate, pending_steps};
pub use url::PostgresUrl;
