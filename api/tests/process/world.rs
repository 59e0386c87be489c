//! A whole server with people who act by commands, and a clock that stands until it is moved.

use std::sync::Arc;
use std::time::Duration;

use api::clock::{Clock, ManualClock};
use api::commands::accounts::SetCounselorStatus;
use api::commands::consultations::{
    AcceptRequest, EndConsultation, RejectRequest, StartConsultation,
};
use api::commands::matching::{CloseSocket, OpenSocket};
use api::commands::rooms::{SendMessage, room_of};
use api::commands::{Command, CommandError, Request, Work};
use api::{App, Running};
use domain::{
    AccountId, ConnectionId, ConsultationId, Counselor, CounselorCommand, CounselorId,
    CounselorStatus, EndReason, EndedBy, MessageBody, MessageId, MessageKind, PersonId,
    RequestText, Requester, SocketEnd,
};
use event_store::keys::KeyStore;
use event_store::{Position, Recorded, StreamName};
use projections::Reader;
use projections::consultations::{ConsultationStatus, OfferRow, OfferStatus, by_id, offers_of};
use projections::{counselors, rooms};
use test_support::{KeptKeys, Place};
use uuid::Uuid;

pub const CAPACITY: u32 = 3;
pub const OFFER_TIMEOUT_US: i64 = 30_000_000;
pub const WAITING_TIMEOUT_US: i64 = 600_000_000;

/// A time at which the clock of the tests stands first.
const BEGIN_US: i64 = 1_790_000_000_000_000;

/// How long anything may take, in real time.
const DEADLINE: Duration = Duration::from_secs(30);

pub struct World {
    running: Option<Running>,
    clock: Arc<ManualClock>,
    place: Place,
    capacity: u32,
}

impl World {
    pub async fn new() -> Self {
        Self::with_capacity(CAPACITY).await
    }

    /// How many consultations each counsellor takes at once.
    pub async fn with_capacity(capacity: u32) -> Self {
        let clock = Arc::new(ManualClock::at(BEGIN_US));
        let place = Place::new().await;
        Self {
            running: None,
            clock,
            place,
            capacity,
        }
        .comes_up()
        .await
    }

    pub async fn comes_up(self) -> Self {
        let world = self.begins().await;
        world.settles().await;
        world
    }

    /// Comes up, and what it does by itself is not waited for.
    pub async fn begins(self) -> Self {
        let file = self.place.data().join("test.toml");
        let settings = format!(
            "auth.argon2_memory = \"64KiB\"\nauth.argon2_iterations = 1\n\
             consultation.max_active = {}\nconsultation.offer_timeout = \"30s\"\n\
             consultation.waiting_timeout = \"10m\"\nconsultation.counselor_grace = \"30s\"\n\
             consultation.idle_timeout = \"2h\"\n{}",
            self.capacity,
            self.place.settings()
        );
        std::fs::write(&file, settings).unwrap();
        let settings = api::settings::Settings::for_tests(&self.place.data(), &file).unwrap();
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as _;
        let running = api::start(settings, clock).await.unwrap();
        Self {
            running: Some(running),
            ..self
        }
    }

    /// Ends in order; what stays open is told by nobody.
    pub async fn goes_down(mut self) -> (Self, Arc<ManualClock>) {
        self.running.take().unwrap().stop().await;
        let clock = Arc::clone(&self.clock);
        (self, clock)
    }

    pub async fn restarts(self) -> Self {
        self.goes_down().await.0.comes_up().await
    }

    pub async fn stop(self) {
        self.goes_down().await;
    }

    /// While it is down.
    pub async fn forgets_read_models(&self) {
        self.place.forget_read_models().await;
    }

    /// While it is down.
    pub async fn backs_up_keys(&self) -> KeptKeys {
        self.place.keep_keys().await
    }

    /// Puts keys back, while it is down.
    pub async fn restores_keys(&self, kept: KeptKeys) {
        self.place.put_keys_back(kept).await;
    }

    pub fn id(&self) -> Uuid {
        self.app().ids.next()
    }

    fn app(&self) -> &App {
        &self.running.as_ref().unwrap().app
    }

    pub fn reader(&self) -> &dyn Reader {
        &*self.app().reader
    }

    pub fn now(&self) -> i64 {
        self.clock.now_us()
    }

    pub async fn head(&self) -> Position {
        self.app().store.head().await.unwrap()
    }

    pub async fn events_after(&self, position: Position) -> Vec<String> {
        let page = self.app().store.read_all(position, 1_000).await.unwrap();
        page.events
            .iter()
            .map(|event| event.event_type.to_string())
            .collect()
    }

    pub async fn all_events(&self) -> Vec<Arc<Recorded>> {
        let page = self.app().store.read_all(0, 100_000).await.unwrap();
        page.events
    }

    pub fn keys(&self) -> &dyn KeyStore {
        &*self.app().keys
    }

    /// All process managers look once.
    pub async fn looks(&self) {
        let head = self.head().await;
        assert!(self.app().projected(head).await);
        let look = self.running.as_ref().unwrap().managers.look();
        tokio::time::timeout(DEADLINE, look)
            .await
            .expect("the process managers look");
    }

    /// Until the process managers have nothing more to do at this time.
    pub async fn settles(&self) {
        let settling = async {
            loop {
                let before = self.head().await;
                self.looks().await;
                if self.head().await == before {
                    return;
                }
            }
        };
        tokio::time::timeout(DEADLINE, settling)
            .await
            .expect("there is an end to it");
    }

    pub async fn forward(&self, seconds: i64) {
        self.clock.advance_seconds(seconds);
        self.settles().await;
    }

    pub async fn executes(&self, command: &impl Command) -> Result<(), CommandError> {
        let request = Request::system(self.app().ids.next(), None);
        self.app().commands.execute(&request, command).await?;
        self.settles().await;
        Ok(())
    }

    /// A counsellor who is offline.
    pub async fn counselor(&self) -> CounselorId {
        let counselor = CounselorId(self.app().ids.next());
        let command = CounselorCommand::Register {
            account: AccountId(self.app().ids.next()),
            character_type_id: 1,
            counseling_fields: vec![1],
            max_active: None,
        };
        self.executes(&Tell { counselor, command }).await.unwrap();
        counselor
    }

    /// A counsellor who listens and takes calls.
    pub async fn waits(&self) -> CounselorId {
        let counselor = self.quickly_waits().await;
        self.settles().await;
        counselor
    }

    /// The same, without waiting for what comes of it.
    pub async fn quickly_waits(&self) -> CounselorId {
        let app = self.app();
        let counselor = CounselorId(app.ids.next());
        let register = CounselorCommand::Register {
            account: AccountId(app.ids.next()),
            character_type_id: 1,
            counseling_fields: vec![1],
            max_active: None,
        };
        let open = CounselorCommand::OpenSocket {
            connection: ConnectionId(app.ids.next()),
            node: app.node,
        };
        let wait = CounselorCommand::SetStatus {
            status: CounselorStatus::Waiting,
            reason: domain::StatusReason::Chosen,
        };
        for command in [register, open, wait] {
            let request = Request::system(app.ids.next(), None);
            app.commands
                .execute(&request, &Tell { counselor, command })
                .await
                .unwrap();
        }
        counselor
    }

    pub async fn becomes(&self, counselor: CounselorId, status: CounselorStatus) {
        self.executes(&SetCounselorStatus { counselor, status })
            .await
            .unwrap();
    }

    pub async fn is_deactivated(&self, counselor: CounselorId) {
        let command = CounselorCommand::Deactivate;
        self.executes(&Tell { counselor, command }).await.unwrap();
    }

    pub async fn counselor_status(&self, counselor: CounselorId) -> CounselorStatus {
        counselors::by_id(self.reader(), counselor)
            .await
            .unwrap()
            .unwrap()
            .status
    }

    pub async fn active_consultations(&self, counselor: CounselorId) -> u32 {
        let row = counselors::by_id(self.reader(), counselor)
            .await
            .unwrap()
            .unwrap();
        row.active_consultations
    }

    /// Opens a notification socket, unless one is open.
    pub async fn listens(&self, counselor: CounselorId) {
        if counselors::sockets_of(self.reader(), counselor)
            .await
            .unwrap()
            .is_empty()
        {
            let connection = ConnectionId(self.app().ids.next());
            let node = self.app().node;
            self.executes(&OpenSocket {
                counselor,
                connection,
                node,
            })
            .await
            .unwrap();
        }
    }

    pub async fn loses_sockets(&self, counselor: CounselorId) {
        for socket in counselors::sockets_of(self.reader(), counselor)
            .await
            .unwrap()
        {
            let (connection, end) = (socket.connection, SocketEnd::Closed);
            self.executes(&CloseSocket {
                counselor,
                connection,
                end,
            })
            .await
            .unwrap();
        }
    }

    /// Somebody asks for a consultation, of everybody at once or of one after the other.
    pub async fn asks(&self, quick_match: bool) -> ConsultationId {
        let consultation = ConsultationId(self.app().ids.next());
        let start = StartConsultation {
            consultation,
            requester: Requester::Guest(PersonId(self.app().ids.next())),
            character_type_preference: None,
            quick_match,
            text: RequestText {
                nickname: "누구".into(),
                code: "ABCDEF234".into(),
            },
        };
        self.executes(&start).await.unwrap();
        consultation
    }

    /// Who is being asked, first asked first.
    pub async fn asked(&self, consultation: ConsultationId) -> Vec<CounselorId> {
        let offers = offers_of(self.reader(), consultation).await.unwrap();
        let pending = offers
            .iter()
            .filter(|offer| offer.status == OfferStatus::Pending);
        pending.map(|offer| offer.counselor).collect()
    }

    async fn last_offer(&self, counselor: CounselorId, consultation: ConsultationId) -> OfferRow {
        let offers = offers_of(self.reader(), consultation).await.unwrap();
        offers
            .into_iter()
            .rfind(|offer| offer.counselor == counselor)
            .unwrap()
    }

    pub async fn accepts(
        &self,
        counselor: CounselorId,
        consultation: ConsultationId,
    ) -> Result<(), CommandError> {
        let accept = AcceptRequest {
            consultation,
            offer: self.last_offer(counselor, consultation).await.id,
            counselor,
            default_max_active: self.capacity,
            response: None,
        };
        self.executes(&accept).await
    }

    pub async fn rejects(&self, counselor: CounselorId, consultation: ConsultationId) {
        let offer = self.last_offer(counselor, consultation).await.id;
        let reject = RejectRequest {
            consultation,
            offer,
            counselor,
            response: None,
        };
        self.executes(&reject).await.unwrap();
    }

    /// The user ends it.
    pub async fn ends(&self, consultation: ConsultationId) {
        let by = EndedBy::User;
        self.executes(&EndConsultation { consultation, by })
            .await
            .unwrap();
    }

    /// The user says something.
    pub async fn says(&self, consultation: ConsultationId) {
        let row = by_id(self.reader(), consultation).await.unwrap().unwrap();
        let send = SendMessage {
            message: MessageId(self.app().ids.next()),
            room: room_of(consultation),
            sender: row.requester.person(),
            kind: MessageKind::Text,
            reply_to: None,
            file: None,
            body: MessageBody {
                text: "안녕하세요".into(),
                client_message_id: None,
                location: None,
                link: None,
            },
        };
        self.executes(&send).await.unwrap();
    }

    pub async fn status(
        &self,
        consultation: ConsultationId,
    ) -> (ConsultationStatus, Option<EndReason>) {
        let row = by_id(self.reader(), consultation).await.unwrap().unwrap();
        (row.status, row.end_reason)
    }

    pub async fn room_is_closed(&self, consultation: ConsultationId) -> bool {
        let room = rooms::by_id(self.reader(), room_of(consultation))
            .await
            .unwrap()
            .unwrap();
        room.closed_at.is_some()
    }
}

/// Anything that can be asked of a counsellor.
struct Tell {
    counselor: CounselorId,
    command: CounselorCommand,
}

impl Command for Tell {
    fn stream(&self) -> StreamName {
        StreamName::new("counselor", self.counselor)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut counselor = work.load::<Counselor>(self.counselor).await?;
        work.decide(&mut counselor, self.command.clone())
    }
}
