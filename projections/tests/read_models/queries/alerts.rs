//! Alerts: which nobody has taken up, since when, and who is with the person.

use domain::*;
use event_store::StreamName;
use projections::{alerts, timeline};
use uuid::Uuid;

use super::story::*;
use crate::places::{Engine, on_both_engines};

on_both_engines! {
    alerts_are_open_until_somebody_takes_them_up,
    whoever_hears_of_an_alert_has_it_in_their_timeline,
}

fn id(n: u128) -> AlertId {
    AlertId(Uuid::from_u128(0xd00 + n))
}

fn counselor_id(n: u128) -> CounselorId {
    CounselorId(Uuid::from_u128(0xe00 + n))
}

const TALK: ConsultationId = ConsultationId(Uuid::from_u128(0xf01));
const SESSION: EmotionSessionId = EmotionSessionId(Uuid::from_u128(0xf02));

fn told(own: Option<u128>, waiting: &[u128], administrators: bool) -> AlertAudience {
    AlertAudience {
        counselor: own.map(counselor_id),
        waiting: waiting.iter().map(|n| counselor_id(*n)).collect(),
        administrators,
    }
}

impl Story {
    async fn raises(&self, at: i64, n: u128, source: AlertSource, audience: AlertAudience) -> u64 {
        let raised = AlertEvent::Raised {
            source,
            said: id(n).0,
            person: PersonId(Uuid::from_u128(1)),
            level: Risk::High,
            rule: "ko.wish_to_die".to_owned(),
            audience,
        };
        self.alert(at, n, raised).await
    }

    async fn raises_again(&self, at: i64, n: u128, audience: AlertAudience) -> u64 {
        let again = AlertEvent::RaisedAgain {
            source: AlertSource::Consultation(TALK),
            times: 1,
            audience,
        };
        self.alert(at, n, again).await
    }

    async fn alert(&self, at: i64, n: u128, event: AlertEvent) -> u64 {
        self.tell(at, StreamName::new("alert", id(n)), event).await
    }
}

async fn alerts_are_open_until_somebody_takes_them_up(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let talk = AlertSource::Consultation(TALK);
    let number = story.raises(10, 1, talk, told(Some(1), &[], false)).await;
    let session = AlertSource::EmotionSession(SESSION);
    story.raises(20, 2, session, told(None, &[2], true)).await;
    story.raises_again(70, 1, told(None, &[2], true)).await;
    let open = alerts::open(reader, 65 * SECOND, 10).await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].id, open[0].source), (id(2), session));
    let open = alerts::open(reader, i64::MAX, 10).await.unwrap();
    assert_eq!(
        open.iter().map(|row| row.id).collect::<Vec<_>>(),
        [id(2), id(1)]
    );
    let row = alerts::by_number(reader, number).await.unwrap().unwrap();
    assert_eq!(
        (row.raised_at, row.last_raised_at),
        (10 * SECOND, 70 * SECOND)
    );
    assert_eq!((row.times, row.counselor, row.source), (1, None, talk));
    let taken = AlertEvent::Acknowledged {
        source: talk,
        by: account(9),
        audience: AlertAudience::default(),
    };
    story.alert(80, 1, taken).await;
    let row = alerts::by_id(reader, id(1)).await.unwrap().unwrap();
    assert_eq!(row.acknowledged_by, Some(account(9)));
    assert_eq!(row.acknowledged_at, Some(80 * SECOND));
    assert_eq!(alerts::open(reader, i64::MAX, 10).await.unwrap().len(), 1);
    assert_eq!(alerts::by_id(reader, id(7)).await.unwrap(), None);
}

async fn whoever_hears_of_an_alert_has_it_in_their_timeline(engine: Engine) {
    let story = Story::new(engine).await;
    let reader = story.live.reader();
    let talk = AlertSource::Consultation(TALK);
    let first = story.raises(10, 1, talk, told(Some(1), &[], false)).await;
    let second = story.raises_again(70, 1, told(Some(1), &[2], true)).await;
    let of = async |topic| {
        timeline::after(reader, topic, 0, u64::MAX >> 1, 10)
            .await
            .unwrap()
    };
    let counselor = |n| timeline::Topic::Counselor(counselor_id(n));
    assert_eq!(of(counselor(1)).await, [first, second]);
    assert_eq!(of(counselor(2)).await, [second]);
    assert_eq!(of(timeline::Topic::Alerts).await, [second]);
    assert_eq!(
        of(timeline::Topic::Consultation(TALK)).await,
        [first, second]
    );
}
