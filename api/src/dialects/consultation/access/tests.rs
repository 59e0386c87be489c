//! Who gets in on which side.

use domain::{EndReason, SessionId};
use event_store::{Metadata, Recorded, SealKeys, SealedPart, StreamName};
use projections::consultations::ConsultationStatus;
use projections::{FromValue, NameColumn, SealedColumn};
use uuid::Uuid;

use super::*;
use crate::auth::Claims;

const MINA: u128 = 1;
const KIM: u128 = 2;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn caller(role: Role, sub: u128, con: Option<ConsultationId>) -> Caller {
    let claims = Claims {
        sub: id(sub),
        uid: 7,
        sid: SessionId(id(99)),
        role,
        iat: 0,
        exp: 1,
        nbf: None,
        iss: String::new(),
        aud: String::new(),
        jti: Uuid::nil(),
        ver: 1,
        con,
    };
    Caller::of(Some(Arc::new(claims)))
}

fn sealed() -> SealedColumn {
    let keys = SealKeys {
        subject: "consultation:x".into(),
        bucket: None,
    };
    let recorded = Recorded {
        position: 1,
        number: None,
        stream: StreamName::new("consultation", id(50)),
        sequence: 1,
        event_id: id(51),
        dedupe: None,
        event_type: "consultation.requested".into(),
        event_version: "1.0.0".into(),
        recorded_at: 0,
        metadata: Metadata {
            actor: None,
            role: "guest".into(),
            address: None,
            causation_id: None,
            correlation_id: id(52),
            fingerprint: None,
        },
        payload: "{}".into(),
        parts: vec![SealedPart {
            keys,
            ciphertext: "x".into(),
        }],
    };
    SealedColumn::from_value(&SealedColumn::of(&recorded, 0)).unwrap()
}

fn consultation(requester: Requester, counselor: Option<u128>) -> ConsultationRow {
    ConsultationRow {
        id: ConsultationId(id(50)),
        number: 3,
        requester,
        request: sealed(),
        nickname: NameColumn::Request(sealed()),
        character_type_preference: None,
        quick_match: true,
        status: ConsultationStatus::Completed,
        counselor: counselor.map(|account| counselor_of(AccountId(id(account)))),
        character_type_id: None,
        room: None,
        requested_at: 0,
        accepted_at: None,
        ended_at: None,
        end_reason: Some(EndReason::EndedByUser),
        notes: None,
        score: None,
        comment: None,
        rated_at: None,
        erased_at: None,
    }
}

fn of_guest() -> ConsultationRow {
    consultation(Requester::Guest(PersonId(id(40))), Some(KIM))
}

fn of_mina() -> ConsultationRow {
    consultation(Requester::Account(AccountId(id(MINA))), Some(KIM))
}

fn status(result: Result<(Side, Role), ApiError>) -> u16 {
    result.err().map_or(200, |error| error.status.as_u16())
}

#[test]
fn the_code_alone_is_the_user() {
    let user = Side::User {
        person: PersonId(id(40)),
    };
    assert_eq!(
        side_of(&of_guest(), &Caller::Anonymous, false),
        Ok((user, Role::Guest))
    );
    let mina = Side::User {
        person: PersonId(id(MINA)),
    };
    assert_eq!(
        side_of(&of_mina(), &Caller::Anonymous, false),
        Ok((mina, Role::Guest))
    );
}

#[test]
fn where_a_token_is_required_only_its_own_or_the_owners_counts() {
    let own = caller(Role::Guest, 40, Some(ConsultationId(id(50))));
    assert_eq!(status(side_of(&of_guest(), &Caller::Anonymous, true)), 401);
    assert_eq!(status(side_of(&of_guest(), &own, true)), 200);
    assert_eq!(
        status(side_of(&of_guest(), &caller(Role::User, MINA, None), true)),
        404
    );
    assert_eq!(
        status(side_of(&of_mina(), &caller(Role::User, MINA, None), true)),
        200
    );
}

#[test]
fn its_counsellor_is_the_counsellor_and_another_learns_nothing() {
    let account = AccountId(id(KIM));
    let counselor = Side::Counselor {
        counselor: counselor_of(account),
        account,
    };
    let kim = caller(Role::Counselor, KIM, None);
    assert_eq!(
        side_of(&of_guest(), &kim, false),
        Ok((counselor, Role::Counselor))
    );
    assert_eq!(
        status(side_of(
            &of_guest(),
            &caller(Role::Counselor, 3, None),
            false
        )),
        404
    );
    let waiting = consultation(Requester::Guest(PersonId(id(40))), None);
    assert_eq!(status(side_of(&waiting, &kim, false)), 404);
}

#[test]
fn a_token_of_somebody_else_opens_nothing() {
    let elsewhere = caller(Role::Guest, 41, Some(ConsultationId(id(60))));
    assert_eq!(status(side_of(&of_guest(), &elsewhere, false)), 404);
    assert_eq!(
        status(side_of(&of_mina(), &caller(Role::User, 5, None), false)),
        404
    );
    for role in [Role::Admin, Role::Auditor, Role::Analyst] {
        assert_eq!(
            status(side_of(&of_guest(), &caller(role, 5, None), false)),
            404,
            "{role}"
        );
    }
}

#[test]
fn somebody_who_logged_in_after_starting_without_still_gets_in() {
    assert_eq!(
        status(side_of(&of_guest(), &caller(Role::User, MINA, None), false)),
        200
    );
    assert_eq!(
        status(side_of(&of_guest(), &caller(Role::Service, 6, None), true)),
        200
    );
}
