//! Each command against a real store: what is written together, and what a repeat writes.

use std::sync::Arc;

use domain::{
    AccountId, CardText, ConsultationCommand, Counselor, CounselorCommand, CounselorId, EndedBy,
    Event, MessageBody, MessageId, MessageKind, Notes, OfferId, OfferMode, PersonId, Refusal,
    RequestText, Requester, SummaryBy,
};
use event_store::keys::{KeyStore, SqliteKeyStore};
use event_store::sqlite::{Options, SqliteEventStore};
use projections::fact;
use tempfile::TempDir;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::*;
use crate::clock::{Clock, Ids, ManualClock, SystemIds};
use crate::commands::rooms::{MarkRead, SendMessage, room_of};
use crate::commands::{Command, CommandError, Commands, Done, Once, Request, Work};

const CONSULTATION: ConsultationId = ConsultationId(Uuid::from_u128(1));
const USER: PersonId = PersonId(Uuid::from_u128(2));

struct World {
    commands: Commands,
    keys: Arc<SqliteKeyStore>,
    _folder: TempDir,
}

/// A counsellor and what was put to them.
#[derive(Clone, Copy)]
struct Asked {
    counselor: CounselorId,
    account: AccountId,
    offer: OfferId,
}

fn asked(number: u128) -> Asked {
    Asked {
        counselor: CounselorId(Uuid::from_u128(100 + number)),
        account: AccountId(Uuid::from_u128(200 + number)),
        offer: OfferId(Uuid::from_u128(300 + number)),
    }
}

/// Registers a counsellor.
struct Register(Asked, u32);

impl Command for Register {
    fn stream(&self) -> StreamName {
        StreamName::new("counselor", self.0.counselor)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut counselor = work.load::<Counselor>(self.0.counselor).await?;
        let register = CounselorCommand::Register {
            account: self.0.account,
            character_type_id: 1,
            counseling_fields: vec![1],
            max_active: Some(self.1),
        };
        work.decide(&mut counselor, register)
    }
}

/// Puts the request to a counsellor.
struct Put(ConsultationId, Asked);

impl Command for Put {
    fn stream(&self) -> StreamName {
        stream(self.0)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut consultation = work.load::<domain::Consultation>(self.0).await?;
        let offer = ConsultationCommand::Offer {
            offer: self.1.offer,
            counselor: self.1.counselor,
            mode: OfferMode::Broadcast,
            round: 1,
            candidates: vec![],
        };
        work.decide(&mut consultation, offer)
    }
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(1_735_725_600_000_000));
        let keys = folder.path().join("keys.db");
        let keys = Arc::new(SqliteKeyStore::open(keys, Zeroizing::new([7; 32])).unwrap());
        let now = Arc::clone(&clock);
        let store = SqliteEventStore::open(
            folder.path().join("events.db"),
            Arc::clone(&keys) as Arc<dyn KeyStore>,
            Arc::new(move || now.now_us()),
            &Options::default(),
        );
        let keeper = Arc::clone(&keys) as Arc<dyn KeyStore>;
        let commands = Commands::new(Arc::new(store.unwrap()), keeper, clock, Arc::new(SystemIds));
        Self {
            commands,
            keys,
            _folder: folder,
        }
    }

    async fn with(counselors: &[Asked]) -> Self {
        let world = Self::new();
        for asked in counselors {
            world.does(&Register(*asked, 1)).await.unwrap();
        }
        world
    }

    async fn does(&self, command: &impl Command) -> Result<Done, CommandError> {
        let request = Request::system(SystemIds.next(), None);
        self.commands.execute(&request, command).await
    }

    async fn refuses(&self, command: &impl Command) -> Refusal {
        match self.does(command).await {
            Err(CommandError::Refused(refusal)) => refusal,
            other => panic!("{other:?}"),
        }
    }

    async fn starts(&self, consultation: ConsultationId) {
        self.does(&start(consultation)).await.unwrap();
    }

    fn events(&self, done: &Done) -> Vec<Event> {
        let events = done.events.iter().cloned();
        events
            .map(|recorded| fact(recorded, &*self.keys).unwrap().event)
            .collect()
    }
}

fn start(consultation: ConsultationId) -> StartConsultation {
    StartConsultation {
        consultation,
        requester: Requester::Guest(USER),
        character_type_preference: None,
        quick_match: true,
        text: RequestText {
            nickname: "익명123".to_owned(),
            code: "ABC234XYZ".to_owned(),
        },
    }
}

fn accept(consultation: ConsultationId, by: Asked) -> AcceptRequest {
    AcceptRequest {
        consultation,
        offer: by.offer,
        counselor: by.counselor,
        default_max_active: 3,
        response: None,
    }
}

fn message(number: u128, sender: PersonId) -> SendMessage {
    SendMessage {
        message: MessageId(Uuid::from_u128(400 + number)),
        room: room_of(CONSULTATION),
        sender,
        kind: MessageKind::Text,
        reply_to: None,
        file: None,
        body: MessageBody {
            text: "안녕하세요".to_owned(),
            client_message_id: None,
            location: None,
            link: None,
        },
    }
}

fn types(done: &Done) -> Vec<&str> {
    done.events.iter().map(|event| &*event.event_type).collect()
}

async fn active() -> (World, Asked) {
    let kim = asked(1);
    let world = World::with(&[kim]).await;
    world.starts(CONSULTATION).await;
    world.does(&Put(CONSULTATION, kim)).await.unwrap();
    world.does(&accept(CONSULTATION, kim)).await.unwrap();
    (world, kim)
}

#[tokio::test]
async fn a_taken_code_is_refused() {
    let world = World::new();
    world.starts(CONSULTATION).await;
    assert_eq!(
        world.refuses(&start(CONSULTATION)).await,
        Refusal::AlreadyRegistered
    );
}

#[tokio::test]
async fn accepting_begins_consultation_call_and_room_in_one_append() {
    let (kim, lee) = (asked(1), asked(2));
    let world = World::with(&[kim, lee]).await;
    world.starts(CONSULTATION).await;
    world.does(&Put(CONSULTATION, kim)).await.unwrap();
    world.does(&Put(CONSULTATION, lee)).await.unwrap();
    let mut command = accept(CONSULTATION, kim);
    let first = MessageId(Uuid::from_u128(9));
    command.response = Some((first, "시작하겠습니다".to_owned()));
    let done = world.does(&command).await.unwrap();
    assert_eq!(
        types(&done),
        [
            "consultation.accepted",
            "consultation.offer_withdrawn",
            "counselor.call_taken",
            "room.opened",
            "room.member_added",
            "room.member_added",
            "message.sent",
        ]
    );
    let positions: Vec<_> = done.events.iter().map(|event| event.position).collect();
    assert!(positions.windows(2).all(|pair| pair[1] == pair[0] + 1));
    match world.events(&done).last() {
        Some(Event::Message(domain::MessageEvent::Sent { sender, body, .. })) => {
            assert_eq!(*sender, PersonId::from(kim.account));
            assert_eq!(body.get().unwrap().text, "시작하겠습니다");
        }
        other => panic!("{other:?}"),
    }
    assert!(
        types(&world.does(&command).await.unwrap()).is_empty(),
        "twice changes nothing"
    );
    assert_eq!(
        world.refuses(&accept(CONSULTATION, lee)).await,
        Refusal::RequestTaken
    );
}

#[tokio::test]
async fn who_is_full_takes_nothing_more_and_nothing_is_written() {
    let kim = asked(1);
    let world = World::with(&[kim]).await;
    let other = ConsultationId(Uuid::from_u128(77));
    for (number, id) in [(1, CONSULTATION), (2, other)] {
        world.starts(id).await;
        let offer = Asked {
            offer: OfferId(Uuid::from_u128(300 + number)),
            ..kim
        };
        world.does(&Put(id, offer)).await.unwrap();
    }
    world.does(&accept(CONSULTATION, kim)).await.unwrap();
    let second = Asked {
        offer: OfferId(Uuid::from_u128(302)),
        ..kim
    };
    assert_eq!(
        world.refuses(&accept(other, second)).await,
        Refusal::CounselorFull
    );
    world
        .does(&EndConsultation {
            consultation: CONSULTATION,
            by: EndedBy::User,
        })
        .await
        .unwrap();
    world.does(&accept(other, second)).await.unwrap();
}

#[tokio::test]
async fn of_many_who_accept_at_once_one_gets_it() {
    let all: Vec<Asked> = (1..=8).map(asked).collect();
    let world = World::with(&all).await;
    world.starts(CONSULTATION).await;
    for one in &all {
        world.does(&Put(CONSULTATION, *one)).await.unwrap();
    }
    let commands: Vec<_> = all.iter().map(|one| accept(CONSULTATION, *one)).collect();
    let outcomes = futures_util::future::join_all(commands.iter().map(|one| world.does(one))).await;
    let taken = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(taken, 1);
    for outcome in outcomes.into_iter().filter_map(Result::err) {
        assert!(
            matches!(outcome, CommandError::Refused(Refusal::RequestTaken)),
            "{outcome:?}"
        );
    }
}

#[tokio::test]
async fn ending_frees_the_counsellor_and_closes_the_room_in_one_append() {
    let (world, kim) = active().await;
    world.does(&message(1, USER)).await.unwrap();
    let end = EndConsultation {
        consultation: CONSULTATION,
        by: EndedBy::Counselor(kim.counselor),
    };
    let done = world.does(&end).await.unwrap();
    let together = [
        "consultation.completed",
        "counselor.call_released",
        "room.closed",
    ];
    assert_eq!(types(&done), together);
    assert!(world.does(&end).await.unwrap().events.is_empty());
    assert_eq!(world.refuses(&message(2, USER)).await, Refusal::RoomClosed);
}

#[tokio::test]
async fn ending_one_that_waits_terminates_it_and_takes_its_offers_back() {
    let kim = asked(1);
    let world = World::with(&[kim]).await;
    world.starts(CONSULTATION).await;
    world.does(&Put(CONSULTATION, kim)).await.unwrap();
    let end = EndConsultation {
        consultation: CONSULTATION,
        by: EndedBy::User,
    };
    let done = world.does(&end).await.unwrap();
    assert_eq!(
        types(&done),
        ["consultation.offer_withdrawn", "consultation.terminated"]
    );
    assert_eq!(
        world.refuses(&accept(CONSULTATION, kim)).await,
        Refusal::RequestGone
    );
}

#[tokio::test]
async fn only_the_two_say_something_and_only_while_it_is_active() {
    let (world, kim) = active().await;
    world.does(&message(1, USER)).await.unwrap();
    world.does(&message(2, kim.account.into())).await.unwrap();
    let stranger = PersonId(Uuid::from_u128(999));
    assert_eq!(
        world.refuses(&message(3, stranger)).await,
        Refusal::NotAMember
    );
    let elsewhere = SendMessage {
        room: room_of(ConsultationId(Uuid::from_u128(5))),
        ..message(4, USER)
    };
    assert_eq!(world.refuses(&elsewhere).await, Refusal::UnknownRoom);
    let answer = SendMessage {
        reply_to: Some(MessageId(Uuid::from_u128(401))),
        ..message(5, USER)
    };
    world.does(&answer).await.unwrap();
    let nothing = SendMessage {
        reply_to: Some(MessageId(Uuid::from_u128(499))),
        ..message(6, USER)
    };
    assert_eq!(world.refuses(&nothing).await, Refusal::UnknownMessage);
}

#[tokio::test]
async fn a_read_mark_is_of_a_message_in_the_room_and_never_goes_back() {
    let (world, kim) = active().await;
    let first = world.does(&message(1, USER)).await.unwrap().events[0].number();
    let second = world.does(&message(2, USER)).await.unwrap().events[0].number();
    let read = |message: u128, number| MarkRead {
        room: room_of(CONSULTATION),
        person: kim.account.into(),
        message: MessageId(Uuid::from_u128(400 + message)),
        number,
    };
    assert_eq!(
        types(&world.does(&read(2, second)).await.unwrap()),
        ["member.read"]
    );
    assert!(world.does(&read(1, first)).await.unwrap().events.is_empty());
    assert_eq!(
        world.refuses(&read(9, second)).await,
        Refusal::UnknownMessage
    );
}

#[tokio::test]
async fn the_same_key_sends_once_and_another_content_is_a_conflict() {
    let (world, _) = active().await;
    let once = |print: &str| {
        Some(Once {
            dedupe: [9; 16],
            fingerprint: print.into(),
            expiring: None,
        })
    };
    let request = |print: &str| Request {
        once: once(print),
        ..Request::system(SystemIds.next(), None)
    };
    let command = message(1, USER);
    let first = world
        .commands
        .execute(&request("a"), &command)
        .await
        .unwrap();
    let again = world
        .commands
        .execute(&request("a"), &command)
        .await
        .unwrap();
    assert_eq!(again.position(), first.position());
    assert!(again.repeated && !first.repeated);
    let other = world.commands.execute(&request("b"), &command).await;
    assert!(matches!(other, Err(CommandError::KeyReused)), "{other:?}");
}

#[tokio::test]
async fn a_card_is_issued_once_after_the_end_and_noted_on_later() {
    let (world, kim) = active().await;
    let issue = IssueCard {
        consultation: CONSULTATION,
        card: domain::CardId(Uuid::from_u128(8)),
        summary_by: SummaryBy::Extractive,
        text: CardText {
            key_points: vec!["수면".to_owned()],
            ..CardText::default()
        },
    };
    let note = NoteCard {
        consultation: CONSULTATION,
        additional_notes: Some("메모".to_owned()),
    };
    assert_eq!(world.refuses(&issue).await, Refusal::NotCompleted);
    let notes = Notes {
        counselor_notes: "요약".to_owned(),
        key_points: None,
    };
    let write = WriteNotes {
        consultation: CONSULTATION,
        counselor: kim.counselor,
        notes,
    };
    world.does(&write).await.unwrap();
    let stranger = WriteNotes {
        counselor: asked(2).counselor,
        ..write
    };
    assert_eq!(world.refuses(&stranger).await, Refusal::NotItsCounselor);
    world
        .does(&EndConsultation {
            consultation: CONSULTATION,
            by: EndedBy::User,
        })
        .await
        .unwrap();
    assert_eq!(world.refuses(&note).await, Refusal::NoCard);
    assert_eq!(
        types(&world.does(&issue).await.unwrap()),
        ["consultation.card_issued"]
    );
    assert!(world.does(&issue).await.unwrap().events.is_empty());
    assert_eq!(
        types(&world.does(&note).await.unwrap()),
        ["consultation.card_noted"]
    );
    let rate = RateConsultation {
        consultation: CONSULTATION,
        score: 5,
        comment: None,
    };
    world.does(&rate).await.unwrap();
    assert_eq!(world.refuses(&rate).await, Refusal::AlreadyRated);
}
