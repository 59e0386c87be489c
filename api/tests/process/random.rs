//! Random schedules: whatever people do, nobody gets too much and nothing is forgotten.

use domain::{ConsultationId, CounselorId, CounselorStatus, OfferMode};
use projections::consultations::{ConsultationStatus, OfferRow, OfferStatus, by_id, offers_of};
use projections::counselors::{self, CounselorRow};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use crate::world::{CAPACITY, OFFER_TIMEOUT_US, WAITING_TIMEOUT_US, World};

const STEPS: usize = 150;

#[tokio::test]
async fn nobody_is_above_capacity_and_every_request_moves_on_while_somebody_eligible_waits() {
    let given = std::env::var("SEED").ok().map(|seed| seed.parse().unwrap());
    let rounds = if std::env::var_os("MAEUM_TEST_LONG").is_some() {
        40
    } else {
        2
    };
    for _ in 0..rounds {
        let seed = given.unwrap_or_else(rand::random);
        println!("SEED={seed}");
        Schedule::new(seed).await.run().await;
    }
}

struct Schedule {
    world: World,
    random: StdRng,
    counselors: Vec<CounselorId>,
    consultations: Vec<ConsultationId>,
}

impl Schedule {
    async fn new(seed: u64) -> Self {
        let world = World::new().await;
        let mut counselors = Vec::new();
        for _ in 0..5 {
            counselors.push(world.counselor().await);
        }
        let random = StdRng::seed_from_u64(seed);
        Self {
            world,
            random,
            counselors,
            consultations: Vec::new(),
        }
    }

    async fn run(mut self) {
        for _ in 0..STEPS {
            self.step().await;
            self.world.settles().await;
            self.check().await;
        }
        self.world.stop().await;
    }

    async fn step(&mut self) {
        let counselor = *self.counselors.choose(&mut self.random).unwrap();
        let consultation = self.consultations.choose(&mut self.random).copied();
        match self.random.random_range(0..100) {
            0..20 => {
                let quick = self.random.random_bool(0.5);
                self.consultations.push(self.world.asks(quick).await);
            }
            20..35 => {
                self.world.listens(counselor).await;
                self.world
                    .becomes(counselor, CounselorStatus::Waiting)
                    .await;
            }
            35..40 => self.world.becomes(counselor, CounselorStatus::Busy).await,
            40..45 => self.world.loses_sockets(counselor).await,
            45..60 => {
                if let Some(offer) = self.pending().await {
                    // Refused where they are full.
                    self.world
                        .accepts(offer.counselor, offer.consultation)
                        .await
                        .ok();
                }
            }
            60..75 => {
                if let Some(offer) = self.pending().await {
                    self.world
                        .rejects(offer.counselor, offer.consultation)
                        .await;
                }
            }
            75..85 => {
                if let Some(consultation) = consultation {
                    self.world.ends(consultation).await;
                }
            }
            _ => {
                let seconds = self.random.random_range(1..40);
                self.world.forward(seconds).await;
            }
        }
    }

    async fn pending(&mut self) -> Option<OfferRow> {
        let mut all = Vec::new();
        for consultation in &self.consultations {
            let offers = offers_of(self.world.reader(), *consultation).await.unwrap();
            all.extend(
                offers
                    .into_iter()
                    .filter(|offer| offer.status == OfferStatus::Pending),
            );
        }
        all.choose(&mut self.random).cloned()
    }

    async fn check(&self) {
        let reader = self.world.reader();
        let counselors = counselors::list(reader).await.unwrap();
        let mut active = 0;
        for counselor in &counselors {
            assert!(counselor.active_consultations <= CAPACITY, "{counselor:?}");
            active += counselor.active_consultations;
        }
        let mut with_somebody = 0;
        for id in &self.consultations {
            let offers = offers_of(reader, *id).await.unwrap();
            let consultation = by_id(reader, *id).await.unwrap().unwrap();
            let accepted = offers
                .iter()
                .filter(|offer| offer.status == OfferStatus::Accepted);
            assert!(accepted.count() <= 1, "{offers:?}");
            with_somebody += u32::from(consultation.status == ConsultationStatus::Active);
            let pending: Vec<_> = offers
                .iter()
                .filter(|offer| offer.status == OfferStatus::Pending)
                .collect();
            if consultation.status != ConsultationStatus::Waiting {
                assert!(pending.is_empty(), "{offers:?}");
                continue;
            }
            assert!(self.world.now() - consultation.requested_at < WAITING_TIMEOUT_US);
            assert!(
                consultation.quick_match || pending.len() <= 1,
                "{:?} {pending:?}",
                OfferMode::OneAtATime
            );
            for offer in &pending {
                let asked = counselors
                    .iter()
                    .find(|row| row.id == offer.counselor)
                    .unwrap();
                assert_eq!(asked.status, CounselorStatus::Waiting, "{offer:?}");
            }
            for counselor in counselors.iter().filter(|row| could_take(row)) {
                self.check_asked(consultation.quick_match, counselor, &offers, &pending);
            }
        }
        assert_eq!(active, with_somebody);
    }

    /// Whoever could take it is being asked, or somebody else is, or it is too soon again.
    fn check_asked(
        &self,
        quick_match: bool,
        counselor: &CounselorRow,
        offers: &[OfferRow],
        pending: &[&OfferRow],
    ) {
        let theirs: Vec<_> = offers
            .iter()
            .filter(|offer| offer.counselor == counselor.id)
            .collect();
        let is_asked = pending.iter().any(|offer| offer.counselor == counselor.id);
        let rejected = theirs
            .iter()
            .rev()
            .find(|offer| offer.status == OfferStatus::Rejected);
        let too_soon = rejected
            .and_then(|offer| offer.decided_at)
            .is_some_and(|at| self.world.now() < at + OFFER_TIMEOUT_US);
        let somebody_else = !pending.is_empty() && (!quick_match || rejected.is_some());
        assert!(
            is_asked || too_soon || somebody_else,
            "{counselor:?} is forgotten: {offers:?}"
        );
    }
}

fn could_take(row: &CounselorRow) -> bool {
    row.status == CounselorStatus::Waiting && row.active_consultations < CAPACITY
}
