//! An erasure goes on where the server was killed.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tests::room_talks::{RoomLedger, Talker, check_rooms};
use tests::talks::{diff, verify};
use tests::{Place, Process, User, long, seed};

use super::planted::Planted;
use super::{deletes, receipt};

const SETTINGS: &str = "limits.requests_per_minute = 0\nlimits.messages_per_minute = 0";

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_under_load_is_completed_whenever_the_server_is_killed() {
    let rounds = if long() { 30 } else { 5 };
    let seed = seed();
    let mut random = StdRng::seed_from_u64(seed);
    let place = Place::new().await;
    let mut server = Process::start(&place, SETTINGS).await;
    let mut people = vec![
        User::new(&server.client, "한지우").await,
        User::new(&server.client, "이서준").await,
    ];
    let room = people[0].meets(&people[1]).await;
    let ledger = Arc::new(Mutex::new(RoomLedger::default()));
    for round in 0..rounds {
        let mut planted = Planted::new(&server.client).await;
        let counts = planted.counts().await;
        let talking: Vec<_> = people
            .iter()
            .map(|member| {
                let (name, seed) = (format!("{round}-{}", member.name), random.random());
                let talker = Talker::new(member.clone(), room, Arc::clone(&ledger), seed);
                tokio::spawn(talker.talks(name))
            })
            .collect();
        let (client, path) = (server.client.clone(), "/api/v1/users/me");
        let request = client.request("DELETE", path);
        let request = request.bearer_auth(&planted.alice.token);
        let asked = tokio::spawn(async move { client.try_send(request).await });
        // An erasure takes some 100 ms here: it is cut at every step in turn.
        let life = Duration::from_millis(random.random_range(5..200));
        tokio::time::sleep_until(tokio::time::Instant::now() + life).await;
        server.kill().await;
        let answered = asked.await.unwrap();
        for task in talking {
            task.await.unwrap();
        }
        verify(&place);
        server = Process::start(&place, SETTINGS).await;
        planted.at(&server.client).await;
        for user in &mut people {
            user.client = server.client.clone();
        }
        // Where the request itself was lost, it is made again; else this only fetches the receipt.
        let path = format!("/admin/users/{}", planted.alice.id);
        let again = receipt(deletes(&server.client, &path, Some(&planted.admin)).await);
        if let Ok(answered) = answered {
            assert_eq!(receipt(answered), again, "what was told stays so");
        }
        planted.nothing_is_told().await;
        assert_eq!(planted.counts().await, counts);
        let mut known = std::mem::take(&mut *ledger.lock());
        check_rooms(&[(room, people.clone())], &mut known).await;
        *ledger.lock() = known;
    }
    assert_eq!(server.terminate().await, Some(0));
    verify(&place);
    diff(&place);
}
