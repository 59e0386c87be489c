//! A server, people who bring files, and a route by which they do.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use domain::{MessageBody, MessageId, MessageKind, PersonId, RoomId, RoomText, Subject, UploadId};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;
use uuid::Uuid;

use crate::app::App;
use crate::auth::{LoggedIn, RequestContext};
use crate::clock::{Clock, ManualClock, SystemClock};
use crate::commands::rooms::{OpenGroup, SendMessage};
use crate::commands::{Command, CommandError};
use crate::error::{ApiError, render_errors};
use crate::limits::Payer;
use crate::router;
use crate::settings::Settings;
use crate::start::{Running, start};
use crate::uploads::{UploadForm, Uploader, receive};
use crate::{layers, once};

const PASSWORD: &str = "eight-or-more";

/// A server whose clock the test moves.
pub struct World {
    pub running: Running,
    pub clock: Arc<ManualClock>,
    pub folder: TempDir,
    bringing: Router,
}

/// Somebody who has logged in.
#[derive(Clone)]
pub struct Person {
    pub id: PersonId,
    pub token: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        let said = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{said}");
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    #[track_caller]
    pub fn refused(self, status: u16, code: &str) {
        let body = self.expect(status);
        assert_eq!(body["code"], code, "{body}");
    }

    pub fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

/// Brings a file, as the handlers of dialects do.
async fn bring(
    State(app): State<Arc<App>>,
    LoggedIn(caller): LoggedIn,
    context: RequestContext,
    form: UploadForm,
) -> Result<Response, ApiError> {
    let asked = context.asked_by(&app, &caller)?;
    let uploader = Uploader {
        person: caller.account.into(),
        payer: Payer::Person(caller.account.0),
        room: None,
        subject: Subject::Account(caller.account),
    };
    let upload = UploadId(asked.new_id(&app, "upload"));
    let received = receive(&app, asked.request, &uploader, upload, form).await?;
    let file = received.file()?;
    let body = json!({
        "id": file.id, "number": file.number, "name": file.name, "size": file.size,
        "type": file.media_type, "kind": file.kind, "fields": received.fields,
        "repeated": file.repeated,
    });
    Ok(axum::response::IntoResponse::into_response((
        StatusCode::CREATED,
        Json(body),
    )))
}

impl World {
    pub async fn new() -> Self {
        Self::with("").await
    }

    /// With further settings, as lines of TOML.
    pub async fn with(more: &str) -> Self {
        let clock = Arc::new(ManualClock::at(SystemClock.now_us()));
        Self::on(tempfile::tempdir().unwrap(), clock, more).await
    }

    /// The same after a restart, with the settings as they are at first.
    pub async fn restarted(self) -> Self {
        drop(self.bringing);
        self.running.stop().await;
        Self::on(self.folder, self.clock, "").await
    }

    async fn on(folder: TempDir, clock: Arc<ManualClock>, more: &str) -> Self {
        let file = folder.path().join("test.toml");
        let quick = "auth.argon2_memory = \"64KiB\"\nauth.argon2_iterations = 1\n\
                     limits.requests_per_minute = 0\nauth.access_ttl = \"24h\"\n";
        std::fs::write(&file, format!("{quick}{more}\n")).unwrap();
        let settings = Settings::for_tests(folder.path(), &file).unwrap();
        let running = start(settings, Arc::clone(&clock) as _).await.unwrap();
        let app = &running.app;
        let bringing = Router::new()
            .route("/bring", post(bring))
            .layer(from_fn_with_state(Arc::clone(app), once::recognise))
            .layer(from_fn_with_state(Arc::clone(app), layers::take_body))
            .layer(axum::middleware::from_fn(render_errors))
            .with_state(Arc::clone(app));
        Self {
            running,
            clock,
            folder,
            bringing,
        }
    }

    pub fn app(&self) -> &Arc<App> {
        &self.running.app
    }

    pub async fn stop(self) {
        drop(self.bringing);
        self.running.stop().await;
    }

    pub async fn person(&self, name: &str) -> Person {
        let email = format!("{name}@example.com");
        let body = json!({"name": name, "email": email, "password": PASSWORD});
        let made = self
            .ask(Method::POST, "/register", &[], body.to_string())
            .await;
        let id = made.expect(201)["id"].as_str().unwrap().parse().unwrap();
        let token = self.log_in(name).await;
        Person { id, token }
    }

    pub async fn log_in(&self, name: &str) -> String {
        let body = json!({"email": format!("{name}@example.com"), "password": PASSWORD});
        let session = self
            .ask(Method::POST, "/login", &[], body.to_string())
            .await;
        session.expect(200)["access_token"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// A request to the whole service.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).unwrap();
        answer(router::service(self.app()).oneshot(request).await.unwrap()).await
    }

    pub async fn fetch(&self, by: &Person, path: &str) -> Answer {
        self.fetch_with(by, path, &[]).await
    }

    pub async fn fetch_with(&self, by: &Person, path: &str, more: &[(&str, &str)]) -> Answer {
        let bearer = format!("Bearer {}", by.token);
        let headers = [&[("authorization", &*bearer)], more].concat();
        self.ask(Method::GET, path, &headers, Body::empty()).await
    }

    /// Brings what is in a form.
    pub async fn bring(&self, by: &Person, form: Form) -> Answer {
        self.bring_with(by, &[], form).await
    }

    pub async fn bring_with(&self, by: &Person, more: &[(&str, &str)], form: Form) -> Answer {
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.bring_body(by, &kind, more, Body::from(form.end()))
            .await
    }

    pub async fn bring_body(
        &self,
        by: &Person,
        kind: &str,
        more: &[(&str, &str)],
        body: Body,
    ) -> Answer {
        let mut request = Request::post("/bring")
            .header(header::CONTENT_TYPE, kind)
            .header(header::AUTHORIZATION, format!("Bearer {}", by.token));
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        let request = request.body(body).unwrap();
        answer(self.bringing.clone().oneshot(request).await.unwrap()).await
    }

    /// Brings a file; gives its id.
    pub async fn brings(&self, by: &Person, name: &str, bytes: &[u8]) -> UploadId {
        let made = self
            .bring(by, Form::new().file(name, bytes))
            .await
            .expect(201);
        made["id"].as_str().unwrap().parse().unwrap()
    }

    /// A room of these people.
    pub async fn room(&self, people: &[&Person]) -> RoomId {
        let room = RoomId(self.app().ids.next());
        let open = OpenGroup {
            room,
            creator: people[0].id,
            members: people.iter().map(|person| person.id).collect(),
            max_participants: 10,
            text: RoomText::default(),
        };
        self.execute(&open).await.unwrap();
        room
    }

    /// Sends a message with a file into a room.
    pub async fn sends(
        &self,
        by: &Person,
        upload: UploadId,
        room: RoomId,
    ) -> Result<MessageId, CommandError> {
        let message = MessageId(self.app().ids.next());
        let send = SendMessage {
            message,
            room,
            sender: by.id,
            kind: MessageKind::File,
            reply_to: None,
            file: Some(upload),
            body: MessageBody::default(),
        };
        self.execute(&send).await.map(|()| message)
    }

    pub async fn execute(&self, command: &impl Command) -> Result<(), CommandError> {
        let app = self.app();
        let request = crate::commands::Request::system(app.ids.next(), None);
        let done = app.commands.execute(&request, command).await?;
        if let Some(position) = done.position() {
            assert!(app.projected(position).await);
        }
        Ok(())
    }

    /// The ids of all objects that are there.
    pub async fn objects(&self) -> Vec<Uuid> {
        use futures_util::TryStreamExt;
        let listed = self
            .app()
            .uploads
            .objects
            .list()
            .map_ok(|listed| listed.object);
        listed.try_collect().await.unwrap()
    }

    /// Every file in the folder of files, whole or not.
    pub fn files(&self) -> Vec<std::path::PathBuf> {
        let folder = std::fs::read_dir(self.folder.path().join("files")).unwrap();
        folder
            .flat_map(|part| std::fs::read_dir(part.unwrap().path()).unwrap())
            .map(|file| file.unwrap().path())
            .collect()
    }
}

async fn answer(response: Response) -> Answer {
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    Answer {
        status,
        headers,
        body,
    }
}

pub const BOUNDARY: &str = "the-edge-of-a-part";

/// A form as browsers write it.
#[derive(Clone, Default)]
pub struct Form(pub Vec<u8>);

impl Form {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn file(self, name: &str, bytes: &[u8]) -> Self {
        let name = name.replace('"', "%22");
        let head = format!("name=\"file\"; filename=\"{name}\"\r\nContent-Type: image/png");
        self.part(&head, bytes)
    }

    pub fn field(self, name: &str, value: &str) -> Self {
        self.part(&format!("name=\"{name}\""), value.as_bytes())
    }

    fn part(mut self, head: &str, bytes: &[u8]) -> Self {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n");
        self.0.extend_from_slice(head.as_bytes());
        self.0.extend_from_slice(bytes);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    pub fn end(mut self) -> Vec<u8> {
        self.0
            .extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        self.0
    }
}

/// Bytes that look like nothing, the same for the same seed.
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    // No magic number begins with a zero and this.
    let mut bytes: Vec<u8> = std::iter::repeat_with(&mut random).take(length).collect();
    for (place, byte) in bytes.iter_mut().zip(b"\0nothing") {
        *place = *byte;
    }
    bytes
}
