//! Joining and leaving: told to those who are there, and true for whoever comes and goes.

use serde_json::json;
use tests::{Answer, Dialect, Meeting, Seat, Socket, TestApp, User};

use super::deed::Deed;
use super::{Hall, holds};

/// The dialects that show a group.
const DIALECTS: [Dialect; 2] = [Dialect::Chat, Dialect::Feed];

/// The feed's calls are the only ones by which members of a group change.
fn members(meeting: &Meeting, rest: &str) -> String {
    format!("/api/v1/chat/rooms/{}/members{rest}", meeting.room)
}

async fn adds(meeting: &Meeting, by: &User, newcomer: &User) -> Answer {
    let body = json!({"user_id": newcomer.id});
    by.post(&members(meeting, ""), body).await
}

async fn removes(meeting: &Meeting, by: &User, member: &User) -> Answer {
    let path = members(meeting, &format!("/{}", member.id));
    by.delete(&path).await
}

/// Whoever has joined, by each dialect.
fn seats_of(meeting: &Meeting, user: &User) -> Vec<Seat> {
    let seat = |dialect| Seat {
        user: user.clone(),
        ..meeting.seat(0, dialect)
    };
    DIALECTS.map(seat).into()
}

/// What of a deed those who are there miss.
async fn missed(hall: &mut Hall, by: &str, deed: &Deed) -> Vec<String> {
    let misses = hall.misses(deed).await;
    let by = |why| format!("{by}: {why}");
    misses.into_iter().map(by).collect()
}

/// What is wrong with how a newcomer finds the room: its history, and what is said from now on.
async fn welcomed(hall: &Hall, seats: &[Seat], earlier: u64) -> (Vec<Socket>, Vec<String>) {
    let mut misses = Vec::new();
    let mut sockets = Vec::new();
    for seat in seats {
        let dialect = seat.dialect;
        let mut socket = seat.enters().await;
        if seat.row(earlier).await.is_none() {
            misses.push(format!("{dialect:?}: what was said before is not shown"));
        }
        let number = hall.meeting.people[1].says("어서 오세요", seat.room).await;
        match socket.hears("message").await {
            Ok(frame) if seat.told_number(&frame) == number => {}
            other => misses.push(format!("{dialect:?}: {other:?}")),
        }
        sockets.push(socket);
    }
    (sockets, misses)
}

/// What is wrong with how the room looks to somebody who has left it.
async fn left_out(seats: &[Seat], sockets: Vec<Socket>) -> Vec<String> {
    let mut misses = Vec::new();
    for (seat, mut socket) in seats.iter().zip(sockets) {
        let dialect = seat.dialect;
        let told = match dialect {
            Dialect::Consultation | Dialect::Chat => "participant_left",
            Dialect::Feed => "member_leave",
        };
        let expected = json!({"type": told, "user_id": seat.user.id});
        let heard = socket.hears(told).await;
        let miss = heard.and_then(|frame| holds(&frame, &expected));
        misses.extend(
            miss.err()
                .map(|why| format!("{dialect:?} of their own: {why}")),
        );
        for (what, code, expected) in [
            ("the connection", socket.closed().await, 4403),
            ("entering again", seat.enters().await.closed().await, 4404),
            ("resuming", seat.returns(1).await.closed().await, 4404),
        ] {
            if code != expected {
                misses.push(format!("{dialect:?}: {what}: {code}"));
            }
        }
        for (what, status) in [
            (
                "history",
                seat.messages().await.err().map(|answer| answer.status),
            ),
            ("sending", Some(seat.calls_to_say("?").await.status)),
        ] {
            if status != Some(404) {
                misses.push(format!("{dialect:?}: {what}: {status:?}"));
            }
        }
    }
    misses
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_and_who_leaves_is_seen_in_every_dialect_and_by_themselves() {
    let server = TestApp::start().await;
    let mut hall = Hall::of(Meeting::group(&server.client).await).await;
    let (owner, member) = (
        hall.meeting.people[0].clone(),
        hall.meeting.people[1].clone(),
    );
    let earlier = owner.says("아무도 없나요", hall.meeting.room).await;
    let mut misses = Vec::new();
    for (inviting, removed_by_owner) in [(&owner, true), (&member, false)] {
        let newcomer = User::new(&server.client, "최하늘").await;
        let seats = seats_of(&hall.meeting, &newcomer);
        // They come twice: whoever was there before is let in and shown all again.
        for _ in 0..2 {
            adds(&hall.meeting, inviting, &newcomer).await.expect(201);
            let by = format!("added by {}", inviting.name);
            misses.extend(missed(&mut hall, &by, &Deed::Joined(newcomer.clone())).await);
            let (sockets, wrong) = welcomed(&hall, &seats, earlier).await;
            misses.extend(wrong);
            let by = if removed_by_owner { &owner } else { &newcomer };
            removes(&hall.meeting, by, &newcomer).await.expect(200);
            let by = format!("removed by {}", by.name);
            misses.extend(missed(&mut hall, &by, &Deed::Left(newcomer.clone())).await);
            misses.extend(left_out(&seats, sockets).await);
        }
    }
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}
