//! Auditors who follow the log as it is written: all of it, once, from where they were, for as
//! long as they may.

use std::time::Duration;

use reqwest::Response;
use serde_json::{Value, json};
use tests::{Client, DEADLINE, TestApp, User, admin_token};
use tokio::time::{Instant, timeout};

use crate::audit::person;

const EVENTS: &str = "/api/v1/audit/events";

/// One stream of events.
struct Stream {
    response: Response,
    held: Vec<u8>,
    /// What the client would come back with.
    last_id: u64,
}

/// What a stream tells.
#[derive(Debug)]
enum Heard {
    Event(Value),
    /// The last words: why it ends.
    End(String),
    Over,
}

impl Stream {
    async fn opens(client: &Client, token: &str, query: &str, last_id: Option<u64>) -> Self {
        let request = client
            .request("GET", &format!("{EVENTS}?{query}"))
            .bearer_auth(token)
            .header("accept", "text/event-stream");
        let request = match last_id {
            Some(id) => request.header("last-event-id", id.to_string()),
            None => request,
        };
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            response,
            held: Vec::new(),
            last_id: last_id.unwrap_or_default(),
        }
    }

    /// The next that is told, as a browser would understand it.
    async fn next(&mut self) -> Heard {
        loop {
            if let Some(block) = self.block() {
                if let Some(heard) = self.understand(&block) {
                    return heard;
                }
                continue;
            }
            let chunk = timeout(DEADLINE, self.response.chunk()).await;
            match chunk.expect("something in time") {
                Ok(Some(chunk)) => self.held.extend_from_slice(&chunk),
                Ok(None) | Err(_) => return Heard::Over,
            }
        }
    }

    /// What stands up to the next empty line.
    fn block(&mut self) -> Option<String> {
        let end = self.held.windows(2).position(|two| two == b"\n\n")?;
        let block: Vec<u8> = self.held.drain(..end + 2).collect();
        Some(String::from_utf8(block).unwrap())
    }

    fn understand(&mut self, block: &str) -> Option<Heard> {
        let (mut data, mut is_end) = (String::new(), false);
        for line in block.lines() {
            match line.split_once(':').unwrap_or((line, "")) {
                ("id", id) => self.last_id = id.trim().parse().unwrap(),
                ("data", text) => data += text.trim_start(),
                ("event", name) => is_end = name.trim() == "end",
                ("retry" | "", _) => {}
                other => panic!("{other:?}"),
            }
        }
        if data.is_empty() {
            return None;
        }
        let data: Value = serde_json::from_str(&data).unwrap();
        if is_end {
            return Some(Heard::End(data["code"].as_str().unwrap().to_owned()));
        }
        assert_eq!(data["position"], self.last_id);
        Some(Heard::Event(data))
    }

    async fn event(&mut self) -> Value {
        match self.next().await {
            Heard::Event(event) => event,
            other => panic!("{other:?}"),
        }
    }

    /// Everything up to an event that is as asked, and that one.
    async fn until(&mut self, is_it: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut heard = Vec::new();
        loop {
            let event = self.event().await;
            let found = is_it(&event);
            heard.push(event);
            if found {
                return heard;
            }
        }
    }

    /// Why it ended.
    async fn ends(&mut self) -> Option<String> {
        let ending = async {
            loop {
                match self.next().await {
                    Heard::Event(_) => {}
                    Heard::End(code) => return Some(code),
                    Heard::Over => return None,
                }
            }
        };
        timeout(DEADLINE, ending).await.expect("an end in time")
    }
}

fn positions(events: &[Value]) -> Vec<u64> {
    let position = |event: &Value| event["position"].as_u64().unwrap();
    events.iter().map(position).collect()
}

async fn head(server: &TestApp) -> u64 {
    server.app().store.head().await.unwrap()
}

/// Records of readings behind a position.
async fn records(server: &TestApp, after: u64) -> Vec<Value> {
    let page = server.app().store.read_all(after, 1_000).await.unwrap();
    let events = page.events.iter();
    let records = events.filter(|event| &*event.event_type == "access.recorded");
    records
        .map(|event| serde_json::from_slice(&event.payload).unwrap())
        .collect()
}

struct Scene {
    server: TestApp,
    admin: String,
    auditor: String,
    auditor_id: String,
    mina: User,
    bora: User,
    room: u64,
}

impl Scene {
    async fn new() -> Self {
        let server =
            TestApp::with("limits.messages_per_minute = 0\nlimits.requests_per_minute = 0").await;
        let client = &server.client;
        let admin = admin_token(client).await;
        let (auditor, auditor_id) = person(client, &admin, "auditor").await;
        let mina = User::new(client, "미나").await;
        let bora = User::new(client, "보라").await;
        let room = mina.meets(&bora).await;
        Self {
            server,
            admin,
            auditor,
            auditor_id,
            mina,
            bora,
            room,
        }
    }

    async fn follows(&self, query: &str) -> Stream {
        Stream::opens(&self.server.client, &self.auditor, query, None).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_comes_once_and_in_order_and_then_what_happens() {
    let scene = Scene::new().await;
    let mut stream = scene.follows("purpose=complaint").await;
    scene.mina.says("첫 문장", scene.room).await;
    let is_said = |event: &Value| event.to_string().contains("첫 문장");
    let heard = stream.until(is_said).await;
    let all = positions(&heard);
    assert_eq!(all, (1..=all.len() as u64).collect::<Vec<_>>());
    let said = heard.last().unwrap();
    assert_eq!(said["type"], "message.sent");
    assert_eq!(said["parts"][0]["state"], "open");
    // The client is cut off, and comes back with what it had.
    let last_id = stream.last_id;
    drop(stream);
    for text in ["둘째", "셋째"] {
        scene.bora.says(text, scene.room).await;
    }
    let (client, token) = (&scene.server.client, &scene.auditor);
    let mut stream = Stream::opens(client, token, "after=3", Some(last_id)).await;
    scene.bora.says("넷째", scene.room).await;
    let is_sent = |event: &Value| event["type"] == "message.sent";
    let mut heard = Vec::new();
    for _ in 0..3 {
        heard.extend(stream.until(is_sent).await);
    }
    let all = positions(&heard);
    let expected: Vec<_> = (last_id + 1..=*all.last().unwrap()).collect();
    assert_eq!(all, expected, "nothing twice, nothing left out");
    let sealed = &heard.last().unwrap()["parts"][0];
    assert_eq!(sealed["state"], "sealed", "no purpose was given this time");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opening_is_on_record_and_each_new_person_and_nobody_twice() {
    let scene = Scene::new().await;
    let before = head(&scene.server).await;
    let query = format!("type=message.sent&after={before}&purpose=complaint");
    let mut stream = scene.follows(&query).await;
    let opened = records(&scene.server, before).await;
    assert_eq!(opened.len(), 1);
    assert_eq!(opened[0]["act"], "audit.events.followed");
    assert_eq!(opened[0]["account"], json!(scene.auditor_id));
    assert_eq!(opened[0]["purpose"], "complaint");
    assert_eq!(opened[0]["events"], 0);
    for _ in 0..3 {
        scene.mina.says("말", scene.room).await;
        stream.event().await;
    }
    let seen = records(&scene.server, before).await;
    assert_eq!(seen.len(), 2, "{seen:?}");
    let people = &seen[1]["concerned"]["people"];
    assert_eq!(*people, json!([scene.mina.uuid]));
    scene.bora.says("말", scene.room).await;
    stream.event().await;
    let seen = records(&scene.server, before).await;
    assert_eq!(seen.len(), 3, "{seen:?}");
    assert_eq!(seen[2]["concerned"]["people"], json!([scene.bora.uuid]));
    let end = head(&scene.server).await;
    let log = format!("/api/v1/users/me/access-log?min_position={end}");
    let log = scene.bora.get(&log).await.expect(200);
    assert_eq!(log["accesses"][0]["act"], "audit.events.followed");
    // Another auditor who follows all of it does not set off records without an end.
    let (client, token) = (&scene.server.client, &scene.admin);
    let mut other = Stream::opens(client, token, &format!("after={before}"), None).await;
    let mut everything = scene.follows(&format!("after={before}")).await;
    scene.mina.says("끝", scene.room).await;
    let end = head(&scene.server).await;
    for stream in [&mut other, &mut everything] {
        stream
            .until(|event| event["position"].as_u64() >= Some(end))
            .await;
    }
    scene.mina.says("정말 끝", scene.room).await;
    let is_sent = |event: &Value| event["type"] == "message.sent";
    other.until(is_sent).await;
    everything.until(is_sent).await;
    let after = records(&scene.server, end).await;
    assert!(after.len() <= 2, "{after:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_selected_is_told_and_where_to_come_back_to_moves_on() {
    let scene = Scene::new().await;
    let from = head(&scene.server).await;
    let query = format!("after={from}&actor={}&type=message.sent", scene.bora.uuid);
    let mut stream = scene.follows(&query).await;
    for _ in 0..5 {
        scene.mina.says("남의 말", scene.room).await;
    }
    scene.bora.says("말", scene.room).await;
    let event = stream.event().await;
    assert_eq!(event["actor"], json!(scene.bora.uuid));
    assert_eq!(event["position"], stream.last_id);
    for _ in 0..5 {
        scene.mina.says("남의 말", scene.room).await;
    }
    let end = head(&scene.server).await;
    while stream.last_id < end {
        let chunk = timeout(DEADLINE, stream.response.chunk()).await.unwrap();
        stream.held.extend_from_slice(&chunk.unwrap().unwrap());
        while let Some(block) = stream.block() {
            assert!(stream.understand(&block).is_none(), "{block}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn times_choose_a_stretch() {
    let scene = Scene::new().await;
    scene.mina.says("하나", scene.room).await;
    scene.server.clock.forward(Duration::from_mins(1));
    scene.mina.says("둘", scene.room).await;
    scene.server.clock.forward(Duration::from_mins(1));
    scene.mina.says("셋", scene.room).await;
    let asks = async |query: &str| {
        let path = format!("{EVENTS}?type=message.sent&{query}");
        scene.server.client.get(&path, Some(&scene.auditor)).await
    };
    let all = asks("").await.expect(200);
    let at = |index: usize| all["events"][index]["recorded_at"].as_str().unwrap();
    let count = async |query: &str| {
        let page = asks(query).await.expect(200);
        assert_eq!(page["scanned_to"], page["head"]);
        page["events"].as_array().unwrap().len()
    };
    assert_eq!(count(&format!("since={}", at(1))).await, 2);
    assert_eq!(count(&format!("until={}", at(1))).await, 1);
    assert_eq!(count(&format!("since={}&until={}", at(1), at(2))).await, 1);
    assert_eq!(count("since=2099-01-01T00:00:00Z").await, 0);
    assert_eq!(count("until=1999-01-01T00:00:00Z").await, 0);
    for bad in ["since=yesterday", "until=2026-11-21", "since=1"] {
        let body = asks(bad).await.expect(422);
        let field = bad.split('=').next().unwrap();
        assert_eq!(body["detail"][0]["loc"], json!(["query", field]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_who_may_follow_and_from_a_position_that_is_one() {
    let scene = Scene::new().await;
    let client = &scene.server.client;
    let asks = async |query: &str, token: Option<&str>, last: Option<&str>| {
        let mut request = client
            .request("GET", &format!("{EVENTS}?{query}"))
            .header("accept", "text/event-stream");
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(asks("", None, None).await, 401);
    assert_eq!(asks("token=nonsense", None, None).await, 401);
    assert_eq!(asks("", Some(&scene.mina.token), None).await, 403);
    let auditor = Some(&*scene.auditor);
    for bad in ["x", "-1", "999999999"] {
        assert_eq!(asks("", auditor, Some(bad)).await, 422, "{bad}");
    }
    assert_eq!(asks("purpose=%20", auditor, None).await, 422);
    // A browser cannot set the header: its token stands in the query, for streams alone.
    let query = format!("token={}&after=0", scene.auditor);
    assert_eq!(asks(&query, None, None).await, 200);
    let plain = client.get(&format!("{EVENTS}?{query}"), None).await;
    plain.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_ends_ends_the_stream_within_a_second() {
    let scene = Scene::new().await;
    let client = &scene.server.client;
    for (change, code) in [
        (json!({"role": "user"}), "not_allowed"),
        (json!({"active": false}), "not_authenticated"),
    ] {
        let (token, id) = person(client, &scene.admin, "auditor").await;
        let mut stream = Stream::opens(client, &token, "", None).await;
        stream.event().await;
        let path = format!("/admin/users/{id}");
        client
            .patch(&path, Some(&scene.admin), change)
            .await
            .expect(200);
        let since = Instant::now();
        assert_eq!(stream.ends().await.as_deref(), Some(code));
        assert!(since.elapsed() < Duration::from_secs(1));
    }
    let mut stream = scene.follows("").await;
    let body = json!({});
    client
        .post("/logout", Some(&scene.auditor), body)
        .await
        .expect(204);
    let since = Instant::now();
    assert_eq!(stream.ends().await.as_deref(), Some("not_authenticated"));
    assert!(since.elapsed() < Duration::from_secs(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_slowly_holds_nobody_up_and_misses_nothing() {
    let scene = Scene::new().await;
    let from = head(&scene.server).await;
    let query = format!("after={from}&type=message.sent&purpose=complaint");
    let mut slow = scene.follows(&query).await;
    let mut quick = scene.follows(&query).await;
    // More than all buffers in between take.
    let (count, long) = (600_usize, "긴 문장 ".repeat(900));
    for _ in 0..count / 20 {
        let says = (0..20).map(|_| scene.mina.says(&long, scene.room));
        futures_util::future::join_all(says).await;
    }
    let mut heard = Vec::new();
    for stream in [&mut quick, &mut slow] {
        let mut positions = Vec::new();
        while positions.len() < count {
            positions.push(stream.event().await["position"].as_u64().unwrap());
        }
        assert!(positions.is_sorted());
        heard.push(positions);
    }
    assert_eq!(heard[0], heard[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_down_ends_its_streams() {
    let mut scene = Scene::new().await;
    let mut stream = scene.follows("").await;
    stream.event().await;
    let since = Instant::now();
    let (over, ()) = tokio::join!(stream.ends(), scene.server.go_down());
    assert!(
        over.is_none() || over.as_deref() == Some("going_down"),
        "{over:?}"
    );
    assert!(
        since.elapsed() < Duration::from_secs(5),
        "{:?}",
        since.elapsed()
    );
}
