//! What is said in a consultation's room by whoever seeks help is looked at before anything else.

use domain::{
    AlertId, Consultation, ConsultationCommand, Event, MessageId, PersonId, Requester, Room,
    RoomKind, UploadEvent, UploadId, crisis,
};
use event_store::StreamName;

use super::SendMessage;
use crate::commands::{CommandError, LAST, Work, consultations};

/// Events of a file that are looked through for its name, the newest; it has hardly more.
const FILE_EVENTS: usize = 16;

/// Looks at all that is said with a message.
pub(super) async fn watch_message(
    work: &mut Work<'_>,
    room: &Room,
    message: &SendMessage,
) -> Result<(), CommandError> {
    let Some(RoomKind::Consultation(_)) = room.kind() else {
        return Ok(());
    };
    let body = &message.body;
    let label = body.location.as_ref().and_then(|at| at.label.as_deref());
    let name = match message.file {
        Some(upload) => file_name(work, upload).await?,
        None => None,
    };
    let said = [
        Some(&*body.text),
        label,
        body.link.as_deref(),
        name.as_deref(),
    ];
    let said: Vec<&str> = said.into_iter().flatten().collect();
    watch(work, room, message.sender, message.message, &said).await
}

/// Where any of the texts speaks of suicide or of hurting oneself, flags the consultation and
/// raises an alert, in the same append as the message.
pub(super) async fn watch(
    work: &mut Work<'_>,
    room: &Room,
    sender: PersonId,
    message: MessageId,
    said: &[&str],
) -> Result<(), CommandError> {
    let Some(RoomKind::Consultation(id)) = room.kind() else {
        return Ok(());
    };
    let Some(hit) = said.iter().find_map(|text| crisis::check(text)) else {
        return Ok(());
    };
    let mut consultation = work.load::<Consultation>(id).await?;
    // Counsellors speak of it as well.
    if consultation.requester().as_ref().map(Requester::person) != Some(sender) {
        return Ok(());
    }
    if consultations::alert(work, &consultation, id, message.0, hit).await? {
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

/// What a file is called; none where that is erased.
async fn file_name(work: &Work<'_>, upload: UploadId) -> Result<Option<String>, CommandError> {
    let stream = StreamName::new("upload", upload);
    let facts = work.recorded_before(&stream, LAST, FILE_EVENTS).await?;
    Ok(facts.into_iter().find_map(|fact| match fact.event {
        Event::Upload(UploadEvent::Stored { details, .. }) => {
            details.get().map(|details| details.name.clone())
        }
        _ => None,
    }))
}
