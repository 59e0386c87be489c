//! Accounts, sessions, counsellors, and the directory of names.

use domain::*;
use event_store::StreamName;
use projections::directory::{self, Kind};
use projections::due::{self, DueKind};
use projections::{accounts, counselors};
use uuid::Uuid;

use super::story::*;
use crate::places::{Engine, on_both_engines};

on_both_engines! {
    an_account_is_found_by_id_number_and_email_and_has_its_latest_profile,
    a_released_email_finds_nobody_until_another_takes_it,
    what_ends_log_ins_is_listed_since_when_it_happened,
    sessions_tell_when_they_were_rotated_and_revoked,
    a_counselor_has_calls_sockets_and_a_name,
    who_waits_without_a_socket_comes_due_since_the_later_of_both,
}

async fn an_account_is_found_by_id_number_and_email_and_has_its_latest_profile(engine: Engine) {
    let story = Story::new(engine).await;
    let (reader, keys) = (story.live.reader(), &*story.log.keys);
    let id = account(1);
    let number = story.account(5, id, registered(id, "지수")).await;
    let profile = Profile {
        name: "지우".into(),
        ..Profile::default()
    };
    let changed = AccountEvent::ProfileChanged {
        profile: Sealed::of(Subject::Account(id), profile),
    };
    story.account(6, id, changed).await;

    let row = accounts::by_id(reader, id).await.unwrap().unwrap();
    assert_eq!(
        (row.number, row.created_at, row.active),
        (number, 5 * SECOND, true)
    );
    assert_eq!(
        row.profile.open::<Profile>(keys).unwrap().unwrap().name,
        "지우"
    );
    assert_eq!(
        accounts::by_number(reader, number).await.unwrap().unwrap(),
        row
    );
    assert_eq!(
        accounts::by_email_key(reader, "email-of-지수")
            .await
            .unwrap()
            .unwrap(),
        row
    );
    assert_eq!(accounts::after(reader, 0, 10).await.unwrap(), [row]);
    let entry = directory::person(reader, id.into()).await.unwrap().unwrap();
    assert_eq!((entry.kind, entry.number), (Kind::Account, number));
    assert_eq!(entry.name.unwrap().open(keys).unwrap().unwrap(), "지우");
    assert_eq!(
        directory::uuid_of(reader, Kind::Account, number)
            .await
            .unwrap(),
        Some(id.0)
    );
    assert_eq!(
        directory::uuid_of(reader, Kind::Room, number)
            .await
            .unwrap(),
        None
    );
}

async fn a_released_email_finds_nobody_until_another_takes_it(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let stream = || StreamName::new("email", "email-of-a");
    story
        .account(1, account(1), registered(account(1), "a"))
        .await;
    story
        .tell(
            2,
            stream(),
            EmailEvent::Released {
                account: account(1),
            },
        )
        .await;
    assert_eq!(
        accounts::by_email_key(reader, "email-of-a").await.unwrap(),
        None
    );
    story
        .account(3, account(2), registered(account(2), "b"))
        .await;
    story
        .tell(
            4,
            stream(),
            EmailEvent::Reserved {
                account: account(2),
            },
        )
        .await;
    let found = accounts::by_email_key(reader, "email-of-a")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.id, account(2));
}

async fn what_ends_log_ins_is_listed_since_when_it_happened(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let id = account(1);
    story.account(1, id, registered(id, "a")).await;
    assert_eq!(accounts::voids_since(reader, 0).await.unwrap(), []);
    let change = |change, kept_session| AccountEvent::PasswordChanged {
        change,
        kept_session,
        password_hash: Sealed::of(Subject::Account(id), "new".into()),
    };
    story
        .account(2, id, change(PasswordChange::Rehashed, None))
        .await;
    assert_eq!(accounts::voids_since(reader, 0).await.unwrap(), []);
    story
        .account(3, id, change(PasswordChange::Changed, Some(session(1))))
        .await;

    let [row] = &accounts::voids_since(reader, 3 * SECOND).await.unwrap()[..] else {
        panic!()
    };
    assert_eq!(
        (row.credentials_version, row.access_changed_at),
        (3, 3 * SECOND)
    );
    assert_eq!(
        row.sessions_void,
        SessionsVoid {
            before: 3,
            kept: Some(session(1))
        }
    );
    assert!(row.sessions_void.ends(session(2), 2) && !row.sessions_void.ends(session(1), 1));
    assert_eq!(
        accounts::voids_since(reader, 3 * SECOND + 1).await.unwrap(),
        []
    );

    story
        .account(
            4,
            id,
            AccountEvent::RoleChanged {
                role: Role::Auditor,
            },
        )
        .await;
    story.account(5, id, AccountEvent::Deactivated {}).await;
    let row = accounts::by_id(reader, id).await.unwrap().unwrap();
    assert_eq!((row.role, row.active), (Role::Auditor, false));
    assert_eq!(
        row.sessions_void,
        SessionsVoid {
            before: 5,
            kept: None
        }
    );
}

async fn sessions_tell_when_they_were_rotated_and_revoked(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let stream = |number| StreamName::new("session", session(number));
    for number in [1, 2] {
        let opened = SessionEvent::Opened {
            account: account(1),
            account_version: 1,
            secret_hash: "hash".into(),
            expires_at: 50,
        };
        story.tell(i64::from(number), stream(number), opened).await;
    }
    let rotated = SessionEvent::Rotated {
        secret_hash: "next".into(),
        rotated_at: 3,
        expires_at: 60,
    };
    story.tell(3, stream(1), rotated).await;
    story
        .tell(
            4,
            stream(1),
            SessionEvent::Revoked {
                reason: Revocation::Reused,
            },
        )
        .await;

    let row = accounts::session_by_id(reader, session(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((row.opened_at, row.rotated_at), (SECOND, Some(3 * SECOND)));
    assert_eq!((row.expires_at, row.revoked_at), (60, Some(4 * SECOND)));
    assert_eq!(
        accounts::revoked_since(reader, 4 * SECOND).await.unwrap(),
        [row]
    );
    assert_eq!(
        accounts::revoked_since(reader, 4 * SECOND + 1)
            .await
            .unwrap(),
        []
    );
    let of = accounts::sessions_of(reader, account(1), 10).await.unwrap();
    assert_eq!(
        of.iter().map(|row| row.id).collect::<Vec<_>>(),
        [session(2), session(1)]
    );
}

async fn a_counselor_has_calls_sockets_and_a_name(engine: Engine) {
    let story = Story::new(engine).await;
    let (reader, keys) = (story.live.reader(), &*story.log.keys);
    let id = counselor(1);
    story
        .account(1, account(1), registered(account(1), "김상담사"))
        .await;
    let number = story
        .counselor(2, id, counselor_registered(account(1)))
        .await;
    let node = NodeId(Uuid::from_u128(9));
    story
        .counselor(3, id, status(CounselorStatus::Waiting))
        .await;
    let opened = CounselorEvent::SocketOpened {
        connection: connection(1),
        node,
    };
    story.counselor(4, id, opened).await;
    let one = consultation(1);
    let taken = CounselorEvent::CallTaken {
        consultation: one,
        offer: offer(1),
    };
    story.counselor(5, id, taken).await;

    let row = counselors::by_id(reader, id).await.unwrap().unwrap();
    assert_eq!(
        (row.number, row.character_type_id, row.max_active),
        (number, 2, Some(5))
    );
    assert_eq!(row.counseling_fields, [1, 4]);
    assert_eq!(
        (row.status, row.waiting_since),
        (CounselorStatus::Waiting, Some(3 * SECOND))
    );
    assert_eq!((row.active_consultations, row.unreachable_since), (1, None));
    assert_eq!(
        counselors::by_number(reader, number)
            .await
            .unwrap()
            .unwrap(),
        row
    );
    assert_eq!(
        counselors::by_account(reader, account(1))
            .await
            .unwrap()
            .unwrap(),
        row
    );
    assert_eq!(
        counselors::waiting(reader).await.unwrap(),
        std::slice::from_ref(&row)
    );
    assert_eq!(counselors::list(reader).await.unwrap(), [row]);
    let entry = directory::account_of_counselor(reader, id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(entry.name.unwrap().open(keys).unwrap().unwrap(), "김상담사");

    let sockets = counselors::sockets_of(reader, id).await.unwrap();
    assert_eq!((sockets.len(), sockets[0].node), (1, node));
    assert_eq!(
        counselors::sockets_of_other_nodes(reader, node)
            .await
            .unwrap(),
        []
    );
    let other = NodeId(Uuid::from_u128(8));
    assert_eq!(
        counselors::sockets_of_other_nodes(reader, other)
            .await
            .unwrap(),
        sockets
    );

    let end = CallEnd::Completed;
    let released = CounselorEvent::CallReleased {
        consultation: one,
        end,
    };
    story.counselor(6, id, released).await;
    story.counselor(7, id, CounselorEvent::Deactivated {}).await;
    let row = counselors::by_id(reader, id).await.unwrap().unwrap();
    assert_eq!(
        (row.active_consultations, row.last_ended_at),
        (0, Some(6 * SECOND))
    );
    assert!(!row.active);
    assert_eq!(counselors::waiting(reader).await.unwrap(), []);
}

async fn who_waits_without_a_socket_comes_due_since_the_later_of_both(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let (id, kind) = (counselor(1), DueKind::UnreachableCounselor);
    let node = NodeId(Uuid::nil());
    let opened = |number| CounselorEvent::SocketOpened {
        connection: connection(number),
        node,
    };
    let closed = |number| CounselorEvent::SocketClosed {
        connection: connection(number),
        end: SocketEnd::Closed,
    };
    let since = async || {
        due::find(reader, kind, id.0)
            .await
            .unwrap()
            .map(|row| row.since / SECOND)
    };

    story
        .counselor(1, id, counselor_registered(account(1)))
        .await;
    assert_eq!(since().await, None, "not waiting");
    story
        .counselor(2, id, status(CounselorStatus::Waiting))
        .await;
    assert_eq!(since().await, Some(2), "waiting, never connected");
    story.counselor(3, id, opened(1)).await;
    assert_eq!(since().await, None, "connected");
    story.counselor(4, id, opened(2)).await;
    story.counselor(5, id, closed(1)).await;
    assert_eq!(since().await, None, "still connected");
    let cause = story.counselor(6, id, closed(2)).await;
    assert_eq!(since().await, Some(6), "lost");
    let row = due::find(reader, kind, id.0).await.unwrap().unwrap();
    assert_eq!((row.cause, row.aggregate), (cause, id.0));
    let unreachable = counselors::by_id(reader, id)
        .await
        .unwrap()
        .unwrap()
        .unreachable_since;
    assert_eq!(unreachable, Some(6 * SECOND));
    story.counselor(7, id, status(CounselorStatus::Away)).await;
    assert_eq!(since().await, None, "away");
    story
        .counselor(8, id, status(CounselorStatus::Waiting))
        .await;
    assert_eq!(since().await, Some(8), "waiting again, long disconnected");
}
