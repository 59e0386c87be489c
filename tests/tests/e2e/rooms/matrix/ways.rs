//! The ways in which each thing can be done: a dialect, and a call or its socket.

use serde_json::{Value, json};
use tests::{Dialect, Meeting, Seat};

use super::deed::Deed;
use super::messenger;

/// One way to do one thing.
#[derive(Debug, Clone, Copy)]
pub enum Way {
    SaidOn(Dialect),
    SaidByCall(Dialect),
    EditedByCall(Dialect),
    DeletedByCall(Dialect),
    ReadOn(Dialect),
    ReadByCall(Dialect),
    SaidInMessenger,
    SaidByMessengersCall,
    ReadInMessenger,
}

impl Way {
    pub fn to_send(meeting: &Meeting) -> Vec<Self> {
        let mut ways = vec![
            Self::SaidOn(Dialect::Chat),
            Self::SaidByCall(Dialect::Chat),
            Self::SaidByCall(Dialect::Feed),
            Self::SaidInMessenger,
            Self::SaidByMessengersCall,
        ];
        if meeting.code.is_some() {
            ways.push(Self::SaidOn(Dialect::Consultation));
        }
        ways
    }

    /// The other guides know no edits; they see them.
    pub fn to_edit(_: &Meeting) -> Vec<Self> {
        vec![Self::EditedByCall(Dialect::Chat)]
    }

    /// The other guides know no deletions; they see them.
    pub fn to_delete(_: &Meeting) -> Vec<Self> {
        vec![Self::DeletedByCall(Dialect::Chat)]
    }

    pub fn to_read(meeting: &Meeting) -> Vec<Self> {
        let mut ways = vec![
            Self::ReadOn(Dialect::Chat),
            Self::ReadByCall(Dialect::Chat),
            Self::ReadByCall(Dialect::Feed),
            Self::ReadInMessenger,
        ];
        if meeting.code.is_some() {
            ways.push(Self::ReadOn(Dialect::Consultation));
        }
        ways
    }

    /// Does it, and says what has happened.
    pub async fn does(self, meeting: &Meeting, person: usize) -> Result<Deed, String> {
        let by = meeting.people[person].clone();
        let words = format!("{self:?} {}", by.name);
        match self {
            Self::SaidOn(dialect) => {
                let seat = meeting.seat(person, dialect);
                let number = says_on(&seat, &words).await?;
                Ok(sent(&seat, number, &words))
            }
            Self::SaidByCall(dialect) => says(&meeting.seat(person, dialect), &words).await,
            Self::EditedByCall(dialect) => {
                let seat = meeting.seat(person, dialect);
                let said = says(&seat, &words).await?;
                let number = number_of(&said);
                let text = format!("{words}, 고침");
                let path = seat.path(&format!("/messages/{number}"));
                let answer = by.put(&path, json!({"message_content": text})).await;
                done(answer.status, 200, &answer.body)?;
                Ok(Deed::Edited { number, text })
            }
            Self::DeletedByCall(dialect) => {
                let seat = meeting.seat(person, dialect);
                let said = says(&seat, &words).await?;
                let number = number_of(&said);
                let path = seat.path(&format!("/messages/{number}"));
                let answer = by.delete(&path).await;
                done(answer.status, 200, &answer.body)?;
                Ok(Deed::Deleted { number })
            }
            Self::SaidInMessenger => {
                let number = messenger::says_on(meeting, person, &words).await?;
                Ok(sent(&meeting.seat(person, Dialect::Chat), number, &words))
            }
            Self::SaidByMessengersCall => {
                let number = messenger::says(meeting, person, &words).await?;
                Ok(sent(&meeting.seat(person, Dialect::Chat), number, &words))
            }
            Self::ReadInMessenger => {
                let other = meeting.seat(1 - person, Dialect::Chat);
                let number = number_of(&says(&other, &words).await?);
                messenger::reads(meeting, person, number).await?;
                Ok(Deed::Read { by, number })
            }
            Self::ReadOn(dialect) | Self::ReadByCall(dialect) => {
                let other = meeting.seat(1 - person, Dialect::Chat);
                let number = number_of(&says(&other, &words).await?);
                let seat = meeting.seat(person, dialect);
                if matches!(self, Self::ReadOn(_)) {
                    let mut socket = seat.enters().await;
                    let read = json!({"type": "read", "message_id": number});
                    socket.send(read).await;
                    socket.send(json!({"type": "nothing"})).await;
                    let error = socket.hears("error").await?;
                    // What cannot be done is told before what is no frame.
                    done(u16_of(&error["status"]), 400, &error)?;
                } else {
                    let answer = by.post(&seat.path("/read"), json!({})).await;
                    done(answer.status, 200, &answer.body)?;
                }
                Ok(Deed::Read { by, number })
            }
        }
    }
}

fn u16_of(value: &Value) -> u16 {
    value
        .as_u64()
        .and_then(|value| u16::try_from(value).ok())
        .unwrap_or_default()
}

fn done(status: u16, expected: u16, body: &Value) -> Result<(), String> {
    if status == expected {
        return Ok(());
    }
    Err(format!("{status} {body}"))
}

fn sent(seat: &Seat, number: u64, text: &str) -> Deed {
    Deed::Sent {
        by: seat.user.clone(),
        number,
        text: text.to_owned(),
    }
}

/// By a call.
async fn says(seat: &Seat, words: &str) -> Result<Deed, String> {
    let answer = seat.calls_to_say(words).await;
    done(answer.status, 201, &answer.body)?;
    let row = match seat.dialect {
        Dialect::Consultation | Dialect::Chat => &answer.body,
        Dialect::Feed => &answer.body["data"],
    };
    Ok(sent(
        seat,
        row[seat.number_field()].as_u64().unwrap(),
        words,
    ))
}

/// On its socket; its own copy tells the number.
async fn says_on(seat: &Seat, words: &str) -> Result<u64, String> {
    let mut socket = seat.enters().await;
    socket.send(seat.saying(words)).await;
    loop {
        let frame = socket.hears("message").await?;
        if seat.told_text(&frame) == words {
            return Ok(seat.told_number(&frame));
        }
    }
}

fn number_of(deed: &Deed) -> u64 {
    match deed {
        Deed::Sent { number, .. }
        | Deed::Edited { number, .. }
        | Deed::Deleted { number }
        | Deed::Read { number, .. } => *number,
        Deed::Joined(_) | Deed::Left(_) => panic!("it is about no message"),
    }
}
