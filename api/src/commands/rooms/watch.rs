//! What is said in a consultation by whoever seeks help is looked at before anything else.

use domain::{
    AlertAudience, AlertId, AlertSource, Consultation, ConsultationCommand, MessageId, PersonId,
    Requester, Room, RoomKind, crisis,
};

use crate::commands::{CommandError, Work, alerts};

/// Where the text speaks of suicide or of hurting oneself, flags the consultation and raises an
/// alert, in the same append as the message.
pub(super) async fn watch(
    work: &mut Work<'_>,
    room: &Room,
    sender: PersonId,
    message: MessageId,
    text: &str,
) -> Result<(), CommandError> {
    let Some(RoomKind::Consultation(id)) = room.kind() else {
        return Ok(());
    };
    let Some(hit) = crisis::check(text) else {
        return Ok(());
    };
    let mut consultation = work.load::<Consultation>(id).await?;
    // Counsellors speak of it as well.
    if consultation.requester().as_ref().map(Requester::person) != Some(sender) {
        return Ok(());
    }
    let source = AlertSource::Consultation(id);
    let counselor = consultation.counselor();
    let audience = AlertAudience {
        counselor,
        waiting: Vec::new(),
        administrators: counselor.is_none(),
    };
    if alerts::raise(work, source, message.0, sender, hit, audience).await? {
        let flag = ConsultationCommand::FlagRisk {
            message,
            alert: AlertId(message.0),
            level: hit.level,
            rule: hit.rule.to_owned(),
        };
        work.decide(&mut consultation, flag)?;
    }
    Ok(())
}
