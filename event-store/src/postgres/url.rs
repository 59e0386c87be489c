//! The address of a PostgreSQL database, which never shows its password.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use crate::location::LocationError;

/// The port where a server listens unless the address says otherwise.
const DEFAULT_PORT: u16 = 5432;

/// `postgres://user:password@host:port/database?sslmode=…`. Without `sslmode`, TLS is required
/// but on loopback and Unix sockets. Shown without the password.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(Arc<Config>);

impl PostgresUrl {
    /// For the driver.
    pub fn config(&self) -> Config {
        (*self.0).clone()
    }

    /// Whether both name the same database of the same server, as far as can be told by names.
    pub fn is_same_database(&self, other: &Self) -> bool {
        self.server() == other.server() && self.database() == other.database()
    }

    fn database(&self) -> Option<&str> {
        self.0.get_dbname().or_else(|| self.0.get_user())
    }

    fn server(&self) -> String {
        let ports = self.0.get_ports();
        let mut servers: Vec<String> = Vec::new();
        for (at, host) in self.0.get_hosts().iter().enumerate() {
            let name = match host {
                Host::Tcp(name) if name.contains(':') => format!("[{name}]"),
                Host::Tcp(name) => name.clone(),
                Host::Unix(path) => path.display().to_string(),
            };
            let port = ports.get(at).or(ports.first());
            servers.push(match port {
                Some(port) if *port != DEFAULT_PORT => format!("{name}:{port}"),
                _ => name,
            });
        }
        servers.join(",")
    }
}

impl FromStr for PostgresUrl {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        let wrong = |cause: String| LocationError::Postgres(cause);
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(wrong("it holds white space".to_owned()));
        }
        let mut config: Config = text
            .parse()
            .map_err(|cause: tokio_postgres::Error| wrong(cause.to_string()))?;
        if config.get_hosts().is_empty() {
            return Err(wrong("it names no host".to_owned()));
        }
        if !text.contains("sslmode=") {
            let local = config.get_hosts().iter().all(is_local);
            config.ssl_mode(if local {
                SslMode::Disable
            } else {
                SslMode::Require
            });
        }
        Ok(Self(Arc::new(config)))
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if let Some(user) = self.0.get_user() {
            write!(f, "{user}@")?;
        }
        write!(f, "{}/{}", self.server(), self.database().unwrap_or(""))
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({self})")
    }
}
