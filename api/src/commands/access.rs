//! Who reads what is not theirs is recorded, before they are shown anything.

use domain::{Access, AccessCommand};
use event_store::StreamName;
use jiff::civil::Date;

use super::rooms::utc_day;
use super::{Command, CommandError, Commands, Done, Request, Work};

/// Somebody is about to be shown what is not theirs.
struct RecordAccess {
    day: Date,
    access: AccessCommand,
}

impl Command for RecordAccess {
    fn stream(&self) -> StreamName {
        StreamName::new("access", self.day)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut day = work.load::<Access>(self.day).await?;
        work.decide(&mut day, self.access.clone())
    }
}

impl Commands {
    /// Records an access. What is answered `Ok` is on disk, so that it may be shown then.
    ///
    /// Those of this node take turns, so that they never conflict with each other; with other
    /// nodes each has one at a time to conflict with.
    pub async fn record_access(
        &self,
        request: &Request,
        access: AccessCommand,
    ) -> Result<Done, CommandError> {
        let _turn = self.accesses().lock().await;
        let day = utc_day(self.now());
        self.execute(request, &RecordAccess { day, access }).await
    }
}
