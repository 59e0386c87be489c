//! An alert is raised once, again until somebody takes it up, and taken up once.

use super::*;
use crate::testing::{Given, given, id};
use crate::{AccountId, ConsultationId, CounselorId, PersonId, Refusal, Risk, limits};

const SOURCE: AlertSource = AlertSource::Consultation(ConsultationId(uuid::Uuid::from_u128(1)));

fn counselor(n: u128) -> CounselorId {
    CounselorId(id(n))
}

fn told(own: Option<u128>, waiting: &[u128]) -> AlertAudience {
    AlertAudience {
        counselor: own.map(counselor),
        waiting: waiting.iter().map(|n| counselor(*n)).collect(),
        administrators: own.is_none(),
    }
}

fn raise(audience: AlertAudience) -> AlertCommand {
    AlertCommand::Raise {
        source: SOURCE,
        said: id(2),
        person: PersonId(id(3)),
        level: Risk::High,
        rule: "ko.wish_to_die".to_owned(),
        audience,
    }
}

fn raised(audience: AlertAudience) -> AlertEvent {
    AlertEvent::Raised {
        source: SOURCE,
        said: id(2),
        person: PersonId(id(3)),
        level: Risk::High,
        rule: "ko.wish_to_die".to_owned(),
        audience,
    }
}

fn again(times: u32, audience: AlertAudience) -> AlertEvent {
    AlertEvent::RaisedAgain {
        source: SOURCE,
        times,
        audience,
    }
}

fn acknowledged(audience: AlertAudience) -> AlertEvent {
    AlertEvent::Acknowledged {
        source: SOURCE,
        by: AccountId(id(9)),
        audience,
    }
}

#[test]
fn it_is_raised_once() {
    let own = told(Some(5), &[]);
    given::<Alert>([])
        .when(raise(own.clone()))
        .then([raised(own.clone())]);
    given::<Alert>([raised(own.clone())])
        .when(raise(own))
        .then_nothing();
}

#[test]
fn it_is_raised_again_once_for_each_time_that_was_seen() {
    let (own, all) = (told(Some(5), &[]), told(None, &[6, 7]));
    let more = |seen| AlertCommand::RaiseAgain {
        seen,
        audience: all.clone(),
    };
    given::<Alert>([raised(own.clone())])
        .when(more(0))
        .then([again(1, all.clone())]);
    let twice = [raised(own.clone()), again(1, all.clone())];
    given::<Alert>(twice.clone()).when(more(0)).then_nothing();
    given::<Alert>(twice)
        .when(more(1))
        .then([again(2, all.clone())]);
    given::<Alert>([])
        .when(more(0))
        .then_refused(Refusal::UnknownAlert);
}

#[test]
fn whoever_was_told_hears_that_somebody_took_it_up() {
    let all = AlertAudience {
        counselor: Some(counselor(8)),
        waiting: vec![counselor(5), counselor(6)],
        administrators: true,
    };
    let acknowledge = AlertCommand::Acknowledge {
        by: AccountId(id(9)),
    };
    let story = [
        raised(told(Some(5), &[])),
        again(1, told(None, &[6])),
        again(2, told(Some(8), &[])),
    ];
    given::<Alert>(story.clone())
        .when(acknowledge.clone())
        .then([acknowledged(all.clone())]);
    let over = [story.to_vec(), vec![acknowledged(all.clone())]].concat();
    given::<Alert>(over.clone())
        .when(acknowledge.clone())
        .then_nothing();
    let more = AlertCommand::RaiseAgain {
        seen: 2,
        audience: all,
    };
    given::<Alert>(over.clone()).when(more).then_nothing();
    let Given(state) = given::<Alert>(over);
    assert!(state.is_acknowledged() && state.source() == Some(SOURCE));
    given::<Alert>([])
        .when(acknowledge)
        .then_refused(Refusal::UnknownAlert);
}

#[test]
fn one_event_names_only_so_many() {
    let many: Vec<u128> = (0..2_000).collect();
    let all = told(None, &many);
    let few = told(None, &many[..limits::ALERTED_COUNSELORS]);
    given::<Alert>([]).when(raise(all)).then([raised(few)]);
}
