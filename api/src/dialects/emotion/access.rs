//! Who asks, and whose sessions they may see; to all others there is no such session.

use domain::{AccountId, Act, EmotionSessionId, Refusal, Role};
use event_store::StreamName;
use projections::accounts;
use projections::emotions::{self, EmotionSessionRow};
use uuid::Uuid;

use crate::app::App;
use crate::auth::{Asked, Asker, Caller, Named, RequestContext, Somebody};
use crate::commands::Request;
use crate::error::ApiError;
use crate::limits::Payer;
use crate::reading::{self, Reading};

/// Seconds after which a look-up that missed on read models that lag may be tried again.
const RETRY_AFTER_SECONDS: u64 = 1;

/// The number of nobody.
const NOBODY: u64 = u64::MAX;

impl Asker {
    /// As whom the call is made, which may name an account. `place` is where: `body` or `query`.
    ///
    /// # Errors
    /// 401 for a bare `user_id` that is nobody's, 403 for one that is not the token's, 422 where a
    /// service names nobody that there is.
    pub(super) async fn named(
        &self,
        app: &App,
        place: &str,
        user_id: Option<Uuid>,
    ) -> Result<Named, ApiError> {
        let number = match (user_id, &self.caller) {
            (None, _) => None,
            (Some(id), Caller::Account(own)) if own.account.0 == id => Some(own.number),
            (Some(id), _) => Some(number_of(app, AccountId(id)).await?.unwrap_or(NOBODY)),
        };
        Named::of(app, &self.caller, self.peer, place, number).await
    }

    /// Lets somebody into a session that they name: their own, or a service into anybody's.
    ///
    /// # Errors
    /// As [`named`](Self::named); 404 for a session that is unknown or not theirs, 410 for one that is
    /// kept no longer, 503 where the read models lag too much to tell.
    pub(super) async fn enter(
        &self,
        app: &App,
        session: &str,
        place: &str,
        user_id: Option<Uuid>,
    ) -> Result<Entered, ApiError> {
        let named = self.named(app, place, user_id).await?;
        let unknown = || ApiError::from(Refusal::UnknownEmotionSession);
        let id = EmotionSessionId(session.parse().map_err(|_| unknown())?);
        let row = match emotions::by_id(&*app.reader, id).await? {
            Some(row) => Some(row),
            // They may have been shown it before the read models had it.
            None if app.caught_up().await => emotions::by_id(&*app.reader, id).await?,
            None => return Err(lagging()),
        };
        let row = row.ok_or_else(unknown)?;
        if !sees(&named, row.owner) {
            return Err(unknown());
        }
        if row.erased_at.is_some() {
            return Err(Refusal::EmotionSessionErased.into());
        }
        Ok(Entered { named, row })
    }

    /// A service with a token that is about to be shown what is another's says why, and that is on
    /// record first.
    async fn reads(&self, app: &App, owner: AccountId, mut of: Reading) -> Result<(), ApiError> {
        let Caller::Account(service) = &self.caller else {
            return Ok(());
        };
        if service.role != Role::Service || service.account == owner {
            return Ok(());
        }
        of.concerned.people.insert(owner.into());
        reading::recorded(app, service, &self.context, of).await
    }

    /// What comes next shows all sessions of an account, or as whom it wants to be answered.
    ///
    /// # Errors
    /// As [`Entered::reads`]; 404 where there is no such account.
    pub(super) async fn reads_all_of(&self, app: &App, owner: AccountId) -> Result<(), ApiError> {
        let number = number_of(app, owner).await?;
        let number = number.ok_or(Refusal::UnknownAccount)?;
        let stream = StreamName::new("account", owner);
        let reading = Reading::of_state(app, Act::ReadEmotions, &stream, number);
        self.reads(app, owner, reading).await
    }
}

/// Somebody in a session of theirs, or a service in whichever it likes.
#[derive(Debug, Clone)]
pub(super) struct Entered {
    named: Named,
    /// As it was when they came.
    pub row: EmotionSessionRow,
}

impl Entered {
    /// Somebody in a session that was just opened for them.
    pub fn new(named: Named, row: EmotionSessionRow) -> Self {
        Self { named, row }
    }

    pub fn session(&self) -> EmotionSessionId {
        self.row.id
    }

    /// Whose it is, where it is they themselves who came, or somebody who speaks for them.
    ///
    /// # Errors
    /// 422 for a service that names nobody.
    pub fn in_person(&self, place: &str) -> Result<Somebody, ApiError> {
        match &self.named {
            Named::Person(somebody) => Ok(*somebody),
            Named::Service(_) => Err(ApiError::invalid(place, "user_id", "is missing")),
        }
    }

    /// By whom what is done here is counted.
    pub fn payer(&self) -> Payer {
        Payer::Person(self.row.owner.0)
    }

    /// What comes next shows what was said in the session. A service with a token says why, and
    /// that is on record first.
    ///
    /// # Errors
    /// 400 for a service without a purpose, 503 where it cannot be recorded.
    pub async fn reads(&self, app: &App, asker: &Asker) -> Result<(), ApiError> {
        let stream = StreamName::new("emotion", self.row.id);
        let reading = Reading::of_state(app, Act::ReadEmotions, &stream, self.row.number);
        asker.reads(app, self.row.owner, reading).await
    }

    /// A write of theirs.
    ///
    /// # Errors
    /// Its key is not one.
    pub fn asked(&self, app: &App, context: &RequestContext) -> Result<Asked, ApiError> {
        self.named.asked(app, context)
    }

    /// One of many writes on a connection of theirs, which no key names.
    ///
    /// # Errors
    /// As [`asked`](Self::asked).
    pub fn request(&self, app: &App, context: &RequestContext) -> Result<Request, ApiError> {
        let mut request = self.named.asked(app, context)?.request;
        request.once = None;
        request.correlation_id = app.ids.next();
        Ok(request)
    }
}

/// Whether somebody may see what an account said.
pub(super) fn sees(named: &Named, owner: AccountId) -> bool {
    match named {
        Named::Person(Somebody { account, .. }) => *account == owner,
        Named::Service(_) => true,
    }
}

/// The number of an account; none if there is no such account.
async fn number_of(app: &App, account: AccountId) -> Result<Option<u64>, ApiError> {
    let row = match accounts::by_id(&*app.reader, account).await? {
        Some(row) => Some(row),
        None if app.caught_up().await => accounts::by_id(&*app.reader, account).await?,
        None => return Err(lagging()),
    };
    Ok(row.map(|row| row.number))
}

/// What is answered where the read models are too far behind to tell.
pub(super) fn lagging() -> ApiError {
    ApiError::unavailable(
        "reads_lag",
        "the read models are behind; try again",
        RETRY_AFTER_SECONDS,
    )
}
