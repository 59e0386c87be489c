//! Consultations: requests, offers, cards, queues, averages, and what comes due.

use domain::*;
use projections::consultations::OfferStatus::{Accepted, Expired, Pending, Rejected, Withdrawn};
use projections::consultations::{self, ConsultationStatus};
use projections::directory::{self, Kind};
use projections::due::{self, DueKind};
use projections::{NameColumn, Page};
use uuid::Uuid;

use super::story::*;
use crate::places::{Engine, on_both_engines};

on_both_engines! {
    a_request_waits_under_a_code_and_a_nickname,
    a_consultation_goes_from_request_to_rating,
    a_consultation_is_found_by_its_room_requester_and_counselor,
    old_messages_keep_the_old_nickname,
    offers_end_in_each_of_their_ways,
    requests_wait_in_line_and_come_due,
    a_card_shows_the_latest_additional_notes,
    averages_are_over_what_the_counselor_did,
}

const ALL: Page = Page { page: 1, size: 100 };

/// From the request at second 10 to the rating at second 80; gives the number.
async fn a_whole_consultation(story: &Story) -> u64 {
    let (id, subject) = (consultation(1), Subject::Consultation(consultation(1)));
    let asked = requested(id, Requester::Guest(guest(1)), "익명123");
    let number = story.consultation(10, id, asked).await;
    let put = offered(offer(1), counselor(1), OfferMode::OneAtATime);
    story.consultation(11, id, put).await;
    story
        .consultation(15, id, accepted(offer(1), counselor(1), room(1)))
        .await;
    let notes = Notes {
        counselor_notes: "요약".into(),
        key_points: None,
    };
    let notes = ConsultationEvent::NotesWritten {
        notes: Sealed::of(subject, notes),
    };
    story.consultation(16, id, notes).await;
    story.consultation(75, id, completed(counselor(1))).await;
    let comment = Some(Sealed::of(subject, "고마워요".into()));
    story
        .consultation(80, id, ConsultationEvent::Rated { score: 4, comment })
        .await;
    number
}

async fn a_request_waits_under_a_code_and_a_nickname(engine: Engine) {
    let story = Story::new(engine).await;
    let (reader, keys) = (story.live.reader(), &*story.log.keys);
    let (id, by) = (consultation(1), Requester::Guest(guest(1)));
    let number = story
        .consultation(10, id, requested(id, by, "익명123"))
        .await;
    let row = consultations::by_id(reader, id).await.unwrap().unwrap();
    assert_eq!((row.number, row.requester), (number, by));
    assert_eq!(
        (row.status, row.requested_at),
        (ConsultationStatus::Waiting, 10 * SECOND)
    );
    assert_eq!(
        (row.character_type_preference, row.quick_match),
        (Some(2), true)
    );
    assert_eq!(row.nickname.open(keys).unwrap().unwrap(), "익명123");
    let text = row.request.open::<RequestText>(keys).unwrap().unwrap();
    assert_eq!(text.code, "ABCDEFGHK");
    let guest = directory::person(reader, guest(1)).await.unwrap().unwrap();
    assert_eq!((guest.kind, guest.belongs_to), (Kind::Guest, Some(id.0)));
    assert_eq!(guest.number, number);
}

async fn a_consultation_goes_from_request_to_rating(engine: Engine) {
    let story = Story::new(engine).await;
    let (reader, keys) = (story.live.reader(), &*story.log.keys);
    let number = a_whole_consultation(&story).await;
    let row = consultations::by_number(reader, number)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.status, ConsultationStatus::Completed);
    assert_eq!(row.end_reason, Some(EndReason::EndedByUser));
    assert_eq!(
        (row.counselor, row.room),
        (Some(counselor(1)), Some(room(1)))
    );
    assert_eq!((row.character_type_id, row.score), (Some(2), Some(4)));
    let times = [
        Some(row.requested_at),
        row.accepted_at,
        row.ended_at,
        row.rated_at,
    ];
    assert_eq!(times, [10, 15, 75, 80].map(|at| Some(at * SECOND)));
    let comment: Option<String> = row.comment.unwrap().open(keys).unwrap();
    assert_eq!(comment.as_deref(), Some("고마워요"));
    let notes: Option<Notes> = row.notes.unwrap().open(keys).unwrap();
    assert_eq!(notes.unwrap().counselor_notes, "요약");
}

async fn a_consultation_is_found_by_its_room_requester_and_counselor(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let number = a_whole_consultation(&story).await;
    let row = consultations::by_number(reader, number)
        .await
        .unwrap()
        .unwrap();
    let by_room = consultations::by_room(reader, room(1)).await.unwrap();
    assert_eq!(by_room.as_ref(), Some(&row));
    let of_requester = consultations::of_requester(reader, guest(1), ALL)
        .await
        .unwrap();
    assert_eq!(of_requester, std::slice::from_ref(&row));
    for (status, expected) in [
        (None, 1),
        (Some(ConsultationStatus::Completed), 1),
        (Some(ConsultationStatus::Active), 0),
    ] {
        let of = consultations::of_counselor(reader, counselor(1), status, ALL)
            .await
            .unwrap();
        assert_eq!(of.len(), expected);
        let count = consultations::count_of_counselor(reader, counselor(1), status).await;
        assert_eq!(count.unwrap(), expected as u64);
    }
    let durations = consultations::recent_durations(reader, 9).await.unwrap();
    assert_eq!(durations, [60 * SECOND]);
}

async fn old_messages_keep_the_old_nickname(engine: Engine) {
    let story = Story::new(engine).await;
    let (reader, keys) = (story.live.reader(), &*story.log.keys);
    let id = consultation(1);
    let from = story
        .consultation(1, id, requested(id, Requester::Guest(guest(1)), "first"))
        .await;
    let nickname = Sealed::of(Subject::Consultation(id), "second".to_owned());
    let to = story
        .consultation(2, id, ConsultationEvent::NicknameChanged { nickname })
        .await;

    let open = |name: Option<NameColumn>| name.and_then(|name| name.open(keys).unwrap());
    let at = async |position| {
        open(
            consultations::nickname_at(reader, id, position)
                .await
                .unwrap(),
        )
    };
    assert_eq!(at(from - 1).await, None);
    assert_eq!(at(to - 1).await.as_deref(), Some("first"));
    assert_eq!(at(to).await.as_deref(), Some("second"));
    let all = consultations::nicknames_of(reader, id).await.unwrap();
    let all: Vec<_> = all
        .into_iter()
        .map(|(from, name)| (from, open(Some(name))))
        .collect();
    assert_eq!(
        all,
        [
            (from, Some("first".to_owned())),
            (to, Some("second".to_owned()))
        ]
    );
    let row = consultations::by_id(reader, id).await.unwrap().unwrap();
    assert_eq!(open(Some(row.nickname)).as_deref(), Some("second"));
    let guest = directory::person(reader, guest(1)).await.unwrap().unwrap();
    assert_eq!(open(guest.name).as_deref(), Some("second"));
}

fn candidate() -> Candidate {
    Candidate {
        counselor: counselor(1),
        active_consultations: 1,
        max_active: 3,
        character_fits: false,
        idle_us: 7,
        passed_over: None,
    }
}

/// Five offers at second 2, of which only the last is still pending; gives their numbers.
async fn offers_of_every_kind(story: &Story, id: ConsultationId) -> Vec<u64> {
    let counselor = counselor(1);
    story
        .consultation(1, id, requested(id, Requester::Guest(guest(1)), "a"))
        .await;
    let mut numbers = Vec::new();
    for number in 1..=5 {
        let put = ConsultationEvent::Offered {
            offer: offer(number),
            counselor,
            mode: OfferMode::OneAtATime,
            round: 1,
            candidates: vec![candidate()],
        };
        numbers.push(story.consultation(2, id, put).await);
    }
    let response = Some(Sealed::of(Subject::Consultation(id), "나중에".to_owned()));
    let rejected = ConsultationEvent::OfferRejected {
        offer: offer(1),
        counselor,
        response,
    };
    story.consultation(3, id, rejected).await;
    let expired = ConsultationEvent::OfferExpired {
        offer: offer(2),
        counselor,
    };
    story.consultation(4, id, expired).await;
    story
        .consultation(5, id, accepted(offer(3), counselor, room(1)))
        .await;
    let reason = Withdrawal::Taken;
    let withdrawn = ConsultationEvent::OfferWithdrawn {
        offer: offer(4),
        counselor,
        reason,
    };
    story.consultation(5, id, withdrawn).await;
    numbers
}

async fn offers_end_in_each_of_their_ways(engine: Engine) {
    let story = Story::new(engine).await;
    let (reader, keys) = (story.live.reader(), &*story.log.keys);
    let (id, who) = (consultation(1), counselor(1));
    let numbers = offers_of_every_kind(&story, id).await;

    let offers = consultations::offers_of(reader, id).await.unwrap();
    assert_eq!(
        offers.iter().map(|offer| offer.number).collect::<Vec<_>>(),
        numbers
    );
    let statuses = offers.iter().map(|offer| offer.status).collect::<Vec<_>>();
    assert_eq!(statuses, [Rejected, Expired, Accepted, Withdrawn, Pending]);
    assert_eq!(
        offers[0]
            .response
            .as_ref()
            .unwrap()
            .open::<String>(keys)
            .unwrap()
            .unwrap(),
        "나중에"
    );
    assert_eq!(
        (offers[0].decided_at, offers[4].decided_at),
        (Some(3 * SECOND), None)
    );
    assert_eq!(offers[3].withdrawal, Some(Withdrawal::Taken));
    assert_eq!(offers[0].candidates, [candidate()]);
    let found = consultations::offer_by_number(reader, numbers[2])
        .await
        .unwrap();
    assert_eq!(found.as_ref(), Some(&offers[2]));
    assert_eq!(
        consultations::offer_by_id(reader, offer(3)).await.unwrap(),
        found
    );
    let all = consultations::offers_of_counselor(reader, who, None, 9)
        .await
        .unwrap();
    assert_eq!(all, offers);
    let pending = consultations::offers_of_counselor(reader, who, Some(Pending), 9)
        .await
        .unwrap();
    assert_eq!(pending, offers[4..]);
    // Only the pending one is still outstanding.
    let due = due::due_before(reader, DueKind::Offer, 2 * SECOND, 9)
        .await
        .unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(
        (due[0].subject, due[0].aggregate, due[0].cause),
        (offer(5).0, id.0, numbers[4])
    );
    assert_eq!(
        due::due_before(reader, DueKind::Offer, 2 * SECOND - 1, 9)
            .await
            .unwrap(),
        []
    );
}

async fn requests_wait_in_line_and_come_due(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    for number in 1..=3 {
        let id = consultation(number);
        let by = Requester::Account(account(number));
        story
            .consultation(i64::from(number), id, requested(id, by, "a"))
            .await;
    }
    let place = async |number| {
        consultations::queue_position(reader, consultation(number))
            .await
            .unwrap()
    };
    assert_eq!(
        [place(1).await, place(2).await, place(3).await],
        [Some(1), Some(2), Some(3)]
    );
    assert_eq!(
        due::next(reader, DueKind::WaitingConsultation)
            .await
            .unwrap(),
        Some(SECOND)
    );

    let put = offered(offer(1), counselor(1), OfferMode::Broadcast);
    story.consultation(4, consultation(1), put).await;
    assert_eq!(
        due::next(reader, DueKind::Offer).await.unwrap(),
        None,
        "a broadcast lasts"
    );
    let taken = accepted(offer(1), counselor(1), room(1));
    story.consultation(5, consultation(1), taken).await;
    let reason = EndReason::NoCounselor;
    story
        .consultation(6, consultation(2), ConsultationEvent::Terminated { reason })
        .await;
    assert_eq!(
        [place(1).await, place(2).await, place(3).await],
        [None, None, Some(1)]
    );
    assert_eq!(
        due::next(reader, DueKind::WaitingConsultation)
            .await
            .unwrap(),
        Some(3 * SECOND)
    );
    assert_eq!(
        due::next(reader, DueKind::ActiveConsultation)
            .await
            .unwrap(),
        Some(5 * SECOND)
    );

    let returned = ConsultationEvent::ReturnedToWaiting {
        counselor: counselor(1),
    };
    story.consultation(7, consultation(1), returned).await;
    assert_eq!([place(1).await, place(3).await], [Some(1), Some(2)]);
    assert_eq!(
        due::next(reader, DueKind::ActiveConsultation)
            .await
            .unwrap(),
        None
    );
    let waiting = due::find(reader, DueKind::WaitingConsultation, consultation(1).0).await;
    assert_eq!(waiting.unwrap().unwrap().since, 7 * SECOND);
    let open = consultations::open_requests(reader, 9).await.unwrap();
    assert_eq!(
        open.iter().map(|row| row.id).collect::<Vec<_>>(),
        [consultation(1), consultation(3)]
    );
    assert_eq!(
        (open[0].counselor, open[0].accepted_at),
        (None, Some(5 * SECOND))
    );
    for kind in DueKind::ALL {
        assert!(
            due::due_before(reader, kind, i64::MAX, 9)
                .await
                .unwrap()
                .len()
                <= 2
        );
    }
}

async fn a_card_shows_the_latest_additional_notes(engine: Engine) {
    let story = Story::new(engine).await;
    let (reader, keys) = (story.live.reader(), &*story.log.keys);
    let (id, subject) = (consultation(1), Subject::Consultation(consultation(1)));
    let text = CardText {
        key_points: vec!["스트레스 관리".into()],
        counselor_notes: "요약".into(),
        additional_notes: Some("first".into()),
    };
    let card = CardId(Uuid::from_u128(9));
    let issued = ConsultationEvent::CardIssued {
        card,
        summary_by: SummaryBy::Counselor,
        text: Sealed::of(subject, text.clone()),
    };
    let number = story.consultation(3, id, issued).await;
    let row = consultations::card_of(reader, id).await.unwrap().unwrap();
    assert_eq!(
        (row.id, row.number, row.created_at),
        (card, number, 3 * SECOND)
    );
    assert_eq!(row.open(keys).unwrap(), Some(text.clone()));
    for (at, notes) in [(4, Some("second".to_owned())), (5, None)] {
        let noted = ConsultationEvent::CardNoted {
            additional_notes: Sealed::of(subject, notes.clone()),
        };
        story.consultation(at, id, noted).await;
        let row = consultations::card_by_number(reader, number)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(row.open(keys).unwrap().unwrap().additional_notes, notes);
    }
}

async fn averages_are_over_what_the_counselor_did(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let who = counselor(1);
    let nothing = consultations::stats(reader, who).await.unwrap();
    assert_eq!((nothing.total, nothing.average_duration_us), (0, None));
    // Two completed, one of them rated; one active; one rejected.
    for (number, start, duration) in [(1, 100, 60), (2, 200, 120), (3, 400, 0)] {
        let id = consultation(number);
        story
            .consultation(
                start,
                id,
                requested(id, Requester::Guest(guest(number)), "a"),
            )
            .await;
        let put = offered(offer(number), who, OfferMode::Broadcast);
        story.consultation(start + 1, id, put).await;
        let taken = accepted(offer(number), who, room(number));
        story.consultation(start + 5, id, taken).await;
        if duration > 0 {
            story
                .consultation(start + 5 + duration, id, completed(who))
                .await;
        }
    }
    let rated = ConsultationEvent::Rated {
        score: 3,
        comment: None,
    };
    story.consultation(450, consultation(1), rated).await;
    let id = consultation(4);
    story
        .consultation(500, id, requested(id, Requester::Guest(guest(4)), "a"))
        .await;
    let put = offered(offer(4), who, OfferMode::Broadcast);
    story.consultation(500, id, put).await;
    let (counselor, response) = (who, None);
    let rejected = ConsultationEvent::OfferRejected {
        offer: offer(4),
        counselor,
        response,
    };
    story.consultation(508, id, rejected).await;

    let stats = consultations::stats(reader, who).await.unwrap();
    assert_eq!((stats.total, stats.completed, stats.active), (3, 2, 1));
    assert_eq!((stats.rejected, stats.terminated), (1, 0));
    assert_eq!(stats.average_duration_us, Some(90e6));
    assert_eq!(stats.average_response_us, Some(5e6));
    assert_eq!(stats.average_score, Some(3.0));

    let summary = consultations::summary(reader, who, 0).await.unwrap();
    assert_eq!(
        (summary.accepted, summary.rejected, summary.completed),
        (3, 1, 2)
    );
    assert_eq!(
        (summary.average_wait_us, summary.average_duration_us),
        (Some(5e6), Some(90e6))
    );
    let later = consultations::summary(reader, who, 325 * SECOND)
        .await
        .unwrap();
    assert_eq!((later.accepted, later.rejected, later.completed), (1, 1, 1));
    assert_eq!(later.average_duration_us, Some(120e6));
    let none = consultations::summary(reader, who, 900 * SECOND)
        .await
        .unwrap();
    assert_eq!((none.accepted, none.average_wait_us), (0, None));
    let durations = consultations::recent_durations(reader, 1).await.unwrap();
    assert_eq!(durations, [120 * SECOND]);
}
