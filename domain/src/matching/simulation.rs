//! Random days at the service: real aggregates, matched after every step, and held against rules
//! that are told anew here, from the log.

use cqrs_es::Aggregate;
use proptest::prelude::*;

use super::*;
use crate::testing::{cases, id};
use crate::{
    AccountId, CallEnd, Consultation, ConsultationCommand, ConsultationEvent, ConsultationId,
    ConsultationStatus, Counselor, CounselorCommand, CounselorId, CounselorStatus, Decide, EndedBy,
    OfferId, PersonId, Refusal, RequestText, Requester, RoomId, Sealed, StatusReason, Subject,
};

const TIMEOUT: i64 = 30;
const DEFAULT_MAX_ACTIVE: u32 = 2;

/// Something that people, or time, do.
#[derive(Debug, Clone)]
enum Step {
    Request {
        quick_match: bool,
        preference: Option<u32>,
    },
    SetStatus {
        counselor: usize,
        status: CounselorStatus,
    },
    /// One accepts one of their pending offers.
    Accept {
        counselor: usize,
        which: usize,
    },
    /// All who are asked accept the same consultation.
    AllAccept {
        consultation: usize,
    },
    Reject {
        counselor: usize,
        which: usize,
    },
    End {
        consultation: usize,
    },
    GiveUp {
        consultation: usize,
    },
    Deactivate {
        counselor: usize,
    },
    Activate {
        counselor: usize,
    },
    Pass {
        time: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let index = 0..8usize;
    let status = prop_oneof![
        5 => Just(CounselorStatus::Waiting),
        1 => Just(CounselorStatus::Away),
        1 => Just(CounselorStatus::Busy),
    ];
    prop_oneof![
        4 => (any::<bool>(), proptest::option::of(1..=3u32))
            .prop_map(|(quick_match, preference)| Step::Request { quick_match, preference }),
        5 => (index.clone(), status)
            .prop_map(|(counselor, status)| Step::SetStatus { counselor, status }),
        4 => (index.clone(), index.clone())
            .prop_map(|(counselor, which)| Step::Accept { counselor, which }),
        2 => index.clone().prop_map(|consultation| Step::AllAccept { consultation }),
        8 => (index.clone(), index.clone())
            .prop_map(|(counselor, which)| Step::Reject { counselor, which }),
        2 => index.clone().prop_map(|consultation| Step::End { consultation }),
        1 => index.clone().prop_map(|consultation| Step::GiveUp { consultation }),
        1 => index.clone().prop_map(|counselor| Step::Deactivate { counselor }),
        1 => index.prop_map(|counselor| Step::Activate { counselor }),
        5 => (1..=TIMEOUT).prop_map(|time| Step::Pass { time }),
    ]
}

/// A counsellor, and what the process manager keeps of them.
struct Seat {
    id: CounselorId,
    state: Counselor,
    load: CounselorLoad,
}

/// A consultation, what the process manager keeps of it, and its stream.
struct Case {
    id: ConsultationId,
    state: Consultation,
    request: OpenRequest,
    log: Vec<(ConsultationEvent, i64)>,
}

struct Service {
    now: i64,
    offers: u128,
    seats: Vec<Seat>,
    cases: Vec<Case>,
}

impl Service {
    fn open(capacities: &[Option<u32>]) -> Self {
        let mut service = Self {
            now: 0,
            offers: 0,
            seats: vec![],
            cases: vec![],
        };
        for (n, max_active) in capacities.iter().enumerate() {
            service.seats.push(Seat {
                id: CounselorId(id(1_000 + n as u128)),
                state: Counselor::default(),
                load: CounselorLoad::default(),
            });
            let register = CounselorCommand::Register {
                account: AccountId(id(2_000 + n as u128)),
                character_type_id: [1, 2, 3][n % 3],
                counseling_fields: vec![],
                max_active: *max_active,
            };
            service.of_counselor(n, register).unwrap();
        }
        service
    }

    fn of_counselor(&mut self, seat: usize, command: CounselorCommand) -> Result<(), Refusal> {
        let now = self.now;
        let seat = &mut self.seats[seat];
        for event in seat.state.decide(command)? {
            seat.load.apply(&event, now);
            seat.state.apply(event);
        }
        Ok(())
    }

    fn of_case(&mut self, case: usize, command: ConsultationCommand) -> Result<(), Refusal> {
        let now = self.now;
        let case = &mut self.cases[case];
        for event in case.state.decide(command)? {
            case.request.apply(&event, now);
            case.log.push((event.clone(), now));
            case.state.apply(event);
        }
        Ok(())
    }

    fn case_of(&self, consultation: ConsultationId) -> usize {
        self.cases
            .iter()
            .position(|case| case.id == consultation)
            .unwrap()
    }

    /// The pending offers of one counsellor.
    fn pending_of(&self, seat: usize) -> Vec<(usize, OfferId)> {
        let counselor = self.seats[seat].id;
        let cases = self.cases.iter().enumerate();
        cases
            .flat_map(|(n, case)| case.state.pending_offers().map(move |offer| (n, offer)))
            .filter(|(_, offer)| offer.counselor == counselor)
            .map(|(n, offer)| (n, offer.offer))
            .collect()
    }

    fn has_room(&self, seat: usize) -> bool {
        let state = &self.seats[seat].state;
        state.active_consultations() < state.max_active(DEFAULT_MAX_ACTIVE) as usize
    }

    /// Both decisions or neither, as one append.
    fn accept(&mut self, seat: usize, case: usize, offer: OfferId) -> Result<(), Refusal> {
        let Seat {
            id: counselor,
            state,
            ..
        } = &self.seats[seat];
        let accept = ConsultationCommand::Accept {
            offer,
            counselor: *counselor,
            account: state.account().unwrap(),
            character_type_id: state.character_type_id().unwrap(),
            room: RoomId(self.cases[case].id.0),
        };
        let take = CounselorCommand::TakeCall {
            consultation: self.cases[case].id,
            offer,
            default_max_active: DEFAULT_MAX_ACTIVE,
        };
        self.cases[case].state.decide(accept.clone())?;
        self.of_counselor(seat, take)?;
        self.of_case(case, accept)
    }

    fn release(&mut self, case: usize, counselor: CounselorId, end: CallEnd) {
        let consultation = self.cases[case].id;
        let seat = self
            .seats
            .iter()
            .position(|seat| seat.id == counselor)
            .unwrap();
        self.of_counselor(seat, CounselorCommand::ReleaseCall { consultation, end })
            .unwrap();
    }

    fn carry_out(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let seats = self.seats.len();
        let cases = self.cases.len();
        match *step {
            Step::Request {
                quick_match,
                preference,
            } => self.request(quick_match, preference),
            Step::SetStatus { counselor, status } => {
                let command = CounselorCommand::SetStatus {
                    status,
                    reason: StatusReason::Chosen,
                };
                // An inactive one is refused.
                self.of_counselor(counselor % seats, command).ok();
            }
            Step::Accept { counselor, which } => {
                let seat = counselor % seats;
                let pending = self.pending_of(seat);
                if let Some((case, offer)) = pending.get(which % pending.len().max(1)) {
                    let has_room = self.has_room(seat);
                    let answer = self.accept(seat, *case, *offer);
                    let full = Err(Refusal::CounselorFull);
                    prop_assert_eq!(answer, if has_room { Ok(()) } else { full });
                }
            }
            Step::AllAccept { consultation } if cases > 0 => {
                self.all_accept(consultation % cases)?;
            }
            Step::Reject { counselor, which } => {
                let seat = counselor % seats;
                let counselor = self.seats[seat].id;
                let pending = self.pending_of(seat);
                if let Some((case, offer)) = pending.get(which % pending.len().max(1)) {
                    let offer = *offer;
                    let reject = ConsultationCommand::RejectOffer {
                        offer,
                        counselor,
                        response: None,
                    };
                    prop_assert_eq!(self.of_case(*case, reject), Ok(()));
                }
            }
            Step::End { consultation } if cases > 0 => {
                let case = consultation % cases;
                let state = &self.cases[case].state;
                let active = state.status() == Some(ConsultationStatus::Active);
                let counselor = state.counselor().filter(|_| active);
                self.of_case(case, ConsultationCommand::End { by: EndedBy::User })
                    .unwrap();
                if let Some(counselor) = counselor {
                    self.release(case, counselor, CallEnd::Completed);
                }
            }
            Step::GiveUp { consultation } if cases > 0 => {
                // An active one is refused.
                self.of_case(consultation % cases, ConsultationCommand::GiveUp)
                    .ok();
            }
            Step::AllAccept { .. } | Step::End { .. } | Step::GiveUp { .. } => {}
            Step::Deactivate { counselor } => self.deactivate(counselor % seats),
            Step::Activate { counselor } => {
                self.of_counselor(counselor % seats, CounselorCommand::Activate)
                    .unwrap();
            }
            Step::Pass { time } => self.now += time,
        }
        Ok(())
    }

    fn request(&mut self, quick_match: bool, preference: Option<u32>) {
        let consultation = ConsultationId(id(3_000 + self.cases.len() as u128));
        let nickname = "익명".to_owned();
        let text = RequestText {
            nickname,
            code: "ABCDEFGHK".to_owned(),
        };
        self.cases.push(Case {
            id: consultation,
            state: Consultation::default(),
            request: OpenRequest::default(),
            log: vec![],
        });
        let request = ConsultationCommand::Request {
            requester: Requester::Guest(PersonId(id(1))),
            character_type_preference: preference,
            quick_match,
            text: Sealed::of(Subject::Consultation(consultation), text),
        };
        self.of_case(self.cases.len() - 1, request).unwrap();
    }

    fn all_accept(&mut self, case: usize) -> Result<(), TestCaseError> {
        let seats = 0..self.seats.len();
        let asked: Vec<(usize, OfferId)> = seats
            .flat_map(|seat| self.pending_of(seat).into_iter().map(move |p| (seat, p)))
            .filter(|(_, (of, _))| *of == case)
            .map(|(seat, (_, offer))| (seat, offer))
            .collect();
        let able = asked
            .iter()
            .filter(|(seat, _)| self.has_room(*seat))
            .count();
        let answers: Vec<_> = asked
            .iter()
            .map(|(seat, offer)| self.accept(*seat, case, *offer))
            .collect();
        let got = answers.iter().filter(|answer| answer.is_ok()).count();
        prop_assert_eq!(got, able.min(1), "{:?}", answers);
        Ok(())
    }

    fn deactivate(&mut self, seat: usize) {
        let counselor = self.seats[seat].id;
        self.of_counselor(seat, CounselorCommand::Deactivate)
            .unwrap();
        let calls: Vec<_> = self.seats[seat].state.calls().collect();
        for (consultation, _) in calls {
            let case = self.case_of(consultation);
            self.of_case(case, ConsultationCommand::ReturnToWaiting { counselor })
                .unwrap();
            self.release(case, counselor, CallEnd::GivenBack);
        }
    }

    /// The process manager: carries out what matching says about every consultation.
    fn settle(&mut self) -> Result<(), TestCaseError> {
        for case in 0..self.cases.len() {
            let matching = self.matching(case);
            for counselor in matching.withdraw {
                self.of_case(case, ConsultationCommand::WithdrawOffers { counselor })
                    .unwrap();
            }
            for offer in matching.expire {
                self.of_case(case, ConsultationCommand::ExpireOffer { offer })
                    .unwrap();
            }
            for Proposal {
                counselor,
                mode,
                round,
                candidates,
            } in matching.offers
            {
                self.offers += 1;
                let offer = OfferId(id(10_000 + self.offers));
                let command = ConsultationCommand::Offer {
                    offer,
                    counselor,
                    mode,
                    round,
                    candidates,
                };
                prop_assert_eq!(self.of_case(case, command), Ok(()));
            }
            let again = self.matching(case);
            prop_assert_eq!(
                (again.withdraw, again.expire, again.offers),
                Default::default()
            );
        }
        Ok(())
    }

    fn waiting(&self) -> Vec<WaitingCounselor> {
        let seats = self.seats.iter();
        seats
            .filter_map(|seat| seat.load.waiting(seat.id, DEFAULT_MAX_ACTIVE))
            .collect()
    }

    fn matching(&self, case: usize) -> Matching {
        next_offers(
            &self.cases[case].request,
            &self.waiting(),
            self.now,
            TIMEOUT,
        )
    }

    fn check(&self) -> Result<(), TestCaseError> {
        for seat in &self.seats {
            let max_active = seat.state.max_active(DEFAULT_MAX_ACTIVE) as usize;
            prop_assert!(
                seat.state.active_consultations() <= max_active,
                "above capacity"
            );
            for (consultation, offer) in seat.state.calls() {
                let state = &self.cases[self.case_of(consultation)].state;
                prop_assert_eq!(state.status(), Some(ConsultationStatus::Active));
                prop_assert_eq!(state.counselor(), Some(seat.id));
                prop_assert_eq!(state.accepted_offer(), Some(offer));
            }
        }
        for case in &self.cases {
            let seats = self.seats.iter();
            let holders = seats
                .filter(|seat| seat.state.calls().any(|(call, _)| call == case.id))
                .count();
            let active = case.state.status() == Some(ConsultationStatus::Active);
            prop_assert_eq!(
                holders,
                usize::from(active),
                "held by {} counsellors",
                holders
            );
            case.check_restart()?;
            case.check_repeats()?;
            if case.state.status() == Some(ConsultationStatus::Waiting) {
                self.check_moves_on(case)?;
            } else {
                prop_assert_eq!(case.state.pending_offers().count(), 0);
            }
        }
        Ok(())
    }

    /// While somebody eligible waits, somebody is being asked.
    fn check_moves_on(&self, case: &Case) -> Result<(), TestCaseError> {
        let waiting = |counselor| {
            let status = self.seats.iter().find(|seat| seat.id == counselor).unwrap();
            status.state.status() == CounselorStatus::Waiting
        };
        let pending: Vec<_> = case
            .state
            .pending_offers()
            .map(|offer| offer.counselor)
            .collect();
        prop_assert!(
            pending.iter().all(|counselor| waiting(*counselor)),
            "abandoned"
        );
        let able: Vec<CounselorId> = (0..self.seats.len())
            .filter(|seat| self.has_room(*seat) && waiting(self.seats[*seat].id))
            .map(|seat| self.seats[seat].id)
            .collect();
        let cools_down = |counselor: &CounselorId| {
            case.last_rejection(*counselor)
                .is_some_and(|at| self.now < at + TIMEOUT)
        };
        if case.state.quick_match() {
            for counselor in &able {
                let asked = pending.contains(counselor);
                prop_assert!(
                    asked || case.last_rejection(*counselor).is_some(),
                    "newcomer"
                );
            }
            if able.iter().all(|counselor| !pending.contains(counselor)) {
                prop_assert!(able.iter().all(cools_down), "all rejected, time-out passed");
            }
            return Ok(());
        }
        prop_assert!(pending.len() <= 1, "one at a time");
        if pending.is_empty() {
            prop_assert!(able.len() <= 1, "stuck with {:?}", able);
            prop_assert!(able.iter().all(cools_down), "stuck with {:?}", able);
        }
        let expiry = case.last_offered_at() + TIMEOUT;
        prop_assert!(pending.is_empty() || self.now < expiry, "timed out");
        Ok(())
    }
}

impl Case {
    fn last_rejection(&self, of: CounselorId) -> Option<i64> {
        let rejected = |event: &ConsultationEvent| matches!(event, ConsultationEvent::OfferRejected { counselor, .. } if *counselor == of);
        self.log
            .iter()
            .rev()
            .find(|(event, _)| rejected(event))
            .map(|(_, at)| *at)
    }

    fn last_offered_at(&self) -> i64 {
        let offered =
            |event: &ConsultationEvent| matches!(event, ConsultationEvent::Offered { .. });
        self.log
            .iter()
            .rev()
            .find(|(event, _)| offered(event))
            .map_or(0, |(_, at)| *at)
    }

    /// What the process manager and the aggregate know is in the log.
    fn check_restart(&self) -> Result<(), TestCaseError> {
        let mut request = OpenRequest::default();
        let mut state = Consultation::default();
        for (event, at) in &self.log {
            request.apply(event, *at);
            state.apply(event.clone());
        }
        prop_assert_eq!(&request, &self.request);
        prop_assert_eq!(&state, &self.state);
        prop_assert_eq!(request.last_rejecter, state.last_rejecter());
        prop_assert_eq!(request.round, state.round());
        Ok(())
    }

    /// Never twice in a row to the one who just rejected, nor to any who rejected a broadcast,
    /// but after the time-out.
    fn check_repeats(&self) -> Result<(), TestCaseError> {
        let mut rejected: Vec<(CounselorId, i64)> = vec![];
        for (event, at) in &self.log {
            match event {
                ConsultationEvent::OfferRejected { counselor, .. } => {
                    if !self.state.quick_match() {
                        rejected.clear();
                    }
                    rejected.retain(|(who, _)| who != counselor);
                    rejected.push((*counselor, *at));
                }
                ConsultationEvent::OfferExpired { .. } | ConsultationEvent::Accepted { .. }
                    if !self.state.quick_match() =>
                {
                    rejected.clear();
                }
                ConsultationEvent::Offered {
                    counselor,
                    candidates,
                    ..
                } => {
                    let before = rejected.iter().find(|(who, _)| who == counselor);
                    prop_assert!(
                        before.is_none_or(|(_, then)| at - then >= TIMEOUT),
                        "in a row"
                    );
                    let own = &candidates[0];
                    prop_assert_eq!(own.counselor, *counselor);
                    prop_assert_eq!(own.passed_over, None);
                    prop_assert!(
                        own.active_consultations < own.max_active,
                        "asked a full one"
                    );
                }
                _ => {}
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn nobody_gets_two_counsellors_no_counsellor_too_many_and_every_request_moves_on(
        capacities in proptest::collection::vec(proptest::option::of(1..=3u32), 1..=4),
        steps in proptest::collection::vec(step(), 0..80),
    ) {
        let mut service = Service::open(&capacities);
        for step in steps {
            service.carry_out(&step)?;
            service.settle()?;
            service.check()?;
        }
    }
}
