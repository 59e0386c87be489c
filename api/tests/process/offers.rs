//! To whom requests are put, and how they move on.

use domain::{CounselorStatus, OfferMode, PassedOver};
use projections::consultations::{OfferStatus, offers_of};

use crate::world::World;

#[tokio::test]
async fn a_broadcast_reaches_all_who_wait_and_is_withdrawn_from_the_others_once_taken() {
    let world = World::new().await;
    let (one, two, busy) = (
        world.waits().await,
        world.waits().await,
        world.counselor().await,
    );
    let consultation = world.asks(true).await;
    assert_eq!(world.asked(consultation).await, [one, two]);
    assert!(!world.asked(consultation).await.contains(&busy));
    world.accepts(one, consultation).await.unwrap();
    world.settles().await;
    let offers = offers_of(world.reader(), consultation).await.unwrap();
    let statuses: Vec<_> = offers
        .iter()
        .map(|offer| (offer.counselor, offer.status))
        .collect();
    assert_eq!(
        statuses,
        [(one, OfferStatus::Accepted), (two, OfferStatus::Withdrawn)]
    );
    assert!(
        offers
            .iter()
            .all(|offer| offer.mode == OfferMode::Broadcast)
    );
    world.accepts(two, consultation).await.unwrap_err();
    world.stop().await;
}

#[tokio::test]
async fn a_rejection_moves_one_at_a_time_on_at_once() {
    let world = World::new().await;
    let first = world.waits().await;
    world.forward(1).await;
    let second = world.waits().await;
    let consultation = world.asks(false).await;
    assert_eq!(world.asked(consultation).await, [first]);
    world.rejects(first, consultation).await;
    assert_eq!(world.asked(consultation).await, [second]);
    let offers = offers_of(world.reader(), consultation).await.unwrap();
    let why = &offers[1].candidates;
    assert_eq!(why[0].counselor, second);
    assert_eq!(why[1].passed_over, Some(PassedOver::Rejected));
    world.stop().await;
}

#[tokio::test]
async fn a_latecomer_is_asked_for_open_requests() {
    let world = World::new().await;
    let broadcast = world.asks(true).await;
    let alone = world.asks(false).await;
    assert!(world.asked(broadcast).await.is_empty());
    let early = world.waits().await;
    let late = world.waits().await;
    assert_eq!(world.asked(broadcast).await, [early, late]);
    assert_eq!(world.asked(alone).await, [early]);
    world.stop().await;
}

#[tokio::test]
async fn who_leaves_is_asked_no_more_and_it_moves_on_at_once() {
    let world = World::new().await;
    let leaving = world.waits().await;
    world.forward(1).await;
    let staying = world.waits().await;
    let alone = world.asks(false).await;
    let broadcast = world.asks(true).await;
    assert_eq!(world.asked(alone).await, [leaving]);
    world.becomes(leaving, CounselorStatus::Busy).await;
    assert_eq!(world.asked(alone).await, [staying]);
    assert_eq!(world.asked(broadcast).await, [staying]);
    world.stop().await;
}

#[tokio::test]
async fn a_full_counselor_is_asked_again_once_there_is_room() {
    let world = World::with_capacity(1).await;
    let counselor = world.waits().await;
    let first = world.asks(true).await;
    world.accepts(counselor, first).await.unwrap();
    let second = world.asks(true).await;
    assert!(world.asked(second).await.is_empty());
    world.ends(first).await;
    assert_eq!(world.asked(second).await, [counselor]);
    world.stop().await;
}

#[tokio::test]
async fn a_broadcast_to_more_than_one_append_holds_reaches_everybody() {
    let world = World::new().await;
    let mut counselors = Vec::new();
    for _ in 0..150 {
        counselors.push(world.quickly_waits().await);
    }
    world.settles().await;
    let consultation = world.asks(true).await;
    counselors.sort();
    let mut asked = world.asked(consultation).await;
    asked.sort();
    assert_eq!(asked, counselors);
    world.stop().await;
}

#[tokio::test]
async fn who_rejected_is_asked_again_only_alone_and_after_the_offer_time_out() {
    let world = World::new().await;
    let counselor = world.waits().await;
    let consultation = world.asks(true).await;
    world.rejects(counselor, consultation).await;
    world.forward(29).await;
    assert!(world.asked(consultation).await.is_empty());
    world.forward(1).await;
    assert_eq!(world.asked(consultation).await, [counselor]);
    world.stop().await;
}
