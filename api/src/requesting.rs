//! Asking for a consultation, in whatever dialect: under a code of its own, and with a token for it.

use domain::{ConsultationId, PersonId, Refusal, Role};

use crate::answer::Settled;
use crate::app::App;
use crate::auth::{Asked, ConsultationCode, NewToken, Pepper};
use crate::commands::Command;
use crate::error::ApiError;
use crate::once::Seed;

/// Codes drawn before it is given up. That even one is taken hardly ever happens.
const MAX_DRAWS: u32 = 4;

/// A token that is good for one consultation's paths only.
#[derive(Debug)]
pub struct Grant {
    pub access_token: String,
    pub token_type: &'static str,
    /// Seconds until it expires.
    pub expires_in: u64,
}

impl Grant {
    /// A fresh one. `number` is that of the person.
    ///
    /// # Errors
    /// It cannot be signed.
    pub fn new(
        app: &App,
        consultation: ConsultationId,
        person: PersonId,
        number: u64,
    ) -> Result<Self, ApiError> {
        let tokens = &app.authority.tokens;
        let (access_token, _) = tokens.issue(NewToken {
            sub: person.0,
            number,
            session: None,
            role: Role::Guest,
            version: 0,
            consultation: Some(consultation),
        })?;
        Ok(Self {
            access_token,
            token_type: "bearer",
            expires_in: tokens.ttl().as_secs(),
        })
    }
}

/// Draws a code and asks under it; a repeated request asks under the same code.
///
/// # Errors
/// What the command is refused for.
pub async fn ask_under_a_code<C: Command>(
    app: &App,
    asked: &Asked,
    command: impl Fn(&ConsultationCode) -> C,
) -> Result<(Settled, ConsultationCode), ApiError> {
    let pepper = &app.authority.pepper;
    for draw in 0..MAX_DRAWS {
        let code = match &asked.repeatable {
            Some(repeatable) => derived_code(&repeatable.seed, pepper, draw),
            None => ConsultationCode::generate().map_err(|error| {
                tracing::error!(%error, "there are no random bytes");
                ApiError::internal()
            })?,
        };
        match app.execute(&asked.request, &command(&code)).await {
            Ok(settled) => return Ok((settled, code)),
            Err(error) if error.code == Refusal::AlreadyRegistered.code() => {}
            Err(error) => return Err(error),
        }
    }
    tracing::error!("every code that was drawn is taken");
    Err(ApiError::internal())
}

/// The code of a request that may be repeated.
pub fn derived_code(seed: &Seed, pepper: &Pepper, draw: u32) -> ConsultationCode {
    ConsultationCode::derived(&seed.secret(pepper, &format!("consultation code {draw}")))
}
