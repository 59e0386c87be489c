//! The ways in which a token can be wrong, and the one answer to all of them.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::{ConsultationId, Role, SessionId};
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use uuid::Uuid;

use super::memory_keys::MemoryKeys;
use super::*;
use crate::clock::{Clock, ManualClock, SystemIds};
use crate::settings::AuthSettings;

/// 2026-11-21T00:00:00Z.
const NOW_US: i64 = 1_795_219_200_000_000;
const SECRET: &str = "a shared secret of at least thirty-two bytes";

type Change = Box<dyn Fn(&mut Value)>;

struct World {
    tokens: Tokens,
    clock: Arc<ManualClock>,
    keys: SigningKeys,
    store: Arc<MemoryKeys>,
}

fn world(shared_secret: Option<&str>) -> World {
    let clock = Arc::new(ManualClock::at(NOW_US));
    let store = Arc::<MemoryKeys>::default();
    let settings = AuthSettings::default();
    let keys = SigningKeys::load(
        Arc::clone(&store) as _,
        Arc::clone(&clock) as _,
        Arc::new(SystemIds),
        settings.access_ttl,
    )
    .unwrap();
    let tokens = Tokens::new(
        keys.clone(),
        shared_secret,
        &settings,
        Arc::clone(&clock) as _,
        Arc::new(SystemIds),
    );
    World {
        tokens,
        clock,
        keys,
        store,
    }
}

fn mina() -> NewToken {
    NewToken {
        sub: Uuid::from_u128(7),
        number: 12,
        session: Some(SessionId(Uuid::from_u128(8))),
        role: Role::Counselor,
        version: 3,
        consultation: None,
    }
}

fn payload_of(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64.decode(part).unwrap()).unwrap()
}

fn header_of(token: &str) -> Value {
    serde_json::from_slice(&BASE64.decode(token.split('.').next().unwrap()).unwrap()).unwrap()
}

fn unsigned(header: &str, payload: &str) -> String {
    format!("{}.{}", BASE64.encode(header), BASE64.encode(payload))
}

impl World {
    /// The private key that signs, as only the server has it.
    fn private_key(&self) -> SigningKey {
        use event_store::keys::KeyStore;
        let name = self
            .store
            .secret_names("token-signing/")
            .unwrap()
            .pop()
            .unwrap();
        let secret = self.store.secret(&name).unwrap().unwrap();
        SigningKey::from_bytes(&secret[8..].try_into().unwrap())
    }

    fn signed(&self, header: &str, payload: &str) -> String {
        let message = unsigned(header, payload);
        let signature = self.private_key().sign(message.as_bytes());
        format!("{message}.{}", BASE64.encode(signature.to_bytes()))
    }

    fn with_claims(&self, change: impl FnOnce(&mut Value)) -> String {
        let (token, _) = self.tokens.issue(mina()).unwrap();
        let mut payload = payload_of(&token);
        change(&mut payload);
        self.signed(&header_of(&token).to_string(), &payload.to_string())
    }

    fn with_header(&self, change: impl FnOnce(&mut Value)) -> String {
        let (token, _) = self.tokens.issue(mina()).unwrap();
        let mut header = header_of(&token);
        change(&mut header);
        self.signed(&header.to_string(), &payload_of(&token).to_string())
    }
}

fn hmac(key: &[u8], message: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message.as_bytes());
    format!("{message}.{}", BASE64.encode(mac.finalize().into_bytes()))
}

#[test]
fn a_token_says_what_the_contract_lists() {
    let world = world(None);
    let (token, issued) = world.tokens.issue(mina()).unwrap();
    assert_eq!(*world.tokens.verify(&token).unwrap(), issued);
    let payload = payload_of(&token);
    for claim in [
        "sub", "uid", "sid", "role", "iat", "exp", "iss", "aud", "jti", "ver",
    ] {
        assert!(payload.get(claim).is_some(), "{claim}");
    }
    assert_eq!(payload["uid"], 12);
    assert_eq!(payload["role"], "counselor");
    assert_eq!(issued.exp - issued.iat, 3_600);
    assert_eq!(header_of(&token)["alg"], "EdDSA");
    assert!(payload.get("con").is_none());
}

#[test]
fn a_guests_token_names_its_consultation_and_no_log_in() {
    let world = world(None);
    let con = ConsultationId(Uuid::from_u128(9));
    let guest = NewToken {
        session: None,
        role: Role::Guest,
        consultation: Some(con),
        version: 0,
        ..mina()
    };
    let (token, issued) = world.tokens.issue(guest).unwrap();
    let claims = world.tokens.verify(&token).unwrap();
    assert_eq!(claims.con, Some(con));
    assert_eq!(claims.sid.0, issued.jti);
}

#[test]
fn our_own_signing_helper_makes_tokens_that_count() {
    // Else the refusals below would prove nothing.
    let world = world(None);
    assert!(world.tokens.verify(&world.with_claims(|_| {})).is_ok());
    assert!(world.tokens.verify(&world.with_header(|_| {})).is_ok());
}

#[test]
fn a_token_with_bad_claims_is_refused_whoever_signed_it() {
    let world = world(None);
    let now = world.clock.now_seconds();
    let set = |claim: &'static str, value: Value| -> (String, Change) {
        let name = format!("{claim} = {value}");
        (
            name,
            Box::new(move |payload| payload[claim] = value.clone()),
        )
    };
    let mut cases = vec![
        set("exp", json!(now)),
        set("exp", json!(now - 1)),
        set("exp", json!(-1)),
        set("exp", json!((now + 60).to_string())),
        set("exp", json!(f64::from(i32::MAX) + 0.5)),
        set("exp", json!(2_000_000_000.0)),
        set("exp", json!(null)),
        set("exp", json!([now + 60])),
        set("nbf", json!(now + 1)),
        set("nbf", json!("0")),
        set("nbf", json!(1.5)),
        set("aud", json!("others")),
        set("aud", json!(["others"])),
        set("aud", json!(null)),
        set("iss", json!("others")),
        set("iss", json!(null)),
        set("sub", json!("not a uuid")),
        set("sub", json!(7)),
        set("role", json!("owner")),
        set("uid", json!(-1)),
        set("uid", json!("12")),
        set("sid", json!("x")),
        set("ver", json!("3")),
        set("con", json!("x")),
    ];
    for claim in [
        "exp", "aud", "iss", "sub", "uid", "sid", "role", "iat", "jti",
    ] {
        cases.push((
            format!("no {claim}"),
            Box::new(move |payload| {
                payload.as_object_mut().unwrap().remove(claim);
            }),
        ));
    }
    for (name, change) in cases {
        let token = world.with_claims(change);
        assert_eq!(world.tokens.verify(&token), Err(InvalidToken), "{name}");
    }
}

#[test]
fn numbers_beyond_all_bounds_are_refused() {
    let world = world(None);
    let (token, _) = world.tokens.issue(mina()).unwrap();
    let header = header_of(&token).to_string();
    let exp = payload_of(&token)["exp"].to_string();
    for huge in [
        "1e400",
        "1e30",
        "99999999999999999999999",
        "-1e400",
        "NaN",
        "Infinity",
        "0x7fffffff",
    ] {
        let payload = payload_of(&token).to_string().replace(&exp, huge);
        assert_eq!(
            world.tokens.verify(&world.signed(&header, &payload)),
            Err(InvalidToken),
            "{huge}"
        );
    }
}

#[test]
fn a_token_with_a_bad_header_is_refused() {
    let world = world(None);
    let attacker = SigningKey::from_bytes(&[9; 32]);
    let x = BASE64.encode(attacker.verifying_key().to_bytes());
    let cases: Vec<(&str, Change)> = vec![
        (
            "unknown kid",
            Box::new(|header| header["kid"] = json!(Uuid::nil())),
        ),
        ("no kid", Box::new(|header| header["kid"] = Value::Null)),
        (
            "path as kid",
            Box::new(|header| header["kid"] = json!("../../dev/null")),
        ),
        (
            "SQL as kid",
            Box::new(|header| header["kid"] = json!("x' OR '1'='1")),
        ),
        (
            "kid of another type",
            Box::new(|header| header["kid"] = json!(["a"])),
        ),
        ("alg none", Box::new(|header| header["alg"] = json!("none"))),
        ("alg None", Box::new(|header| header["alg"] = json!("NONE"))),
        (
            "alg HS256",
            Box::new(|header| header["alg"] = json!("HS256")),
        ),
        (
            "alg RS256",
            Box::new(|header| header["alg"] = json!("RS256")),
        ),
        (
            "alg ES256",
            Box::new(|header| header["alg"] = json!("ES256")),
        ),
        (
            "alg of another type",
            Box::new(|header| header["alg"] = json!(1)),
        ),
        ("no alg", Box::new(|header| header["alg"] = Value::Null)),
        ("crit", Box::new(|header| header["crit"] = json!(["exp"]))),
    ];
    for (name, change) in cases {
        let token = world.with_header(change);
        assert_eq!(world.tokens.verify(&token), Err(InvalidToken), "{name}");
    }
    // Keys that the token brings along, signed with the key that it brings.
    let (token, _) = world.tokens.issue(mina()).unwrap();
    for (name, value) in [
        ("jwk", json!({"kty": "OKP", "crv": "Ed25519", "x": x})),
        ("jku", json!("https://attacker.example/jwks.json")),
        ("x5u", json!("https://attacker.example/cert.pem")),
    ] {
        for kid in [header_of(&token)["kid"].clone(), json!("attacker")] {
            let mut header = header_of(&token);
            header[name] = value.clone();
            header["kid"] = kid;
            let message = unsigned(&header.to_string(), &payload_of(&token).to_string());
            let signature = BASE64.encode(attacker.sign(message.as_bytes()).to_bytes());
            let forged = format!("{message}.{signature}");
            assert_eq!(world.tokens.verify(&forged), Err(InvalidToken), "{name}");
        }
    }
}

#[test]
fn no_public_key_signs() {
    let world = world(None);
    let (token, _) = world.tokens.issue(mina()).unwrap();
    let jwks = world.tokens.jwks();
    let x = jwks["keys"][0]["x"].as_str().unwrap();
    let public = BASE64.decode(x).unwrap();
    let kid = header_of(&token)["kid"].clone();
    for key in [
        public.as_slice(),
        x.as_bytes(),
        jwks.to_string().as_bytes(),
        b"",
    ] {
        for alg in ["HS256", "EdDSA"] {
            let header = json!({"alg": alg, "typ": "JWT", "kid": kid});
            let message = unsigned(&header.to_string(), &payload_of(&token).to_string());
            assert_eq!(world.tokens.verify(&hmac(key, &message)), Err(InvalidToken));
        }
    }
}

#[test]
fn a_token_that_was_changed_or_is_none_is_refused() {
    let world = world(None);
    let (token, _) = world.tokens.issue(mina()).unwrap();
    let parts: Vec<_> = token.split('.').collect();
    let other = world.with_claims(|payload| payload["role"] = json!("admin"));
    let others: Vec<_> = other.split('.').collect();
    let session = SessionId(Uuid::from_u128(1));
    let cases = [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        "nonsense".to_owned(),
        "a".repeat(1 << 20),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}.{}", parts[0], others[1], parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], others[2]),
        format!("{token}.{}", parts[2]),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{token}="),
        format!(
            "{}.{}{}.{}",
            parts[0],
            "A".repeat(1 << 20),
            parts[1],
            parts[2]
        ),
        RefreshToken::first(session).unwrap().encode(),
        unsigned(r#"{"alg":"none"}"#, &payload_of(&token).to_string()) + ".",
        world.signed(&"[".repeat(1_000), "{}"),
        world.signed(&header_of(&token).to_string(), &"[".repeat(1_000)),
        world.signed(&header_of(&token).to_string(), "null"),
    ];
    for case in cases {
        let shown: String = case.chars().take(60).collect();
        assert_eq!(world.tokens.verify(&case), Err(InvalidToken), "{shown}");
    }
}

#[test]
fn every_changed_bit_is_noticed() {
    let world = world(None);
    let (token, _) = world.tokens.issue(mina()).unwrap();
    assert!(world.tokens.verify(&token).is_ok());
    for at in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[at] ^= 1;
        if let Ok(changed) = String::from_utf8(bytes) {
            assert_eq!(
                world.tokens.verify(&changed),
                Err(InvalidToken),
                "byte {at}"
            );
        }
    }
}

#[test]
fn a_token_expires_to_the_second_by_our_clock() {
    let world = world(None);
    let (token, _) = world.tokens.issue(mina()).unwrap();
    world.clock.advance_seconds(3_599);
    assert!(world.tokens.verify(&token).is_ok());
    world.clock.advance_seconds(1);
    assert_eq!(world.tokens.verify(&token), Err(InvalidToken));
}

#[test]
fn a_token_outlives_the_rotation_but_not_the_removal_of_its_key() {
    let world = world(None);
    let forever = world.with_claims(|payload| payload["exp"] = json!(4_000_000_000_i64));
    world.keys.rotate().unwrap();
    assert!(world.tokens.verify(&forever).is_ok());
    let (new, _) = world.tokens.issue(mina()).unwrap();
    assert_ne!(header_of(&forever)["kid"], header_of(&new)["kid"]);
    world.clock.advance_seconds(2 * 3_600);
    world.keys.reload().unwrap();
    assert_eq!(world.tokens.verify(&forever), Err(InvalidToken));
}

#[test]
fn with_a_shared_secret_only_hs256_under_it_counts() {
    let own = world(None);
    let shared = world(Some(SECRET));
    let (token, _) = shared.tokens.issue(mina()).unwrap();
    assert_eq!(header_of(&token)["alg"], "HS256");
    assert!(shared.tokens.verify(&token).is_ok());
    assert_eq!(shared.tokens.jwks(), json!({ "keys": [] }));
    let (signed_by_key, _) = own.tokens.issue(mina()).unwrap();
    assert_eq!(shared.tokens.verify(&signed_by_key), Err(InvalidToken));
    assert_eq!(own.tokens.verify(&token), Err(InvalidToken));
    let message = unsigned(r#"{"alg":"HS256"}"#, &payload_of(&token).to_string());
    assert!(
        shared
            .tokens
            .verify(&hmac(SECRET.as_bytes(), &message))
            .is_ok()
    );
    assert_eq!(
        shared.tokens.verify(&hmac(b"", &message)),
        Err(InvalidToken)
    );
    for alg in ["none", "HS384", "HS512", "EdDSA", "RS256"] {
        let header = json!({ "alg": alg }).to_string();
        let message = unsigned(&header, &payload_of(&token).to_string());
        let forged = hmac(SECRET.as_bytes(), &message);
        assert_eq!(shared.tokens.verify(&forged), Err(InvalidToken), "{alg}");
    }
}

#[test]
fn anyone_can_check_a_token_with_the_published_keys() {
    let world = world(None);
    let (token, _) = world.tokens.issue(mina()).unwrap();
    let jwks: jsonwebtoken::jwk::JwkSet = serde_json::from_value(world.tokens.jwks()).unwrap();
    let header = jsonwebtoken::decode_header(&token).unwrap();
    let key = jwks.find(&header.kid.unwrap()).unwrap();
    let mut validation = jsonwebtoken::Validation::new(header.alg);
    validation.set_audience(&["maeum"]);
    validation.validate_exp = false;
    let key = jsonwebtoken::DecodingKey::from_jwk(key).unwrap();
    assert!(jsonwebtoken::decode::<Value>(&token, &key, &validation).is_ok());
    assert!(
        !world.tokens.jwks().to_string().contains("\"d\""),
        "no private part"
    );
}

proptest::proptest! {
    #[test]
    fn no_text_is_a_token(text in "\\PC{0,200}|[A-Za-z0-9_-]{0,80}\\.[A-Za-z0-9_-]{0,80}\\.[A-Za-z0-9_-]{0,90}") {
        assert_eq!(world(None).tokens.verify(&text), Err(InvalidToken));
    }
}
