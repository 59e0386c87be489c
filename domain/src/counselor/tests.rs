//! How many calls at once, and who counts as reachable.

use super::*;
use crate::testing::{Given, given, id};
use crate::{AccountId, ConnectionId, ConsultationId, NodeId, OfferId, Refusal, limits};

fn registered(max_active: Option<u32>) -> CounselorEvent {
    CounselorEvent::Registered {
        account: AccountId(id(1)),
        character_type_id: 2,
        counseling_fields: vec![1],
        max_active,
    }
}

fn register(max_active: Option<u32>, fields: usize) -> CounselorCommand {
    CounselorCommand::Register {
        account: AccountId(id(1)),
        character_type_id: 2,
        counseling_fields: vec![1; fields],
        max_active,
    }
}

fn status(status: CounselorStatus, reason: StatusReason) -> CounselorEvent {
    CounselorEvent::StatusChanged { status, reason }
}

fn waiting() -> CounselorEvent {
    status(CounselorStatus::Waiting, StatusReason::Chosen)
}

fn set(status: CounselorStatus) -> CounselorCommand {
    CounselorCommand::SetStatus {
        status,
        reason: StatusReason::Chosen,
    }
}

fn taken(n: u128) -> CounselorEvent {
    CounselorEvent::CallTaken {
        consultation: ConsultationId(id(n)),
        offer: OfferId(id(n)),
    }
}

fn take(n: u128) -> CounselorCommand {
    CounselorCommand::TakeCall {
        consultation: ConsultationId(id(n)),
        offer: OfferId(id(n)),
        default_max_active: 2,
    }
}

fn opened(n: u128) -> CounselorEvent {
    CounselorEvent::SocketOpened {
        connection: ConnectionId(id(n)),
        node: NodeId(id(9)),
    }
}

fn open(n: u128) -> CounselorCommand {
    CounselorCommand::OpenSocket {
        connection: ConnectionId(id(n)),
        node: NodeId(id(9)),
    }
}

fn closed(n: u128) -> CounselorEvent {
    CounselorEvent::SocketClosed {
        connection: ConnectionId(id(n)),
        end: SocketEnd::Closed,
    }
}

fn counselor(more: impl IntoIterator<Item = CounselorEvent>) -> Given<Counselor> {
    given::<Counselor>([registered(None)].into_iter().chain(more))
}

#[test]
fn a_counsellor_is_registered_once() {
    given::<Counselor>([])
        .when(register(None, 1))
        .then([registered(None)]);
    counselor([])
        .when(register(None, 1))
        .then_refused(Refusal::AlreadyRegistered);
    assert_eq!(counselor([]).0.status(), CounselorStatus::Offline);
}

#[test]
fn a_capacity_is_1_to_100() {
    for max in [0, limits::MAX_ACTIVE + 1] {
        given::<Counselor>([])
            .when(register(Some(max), 1))
            .then_refused(Refusal::CapacityOutOfRange);
    }
    given::<Counselor>([])
        .when(register(Some(1), 1))
        .then([registered(Some(1))]);
    given::<Counselor>([])
        .when(register(None, 51))
        .then_refused(Refusal::TooManyFields);
}

#[test]
fn nothing_can_be_asked_of_a_counsellor_who_is_not_registered() {
    for command in [
        set(CounselorStatus::Waiting),
        take(1),
        open(1),
        CounselorCommand::Deactivate,
    ] {
        given::<Counselor>([])
            .when(command)
            .then_refused(Refusal::UnknownCounselor);
    }
}

#[test]
fn a_status_is_changed_and_the_same_one_is_no_change() {
    counselor([])
        .when(set(CounselorStatus::Waiting))
        .then([waiting()]);
    counselor([waiting()])
        .when(set(CounselorStatus::Waiting))
        .then_nothing();
    counselor([waiting()])
        .when(set(CounselorStatus::Busy))
        .then([status(CounselorStatus::Busy, StatusReason::Chosen)]);
}

#[test]
fn a_call_is_taken_while_there_is_room() {
    counselor([]).when(take(1)).then([taken(1)]);
    counselor([taken(1)]).when(take(2)).then([taken(2)]);
    counselor([taken(1), taken(2)])
        .when(take(3))
        .then_refused(Refusal::CounselorFull);
    counselor([taken(1), taken(2)]).when(take(2)).then_nothing();
}

#[test]
fn a_counsellors_own_capacity_beats_the_setting() {
    let three = [registered(Some(3)), taken(1), taken(2)];
    given::<Counselor>(three).when(take(3)).then([taken(3)]);
    let one = [registered(Some(1)), taken(1)];
    given::<Counselor>(one)
        .when(take(2))
        .then_refused(Refusal::CounselorFull);
    assert_eq!(counselor([]).0.max_active(2), 2);
}

#[test]
fn a_released_call_makes_room_and_is_released_once() {
    let consultation = ConsultationId(id(1));
    let released = CounselorEvent::CallReleased {
        consultation,
        end: CallEnd::Completed,
    };
    let release = CounselorCommand::ReleaseCall {
        consultation,
        end: CallEnd::Completed,
    };
    counselor([taken(1), taken(2)])
        .when(release.clone())
        .then([released.clone()]);
    counselor([taken(1), released.clone()])
        .when(release)
        .then_nothing();
    counselor([taken(1), taken(2), released])
        .when(take(3))
        .then([taken(3)]);
}

#[test]
fn who_waits_without_a_socket_is_unreachable() {
    let away = status(CounselorStatus::Away, StatusReason::Unreachable);
    let mark = CounselorCommand::MarkUnreachable;
    counselor([waiting()])
        .when(mark.clone())
        .then([away.clone()]);
    counselor([waiting(), opened(1), closed(1)])
        .when(mark.clone())
        .then([away]);
    counselor([waiting(), opened(1), opened(2), closed(1)])
        .when(mark.clone())
        .then_nothing();
    counselor([]).when(mark).then_nothing();
}

#[test]
fn a_socket_opens_and_closes_once() {
    let close = CounselorCommand::CloseSocket {
        connection: ConnectionId(id(1)),
        end: SocketEnd::Closed,
    };
    counselor([]).when(open(1)).then([opened(1)]);
    counselor([opened(1)]).when(open(1)).then_nothing();
    counselor([opened(1)]).when(close.clone()).then([closed(1)]);
    counselor([]).when(close).then_nothing();
    assert_eq!(counselor([opened(1), opened(2)]).0.open_sockets(), 2);
}

#[test]
fn there_is_a_limit_to_the_sockets_of_one_counsellor() {
    let full = (0..limits::COUNSELOR_SOCKETS as u128).map(opened);
    counselor(full)
        .when(open(1_000))
        .then_refused(Refusal::TooManySockets);
}

#[test]
fn deactivation_takes_a_counsellor_offline_and_keeps_the_calls_until_they_are_given_back() {
    let deactivated = CounselorEvent::Deactivated {};
    let offline = status(CounselorStatus::Offline, StatusReason::Deactivated);
    counselor([waiting()])
        .when(CounselorCommand::Deactivate)
        .then([offline.clone(), deactivated.clone()]);
    counselor([])
        .when(CounselorCommand::Deactivate)
        .then([deactivated.clone()]);
    let gone = [waiting(), taken(1), offline, deactivated];
    let consultation = ConsultationId(id(1));
    counselor(gone.clone())
        .when(CounselorCommand::Deactivate)
        .then_nothing();
    counselor(gone)
        .when(CounselorCommand::ReleaseCall {
            consultation,
            end: CallEnd::GivenBack,
        })
        .then([CounselorEvent::CallReleased {
            consultation,
            end: CallEnd::GivenBack,
        }]);
}

#[test]
fn an_inactive_counsellor_takes_no_calls_and_opens_no_sockets() {
    let inactive = || counselor([CounselorEvent::Deactivated {}]);
    for command in [set(CounselorStatus::Waiting), take(1), open(1)] {
        inactive()
            .when(command)
            .then_refused(Refusal::CounselorInactive);
    }
    // Logging out is possible.
    inactive()
        .when(set(CounselorStatus::Offline))
        .then_nothing();
    inactive()
        .when(CounselorCommand::Activate)
        .then([CounselorEvent::Activated {}]);
    counselor([])
        .when(CounselorCommand::Activate)
        .then_nothing();
}

#[test]
fn a_state_survives_a_snapshot() {
    let Given(state) = counselor([waiting(), opened(1), taken(1)]);
    let json = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<Counselor>(&json).unwrap(), state);
    let calls: Vec<_> = state.calls().collect();
    assert_eq!(calls, [(ConsultationId(id(1)), OfferId(id(1)))]);
}
