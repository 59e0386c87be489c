//! The kinds of values that settings have: how each is read, shown, and what it allows.

use std::marker::PhantomData;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use event_store::{Location, LocationError};
use ipnet::IpNet;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};
use toml::Value as Toml;
use url::Url;

use super::quantities::{parse_duration, parse_size, show_duration, show_size};

/// A value before it is understood.
#[derive(Debug, Clone)]
pub enum Raw {
    /// From the file.
    Toml(Toml),
    /// From the environment or a flag.
    Text(String),
}

/// A kind of value.
pub trait Kind {
    type Value;

    /// Completes "must be …".
    fn allowed() -> String;

    /// Reads it; the error, if it says more than [`Kind::allowed`], says what must be.
    fn parse(raw: &Raw) -> Result<Self::Value, Option<String>>;

    /// As TOML would have it.
    fn show(value: &Self::Value) -> String;

    /// Whether it must never be shown.
    const SECRET: bool = false;
}

/// Kinds that are strings in TOML too, read from their text alone.
pub trait Textual {
    type Value;
    const ALLOWED: &'static str;
    fn read(text: &str) -> Result<Self::Value, Option<String>>;
    fn write(value: &Self::Value) -> String;
}

macro_rules! textual {
    ($($kind:ty),+ $(,)?) => { $(
        impl Kind for $kind {
            type Value = <Self as Textual>::Value;
            fn allowed() -> String {
                <Self as Textual>::ALLOWED.to_owned()
            }
            fn parse(raw: &Raw) -> Result<Self::Value, Option<String>> {
                match raw {
                    Raw::Toml(Toml::String(text)) | Raw::Text(text) => <Self as Textual>::read(text),
                    Raw::Toml(_) => Err(None),
                }
            }
            fn show(value: &Self::Value) -> String {
                Toml::String(<Self as Textual>::write(value)).to_string()
            }
        }
    )+ };
}

textual!(
    Text,
    Span,
    File,
    Address,
    Network,
    Zone,
    WebOrigin,
    LogStore,
    Store,
    Objects,
    ModelServer,
    Redis
);

/// A text.
pub struct Text;
impl Textual for Text {
    type Value = String;
    const ALLOWED: &'static str = "a text that is not empty";
    fn read(text: &str) -> Result<String, Option<String>> {
        if text.trim().is_empty() {
            Err(None)
        } else {
            Ok(text.to_owned())
        }
    }
    fn write(value: &String) -> String {
        value.clone()
    }
}

/// A duration.
pub struct Span;
impl Textual for Span {
    type Value = Duration;
    const ALLOWED: &'static str = r#"a duration such as "500ms", "30s", "10m", "2h" or "30d""#;
    fn read(text: &str) -> Result<Duration, Option<String>> {
        parse_duration(text).ok_or(None)
    }
    fn write(value: &Duration) -> String {
        show_duration(*value)
    }
}

/// A path in the file system.
pub struct File;
impl Textual for File {
    type Value = PathBuf;
    const ALLOWED: &'static str = "a path";
    fn read(text: &str) -> Result<PathBuf, Option<String>> {
        if text.is_empty() || text.contains('\0') {
            Err(None)
        } else {
            Ok(text.into())
        }
    }
    fn write(value: &PathBuf) -> String {
        value.display().to_string()
    }
}

/// Where to listen.
pub struct Address;
impl Textual for Address {
    type Value = SocketAddr;
    const ALLOWED: &'static str = r#"an address and port such as "127.0.0.1:8000" or "[::1]:8000""#;
    fn read(text: &str) -> Result<SocketAddr, Option<String>> {
        text.parse().map_err(|_| None)
    }
    fn write(value: &SocketAddr) -> String {
        value.to_string()
    }
}

/// A network, or one address.
pub struct Network;
impl Textual for Network {
    type Value = IpNet;
    const ALLOWED: &'static str = r#"networks such as "10.0.0.0/8" or "::1""#;
    fn read(text: &str) -> Result<IpNet, Option<String>> {
        let network: Option<IpNet> = text.parse().ok();
        network
            .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
            .ok_or(None)
    }
    fn write(value: &IpNet) -> String {
        value.to_string()
    }
}

/// A time zone of the IANA database.
pub struct Zone;
impl Textual for Zone {
    type Value = TimeZone;
    const ALLOWED: &'static str = r#"an IANA time zone such as "UTC" or "Asia/Seoul""#;
    fn read(text: &str) -> Result<TimeZone, Option<String>> {
        if text.eq_ignore_ascii_case("utc") {
            return Ok(TimeZone::UTC);
        }
        TimeZone::get(text).map_err(|_| None)
    }
    fn write(value: &TimeZone) -> String {
        value.iana_name().unwrap_or("UTC").to_owned()
    }
}

/// A browser's origin.
pub struct WebOrigin;
impl Textual for WebOrigin {
    type Value = String;
    const ALLOWED: &'static str = r#"origins such as "https://app.example.com", without a path"#;
    fn read(text: &str) -> Result<String, Option<String>> {
        crate::auth::normalized_origin(text).ok_or(None)
    }
    fn write(value: &String) -> String {
        value.clone()
    }
}

/// Where the log is.
pub struct LogStore;
impl Textual for LogStore {
    type Value = Location;
    const ALLOWED: &'static str = r#""sqlite://PATH", "postgres://USER:PASSWORD@HOST/DATABASE" or "kurrentdb://USER:PASSWORD@HOST:PORT""#;
    fn read(text: &str) -> Result<Location, Option<String>> {
        read_location(text)
    }
    /// Without a password.
    fn write(value: &Location) -> String {
        value.to_string()
    }
}

fn read_location(text: &str) -> Result<Location, Option<String>> {
    text.parse().map_err(|error| match error {
        LocationError::Postgres(_) | LocationError::Kurrent(_) => Some(error.to_string()),
        LocationError::Scheme | LocationError::Path => None,
    })
}

/// Where another store than the log is.
pub struct Store;
impl Textual for Store {
    type Value = Location;
    const ALLOWED: &'static str = r#""sqlite://PATH" or "postgres://USER:PASSWORD@HOST/DATABASE""#;
    fn read(text: &str) -> Result<Location, Option<String>> {
        match read_location(text)? {
            Location::Kurrent(_) => Err(Some(format!(
                "{}: KurrentDB keeps the log only",
                Self::ALLOWED
            ))),
            location => Ok(location),
        }
    }
    /// Without a password.
    fn write(value: &Location) -> String {
        value.to_string()
    }
}

/// Where objects are kept: a folder, or a bucket of a service. Credentials are not part of it.
pub struct Objects;
impl Textual for Objects {
    type Value = Url;
    const ALLOWED: &'static str =
        r#""file:///PATH", "s3://BUCKET/PATH", "gs://BUCKET/PATH" or "az://CONTAINER/PATH""#;
    fn read(text: &str) -> Result<Url, Option<String>> {
        let url = Url::parse(text).map_err(|_| None)?;
        if !url.username().is_empty() || url.password().is_some() {
            let problem = "without credentials, which are read from the environment";
            return Err(Some(format!("{}, {problem}", Self::ALLOWED)));
        }
        let known = match url.scheme() {
            "file" => url.to_file_path().is_ok(),
            "s3" | "s3a" | "gs" | "az" | "abfs" | "abfss" => url.has_host(),
            _ => false,
        };
        if known && url.query().is_none() {
            Ok(url)
        } else {
            Err(None)
        }
    }
    fn write(value: &Url) -> String {
        value.to_string()
    }
}

/// A server of a language model. Credentials are not part of it.
pub struct ModelServer;
impl Textual for ModelServer {
    type Value = Url;
    const ALLOWED: &'static str =
        r#"an address that ends in /v1, such as "http://127.0.0.1:8080/v1", without credentials"#;
    fn read(text: &str) -> Result<Url, Option<String>> {
        let mut url = Url::parse(text).map_err(|_| None)?;
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        let fine = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && path.ends_with("/v1")
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if fine { Ok(url) } else { Err(None) }
    }
    fn write(value: &Url) -> String {
        value.to_string()
    }
}

/// A server of Redis.
pub struct Redis;
impl Textual for Redis {
    type Value = Url;
    const ALLOWED: &'static str =
        r#"an address such as "redis://HOST:6379/0" or "redis://USER:PASSWORD@HOST""#;
    fn read(text: &str) -> Result<Url, Option<String>> {
        let url = Url::parse(text).map_err(|_| None)?;
        let is_fine = url.scheme() == "redis" && redis::Client::open(url.clone()).is_ok();
        if is_fine { Ok(url) } else { Err(None) }
    }
    /// Without a password.
    fn write(value: &Url) -> String {
        let mut shown = value.clone();
        if shown.password().is_some() && shown.set_password(Some("***")).is_err() {
            return "redis://***".to_owned();
        }
        shown.to_string()
    }
}

/// Yes or no.
pub struct Switch;
impl Kind for Switch {
    type Value = bool;
    fn allowed() -> String {
        "true or false".to_owned()
    }
    fn parse(raw: &Raw) -> Result<bool, Option<String>> {
        match raw {
            Raw::Toml(Toml::Boolean(value)) => Ok(*value),
            Raw::Text(text) => text.parse().map_err(|_| None),
            Raw::Toml(_) => Err(None),
        }
    }
    fn show(value: &bool) -> String {
        value.to_string()
    }
}

/// A whole number from 0.
pub struct Count;
impl Kind for Count {
    type Value = u32;
    fn allowed() -> String {
        "a whole number".to_owned()
    }
    fn parse(raw: &Raw) -> Result<u32, Option<String>> {
        match raw {
            Raw::Toml(Toml::Integer(value)) => (*value).try_into().map_err(|_| None),
            Raw::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                text.parse().map_err(|_| None)
            }
            Raw::Text(_) | Raw::Toml(_) => Err(None),
        }
    }
    fn show(value: &u32) -> String {
        value.to_string()
    }
}

/// A number of bytes.
pub struct Size;
impl Kind for Size {
    type Value = usize;
    fn allowed() -> String {
        r#"a number of bytes, or a size such as "64KiB" or "25MiB""#.to_owned()
    }
    fn parse(raw: &Raw) -> Result<usize, Option<String>> {
        match raw {
            Raw::Toml(Toml::Integer(value)) => (*value).try_into().map_err(|_| None),
            Raw::Toml(Toml::String(text)) | Raw::Text(text) => parse_size(text).ok_or(None),
            Raw::Toml(_) => Err(None),
        }
    }
    fn show(value: &usize) -> String {
        Toml::String(show_size(*value)).to_string()
    }
}

/// A secret text, or none.
pub struct Secret;
impl Kind for Secret {
    type Value = Option<SecretString>;
    const SECRET: bool = true;
    fn allowed() -> String {
        "a text".to_owned()
    }
    fn parse(raw: &Raw) -> Result<Self::Value, Option<String>> {
        match raw {
            Raw::Toml(Toml::String(text)) | Raw::Text(text) => Ok(Some(text)
                .filter(|text| !text.is_empty())
                .map(|text| text.as_str().into())),
            Raw::Toml(_) => Err(None),
        }
    }
    fn show(value: &Self::Value) -> String {
        let set = value
            .as_ref()
            .is_some_and(|secret| !secret.expose_secret().is_empty());
        (if set { r#""********""# } else { r#""""# }).to_owned()
    }
}

/// A value that may be left out; an empty text is none.
pub struct Optional<K>(PhantomData<K>);
impl<K: Kind> Kind for Optional<K> {
    type Value = Option<K::Value>;
    fn allowed() -> String {
        format!("{}, or \"\" for none", K::allowed())
    }
    fn parse(raw: &Raw) -> Result<Self::Value, Option<String>> {
        match raw {
            Raw::Toml(Toml::String(text)) | Raw::Text(text) if text.is_empty() => Ok(None),
            raw => K::parse(raw).map(Some),
        }
    }
    fn show(value: &Self::Value) -> String {
        value.as_ref().map_or_else(|| r#""""#.to_owned(), K::show)
    }
}

/// Several values; in the environment a JSON array.
pub struct List<K>(PhantomData<K>);
impl<K: Kind> Kind for List<K> {
    type Value = Vec<K::Value>;
    fn allowed() -> String {
        format!("a list of {}", K::allowed())
    }
    fn parse(raw: &Raw) -> Result<Self::Value, Option<String>> {
        let items = match raw {
            Raw::Toml(Toml::Array(items)) => items.iter().cloned().map(Raw::Toml).collect(),
            Raw::Toml(_) => return Err(None),
            Raw::Text(text) => {
                let items: Vec<String> = serde_json::from_str(text).map_err(|_| {
                    Some(format!(
                        "a JSON array of {}, each in quotation marks",
                        K::allowed()
                    ))
                })?;
                items.into_iter().map(Raw::Text).collect::<Vec<_>>()
            }
        };
        items.iter().map(K::parse).collect()
    }
    fn show(value: &Self::Value) -> String {
        format!(
            "[{}]",
            value.iter().map(K::show).collect::<Vec<_>>().join(", ")
        )
    }
}
