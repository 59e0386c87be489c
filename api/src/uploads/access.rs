//! Who may see a file: judged on every reading.

use domain::PersonId;
use projections::rooms;
use projections::uploads::UploadRow;

use super::error::{erased, unknown};
use crate::app::App;
use crate::error::ApiError;

/// Lets somebody see a file: whoever uploaded it as long as no message has it, then the present
/// members of the message's room.
///
/// # Errors
/// 404 for everybody else, 410 for those who might see it if it were still there.
pub(super) async fn may_read(
    app: &App,
    person: PersonId,
    upload: &UploadRow,
) -> Result<(), ApiError> {
    if !sees(app, person, upload).await? {
        return Err(unknown());
    }
    if is_gone(upload) {
        return Err(erased());
    }
    Ok(())
}

async fn sees(app: &App, person: PersonId, upload: &UploadRow) -> Result<bool, ApiError> {
    let (Some(_), Some(room)) = (upload.message, upload.room) else {
        return Ok(upload.owner == person);
    };
    let Some(room) = rooms::by_id(&*app.reader, room).await? else {
        return Ok(false);
    };
    let member = rooms::member_of(&*app.reader, room.number, person).await?;
    Ok(member.is_some_and(|member| member.removed_at.is_none()))
}

/// Whether there is nothing left to be seen of it.
pub(super) fn is_gone(upload: &UploadRow) -> bool {
    upload.deleted_at.is_some() || upload.destroyed_at.is_some() || upload.erased_at.is_some()
}
