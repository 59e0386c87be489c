//! Send once: by what a repeated request is recognised, and the ids that a repeat gets again.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::PersonId;
use event_store::{Dedupe, StreamName};
use http_body_util::BodyExt;
use uuid::{Builder, Uuid};

use crate::app::App;
use crate::auth::Pepper;
use crate::commands::Once;
use crate::error::ApiError;

/// The header by which a client names a request that it may repeat.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Longest key, in bytes.
const MAX_KEY_BYTES: usize = 255;

/// How long a key without a caller counts, in microseconds.
const ANONYMOUS_LASTS_US: i64 = 600_000_000;

/// What a request says of its repetition, left among its extensions by [`recognise`].
#[derive(Debug, Clone)]
pub struct Presented {
    key: Arc<str>,
    /// Method and path.
    scope: Arc<str>,
    /// Keyed hash of the content.
    fingerprint: Arc<str>,
}

/// Whose keys they are.
#[derive(Debug, Clone, Copy)]
pub enum Whose<'a> {
    Person(PersonId),
    /// Nobody is named: the keyed hash of the address stands in.
    Address(&'a str),
}

/// A command that may be repeated, and what the ids of new things are derived from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeatable {
    pub once: Once,
    pub seed: Seed,
    /// What the ids came from in the period before, where keys count for a limited time.
    before: Option<Seed>,
}

/// The keyed hash of caller, scope and key: what a repeat derives the same ids from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seed([u8; 32]);

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(..)")
    }
}

impl Seed {
    /// The id of a new thing, of a kind that `purpose` names.
    pub fn id(&self, purpose: &str) -> Uuid {
        Uuid::new_v5(
            &Builder::from_custom_bytes(self.half()).into_uuid(),
            purpose.as_bytes(),
        )
    }

    /// Bytes that nobody else can tell, for what must be secret as well as repeatable.
    pub fn secret(&self, pepper: &Pepper, purpose: &str) -> [u8; 32] {
        pepper.hash("once-secret", &[&self.0, purpose.as_bytes()])
    }

    fn half(&self) -> Dedupe {
        let mut half = [0; 16];
        half.copy_from_slice(&self.0[..16]);
        half
    }
}

impl Repeatable {
    /// A command under a key that its client made.
    ///
    /// `scope` is where the key counts, e.g. method and path, or a room; `fingerprint` is the
    /// keyed hash of the content.
    pub fn new(
        pepper: &Pepper,
        whose: Whose<'_>,
        scope: &str,
        key: &str,
        fingerprint: Arc<str>,
        now_us: i64,
    ) -> Self {
        let seed_of = |whose: &[u8], period: &[u8]| {
            Seed(pepper.hash("once", &[whose, scope.as_bytes(), key.as_bytes(), period]))
        };
        match whose {
            Whose::Person(person) => {
                let seed = seed_of(person.0.as_bytes(), b"");
                let once = Once {
                    dedupe: seed.half(),
                    fingerprint,
                    expiring: None,
                };
                Self {
                    once,
                    seed,
                    before: None,
                }
            }
            Whose::Address(address) => {
                let period = now_us.div_euclid(ANONYMOUS_LASTS_US);
                let seed = seed_of(address.as_bytes(), &period.to_be_bytes());
                let before = seed_of(address.as_bytes(), &(period - 1).to_be_bytes());
                let expiring = Some((before.half(), ANONYMOUS_LASTS_US));
                let once = Once {
                    dedupe: seed.half(),
                    fingerprint,
                    expiring,
                };
                Self {
                    once,
                    seed,
                    before: Some(before),
                }
            }
        }
    }

    /// Looks whether the first of this command came in the period before: then its ids came from
    /// another seed, and this takes that one. `stream` names the stream that the command creates
    /// from a seed.
    pub async fn find_first(
        &mut self,
        app: &App,
        stream: impl Fn(&Seed) -> StreamName + Send,
    ) -> Result<(), ApiError> {
        let (Some(before), Some((dedupe, lasts_us))) = (self.before, self.once.expiring) else {
            return Ok(());
        };
        let found = app.store.find_outcome(&stream(&before), dedupe).await?;
        let oldest = app.clock.now_us() - lasts_us;
        if found.is_some_and(|first| first.recorded_at >= oldest) {
            self.seed = before;
        }
        Ok(())
    }
}

impl Presented {
    /// The command that this request is, for its caller.
    ///
    /// # Errors
    /// Without a caller the key must be a UUID.
    pub fn of(
        &self,
        pepper: &Pepper,
        whose: Whose<'_>,
        now_us: i64,
    ) -> Result<Repeatable, ApiError> {
        if matches!(whose, Whose::Address(_)) && Uuid::parse_str(&self.key).is_err() {
            return Err(invalid_key("must be a UUID where nobody is logged in"));
        }
        let fingerprint = Arc::clone(&self.fingerprint);
        Ok(Repeatable::new(
            pepper,
            whose,
            &self.scope,
            &self.key,
            fingerprint,
            now_us,
        ))
    }
}

/// The keyed hash of a request's content.
pub fn fingerprint(pepper: &Pepper, parts: &[&[u8]]) -> Arc<str> {
    let mut hash = pepper.hex("fingerprint", parts);
    hash.truncate(32);
    hash.into()
}

/// Reads the key of a POST, and its content, so that the handler can tell a repeat. It stands
/// inside the layer that limits bodies.
pub async fn recognise(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(IDEMPOTENCY_KEY) {
        return next.run(request).await;
    }
    match presented(&app.authority.pepper, request).await {
        Ok(request) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

async fn presented(pepper: &Pepper, request: Request) -> Result<Request, ApiError> {
    let key = one_key(&request)?;
    let scope = format!(
        "{} {}",
        request.method(),
        request.uri().path().trim_end_matches('/')
    );
    let query = request.uri().query().unwrap_or_default().to_owned();
    let (parts, body) = request.into_parts();
    let content = body
        .collect()
        .await
        .map_err(|_| ApiError::unreadable_body())?
        .to_bytes();
    let presented = Presented {
        key: key.into(),
        scope: scope.into(),
        fingerprint: fingerprint(pepper, &[query.as_bytes(), &content]),
    };
    let mut request = Request::from_parts(parts, Body::from(content));
    request.extensions_mut().insert(presented);
    Ok(request)
}

fn one_key(request: &Request) -> Result<String, ApiError> {
    let mut values = request.headers().get_all(IDEMPOTENCY_KEY).iter();
    let key = values
        .next()
        .and_then(|value: &HeaderValue| value.to_str().ok());
    match (key.map(str::trim), values.next()) {
        (Some(key), None) if !key.is_empty() && key.len() <= MAX_KEY_BYTES => Ok(key.to_owned()),
        _ => Err(invalid_key(
            "must be one key of 1 to 255 visible ASCII characters",
        )),
    }
}

fn invalid_key(message: &'static str) -> ApiError {
    ApiError::invalid("header", "Idempotency-Key", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_US: i64 = 1_900_000_000_000_000;

    fn repeatable(whose: Whose<'_>, scope: &str, key: &str, now_us: i64) -> Repeatable {
        Repeatable::new(
            &Pepper::new([1; 32]),
            whose,
            scope,
            key,
            "print".into(),
            now_us,
        )
    }

    #[test]
    fn the_same_key_of_the_same_caller_gives_the_same_ids() {
        let one = Whose::Person(PersonId(Uuid::from_u128(1)));
        let two = Whose::Person(PersonId(Uuid::from_u128(2)));
        let first = repeatable(one, "POST /a", "k", NOW_US);
        assert_eq!(
            first,
            repeatable(one, "POST /a", "k", NOW_US + 1_000_000_000_000)
        );
        assert_eq!(
            first.seed.id("room"),
            repeatable(one, "POST /a", "k", 0).seed.id("room")
        );
        assert_ne!(first.seed.id("room"), first.seed.id("message"));
        for other in [
            repeatable(two, "POST /a", "k", NOW_US),
            repeatable(one, "POST /b", "k", NOW_US),
            repeatable(one, "POST /a", "l", NOW_US),
        ] {
            assert_ne!(first.once.dedupe, other.once.dedupe);
            assert_ne!(first.seed.id("room"), other.seed.id("room"));
        }
    }

    #[test]
    fn a_key_without_a_caller_is_known_in_its_period_and_the_next() {
        let address = Whose::Address("abcd");
        let first = repeatable(address, "POST /a", "k", NOW_US);
        let next = repeatable(address, "POST /a", "k", NOW_US + ANONYMOUS_LASTS_US);
        let later = repeatable(address, "POST /a", "k", NOW_US + 2 * ANONYMOUS_LASTS_US);
        assert_ne!(first.once.dedupe, next.once.dedupe);
        assert_eq!(
            next.once.expiring,
            Some((first.once.dedupe, ANONYMOUS_LASTS_US))
        );
        assert_eq!(next.before, Some(first.seed));
        assert_ne!(later.before, Some(first.seed));
        let elsewhere = repeatable(Whose::Address("dcba"), "POST /a", "k", NOW_US);
        assert_ne!(first.once.dedupe, elsewhere.once.dedupe);
    }

    #[test]
    fn a_key_without_a_caller_is_a_uuid() {
        let presented = |key: &str| Presented {
            key: key.into(),
            scope: "POST /register".into(),
            fingerprint: "print".into(),
        };
        let pepper = Pepper::new([1; 32]);
        let address = Whose::Address("abcd");
        let person = Whose::Person(PersonId(Uuid::nil()));
        assert!(presented("mine").of(&pepper, address, NOW_US).is_err());
        assert!(presented("mine").of(&pepper, person, NOW_US).is_ok());
        let uuid = "0190b5a4-7d1e-7c3a-8f52-1b2c3d4e5f60";
        assert!(presented(uuid).of(&pepper, address, NOW_US).is_ok());
    }
}
