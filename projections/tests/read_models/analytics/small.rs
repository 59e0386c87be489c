//! What fewer than five different people have done is not told.

use domain::*;
use event_store::StreamName;
use projections::Value;
use projections::analytics::Metric;
use uuid::Uuid;

use super::counted::{ALL_BY, Counted, EVER};
use crate::places::{Engine, on_both_engines};
use crate::workload::{about, consultation_stream, opening};

on_both_engines! {
    a_group_is_told_of_from_five_people_on,
}

const VIEWS: [&str; 7] = [
    "SELECT day, as_of_position FROM consultations",
    "SELECT day, as_of_position FROM waits",
    "SELECT day, as_of_position FROM offers",
    "SELECT day, as_of_position FROM counselor_load",
    "SELECT day, as_of_position FROM messages_per_day",
    "SELECT day, as_of_position FROM emotions_per_day",
    "SELECT day, as_of_position FROM ratings",
];

const COUNSELOR: CounselorId = CounselorId(Uuid::from_u128(7));
const ROOM: RoomId = RoomId(Uuid::from_u128(8));

/// How often each of them does everything: the group is of people, not of what they do.
const TIMES: u128 = 3;

async fn a_group_is_told_of_from_five_people_on(engine: Engine) {
    let counted = Counted::new(engine).await;
    opens_room(&counted).await;
    for person in 0..4 {
        does_everything(&counted, person).await;
    }
    counted.catch_up().await;
    for metric in Metric::ALL {
        for by in ALL_BY {
            let report = counted.report(metric, EVER, by).await;
            assert_eq!(report.rows, [], "{} {by:?}", metric.name());
            assert_eq!(report.suppressed, 1, "{} {by:?}", metric.name());
        }
    }
    for view in VIEWS {
        let rows = counted.query(view).await;
        assert!(rows.is_empty(), "{view}: {rows:?}");
    }

    does_everything(&counted, 4).await;
    counted.catch_up().await;
    for metric in Metric::ALL {
        for by in ALL_BY {
            let report = counted.report(metric, EVER, by).await;
            assert_eq!(report.rows.len(), 1, "{} {by:?}", metric.name());
            assert_eq!(report.suppressed, 0, "{} {by:?}", metric.name());
        }
    }
    let head = Value::from(counted.log.head().await);
    for view in VIEWS {
        let rows = counted.query(view).await;
        assert!(!rows.is_empty(), "{view}");
        assert!(rows.iter().all(|row| row[1] == head), "{view}: {rows:?}");
    }
}

/// The one in which everybody writes.
pub async fn opens_room(counted: &Counted) {
    let room = opening(ROOM, RoomKind::Group, &[account(0).into()]);
    counted.log.append(room).await;
}

fn account(person: u128) -> AccountId {
    AccountId(Uuid::from_u128(100 + person))
}

/// Asks, is heard, rates, writes and tells how they feel, some times over. Nobody twice.
pub async fn does_everything(counted: &Counted, person: u128) {
    let account = account(person);
    for time in 0..TIMES {
        let id = |kind: u128| Uuid::from_u128(1_000_000 * kind + 1_000 * person + time);
        let talk = ConsultationId(id(1));
        let offer = OfferId(id(2));
        let text = RequestText {
            nickname: "별명".to_owned(),
            code: "ABCDEFGHJ".to_owned(),
        };
        let events = [
            ConsultationEvent::Requested {
                requester: Requester::Account(account),
                character_type_preference: None,
                quick_match: true,
                text: Sealed::of(Subject::Consultation(talk), text),
            },
            ConsultationEvent::Offered {
                offer,
                counselor: COUNSELOR,
                mode: OfferMode::Broadcast,
                round: 1,
                candidates: Vec::new(),
            },
            ConsultationEvent::Accepted {
                offer,
                counselor: COUNSELOR,
                account: AccountId(Uuid::from_u128(9)),
                character_type_id: 1,
                room: RoomId(id(3)),
            },
            ConsultationEvent::Completed {
                reason: EndReason::EndedByUser,
                counselor: COUNSELOR,
            },
            ConsultationEvent::Rated {
                score: 4,
                comment: None,
            },
        ];
        for event in events {
            counted.happens(consultation_stream(talk), event).await;
        }
        let message = MessageId(id(4));
        let body = MessageBody::default();
        let sent = MessageEvent::Sent {
            message,
            room: ROOM,
            sender: account.into(),
            message_kind: MessageKind::Text,
            reply_to: None,
            reply_number: None,
            file: None,
            body: Sealed::within(Subject::Account(account), Bucket::Room(ROOM), body),
        };
        counted
            .happens(StreamName::new("message", message), sent)
            .await;
        let session = EmotionSessionId(id(5));
        let answered = EmotionEvent::StepAnswered {
            owner: account,
            step: StepId(id(6)),
            responder: ResponderKind::BuiltIn,
            emotion: FeltEmotion {
                label: "sadness".to_owned(),
                intensity: 0.5,
            },
            usage: TokenUsage::default(),
            truncated: false,
            answer: about(account, session, Answer::default()),
        };
        counted
            .happens(StreamName::new("emotion", session), answered)
            .await;
    }
}
