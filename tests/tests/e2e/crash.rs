//! The real binary is killed at random moments; what was acknowledged is there afterwards.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use tests::room_talks::{RoomLedger, Talker, check_rooms};
use tests::talks::{Ledger, check, diff, requests, talk, verify};
use tests::{Counselor, Place, Process, User, Visitor, admin_token, long, seed};

/// Consultations that talk at once.
const TALKS: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_when_the_server_is_killed() {
    let rounds = if long() { 20 } else { 5 };
    let seed = seed();
    let mut random = StdRng::seed_from_u64(seed);
    let place = Place::new().await;
    let more = "limits.requests_per_minute = 0\nlimits.messages_per_minute = 0\n\
                consultation.max_active = 100\nconsultation.counselor_grace = \"10m\"";
    let mut server = Process::start(&place, more).await;
    let admin = admin_token(&server.client).await;
    let mut counselor = Counselor::new(&server.client, &admin, "상담사").await;
    let bell = counselor.waits().await;
    let mut visitors = Vec::new();
    for index in 0..TALKS {
        visitors.push(Visitor::asks(&server.client, &format!("손님{index}")).await);
    }
    for request in requests(&counselor, TALKS).await {
        counselor.accepts(request).await.expect(200);
    }
    drop(bell);
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    for round in 0..rounds {
        // One more asks and is not answered: its offer must be open after the crash.
        let open = Visitor::asks(&server.client, "기다림").await;
        let before = requests(&counselor, 1).await;
        let talking: Vec<_> = visitors
            .iter()
            .enumerate()
            .map(|(index, visitor)| {
                tokio::spawn(talk(
                    visitor.clone(),
                    Arc::clone(&ledger),
                    format!("{round}-{index}"),
                ))
            })
            .collect();
        let life = Duration::from_millis(random.random_range(50..2_000));
        tokio::time::sleep_until(tokio::time::Instant::now() + life).await;
        server.kill().await;
        for task in talking {
            task.await.unwrap();
        }
        verify(&place);
        server = Process::start(&place, more).await;
        counselor.client = server.client.clone();
        for visitor in &mut visitors {
            visitor.client = server.client.clone();
        }
        let known = std::mem::take(&mut *ledger.lock());
        check(&server.client, &visitors, &known).await;
        *ledger.lock() = known;
        assert_eq!(requests(&counselor, 1).await, before, "open offers go on");
        counselor.accepts(before[0]).await.expect(200);
        let path = format!("/api/v1/consultations/{}/end", open.code);
        server.client.post(&path, None, json!({})).await.expect(200);
    }
    assert_eq!(server.terminate().await, Some(0));
    verify(&place);
    diff(&place);
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_lose_nothing_acknowledged_and_are_the_same_for_all_when_the_server_is_killed() {
    let rounds = if long() { 20 } else { 4 };
    let seed = seed();
    let mut random = StdRng::seed_from_u64(seed);
    let place = Place::new().await;
    let more = "limits.requests_per_minute = 0\nlimits.messages_per_minute = 0";
    let mut server = Process::start(&place, more).await;
    let mut people = Vec::new();
    for name in ["한지우", "이서준", "최하늘"] {
        people.push(User::new(&server.client, name).await);
    }
    let group = people[0].gathers("산책", &[&people[1], &people[2]]).await;
    let direct = people[0].meets(&people[1]).await;
    let ledger = Arc::new(Mutex::new(RoomLedger::default()));
    for round in 0..rounds {
        let mut talking = Vec::new();
        let rooms = [(group, people.clone()), (direct, people[..2].to_vec())];
        for (room, members) in rooms {
            for member in members {
                let name = format!("{round}-{}", member.name);
                let seed = random.random();
                let talker = Talker::new(member, room, Arc::clone(&ledger), seed);
                talking.push(tokio::spawn(talker.talks(name)));
            }
        }
        let life = Duration::from_millis(random.random_range(50..2_000));
        tokio::time::sleep_until(tokio::time::Instant::now() + life).await;
        server.kill().await;
        for task in talking {
            task.await.unwrap();
        }
        verify(&place);
        server = Process::start(&place, more).await;
        for user in &mut people {
            user.client = server.client.clone();
        }
        let mut known = std::mem::take(&mut *ledger.lock());
        let rooms = [(group, people.clone()), (direct, people[..2].to_vec())];
        check_rooms(&rooms, &mut known).await;
        println!("{} messages are there", known.acknowledged());
        *ledger.lock() = known;
    }
    assert_eq!(server.terminate().await, Some(0));
    verify(&place);
    diff(&place);
}
