//! What whoever seeks help writes beside the talk: as whom they come, on the card, with the rating.

use domain::{
    AlertAudience, AlertSource, Consultation, ConsultationId, Requester, crisis, crisis::Hit,
};
use uuid::Uuid;

use crate::commands::{CommandError, Work, alerts};

/// Where the text speaks of suicide or of hurting oneself, raises an alert: one for each place of a
/// consultation, however often that is written anew.
pub(super) async fn watch(
    work: &mut Work<'_>,
    consultation: &Consultation,
    id: ConsultationId,
    place: &str,
    text: &str,
) -> Result<(), CommandError> {
    let Some(hit) = crisis::check(text) else {
        return Ok(());
    };
    let said = Uuid::new_v5(&id.0, place.as_bytes());
    Box::pin(alert(work, consultation, id, said, hit)).await?;
    Ok(())
}

/// Raises an alert by what the requester said: to the counsellor, or where there is none to
/// administrators. Whether it is a new one.
pub(in crate::commands) async fn alert(
    work: &mut Work<'_>,
    consultation: &Consultation,
    id: ConsultationId,
    said: Uuid,
    hit: Hit,
) -> Result<bool, CommandError> {
    let Some(person) = consultation.requester().as_ref().map(Requester::person) else {
        return Ok(false);
    };
    let counselor = consultation.counselor();
    let audience = AlertAudience {
        counselor,
        waiting: Vec::new(),
        administrators: counselor.is_none(),
    };
    let source = AlertSource::Consultation(id);
    alerts::raise(work, source, said, person, hit, audience).await
}
