//! The address of a KurrentDB server or cluster, which never shows its password.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::location::LocationError;

/// The port where a server listens unless the address says otherwise.
const DEFAULT_PORT: u16 = 2113;

/// The stream that is the log unless the address says otherwise.
const DEFAULT_STREAM: &str = "maeum";

/// Bytes of the name of the stream that is the log.
const STREAM_BYTES: usize = 128;

/// One node of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// A name or an address; one of IPv6 in brackets.
    pub host: String,
    pub port: u16,
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[derive(Clone, PartialEq, Eq)]
struct Parts {
    nodes: Vec<Node>,
    user: Option<(String, String)>,
    stream: String,
    tls: bool,
}

/// `kurrentdb://user:password@host:port,host:port/stream?tls=false`. Without `tls`, it is on;
/// without a stream, that is `maeum`. Shown without the password.
#[derive(Clone, PartialEq, Eq)]
pub struct KurrentUrl(Arc<Parts>);

impl KurrentUrl {
    /// Whether both name the same log, as far as can be told by names.
    pub fn is_same_log(&self, other: &Self) -> bool {
        self.0.stream == other.0.stream
            && self.0.nodes.iter().any(|node| other.0.nodes.contains(node))
    }

    pub(crate) fn nodes(&self) -> &[Node] {
        &self.0.nodes
    }

    pub(crate) fn user(&self) -> Option<(&str, &str)> {
        let user = self.0.user.as_ref();
        user.map(|(name, password)| (name.as_str(), password.as_str()))
    }

    /// The stream that is the log.
    pub(crate) fn stream(&self) -> &str {
        &self.0.stream
    }

    pub(crate) fn tls(&self) -> bool {
        self.0.tls
    }
}

impl FromStr for KurrentUrl {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        let wrong = |cause: &str| LocationError::Kurrent(cause.to_owned());
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(wrong("it holds white space"));
        }
        let rest = text
            .strip_prefix("kurrentdb://")
            .or_else(|| text.strip_prefix("esdb://"))
            .ok_or(LocationError::Scheme)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, stream) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, nodes) = match authority.rsplit_once('@') {
            None => (None, authority),
            Some((user, nodes)) => {
                let (name, password) = user
                    .split_once(':')
                    .ok_or_else(|| wrong("a user needs a password"))?;
                (Some((decoded(name)?, decoded(password)?)), nodes)
            }
        };
        let nodes = nodes.split(',').map(node).collect::<Result<_, _>>()?;
        Ok(Self(Arc::new(Parts {
            nodes,
            user,
            stream: stream_of(stream)?,
            tls: tls_of(query)?,
        })))
    }
}

fn node(text: &str) -> Result<Node, LocationError> {
    let wrong = |cause: String| LocationError::Kurrent(cause);
    let (host, port) = match text.rsplit_once(':') {
        // A colon inside brackets belongs to the address.
        Some((host, port)) if !port.contains(']') => {
            let port = port.parse();
            (
                host,
                port.map_err(|_| wrong(format!("{text} has no port")))?,
            )
        }
        _ => (text, DEFAULT_PORT),
    };
    let name = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    if name.is_empty() || (name.contains(':') && !host.starts_with('[')) {
        return Err(wrong("it names no host".to_owned()));
    }
    Ok(Node {
        host: host.to_owned(),
        port,
    })
}

fn stream_of(text: &str) -> Result<String, LocationError> {
    let wrong = |cause: &str| LocationError::Kurrent(cause.to_owned());
    match text {
        "" => Ok(DEFAULT_STREAM.to_owned()),
        // Streams of the server itself begin so.
        name if name.starts_with('$') => Err(wrong("its stream begins with a $")),
        name if name.len() > STREAM_BYTES => Err(wrong("the name of its stream is too long")),
        name if name.contains(['/', '%']) => Err(wrong("its stream has a / or a % in its name")),
        name => Ok(name.to_owned()),
    }
}

fn tls_of(query: &str) -> Result<bool, LocationError> {
    let mut tls = true;
    for setting in query.split('&').filter(|setting| !setting.is_empty()) {
        let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
        tls = match (name.to_ascii_lowercase().as_str(), value) {
            ("tls", "true") => true,
            ("tls", "false") => false,
            ("tls", _) => {
                let cause = "tls is neither true nor false".to_owned();
                return Err(LocationError::Kurrent(cause));
            }
            // The value is not shown: it may be a secret.
            _ => {
                let cause = format!("it has a setting {name}; known is tls");
                return Err(LocationError::Kurrent(cause));
            }
        };
    }
    Ok(tls)
}

/// With `%` and two hexadecimal digits for each byte that stands for something else in addresses.
fn decoded(text: &str) -> Result<String, LocationError> {
    let wrong = || LocationError::Kurrent("a % in its user or password stands alone".to_owned());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'%' {
            let digits = after.get(..2).ok_or_else(wrong)?;
            let digits = std::str::from_utf8(digits).map_err(|_| wrong())?;
            bytes.push(u8::from_str_radix(digits, 16).map_err(|_| wrong())?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

impl fmt::Display for KurrentUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("kurrentdb://")?;
        if let Some((user, _)) = &self.0.user {
            write!(f, "{user}@")?;
        }
        for (place, node) in self.0.nodes.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(f, "{comma}{node}")?;
        }
        write!(f, "/{}", self.0.stream)?;
        if self.0.tls {
            return Ok(());
        }
        f.write_str("?tls=false")
    }
}

impl fmt::Debug for KurrentUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KurrentUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        text.parse::<KurrentUrl>().unwrap().to_string()
    }

    #[test]
    fn an_address_has_nodes_a_stream_and_tls_unless_it_is_said_not_to() {
        assert_eq!(shown("kurrentdb://a"), "kurrentdb://a:2113/maeum");
        assert_eq!(
            shown("esdb://a:1,[::1]:2,b/log?tls=false"),
            "kurrentdb://a:1,[::1]:2,b:2113/log?tls=false"
        );
        let url: KurrentUrl = "kurrentdb://me:p%40ss%25@h".parse().unwrap();
        assert_eq!(url.user(), Some(("me", "p@ss%")));
        assert!(url.tls());
    }

    #[test]
    fn a_password_is_not_shown_and_what_is_not_known_is_refused() {
        assert_eq!(
            shown("kurrentdb://me:secret@h"),
            "kurrentdb://me@h:2113/maeum"
        );
        for (wrong, cause) in [
            ("kurrentdb://", "host"),
            ("kurrentdb://me@h", "password"),
            ("kurrentdb://h:x", "port"),
            ("kurrentdb://h:1 ", "white space"),
            ("kurrentdb://h/$all", "$"),
            ("kurrentdb://h/a/b", "/"),
            ("kurrentdb://h?tls=maybe", "tls"),
            ("kurrentdb://h?tlsVerifyCert=false", "tlsVerifyCert"),
            ("kurrentdb://a:b%4@h", "%"),
        ] {
            let error = wrong.parse::<KurrentUrl>().unwrap_err().to_string();
            assert!(error.contains(cause), "{wrong}: {error}");
        }
    }

    #[test]
    fn one_log_may_have_several_addresses() {
        let parsed = |text: &str| text.parse::<KurrentUrl>().unwrap();
        let one = parsed("kurrentdb://a,b");
        assert!(one.is_same_log(&parsed("esdb://u:p@b:2113/maeum?tls=false")));
        assert!(!one.is_same_log(&parsed("kurrentdb://a/other")));
        assert!(!one.is_same_log(&parsed("kurrentdb://c")));
    }
}
