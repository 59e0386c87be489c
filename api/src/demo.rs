//! `--demo`: people to try the server with, a room, and a tour to paste into a terminal.

use std::fmt::Write;

use domain::{
    AccountId, MessageBody, MessageId, MessageKind, PersonId, Profile, Refusal, Role, RoomId,
};
use uuid::Uuid;

use crate::app::App;
use crate::commands::accounts::{NewCounselor, RegisterAccount};
use crate::commands::rooms::{OpenDirect, SendMessage};
use crate::commands::{Actor, CommandError, Request};
use crate::start::{Running, StartError};

/// The password of everyone in the demo.
const PASSWORD: &str = "demo-password";

/// From it the ids of the demo are derived, so that starting it again makes nothing twice.
const NAMESPACE: Uuid = Uuid::from_bytes(*b"maeum-demo-space");

/// Name, email, role, character of a counsellor.
const PEOPLE: [(&str, &str, Role, u32); 4] = [
    ("김다정", "dajeong@demo.local", Role::Counselor, 1),
    ("이하늘", "haneul@demo.local", Role::Counselor, 2),
    ("박바다", "bada@demo.local", Role::User, 0),
    ("최감사", "auditor@demo.local", Role::Auditor, 0),
];

/// What stands in the sample room.
const SAID: [(usize, &str); 2] = [
    (2, "안녕하세요, 여기서 이야기해도 될까요?"),
    (0, "그럼요, 편하게 말씀하세요."),
];

/// Makes the people and the room unless they are there, and gives the tour.
pub async fn prepare(running: &Running) -> Result<String, StartError> {
    let app = &*running.app;
    for person in PEOPLE {
        register(app, person)
            .await
            .map_err(|error| StartError::because("the demo", error))?;
    }
    let [caller, other] = [PEOPLE[0], PEOPLE[2]].map(|(_, email, ..)| account(email).into());
    let open = OpenDirect { caller, other };
    let request = Request::new(Actor::system(), app.ids.next());
    match app.execute(&request, &open).await {
        Ok(settled) if !settled.done.events.is_empty() => talk(app, open.room()).await?,
        Ok(_) => {}
        Err(error) => return Err(StartError::because("the demo's room", error)),
    }
    let address = running
        .addresses
        .first()
        .map_or_else(String::new, ToString::to_string);
    Ok(tour(&address))
}

fn account(email: &str) -> AccountId {
    AccountId(Uuid::new_v5(&NAMESPACE, email.as_bytes()))
}

async fn register(
    app: &App,
    (name, email, role, character_type_id): (&str, &str, Role, u32),
) -> Result<(), CommandError> {
    let unusable = |error: &dyn std::fmt::Display| CommandError::Unreadable(error.to_string());
    let email_key = app
        .authority
        .email_key(email)
        .ok_or(Refusal::UnknownAccount)?;
    let hash = app
        .authority
        .passwords
        .hash(PASSWORD)
        .await
        .map_err(|error| unusable(&error))?;
    let command = RegisterAccount {
        account: account(email),
        email_key,
        role,
        profile: Profile {
            name: name.to_owned(),
            email: email.to_owned(),
            ..Profile::default()
        },
        password_hash: hash.as_str().to_owned(),
        counselor: NewCounselor {
            character_type_id,
            counseling_fields: vec![1, 2],
            max_active: None,
        },
    };
    let request = Request::new(Actor::system(), app.ids.next());
    match app.commands.execute(&request, &command).await {
        Ok(_) | Err(CommandError::Refused(Refusal::AlreadyRegistered | Refusal::EmailTaken)) => {
            Ok(())
        }
        Err(error) => Err(error),
    }
}

async fn talk(app: &App, room: RoomId) -> Result<(), StartError> {
    for (who, text) in SAID {
        let sender = PersonId::from(account(PEOPLE[who].1));
        let command = SendMessage {
            message: MessageId(app.ids.next()),
            room,
            sender,
            kind: MessageKind::Text,
            reply_to: None,
            file: None,
            body: MessageBody {
                text: text.to_owned(),
                client_message_id: None,
                location: None,
                link: None,
            },
        };
        let request = Request::new(Actor::person(sender, PEOPLE[who].2, None), app.ids.next());
        app.commands
            .execute(&request, &command)
            .await
            .map_err(|error| StartError::because("the demo's room", error))?;
    }
    Ok(())
}

/// A consultation from the request to the card, with curl and a shell alone.
fn tour(address: &str) -> String {
    let mut people = String::new();
    for (name, email, role, _) in PEOPLE {
        // Writing to a string does not fail.
        let role = role.as_str();
        writeln!(people, "  {role:<10} {email:<22} {name}").unwrap_or_default();
    }
    format!(
        r#"
The demo is ready. Everyone's password is {PASSWORD}:
{people}
Paste this into a second terminal; it goes from the request to the card:

  S=http://{address}
  json() {{ python3 -c "import json,sys; print(json.load(sys.stdin)$1)"; }}
  LOGIN=$(curl -s $S/api/v1/counselors/auth/login -d '{{"email": "dajeong@demo.local", "password": "{PASSWORD}"}}')
  T=$(echo $LOGIN | json "['access_token']"); C=$(echo $LOGIN | json "['user']['counselor_id']")
  A="Authorization: Bearer $T"
  curl -s -X PUT $S/api/v1/counselors/auth/status/waiting -H "$A"; echo
  CODE=$(curl -s $S/api/v1/consultations/start -d '{{"nickname": "바람"}}' | json "['consultation_code']"); echo $CODE
  until R=$(curl -s $S/api/v1/counselors/$C/dashboard/requests -H "$A" | json "['requests'][0]['id']" 2>/dev/null); do sleep 0.1; done
  curl -s -X POST $S/api/v1/counselors/$C/dashboard/requests/$R/accept -H "$A" -d '{{"response_message": "안녕하세요, 무슨 일이 있으셨나요?"}}'; echo
  curl -s $S/api/v1/consultations/$CODE/messages; echo
  curl -s -X POST $S/api/v1/consultations/$CODE/end; echo
  curl -s -X POST $S/api/v1/consultations/$CODE/card -d '{{"additional_notes": "도움이 되었어요."}}'; echo

Both sides talk on ws://{address}/ws/consultation/$CODE; every call is at http://{address}/docs
"#
    )
}
