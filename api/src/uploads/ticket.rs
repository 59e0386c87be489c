//! `POST /auth/file-ticket`: what stands for a caller in the address of a picture.
//!
//! It is signed and not kept, so that every node knows it.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use utoipa::ToSchema;

use super::TAG;
use crate::app::App;
use crate::auth::{Caller, Claims, Pepper};
use crate::error::ApiError;

/// How long a ticket for files is good.
const TICKET_TTL: Duration = Duration::from_mins(10);

/// Longest ticket, in bytes.
const MAX_TICKET_BYTES: usize = 4_096;

/// Keeps hashes of tickets from being those of anything else.
const PURPOSE: &str = "file-ticket";

/// A ticket for the address of a file.
#[derive(Serialize, ToSchema)]
pub struct FileTicketIssued {
    pub ticket: String,
    /// Seconds.
    pub expires_in: u64,
}

/// What a ticket says.
#[derive(Serialize, Deserialize)]
struct Content {
    claims: Claims,
    /// Microseconds since the Unix epoch.
    expires_at: i64,
}

/// A ticket with which a GET of a file that the caller may see needs no header: `?ticket=`. Good
/// any number of times, for all files.
#[utoipa::path(
    post,
    path = "/auth/file-ticket",
    tag = TAG,
    responses(
        (status = 201, description = "Good for 600 s", body = FileTicketIssued),
        (status = 401, description = "No token, or one that is not valid"),
    )
)]
pub(super) async fn issue_file_ticket(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<(StatusCode, Json<FileTicketIssued>), ApiError> {
    let claims = caller.claims().ok_or_else(ApiError::unauthenticated)?;
    let ticket = issue(&app.authority.pepper, claims, app.clock.now_us());
    let issued = FileTicketIssued {
        ticket: ticket.ok_or_else(ApiError::internal)?,
        expires_in: TICKET_TTL.as_secs(),
    };
    Ok((StatusCode::CREATED, Json(issued)))
}

fn issue(pepper: &Pepper, claims: &Claims, now_us: i64) -> Option<String> {
    let ttl_us = i64::try_from(TICKET_TTL.as_micros()).ok()?;
    let content = Content {
        claims: claims.clone(),
        expires_at: now_us.saturating_add(ttl_us),
    };
    let content = serde_json::to_vec(&content).ok()?;
    let hash = pepper.hash(PURPOSE, &[&content]);
    Some(format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(&content),
        URL_SAFE_NO_PAD.encode(hash)
    ))
}

/// For whom a ticket stands. Whether they still may act, nobody has looked at yet.
fn redeem(pepper: &Pepper, ticket: &str, now_us: i64) -> Option<Claims> {
    if ticket.len() > MAX_TICKET_BYTES {
        return None;
    }
    let (content, hash) = ticket.split_once('.')?;
    let content = URL_SAFE_NO_PAD.decode(content).ok()?;
    let hash = URL_SAFE_NO_PAD.decode(hash).ok()?;
    let expected = pepper.hash(PURPOSE, &[&content]);
    if !bool::from(expected.as_slice().ct_eq(&hash)) {
        return None;
    }
    let content: Content = serde_json::from_slice(&content).ok()?;
    let now = now_us.div_euclid(1_000_000);
    (now_us < content.expires_at && now < content.claims.exp).then_some(content.claims)
}

/// Who asks for a file: by a ticket in the address, else by their token.
pub(super) fn caller(app: &App, caller: Caller, query: Option<&str>) -> Result<Caller, ApiError> {
    let ticket = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find(|(name, _)| name == "ticket")
        .map(|(_, ticket)| ticket);
    let Some(ticket) = ticket else {
        return Ok(caller);
    };
    let claims = redeem(&app.authority.pepper, &ticket, app.clock.now_us())
        .ok_or_else(ApiError::unauthenticated)?;
    app.authority
        .check(&claims)
        .map_err(|_| ApiError::unauthenticated())?;
    Ok(Caller::of(Some(Arc::new(claims))))
}

#[cfg(test)]
mod tests {
    use domain::{Role, SessionId};
    use uuid::Uuid;

    use super::*;

    const NOW_US: i64 = 1_900_000_000_000_000;

    fn claims(exp: i64) -> Claims {
        Claims {
            sub: Uuid::from_u128(1),
            uid: 7,
            sid: SessionId(Uuid::from_u128(2)),
            role: Role::User,
            iat: 0,
            exp,
            nbf: None,
            iss: String::new(),
            aud: String::new(),
            jti: Uuid::nil(),
            ver: 3,
            con: None,
        }
    }

    #[test]
    fn a_ticket_is_good_many_times_for_600_seconds_while_the_token_would_be() {
        let pepper = Pepper::new([1; 32]);
        let claims = claims(1_900_000_700);
        let ticket = issue(&pepper, &claims, NOW_US).unwrap();
        for after_s in [0, 1, 599] {
            let redeemed = redeem(&pepper, &ticket, NOW_US + after_s * 1_000_000);
            assert_eq!(redeemed.as_ref(), Some(&claims));
        }
        assert_eq!(redeem(&pepper, &ticket, NOW_US + 600_000_000), None);
        let ticket = issue(&pepper, &claims, NOW_US + 500_000_000).unwrap();
        assert_eq!(
            redeem(&pepper, &ticket, NOW_US + 700_000_000),
            None,
            "the token expired"
        );
    }

    #[test]
    fn a_ticket_that_was_changed_or_made_up_stands_for_nobody() {
        let pepper = Pepper::new([1; 32]);
        let ticket = issue(&pepper, &claims(i64::MAX), NOW_US).unwrap();
        assert_eq!(redeem(&Pepper::new([2; 32]), &ticket, NOW_US), None);
        for place in 0..ticket.len() {
            let mut changed = ticket.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(redeem(&pepper, &changed, NOW_US), None, "{place}");
        }
        for made_up in ["", ".", "a.b", &"a".repeat(10_000)] {
            assert_eq!(redeem(&pepper, made_up, NOW_US), None);
        }
    }
}
