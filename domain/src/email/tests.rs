//! An address belongs to one account at a time.

use cqrs_es::test::TestFramework;

use super::*;
use crate::testing::id;
use crate::{AccountId, Refusal};

const ONE: AccountId = AccountId(uuid::Uuid::from_u128(1));
const OTHER: AccountId = AccountId(uuid::Uuid::from_u128(2));

fn given(events: &[EmailEvent]) -> cqrs_es::test::AggregateTestExecutor<Email> {
    TestFramework::with(()).given(events.to_vec())
}

fn reserved() -> EmailEvent {
    EmailEvent::Reserved { account: ONE }
}

#[test]
fn a_free_address_can_be_reserved() {
    given(&[])
        .when(EmailCommand::Reserve { account: ONE })
        .then_expect_events(vec![reserved()]);
}

#[test]
fn a_reserved_address_is_refused_to_others_and_already_its_owners() {
    given(&[reserved()])
        .when(EmailCommand::Reserve { account: OTHER })
        .then_expect_error(Refusal::EmailTaken);
    given(&[reserved()])
        .when(EmailCommand::Reserve { account: ONE })
        .then_expect_events(vec![]);
}

#[test]
fn a_released_address_is_free_for_others() {
    let released = EmailEvent::Released { account: ONE };
    given(&[reserved()])
        .when(EmailCommand::Release { account: ONE })
        .then_expect_events(vec![released.clone()]);
    given(&[reserved(), released])
        .when(EmailCommand::Reserve { account: OTHER })
        .then_expect_events(vec![EmailEvent::Reserved { account: OTHER }]);
}

#[test]
fn nobody_releases_what_is_not_theirs() {
    given(&[])
        .when(EmailCommand::Release { account: ONE })
        .then_expect_events(vec![]);
    given(&[reserved()])
        .when(EmailCommand::Release { account: OTHER })
        .then_expect_events(vec![]);
}

#[test]
fn unexpected_events_change_nothing() {
    let stranger = EmailEvent::Released {
        account: AccountId(id(9)),
    };
    let twice = EmailEvent::Reserved { account: OTHER };
    given(&[stranger.clone(), reserved(), twice, stranger])
        .when(EmailCommand::Reserve { account: OTHER })
        .then_expect_error(Refusal::EmailTaken);
}
