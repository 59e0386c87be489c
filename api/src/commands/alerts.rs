//! Alerts: raised with what was said, raised again in time, and taken up.

use domain::{
    AccountId, Alert, AlertAudience, AlertCommand, AlertId, AlertSource, PersonId, Refusal,
    crisis::Hit,
};
use event_store::StreamName;
use uuid::Uuid;

use super::{Command, CommandError, Work};

/// Raises an alert together with what else is written. Whether it is a new one: what was said once
/// raises one alert, however often it is changed.
pub(super) async fn raise(
    work: &mut Work<'_>,
    source: AlertSource,
    said: Uuid,
    person: PersonId,
    hit: Hit,
    audience: AlertAudience,
) -> Result<bool, CommandError> {
    let mut alert = work.load::<Alert>(said).await?;
    if alert.exists() {
        return Ok(false);
    }
    let raise = AlertCommand::Raise {
        source,
        said,
        person,
        level: hit.level,
        rule: hit.rule.to_owned(),
        audience,
    };
    work.decide(&mut alert, raise)?;
    metrics::counter!("maeum_risk_alerts_total").increment(1);
    Ok(true)
}

fn stream(alert: AlertId) -> StreamName {
    StreamName::new("alert", alert)
}

/// Raises an alert again that nobody has acknowledged.
#[derive(Debug, Clone)]
pub struct RaiseAgain {
    pub alert: AlertId,
    /// How often it had been raised again when that was decided.
    pub seen: u32,
    pub audience: AlertAudience,
}

impl Command for RaiseAgain {
    fn stream(&self) -> StreamName {
        stream(self.alert)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut alert = work.load::<Alert>(self.alert).await?;
        let again = AlertCommand::RaiseAgain {
            seen: self.seen,
            audience: self.audience.clone(),
        };
        work.decide(&mut alert, again)
    }
}

/// Somebody takes an alert up. That they may is for the caller to know.
#[derive(Debug, Clone, Copy)]
pub struct AcknowledgeAlert {
    pub alert: AlertId,
    pub by: AccountId,
}

impl Command for AcknowledgeAlert {
    fn stream(&self) -> StreamName {
        stream(self.alert)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut alert = work.load::<Alert>(self.alert).await?;
        if !alert.exists() {
            return Err(Refusal::UnknownAlert.into());
        }
        work.decide(&mut alert, AlertCommand::Acknowledge { by: self.by })
    }
}
