//! Where a request carries its token or ticket.

use axum::http::{HeaderMap, HeaderName, header};

/// What a caller shows.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    Token(String),
    Ticket(String),
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Token(_) => f.write_str("Token(..)"),
            Self::Ticket(_) => f.write_str("Ticket(..)"),
        }
    }
}

/// The subprotocol under which a browser's WebSocket can carry a token.
pub const BEARER_PROTOCOL: &str = "bearer";

/// The token of `Authorization: Bearer`. Any other scheme, or two headers, is an empty token,
/// which is no valid one: somebody who tries to say who they are is never taken for nobody.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?;
    let (Ok(value), None) = (value.to_str(), values.next()) else {
        return Some("");
    };
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some(token.trim()),
        _ => Some(""),
    }
}

/// What a live connection shows: a ticket, or a token in the address, the header or the
/// subprotocol, in this order.
pub fn live_credentials(headers: &HeaderMap, query: Option<&str>) -> Option<Credentials> {
    let parameter = |name: &str| {
        form_urlencoded::parse(query.unwrap_or_default().as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    parameter("ticket")
        .map(Credentials::Ticket)
        .or_else(|| parameter("token").map(Credentials::Token))
        .or_else(|| bearer(headers).map(|token| Credentials::Token(token.to_owned())))
        .or_else(|| protocol_token(headers).map(Credentials::Token))
}

fn protocol_token(headers: &HeaderMap) -> Option<String> {
    const PROTOCOL: HeaderName = header::SEC_WEBSOCKET_PROTOCOL;
    let offered: Vec<&str> = headers
        .get_all(PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let at = offered
        .iter()
        .position(|protocol| *protocol == BEARER_PROTOCOL)?;
    Some(offered.get(at + 1).copied().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn a_bearer_header_is_a_token() {
        assert_eq!(
            bearer(&headers(&[(header::AUTHORIZATION, "Bearer abc")])),
            Some("abc")
        );
        assert_eq!(
            bearer(&headers(&[(header::AUTHORIZATION, "bearer  abc ")])),
            Some("abc")
        );
        assert_eq!(bearer(&HeaderMap::new()), None);
    }

    #[test]
    fn any_other_authorization_is_a_bad_token_and_not_none() {
        for value in ["Basic abc", "abc", "Bearer", ""] {
            assert_eq!(
                bearer(&headers(&[(header::AUTHORIZATION, value)])),
                Some(""),
                "{value}"
            );
        }
        let two = [
            (header::AUTHORIZATION, "Bearer a"),
            (header::AUTHORIZATION, "Bearer b"),
        ];
        assert_eq!(bearer(&headers(&two)), Some(""));
    }

    #[test]
    fn a_live_connection_may_carry_them_in_four_places() {
        let token = |text: &str| Some(Credentials::Token(text.to_owned()));
        let none = HeaderMap::new();
        assert_eq!(
            live_credentials(&none, Some("after=3&token=a%2Eb")),
            token("a.b")
        );
        let ticket = Some(Credentials::Ticket("t".to_owned()));
        assert_eq!(live_credentials(&none, Some("token=a&ticket=t")), ticket);
        let authorized = headers(&[(header::AUTHORIZATION, "Bearer abc")]);
        assert_eq!(live_credentials(&authorized, None), token("abc"));
        let protocol = headers(&[(header::SEC_WEBSOCKET_PROTOCOL, "bearer, a.b.c")]);
        assert_eq!(live_credentials(&protocol, None), token("a.b.c"));
        let bare = headers(&[(header::SEC_WEBSOCKET_PROTOCOL, "bearer")]);
        assert_eq!(live_credentials(&bare, None), token(""));
        assert_eq!(live_credentials(&none, Some("after=3")), None);
    }

    #[test]
    fn credentials_are_never_printed() {
        let shown = format!("{:?}", Credentials::Token("geheim".to_owned()));
        assert!(!shown.contains("geheim"));
    }
}
