//! The metrics folded from the events themselves, with nothing between but this file.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::*;
use jiff::civil::Date;
use projections::analytics::{By, Metric, Periods, Range, SMALLEST_GROUP, day_of};
use projections::{Fact, Value};

use super::counted::pseudonyms;

/// The groups that are shown, and how many are not.
#[derive(Debug, PartialEq)]
pub struct Expected {
    pub rows: Vec<Vec<Value>>,
    pub suppressed: u64,
}

/// One consultation as its events tell it.
struct Talk {
    requester: PersonId,
    guest: bool,
    quick_match: bool,
    requested_at: i64,
    accepted_at: Option<i64>,
    status: &'static str,
    rated: Option<(i64, u8)>,
}

/// One offer as its events tell it.
struct Offer {
    requester: PersonId,
    talk: ConsultationId,
    counselor: CounselorId,
    offered_at: i64,
    decided: Option<(&'static str, i64)>,
    /// How the talk that it led to ended for this counsellor.
    ended: Option<&'static str>,
}

/// What happened once, to whom, and when.
struct Once {
    at: i64,
    person: PersonId,
    what: String,
    /// Of an emotion, in thousandths.
    intensity: i64,
}

/// All that is needed of a history.
#[derive(Default)]
pub struct Folded {
    talks: BTreeMap<ConsultationId, Talk>,
    offers: BTreeMap<OfferId, Offer>,
    sent: Vec<Once>,
    deleted: Vec<Once>,
    felt: Vec<Once>,
}

impl Folded {
    pub fn of(facts: &[Fact]) -> Self {
        let mut folded = Self::default();
        let mut rooms = HashMap::new();
        for fact in facts {
            let at = fact.recorded.recorded_at;
            let once = |person, what: &str| Once {
                at,
                person,
                what: what.to_owned(),
                intensity: 0,
            };
            match &fact.event {
                Event::Room(RoomEvent::Opened { room_kind, .. }) => {
                    let kind = match room_kind {
                        RoomKind::Direct => "direct",
                        RoomKind::Group => "group",
                        RoomKind::Consultation(_) => "consultation",
                    };
                    rooms.insert(RoomId(fact.id), kind);
                }
                Event::Message(MessageEvent::Sent { room, sender, .. }) => {
                    folded.sent.push(once(*sender, rooms[room]));
                }
                Event::Message(MessageEvent::Deleted { room, sender, .. }) => {
                    folded.deleted.push(once(*sender, rooms[room]));
                }
                Event::Emotion(EmotionEvent::StepAnswered { owner, emotion, .. }) => {
                    #[expect(clippy::cast_possible_truncation, reason = "0 to 1000")]
                    let intensity = (emotion.intensity * 1_000.0).round() as i64;
                    folded.felt.push(Once {
                        intensity,
                        ..once((*owner).into(), &emotion.label)
                    });
                }
                Event::Consultation(event) => {
                    folded.consultation(ConsultationId(fact.id), at, event);
                }
                _ => {}
            }
        }
        folded
    }

    fn consultation(&mut self, id: ConsultationId, at: i64, event: &ConsultationEvent) {
        if let ConsultationEvent::Requested {
            requester,
            quick_match,
            ..
        } = event
        {
            let talk = Talk {
                requester: requester.person(),
                guest: matches!(requester, Requester::Guest(_)),
                quick_match: *quick_match,
                requested_at: at,
                accepted_at: None,
                status: "waiting",
                rated: None,
            };
            self.talks.insert(id, talk);
            return;
        }
        let talk = self.talks.get_mut(&id).unwrap();
        let offers = &mut self.offers;
        let mut decide = |offer: &OfferId, outcome| {
            offers.get_mut(offer).unwrap().decided = Some((outcome, at));
        };
        match event {
            ConsultationEvent::Offered {
                offer, counselor, ..
            } => {
                let new = Offer {
                    requester: talk.requester,
                    talk: id,
                    counselor: *counselor,
                    offered_at: at,
                    decided: None,
                    ended: None,
                };
                offers.insert(*offer, new);
            }
            ConsultationEvent::OfferRejected { offer, .. } => decide(offer, "rejected"),
            ConsultationEvent::OfferExpired { offer, .. } => decide(offer, "expired"),
            ConsultationEvent::OfferWithdrawn { offer, .. } => decide(offer, "withdrawn"),
            ConsultationEvent::Accepted { offer, .. } => {
                decide(offer, "accepted");
                talk.status = "active";
                talk.accepted_at = talk.accepted_at.or(Some(at));
            }
            ConsultationEvent::ReturnedToWaiting { counselor } => {
                talk.status = "waiting";
                self.end(id, *counselor, "returned");
            }
            ConsultationEvent::Completed { counselor, .. } => {
                talk.status = "completed";
                self.end(id, *counselor, "completed");
            }
            ConsultationEvent::Terminated { .. } => talk.status = "terminated",
            ConsultationEvent::Rated { score, .. } => talk.rated = Some((at, *score)),
            _ => {}
        }
    }

    /// The talk that a counsellor has at present is over for them.
    fn end(&mut self, talk: ConsultationId, counselor: CounselorId, how: &'static str) {
        let present = self.offers.values_mut().find(|offer| {
            (offer.talk, offer.counselor) == (talk, counselor)
                && matches!(offer.decided, Some(("accepted", _)))
                && offer.ended.is_none()
        });
        present.unwrap().ended = Some(how);
    }

    /// What a metric has to say.
    pub fn expected(&self, metric: Metric, range: Range, by: By) -> Expected {
        match metric {
            Metric::Consultations => self.consultations(range, by),
            Metric::Waits => self.waits(range, by),
            Metric::Offers => self.offers(range, by),
            Metric::CounselorLoad => self.load(range, by),
            Metric::Messages => self.messages(range, by),
            Metric::Emotions => self.emotions(range, by),
            Metric::Ratings => self.ratings(range, by),
        }
    }

    fn consultations(&self, range: Range, by: By) -> Expected {
        let talks = self
            .talks
            .values()
            .map(|talk| (talk.requested_at, "", talk));
        shown(
            range,
            by,
            talks,
            |talk| talk.requester,
            |talks| {
                let count = |holds: fn(&Talk) -> bool| of(talks, holds);
                vec![
                    int(talks.len()),
                    count(|talk| talk.guest),
                    count(|talk| talk.quick_match),
                    count(|talk| talk.accepted_at.is_some()),
                    count(|talk| talk.status == "completed"),
                    count(|talk| talk.status == "terminated"),
                ]
            },
        )
    }

    fn waits(&self, range: Range, by: By) -> Expected {
        let accepted = self
            .talks
            .values()
            .filter(|talk| talk.accepted_at.is_some());
        let accepted = accepted.map(|talk| (talk.requested_at, "", talk));
        shown(
            range,
            by,
            accepted,
            |talk| talk.requester,
            |talks| {
                let wait = |talk: &&Talk| ms(talk.accepted_at.unwrap()) - ms(talk.requested_at);
                let mut waits: Vec<i64> = talks.iter().map(wait).collect();
                waits.sort_unstable();
                let total = waits.len();
                let median = waits[total.div_ceil(2) - 1];
                let p90 = waits[(total * 9).div_ceil(10) - 1];
                let mean = mean(waits.iter().sum(), total) / 1_000.0;
                vec![
                    int(total),
                    mean.into(),
                    (real(median) / 1_000.0).into(),
                    (real(p90) / 1_000.0).into(),
                ]
            },
        )
    }

    fn offers(&self, range: Range, by: By) -> Expected {
        let offers = self
            .offers
            .values()
            .map(|offer| (offer.offered_at, "", offer));
        shown(
            range,
            by,
            offers,
            |offer| offer.requester,
            |offers| {
                let count = |outcome: &str| of(offers, |offer| outcome_of(offer) == outcome);
                let answered: Vec<i64> = offers
                    .iter()
                    .filter(|offer| ["accepted", "rejected"].contains(&outcome_of(offer)))
                    .map(|offer| ms(offer.decided.unwrap().1) - ms(offer.offered_at))
                    .collect();
                let response = (!answered.is_empty())
                    .then(|| mean(answered.iter().sum(), answered.len()) / 1_000.0);
                vec![
                    int(offers.len()),
                    count("accepted"),
                    count("rejected"),
                    count("expired"),
                    count("withdrawn"),
                    count("pending"),
                    response.into(),
                ]
            },
        )
    }

    fn load(&self, range: Range, by: By) -> Expected {
        let named = self.offers.values().map(|offer| {
            let counselor = pseudonyms().counselor(offer.counselor);
            (offer.offered_at, counselor, offer)
        });
        let named: Vec<_> = named.collect();
        let offers = named.iter().map(|(at, name, offer)| (*at, &**name, *offer));
        shown(
            range,
            by,
            offers,
            |offer| offer.requester,
            |offers| {
                let count = |outcome: &str| of(offers, |offer| outcome_of(offer) == outcome);
                vec![
                    int(offers.len()),
                    count("accepted"),
                    count("rejected"),
                    count("expired"),
                    of(offers, |offer| offer.ended == Some("completed")),
                    of(offers, |offer| offer.ended == Some("returned")),
                ]
            },
        )
    }

    fn messages(&self, range: Range, by: By) -> Expected {
        let sent = self.sent.iter().map(|one| (true, one));
        let deleted = self.deleted.iter().map(|one| (false, one));
        let all: Vec<(bool, &Once)> = sent.chain(deleted).collect();
        let all = all.iter().map(|one| (one.1.at, &*one.1.what, one));
        let groups = groups(range, by, all);
        let rows = groups.into_iter().map(|((period, kind), all)| {
            let sent = all.iter().filter(|(sent, _)| *sent);
            let people: BTreeSet<_> = sent.map(|(_, one)| one.person).collect();
            let counts = vec![of(&all, |(sent, _)| *sent), of(&all, |(sent, _)| !*sent)];
            (period, kind, people.len(), counts)
        });
        expected(rows)
    }

    fn emotions(&self, range: Range, by: By) -> Expected {
        let felt = self.felt.iter().map(|one| (one.at, &*one.what, one));
        shown(
            range,
            by,
            felt,
            |one| one.person,
            |felt| {
                let sum = felt.iter().map(|one| one.intensity).sum();
                vec![int(felt.len()), (mean(sum, felt.len()) / 1_000.0).into()]
            },
        )
    }

    fn ratings(&self, range: Range, by: By) -> Expected {
        let rated = self.talks.values().filter_map(|talk| {
            let (at, score) = talk.rated?;
            Some((at, talk.requester, score))
        });
        let rated: Vec<_> = rated.collect();
        let rated = rated.iter().map(|one| (one.0, "", one));
        shown(
            range,
            by,
            rated,
            |one| one.1,
            |rated| {
                let sum = rated.iter().map(|one| i64::from(one.2)).sum();
                let mut counts = vec![int(rated.len()), mean(sum, rated.len()).into()];
                counts.extend((1..=5).map(|score| of(rated, |one| one.2 == score)));
                counts
            },
        )
    }
}

fn outcome_of(offer: &Offer) -> &'static str {
    offer.decided.map_or("pending", |(outcome, _)| outcome)
}

type Groups<'a, T> = BTreeMap<(String, String), Vec<&'a T>>;

/// What happened in a range, by period and whatever else it is divided by.
fn groups<'a, T: 'a>(
    range: Range,
    by: By,
    all: impl Iterator<Item = (i64, &'a str, &'a T)>,
) -> Groups<'a, T> {
    let mut groups = Groups::new();
    for (at, what, one) in all {
        let day: Date = day_of(at);
        let Periods {
            day: text,
            week,
            month,
        } = Periods::of(day);
        let period = |day: Date| {
            let Periods {
                day: text,
                week,
                month,
            } = Periods::of(day);
            match by {
                By::Day => text,
                By::Week => week,
                By::Month => month,
            }
        };
        let named = match by {
            By::Day => text,
            By::Week => week,
            By::Month => month,
        };
        // Texts of periods are in the order of time.
        if named >= period(range.from) && named <= period(range.to) {
            groups
                .entry((named, what.to_owned()))
                .or_default()
                .push(one);
        }
    }
    groups
}

fn shown<'a, T: 'a>(
    range: Range,
    by: By,
    all: impl Iterator<Item = (i64, &'a str, &'a T)>,
    person: fn(&T) -> PersonId,
    counts: impl Fn(&[&'a T]) -> Vec<Value>,
) -> Expected {
    let rows = groups(range, by, all)
        .into_iter()
        .map(|((period, what), all)| {
            let people: BTreeSet<_> = all.iter().map(|one| person(one)).collect();
            (period, what, people.len(), counts(&all))
        });
    expected(rows)
}

fn expected(groups: impl Iterator<Item = (String, String, usize, Vec<Value>)>) -> Expected {
    let mut expected = Expected {
        rows: Vec::new(),
        suppressed: 0,
    };
    for (period, what, people, counts) in groups {
        if (people as u64) < SMALLEST_GROUP {
            expected.suppressed += 1;
            continue;
        }
        let mut row: Vec<Value> = vec![period.into()];
        if !what.is_empty() {
            row.push(what.into());
        }
        row.push(int(people));
        row.extend(counts);
        expected.rows.push(row);
    }
    expected
}

fn of<T>(all: &[&T], holds: impl Fn(&T) -> bool) -> Value {
    int(all.iter().filter(|one| holds(one)).count())
}

fn int(count: usize) -> Value {
    (count as u64).into()
}

fn ms(at_us: i64) -> i64 {
    at_us.div_euclid(1_000)
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn real(whole: i64) -> f64 {
    whole as f64
}

fn mean(sum: i64, count: usize) -> f64 {
    real(sum) / real(i64::try_from(count).unwrap())
}
