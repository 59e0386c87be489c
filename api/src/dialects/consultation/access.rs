//! Who somebody is in a consultation that they name by its code.

use std::sync::Arc;

use domain::{AccountId, Act, ConsultationId, CounselorId, PersonId, Requester, Role, RoomId};
use projections::consultations::{self, ConsultationRow};

use crate::app::App;
use crate::auth::{Asked, Caller, ConsultationCode, RequestContext};
use crate::commands::Actor;
use crate::commands::accounts::counselor_of;
use crate::commands::rooms::room_of;
use crate::error::ApiError;
use crate::layers::ClientAddress;
use crate::limits::Payer;
use crate::once::Whose;
use crate::reading::{self, Reading};

/// Seconds after which a look-up that missed on read models that lag may be tried again.
const RETRY_AFTER_SECONDS: u64 = 1;

/// On which side of a consultation somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    User {
        person: PersonId,
    },
    Counselor {
        counselor: CounselorId,
        account: AccountId,
    },
}

impl Side {
    /// As whom they act: the requester, or the counsellor's account.
    pub(crate) fn person(self) -> PersonId {
        match self {
            Self::User { person } => person,
            Self::Counselor { account, .. } => account.into(),
        }
    }
}

/// Somebody in a consultation.
#[derive(Debug, Clone)]
pub(crate) struct Entered {
    pub code: ConsultationCode,
    /// As it was when they came.
    pub row: ConsultationRow,
    pub side: Side,
    /// In which role they act.
    role: Role,
    /// Keyed hash of their address.
    address: Arc<str>,
}

impl Entered {
    pub(crate) fn consultation(&self) -> ConsultationId {
        self.row.id
    }

    /// The room that the consultation is, or will be.
    pub(crate) fn room(&self) -> RoomId {
        room_of(self.row.id)
    }

    /// As whom they act.
    pub(crate) fn person(&self) -> PersonId {
        self.side.person()
    }

    /// As whom events name them.
    pub(crate) fn actor(&self) -> Actor {
        Actor::person(self.person(), self.role, Some(Arc::clone(&self.address)))
    }

    /// A write of theirs. The keys by which they repeat one are their own.
    ///
    /// # Errors
    /// The key is not one.
    pub(crate) fn asked(&self, app: &App, context: &RequestContext) -> Result<Asked, ApiError> {
        context.asked(app, self.actor(), Whose::Person(self.person()))
    }

    /// By whom what they do is counted.
    pub(crate) fn payer(&self) -> Payer {
        Payer::Consultation(self.row.id.0)
    }
}

/// Lets somebody into the consultation of a code: its own counsellor by their token, everybody
/// else as its user, by the code alone unless the settings want a token too.
///
/// A service, which takes no part in it, says why, and that is on record first.
///
/// # Errors
/// 404 for an unknown code and for those who have no business here, 401 where a token is needed,
/// 429 for an address that named too many wrong codes, 400 for a service without a purpose.
pub(crate) async fn enter(
    app: &App,
    caller: &Caller,
    context: &RequestContext,
    code: &str,
) -> Result<Entered, ApiError> {
    let (code, row) = consultation_by_code(app, caller, context.address, code).await?;
    let requires_token = app.settings.consultation.requires_token;
    let (side, role) = side_of(&row, caller, requires_token)?;
    if let (Role::Service, Caller::Account(service)) = (role, caller)
        && side.person() != service.account.into()
    {
        let reading = Reading::of_consultation(app, Act::ReadConsultation, &row).await?;
        reading::recorded(app, service, context, reading).await?;
    }
    Ok(Entered {
        code,
        row,
        side,
        role,
        address: context.address_hash(),
    })
}

/// The consultation of a code. Wrong ones count against the address that named them, and after too
/// many of them right ones are not told from there either; but for those who need not guess.
///
/// # Errors
/// 404, 429, and 503 where the read models lag, so that it cannot be told.
pub(crate) async fn consultation_by_code(
    app: &App,
    caller: &Caller,
    address: ClientAddress,
    code: &str,
) -> Result<(ConsultationCode, ConsultationRow), ApiError> {
    if !needs_no_guess(app, caller, code) {
        app.limits.code_look_up(address.0)?;
    }
    if let Ok(code) = code.parse::<ConsultationCode>() {
        let id = code.consultation(&app.authority.pepper);
        if let Some(row) = consultations::by_id(&*app.reader, id).await? {
            return Ok((code, row));
        }
        // It may have been shown to somebody before the read models had it.
        let caught_up = app.caught_up().await;
        if let Some(row) = consultations::by_id(&*app.reader, id).await? {
            return Ok((code, row));
        }
        if !caught_up {
            let message = "the read models are behind; try again";
            return Err(ApiError::unavailable(
                "reads_lag",
                message,
                RETRY_AFTER_SECONDS,
            ));
        }
    }
    app.limits.code_missed(address.0);
    Err(unknown())
}

/// Whether somebody has the token of this very consultation, or a role to which a right code that
/// is not theirs says no more than a wrong one.
fn needs_no_guess(app: &App, caller: &Caller, code: &str) -> bool {
    let own = || {
        let code = code.parse::<ConsultationCode>().ok()?;
        Some(code.consultation(&app.authority.pepper))
    };
    caller.claims().is_some_and(|claims| match claims.role {
        Role::Counselor | Role::Admin | Role::Auditor => true,
        Role::User | Role::Guest | Role::Analyst | Role::Service => {
            claims.con.is_some() && claims.con == own()
        }
    })
}

/// What hides a consultation from those who have no business in it.
pub(crate) fn unknown() -> ApiError {
    domain::Refusal::UnknownConsultation.into()
}

fn side_of(
    row: &ConsultationRow,
    caller: &Caller,
    requires_token: bool,
) -> Result<(Side, Role), ApiError> {
    let user = Side::User {
        person: row.requester.person(),
    };
    let account = match caller {
        Caller::Anonymous if requires_token => return Err(ApiError::unauthenticated()),
        Caller::Anonymous => return Ok((user, Role::Guest)),
        Caller::Guest(guest) if guest.consultation == row.id => return Ok((user, Role::Guest)),
        Caller::Guest(_) => return Err(unknown()),
        Caller::Account(account) => account,
    };
    let (id, role) = (account.account, account.role);
    match (row.requester, role) {
        (_, Role::Counselor) if row.counselor == Some(counselor_of(id)) => Ok((
            Side::Counselor {
                counselor: counselor_of(id),
                account: id,
            },
            role,
        )),
        (Requester::Account(owner), _) if owner == id => Ok((user, role)),
        // Somebody who started without a log-in, and has logged in since.
        (Requester::Guest(_), Role::User) if !requires_token => Ok((user, Role::Guest)),
        // It acts for whoever it likes.
        (_, Role::Service) => Ok((user, role)),
        _ => Err(unknown()),
    }
}

#[cfg(test)]
mod tests;
