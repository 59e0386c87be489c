//! Thousands of random operations over rooms, in one dialect or another, some of them at the same
//! time: every answer is held against a model in memory.

mod act;
mod choose;
mod compare;
mod world;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tests::{TestApp, User, long, seed};

use act::{Outcome, Via, act};
use choose::Choice;
use world::World;

/// Steps, each of one operation or of several at the same time.
const STEPS: usize = 400;
const STEPS_LONG: usize = 10_000;

const PEOPLE: [&str; 6] = ["한지우", "이서준", "최하늘", "박도윤", "정수아", "김민준"];

#[tokio::test(flavor = "multi_thread")]
async fn rooms_are_as_a_plain_model_says() {
    let seed = seed();
    let mut random = StdRng::seed_from_u64(seed);
    let settings = "limits.messages_per_minute = 0\nlimits.requests_per_minute = 0";
    let server = TestApp::with(settings).await;
    let mut people = Vec::new();
    for name in PEOPLE {
        people.push(User::new(&server.client, name).await);
    }
    let mut world = World::default();
    let steps = if long() { STEPS_LONG } else { STEPS };
    for step in 1..=steps {
        let choices = choose::step(&world, people.len(), step, &mut random);
        println!("{step}: {choices:?}");
        let outcomes = carry_out(&people, &choices).await;
        settle(&mut world, step, &choices, &outcomes);
        if let [choice] = choices.as_slice() {
            repeat(&people, choice, &outcomes[0], &mut random).await;
        }
        let who = random.random_range(0..people.len());
        compare::list(&world, &people, who).await;
        if let Some(room) = choose::any_room(&world, &mut random) {
            compare::room(&world, &people, who, room, &mut random, false).await;
        }
    }
    for who in 0..people.len() {
        compare::list(&world, &people, who).await;
        for room in world.rooms.keys() {
            compare::room(&world, &people, who, *room, &mut random, true).await;
        }
    }
    server_agrees_with_its_log(server).await;
}

/// The read models are those that the log makes anew.
async fn server_agrees_with_its_log(mut server: TestApp) {
    server.go_down().await;
    tests::talks::verify(&server.place);
    tests::talks::diff(&server.place);
}

/// All at the same time.
async fn carry_out(people: &[User], choices: &[Choice]) -> Vec<Outcome> {
    if let [only] = choices {
        return vec![act(people, only.by, &only.op, only.via, &only.key).await];
    }
    let mut tasks = Vec::new();
    for choice in choices {
        let (people, choice) = (people.to_vec(), choice.clone());
        tasks.push(tokio::spawn(async move {
            act(&people, choice.by, &choice.op, choice.via, &choice.key).await
        }));
    }
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

/// What recorded something takes effect in the order of the log, and must have been allowed at its
/// place in it. What recorded nothing must have been right at some moment of the step.
fn settle(world: &mut World, step: usize, choices: &[Choice], outcomes: &[Outcome]) {
    let mut possible: Vec<Vec<u16>> = choices
        .iter()
        .map(|choice| vec![world.status(choice.by, &choice.op)])
        .collect();
    let mut order: Vec<usize> = (0..choices.len())
        .filter(|index| outcomes[*index].position.is_some())
        .collect();
    order.sort_by_key(|index| outcomes[*index].position);
    for index in order {
        let (choice, outcome) = (&choices[index], &outcomes[index]);
        let position = outcome.position.unwrap();
        assert_eq!(
            outcome.status,
            world.status(choice.by, &choice.op),
            "{choice:?}: {outcome:?}"
        );
        let number = choice.number(world, outcome);
        world.apply(step, choice.by, &choice.op, position, number);
        for (possible, choice) in possible.iter_mut().zip(choices) {
            possible.push(world.status(choice.by, &choice.op));
        }
    }
    for ((choice, outcome), possible) in choices.iter().zip(outcomes).zip(possible) {
        assert!(
            possible.contains(&outcome.status),
            "{choice:?}: {outcome:?}, not one of {possible:?}"
        );
        if outcome.position.is_none() && choices.len() == 1 {
            choice.must_have_changed_nothing(world, outcome);
        }
    }
}

/// The same message under the same id of its sender's is the same message, in whatever dialect.
async fn repeat(people: &[User], choice: &Choice, first: &Outcome, random: &mut StdRng) {
    if !choice.is_plain_message() || first.status != 201 || random.random_bool(0.8) {
        return;
    }
    let via = if random.random_bool(0.5) {
        Via::Chat
    } else {
        Via::Feed
    };
    let again = act(people, choice.by, &choice.op, via, &choice.key).await;
    assert_eq!(
        (again.status, again.number, again.position),
        (201, first.number, first.position)
    );
}
