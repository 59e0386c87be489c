//! What time does: offers, requests and consultations end, and a restart changes nothing.

use domain::EndReason;
use projections::consultations::{ConsultationStatus, OfferStatus, offers_of};

use crate::world::World;

#[tokio::test]
async fn an_unanswered_offer_expires_and_moves_on() {
    let world = World::new().await;
    let first = world.waits().await;
    world.forward(1).await;
    let second = world.waits().await;
    let consultation = world.asks(false).await;
    world.forward(29).await;
    assert_eq!(world.asked(consultation).await, [first]);
    world.forward(1).await;
    assert_eq!(world.asked(consultation).await, [second]);
    let offers = offers_of(world.reader(), consultation).await.unwrap();
    assert_eq!(offers[0].status, OfferStatus::Expired);
    world.accepts(first, consultation).await.unwrap_err();
    world.stop().await;
}

#[tokio::test]
async fn nobody_waits_for_longer_than_the_waiting_time_out() {
    let world = World::new().await;
    let counselor = world.waits().await;
    let consultation = world.asks(true).await;
    world.forward(599).await;
    assert_eq!(
        world.status(consultation).await.0,
        ConsultationStatus::Waiting
    );
    world.forward(1).await;
    let ended = (ConsultationStatus::Terminated, Some(EndReason::NoCounselor));
    assert_eq!(world.status(consultation).await, ended);
    assert!(world.asked(consultation).await.is_empty());
    world.accepts(counselor, consultation).await.unwrap_err();
    world.stop().await;
}

#[tokio::test]
async fn an_idle_consultation_is_completed_and_its_counselor_is_free_again() {
    let world = World::with_capacity(1).await;
    let counselor = world.waits().await;
    let consultation = world.asks(true).await;
    world.accepts(counselor, consultation).await.unwrap();
    world.forward(7_199).await;
    world.says(consultation).await;
    world.forward(7_199).await;
    assert_eq!(
        world.status(consultation).await.0,
        ConsultationStatus::Active
    );
    world.forward(1).await;
    let ended = (ConsultationStatus::Completed, Some(EndReason::Idle));
    assert_eq!(world.status(consultation).await, ended);
    assert!(world.room_is_closed(consultation).await);
    assert_eq!(world.active_consultations(counselor).await, 0);
    world.stop().await;
}

#[tokio::test]
async fn a_restart_goes_on_with_open_offers_as_they_were() {
    let world = World::new().await;
    let first = world.waits().await;
    world.forward(1).await;
    let second = world.waits().await;
    let consultation = world.asks(false).await;
    world.forward(20).await;
    let before = world.head().await;
    let world = world.restarts().await;
    // Only the sockets of the run before are closed by events.
    assert_eq!(
        world.events_after(before).await,
        ["counselor.socket_closed"; 2]
    );
    assert_eq!(world.asked(consultation).await, [first]);
    world.listens(first).await;
    world.listens(second).await;
    world.forward(9).await;
    assert_eq!(world.asked(consultation).await, [first]);
    world.forward(1).await;
    assert_eq!(world.asked(consultation).await, [second]);
    world.stop().await;
}

#[tokio::test]
async fn what_came_due_while_it_was_down_is_done_at_the_start() {
    let world = World::new().await;
    world.waits().await;
    let consultation = world.asks(false).await;
    let (world, clock) = world.goes_down().await;
    clock.advance_seconds(601);
    let world = world.comes_up().await;
    let ended = (ConsultationStatus::Terminated, Some(EndReason::NoCounselor));
    assert_eq!(world.status(consultation).await, ended);
    world.stop().await;
}

#[tokio::test]
async fn looking_again_changes_nothing() {
    let world = World::new().await;
    world.waits().await;
    world.asks(true).await;
    world.asks(false).await;
    let before = world.head().await;
    for _ in 0..5 {
        world.looks().await;
    }
    assert_eq!(world.head().await, before);
    world.stop().await;
}

#[tokio::test]
async fn a_rebuild_of_the_read_models_has_no_effects() {
    let world = World::new().await;
    let counselor = world.waits().await;
    let taken = world.asks(true).await;
    world.accepts(counselor, taken).await.unwrap();
    let open = world.asks(false).await;
    let before = world.head().await;
    let (world, _) = world.goes_down().await;
    world.forgets_read_models().await;
    let world = world.comes_up().await;
    assert_eq!(
        world.events_after(before).await,
        ["counselor.socket_closed"]
    );
    assert_eq!(world.asked(open).await, [counselor]);
    world.stop().await;
}
