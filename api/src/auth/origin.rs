//! Origins: which web pages may use the server from a browser.

use std::collections::HashSet;

use axum::http::{HeaderMap, Uri, header};

/// The origins that are allowed besides the server's own.
#[derive(Debug, Clone, Default)]
pub struct Origins(HashSet<String>);

impl Origins {
    /// Of these, as the settings name them.
    pub fn new(allowed: &[String]) -> Self {
        Self(
            allowed
                .iter()
                .filter_map(|origin| normalized_origin(origin))
                .collect(),
        )
    }

    /// Whether a request may come from where it says: a native client says nothing, a page must be
    /// the server's own, judged by the request's host, or allowed.
    pub fn admit(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let Some(origin) = origins.next() else {
            return true;
        };
        let (Ok(origin), None) = (origin.to_str(), origins.next()) else {
            return false;
        };
        let Some(origin) = normalized_origin(origin) else {
            return false;
        };
        self.0.contains(&origin) || is_own(&origin, headers, uri)
    }

    /// Whether a page of this origin may read answers from another one's server (CORS).
    pub fn is_allowed(&self, origin: &str) -> bool {
        normalized_origin(origin).is_some_and(|origin| self.0.contains(&origin))
    }
}

fn is_own(origin: &str, headers: &HeaderMap, uri: &Uri) -> bool {
    let Some((scheme @ ("http" | "https"), _)) = origin.split_once("://") else {
        return false;
    };
    let mut hosts = headers.get_all(header::HOST).iter();
    // HTTP/2 has the host in the address instead.
    let host = match (hosts.next(), hosts.next()) {
        (None, _) => uri.authority().map(axum::http::uri::Authority::as_str),
        (Some(host), None) => host.to_str().ok(),
        (Some(_), Some(_)) => None,
    };
    host.and_then(|host| normalized_origin(&format!("{scheme}://{host}")))
        .is_some_and(|own| own == origin)
}

/// An origin in its one spelling: lower case, no default port; none if it is not one.
pub fn normalized_origin(text: &str) -> Option<String> {
    let (scheme, authority) = text.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let authority = authority.to_ascii_lowercase();
    let good_scheme = scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority.as_str(), None),
    };
    if !good_scheme || !is_host(host) {
        return None;
    }
    let Some(port) = port else {
        return Some(format!("{scheme}://{host}"));
    };
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let port: u16 = port.parse().ok()?;
    match (scheme.as_str(), port) {
        ("http", 80) | ("https", 443) => Some(format!("{scheme}://{host}")),
        _ => Some(format!("{scheme}://{host}:{port}")),
    }
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn admitted(origin: Option<&str>, host: &str) -> bool {
        let allowed = Origins::new(&[
            "https://app.example.com".to_owned(),
            "capacitor://localhost".to_owned(),
        ]);
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        allowed.admit(&headers, &Uri::from_static("/ws/consultation/X"))
    }

    #[test]
    fn a_native_client_an_own_page_and_an_allowed_one_are_admitted() {
        assert!(admitted(None, "localhost:8000"));
        assert!(admitted(Some("http://localhost:8000"), "localhost:8000"));
        assert!(admitted(Some("http://LOCALHOST:8000"), "localhost:8000"));
        assert!(admitted(Some("https://maeum.example"), "maeum.example"));
        assert!(admitted(Some("https://maeum.example"), "maeum.example:443"));
        assert!(admitted(Some("http://[::1]:8000"), "[::1]:8000"));
        assert!(admitted(Some("https://app.example.com"), "maeum.example"));
        assert!(admitted(
            Some("https://app.example.com:443"),
            "maeum.example"
        ));
        assert!(admitted(Some("capacitor://localhost"), "maeum.example"));
    }

    #[test]
    fn everyone_else_is_foreign() {
        for (origin, host) in [
            ("null", "localhost:8000"),
            ("", "localhost:8000"),
            ("http://localhost:8000", "127.0.0.1:8000"),
            ("http://localhost:8001", "localhost:8000"),
            ("http://localhost", "localhost:8000"),
            ("https://maeum.example.evil.tld", "maeum.example"),
            ("https://evil-maeum.example", "maeum.example"),
            ("https://app.example.com.evil.tld", "maeum.example"),
            ("https://evil.tld/app.example.com", "maeum.example"),
            ("http://app.example.com", "maeum.example"),
            ("https://app.example.com:8443", "maeum.example"),
            ("https://app.example.com@evil.tld", "maeum.example"),
            ("https://user@maeum.example", "maeum.example"),
            ("ftp://maeum.example", "maeum.example"),
            ("https://maeum.example ", "maeum.example"),
            ("https://maeum.example, https://evil.tld", "maeum.example"),
            ("*", "*"),
            ("https://*.example.com", "maeum.example"),
            ("https://maeum.example", "maeum.example, evil.tld"),
            ("http://:80", ":80"),
        ] {
            assert!(!admitted(Some(origin), host), "{origin} on {host}");
        }
    }

    #[test]
    fn two_origins_or_two_hosts_are_foreign() {
        let origins = Origins::default();
        let mut headers = HeaderMap::new();
        headers.append(header::HOST, HeaderValue::from_static("a"));
        headers.append(header::ORIGIN, HeaderValue::from_static("http://a"));
        assert!(origins.admit(&headers, &Uri::from_static("/")));
        headers.append(header::HOST, HeaderValue::from_static("b"));
        assert!(!origins.admit(&headers, &Uri::from_static("/")));
        headers.remove(header::HOST);
        headers.append(header::ORIGIN, HeaderValue::from_static("http://b"));
        assert!(!origins.admit(&headers, &Uri::from_static("http://a/")));
    }

    #[test]
    fn over_http_2_the_host_is_in_the_address() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::ORIGIN,
            HeaderValue::from_static("https://maeum.example"),
        );
        let origins = Origins::default();
        assert!(origins.admit(&headers, &Uri::from_static("https://maeum.example/ws")));
        assert!(!origins.admit(&headers, &Uri::from_static("https://other.example/ws")));
    }

    #[test]
    fn only_allowed_origins_get_a_cors_grant() {
        let origins = Origins::new(&["https://app.example.com".to_owned()]);
        assert!(origins.is_allowed("https://app.example.com"));
        assert!(!origins.is_allowed("null"));
        assert!(!origins.is_allowed("https://app.example.com/"));
    }

    proptest! {
        #[test]
        fn an_origin_has_one_spelling(text in "[a-z+]{1,6}://[a-zA-Z0-9.\\[\\]:@/-]{0,20}|\\PC{0,30}") {
            if let Some(origin) = normalized_origin(&text) {
                prop_assert_eq!(normalized_origin(&origin), Some(origin.clone()));
            }
        }
    }
}
