//! Consultations and desks as they were, for those who may look back and say why.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use domain::{Act, Refusal};
use event_store::StreamName;
use projections::Reader;
use projections::consultations::{self, ConsultationRow};
use projections::counselors::{self, CounselorRow};

use super::access::{consultation_by_code, unknown};
use super::counselors::{by_number, own};
use super::show::Show;
use crate::app::App;
use crate::auth::{AccountCaller, Caller, ConsultationCode, RequestContext};
use crate::error::ApiError;
use crate::extract::Query;
use crate::past::{AsOf, Past, looks_back, may_look_back, resolve};
use crate::reading::{self, Reading};

/// A consultation as it was.
pub(super) struct Then {
    pub code: ConsultationCode,
    pub row: ConsultationRow,
    pub past: Past,
}

/// Looks back at the consultation of a code; the reading is recorded first.
///
/// # Errors
/// 403 for those who may not, 400 without a purpose, 404 where there was no such consultation.
pub(super) async fn consultation_then(
    app: &App,
    caller: &Caller,
    context: &RequestContext,
    code: &str,
    as_of: &str,
) -> Result<Then, ApiError> {
    let reader = reader(caller)?;
    let (code, row) = consultation_by_code(app, caller, context.address, code).await?;
    let place = resolve(app, as_of).await?;
    let mut reading = Reading::of_consultation(app, Act::ReadConsultation, &row).await?;
    (reading.from, reading.to) = (row.number.min(place.0), place.0);
    reading::recorded(app, reader, context, reading).await?;
    let past = Past::of_consultation(app, &row, place).await?;
    let row = consultations::by_id(&*past.reader, row.id).await?;
    let row = row.ok_or_else(unknown)?;
    Ok(Then { code, row, past })
}

/// Auditors and administrators look back, and nobody else.
fn reader(caller: &Caller) -> Result<&AccountCaller, ApiError> {
    let account = caller.account()?;
    may_look_back(account)?;
    Ok(account)
}

/// A desk that is looked at: by the counsellor whose it is, as it stands; with `as_of` by those who
/// may look back, as it was. It stands before whatever reads the query.
pub(super) struct DeskSeen {
    pub counselor: CounselorRow,
    pub reader: Arc<dyn Reader>,
    /// Microseconds since the Unix epoch.
    pub now_us: i64,
    past: Option<Past>,
}

impl DeskSeen {
    /// Shows rows of it.
    pub fn show<'a>(&self, app: &'a App) -> Show<'a> {
        match &self.past {
            Some(past) => Show::past(app, past),
            None => Show::new(app),
        }
    }

    /// Whether it is the caller's own, as it stands.
    pub fn is_present(&self) -> bool {
        self.past.is_none()
    }
}

impl FromRequestParts<Arc<App>> for DeskSeen {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, app).await?;
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, app).await;
        let Path(path) = path.map_err(|_| ApiError::from(Refusal::UnknownCounselor))?;
        let name = path.get("counselor_id").map_or("", String::as_str);
        if !caller.account().is_ok_and(looks_back) {
            let counselor = own(app, &caller, name).await?;
            return Ok(Self {
                counselor,
                reader: Arc::clone(&app.reader),
                now_us: app.clock.now_us(),
                past: None,
            });
        }
        let Query(AsOf { as_of }) = Query::from_request_parts(parts, app).await?;
        let Some(as_of) = as_of else {
            let message = "this is another's desk; with as_of it is shown as it was";
            return Err(ApiError::forbidden("not_your_desk", message));
        };
        let Ok(context) = RequestContext::from_request_parts(parts, app).await;
        desk_then(app, reader(&caller)?, &context, name, &as_of).await
    }
}

async fn desk_then(
    app: &App,
    reader: &AccountCaller,
    context: &RequestContext,
    name: &str,
    as_of: &str,
) -> Result<DeskSeen, ApiError> {
    let row = by_number(app, name).await?;
    let row = row.ok_or(Refusal::UnknownCounselor)?;
    let place = resolve(app, as_of).await?;
    let stream = StreamName::new("counselor", row.id);
    let mut reading = Reading::of_state(app, Act::ReadDashboard, &stream, row.number);
    (reading.from, reading.to) = (row.number.min(place.0), place.0);
    reading.concerned.counselors.insert(row.id);
    reading.concerned.people.insert(row.account.into());
    let past = Past::of_desk(app, &row, place).await?;
    // Whoever is on the desk as it was is named before it is shown.
    let limit = u32::try_from(domain::limits::CONCERNED / 2 - 2).unwrap_or(u32::MAX);
    let offers = consultations::offers_of_counselor(&*past.reader, row.id, None, limit).await?;
    reading.count = offers.len();
    for offer in offers {
        reading.concerned.consultations.insert(offer.consultation);
        let row = consultations::by_id(&*past.reader, offer.consultation).await?;
        let requester = row.map(|row| row.requester.person());
        reading.concerned.people.extend(requester);
    }
    reading::recorded(app, reader, context, reading).await?;
    let counselor = counselors::by_id(&*past.reader, row.id).await?;
    Ok(DeskSeen {
        counselor: counselor.ok_or(Refusal::UnknownCounselor)?,
        reader: Arc::clone(&past.reader),
        now_us: past.at_us,
        past: Some(past),
    })
}
