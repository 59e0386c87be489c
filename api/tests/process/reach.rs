//! Counsellors who cannot be reached, and those who are gone for good.

use domain::{CounselorStatus, OfferMode};
use projections::consultations::{ConsultationStatus, offers_of};

use crate::world::World;

#[tokio::test]
async fn who_has_lost_their_sockets_goes_away_after_the_grace_and_their_offers_move_on() {
    let world = World::new().await;
    let lost = world.waits().await;
    world.forward(1).await;
    let other = world.waits().await;
    let consultation = world.asks(false).await;
    world.loses_sockets(lost).await;
    world.forward(29).await;
    assert_eq!(world.counselor_status(lost).await, CounselorStatus::Waiting);
    world.forward(1).await;
    assert_eq!(world.counselor_status(lost).await, CounselorStatus::Away);
    assert_eq!(world.asked(consultation).await, [other]);
    world.stop().await;
}

#[tokio::test]
async fn who_comes_back_within_the_grace_stays() {
    let world = World::new().await;
    let counselor = world.waits().await;
    world.loses_sockets(counselor).await;
    world.forward(20).await;
    world.listens(counselor).await;
    world.forward(20).await;
    assert_eq!(
        world.counselor_status(counselor).await,
        CounselorStatus::Waiting
    );
    world.stop().await;
}

#[tokio::test]
async fn who_never_listens_goes_away_after_the_grace_as_well() {
    let world = World::new().await;
    let counselor = world.counselor().await;
    world.forward(100).await;
    world.becomes(counselor, CounselorStatus::Waiting).await;
    world.forward(29).await;
    assert_eq!(
        world.counselor_status(counselor).await,
        CounselorStatus::Waiting
    );
    world.forward(1).await;
    assert_eq!(
        world.counselor_status(counselor).await,
        CounselorStatus::Away
    );
    world.stop().await;
}

#[tokio::test]
async fn sockets_of_a_killed_process_do_not_count_and_the_grace_runs_from_the_start() {
    let world = World::new().await;
    let counselor = world.waits().await;
    let (world, clock) = world.goes_down().await;
    clock.advance_seconds(1_000);
    let world = world.comes_up().await;
    assert_eq!(
        world.counselor_status(counselor).await,
        CounselorStatus::Waiting
    );
    world.forward(30).await;
    assert_eq!(
        world.counselor_status(counselor).await,
        CounselorStatus::Away
    );
    world.stop().await;
}

#[tokio::test]
async fn what_a_deactivated_counselor_had_waits_for_another_one() {
    let world = World::new().await;
    let gone = world.waits().await;
    let consultation = world.asks(true).await;
    world.accepts(gone, consultation).await.unwrap();
    world.says(consultation).await;
    world.is_deactivated(gone).await;
    assert_eq!(
        world.status(consultation).await.0,
        ConsultationStatus::Waiting
    );
    assert_eq!(world.active_consultations(gone).await, 0);
    assert!(!world.room_is_closed(consultation).await);
    let other = world.waits().await;
    assert_eq!(world.asked(consultation).await, [other]);
    world.accepts(other, consultation).await.unwrap();
    world.says(consultation).await;
    let offers = offers_of(world.reader(), consultation).await.unwrap();
    assert!(
        offers
            .iter()
            .all(|offer| offer.mode == OfferMode::Broadcast)
    );
    world.stop().await;
}

#[tokio::test]
async fn what_was_given_back_waits_for_the_whole_waiting_time_out_and_then_its_room_is_closed() {
    let world = World::new().await;
    let gone = world.waits().await;
    let consultation = world.asks(true).await;
    world.accepts(gone, consultation).await.unwrap();
    world.forward(1_000).await;
    world.is_deactivated(gone).await;
    world.forward(599).await;
    assert_eq!(
        world.status(consultation).await.0,
        ConsultationStatus::Waiting
    );
    world.forward(1).await;
    assert_eq!(
        world.status(consultation).await.0,
        ConsultationStatus::Terminated
    );
    assert!(world.room_is_closed(consultation).await);
    world.stop().await;
}
