//! Random histories of a whole system, the same for the same seed.

mod alerts;

use domain::*;
use event_store::StreamName;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use uuid::Uuid;

type Decision = Vec<(StreamName, Event)>;

/// What is needed to know of the system to go on with its history.
pub struct World {
    random: StdRng,
    accounts: Vec<AccountId>,
    sessions: Vec<SessionId>,
    counselors: Vec<Counselor>,
    consultations: Vec<Consultation>,
    rooms: Vec<Room>,
    /// Whose each is.
    uploads: Vec<(UploadId, AccountId)>,
    erasures: Vec<(Subject, ErasureId)>,
    holds: Vec<(HoldId, Subject)>,
    emotions: Vec<Emotions>,
    alerts: Vec<alerts::Alert>,
}

/// A session about somebody's emotions.
#[derive(Clone)]
struct Emotions {
    id: EmotionSessionId,
    owner: AccountId,
    /// The newest step, and whether it is open.
    step: Option<(StepId, bool)>,
    steps: u32,
}

impl Emotions {
    fn note(&mut self, event: &EmotionEvent) {
        match event {
            EmotionEvent::StepAsked { step, .. } => {
                self.step = Some((*step, true));
                self.steps += 1;
            }
            EmotionEvent::StepAskedAgain { step, .. } => self.step = Some((*step, true)),
            EmotionEvent::StepAnswered { step, .. }
            | EmotionEvent::StepFailed { step, .. }
            | EmotionEvent::StepCancelled { step, .. } => self.step = Some((*step, false)),
            EmotionEvent::Opened { .. }
            | EmotionEvent::Erased { .. }
            | EmotionEvent::StepArrived { .. }
            | EmotionEvent::CancelAsked { .. }
            | EmotionEvent::HandedOver { .. }
            | EmotionEvent::Ended { .. }
            | EmotionEvent::CardWritten { .. } => {}
        }
    }
}

#[derive(Clone)]
struct Counselor {
    id: CounselorId,
    account: AccountId,
    sockets: Vec<ConnectionId>,
}

#[derive(Clone)]
struct Consultation {
    id: ConsultationId,
    requester: Requester,
    stage: Stage,
    offers: Vec<(OfferId, usize)>,
    carded: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Waiting,
    Active(usize, OfferId),
    Completed,
    Terminated,
}

#[derive(Clone)]
struct Room {
    id: RoomId,
    subject: Subject,
    members: Vec<PersonId>,
    last_message: Option<(MessageId, u64)>,
    /// Message, sender and number.
    messages: Vec<(MessageId, PersonId, u64)>,
}

impl World {
    pub fn new(seed: u64) -> Self {
        println!("workload seed {seed}");
        Self {
            random: StdRng::seed_from_u64(seed),
            accounts: Vec::new(),
            sessions: Vec::new(),
            counselors: Vec::new(),
            consultations: Vec::new(),
            rooms: Vec::new(),
            uploads: Vec::new(),
            erasures: Vec::new(),
            holds: Vec::new(),
            emotions: Vec::new(),
            alerts: Vec::new(),
        }
    }

    /// A whole number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.random.random_range(0..limit)
    }

    /// What happens next. `position` is that of the log's head.
    pub fn step(&mut self, position: u64) -> Decision {
        loop {
            let decision = match self.below(25) {
                0 => Some(self.register()),
                1 => self.change_account(),
                2 => self.log_in(),
                3 => self.change_session(),
                4 => self.register_counselor(),
                5 => self.change_counselor(),
                6 => Some(self.request()),
                7 | 8 => self.offer(),
                9 => self.decide_offer(),
                10 => self.accept(),
                11 => self.change_consultation(),
                12 => self.open_room(),
                13 => self.mark(position),
                14 => self.change_message(),
                15 => self.change_room(),
                16 => self.upload(),
                17 => self.change_upload(position),
                18 => self.erase(),
                19 => self.open_emotions(),
                20 | 21 => self.go_on_about_emotions(),
                22 => self.alert(),
                _ => self.send(position),
            };
            if let Some(decision) = decision {
                return decision;
            }
        }
    }

    fn uuid(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.random.random()).into_uuid()
    }

    fn text(&mut self) -> String {
        let words = [
            "안녕하세요",
            "마음",
            "오늘",
            "어떠세요",
            "hello",
            "괜찮아요",
            "🙂",
        ];
        (0..=self.below(5))
            .map(|_| *words.choose(&mut self.random).unwrap())
            .collect()
    }

    fn register(&mut self) -> Decision {
        let account = AccountId(self.uuid());
        self.accounts.push(account);
        let email_key = self.uuid().simple().to_string();
        let subject = Subject::Account(account);
        let profile = Profile {
            name: self.text(),
            email: self.text(),
            ..Profile::default()
        };
        let registered = AccountEvent::Registered {
            email_key: email_key.clone(),
            role: *Role::ALL.choose(&mut self.random).unwrap(),
            profile: Sealed::of(subject, profile),
            password_hash: Sealed::of(subject, self.text()),
        };
        vec![
            (
                StreamName::new("email", email_key),
                EmailEvent::Reserved { account }.into(),
            ),
            (account_stream(account), registered.into()),
        ]
    }

    fn change_account(&mut self) -> Option<Decision> {
        let account = *self.accounts.choose(&mut self.random)?;
        let subject = Subject::Account(account);
        let event = match self.below(8) {
            7 => AccountEvent::PromptSet {
                prompt: Sealed::of(subject, Some(self.text())),
            },
            6 => AccountEvent::Erased {},
            0 => AccountEvent::PasswordChanged {
                change: PasswordChange::Changed,
                kept_session: self.sessions.choose(&mut self.random).copied(),
                password_hash: Sealed::of(subject, self.text()),
            },
            1 => AccountEvent::PasswordChanged {
                change: PasswordChange::Rehashed,
                kept_session: None,
                password_hash: Sealed::of(subject, self.text()),
            },
            2 => AccountEvent::RoleChanged { role: Role::Admin },
            3 => AccountEvent::Deactivated {},
            4 => AccountEvent::Activated {},
            _ => AccountEvent::ProfileChanged {
                profile: Sealed::of(
                    subject,
                    Profile {
                        name: self.text(),
                        ..Profile::default()
                    },
                ),
            },
        };
        Some(vec![(account_stream(account), event.into())])
    }

    fn log_in(&mut self) -> Option<Decision> {
        let account = *self.accounts.choose(&mut self.random)?;
        let session = SessionId(self.uuid());
        self.sessions.push(session);
        let opened = SessionEvent::Opened {
            account,
            account_version: 1,
            secret_hash: self.uuid().simple().to_string(),
            expires_at: 1,
        };
        Some(vec![(StreamName::new("session", session), opened.into())])
    }

    fn change_session(&mut self) -> Option<Decision> {
        if self.sessions.is_empty() {
            return None;
        }
        let index = self.below(self.sessions.len());
        let session = self.sessions[index];
        let event = match self.below(4) {
            3 => {
                self.sessions.swap_remove(index);
                SessionEvent::Forgotten {}
            }
            0 => SessionEvent::Revoked {
                reason: Revocation::LoggedOut,
            },
            _ => SessionEvent::Rotated {
                secret_hash: self.uuid().simple().to_string(),
                rotated_at: 1,
                expires_at: 2,
            },
        };
        Some(vec![(StreamName::new("session", session), event.into())])
    }

    fn register_counselor(&mut self) -> Option<Decision> {
        let account = *self.accounts.choose(&mut self.random)?;
        let id = CounselorId(self.uuid());
        self.counselors.push(Counselor {
            id,
            account,
            sockets: Vec::new(),
        });
        let registered = CounselorEvent::Registered {
            account,
            character_type_id: 1,
            counseling_fields: vec![1, 3],
            max_active: None,
        };
        Some(vec![(counselor_stream(id), registered.into())])
    }

    fn change_counselor(&mut self) -> Option<Decision> {
        if self.counselors.is_empty() {
            return None;
        }
        let (which, choice) = (self.below(self.counselors.len()), self.below(7));
        let connection = ConnectionId(self.uuid());
        let counselor = &mut self.counselors[which];
        let status = |status| CounselorEvent::StatusChanged {
            status,
            reason: StatusReason::Chosen,
        };
        let event = match choice {
            0 => status(CounselorStatus::Waiting),
            1 => status(CounselorStatus::Away),
            2 => status(CounselorStatus::Offline),
            3 | 4 => {
                counselor.sockets.push(connection);
                CounselorEvent::SocketOpened {
                    connection,
                    node: NodeId(Uuid::nil()),
                }
            }
            5 => CounselorEvent::SocketClosed {
                connection: counselor.sockets.pop()?,
                end: SocketEnd::Closed,
            },
            _ => CounselorEvent::Deactivated {},
        };
        Some(vec![(counselor_stream(counselor.id), event.into())])
    }

    fn request(&mut self) -> Decision {
        let id = ConsultationId(self.uuid());
        let requester = match self.accounts.choose(&mut self.random) {
            Some(account) if self.random.random() => Requester::Account(*account),
            _ => Requester::Guest(PersonId(self.uuid())),
        };
        let text = RequestText {
            nickname: self.text(),
            code: self.text(),
        };
        let asked = ConsultationEvent::Requested {
            requester,
            character_type_preference: self.random.random::<bool>().then_some(2),
            quick_match: self.random.random(),
            text: Sealed::of(Subject::Consultation(id), text),
        };
        let (stage, offers) = (Stage::Waiting, Vec::new());
        self.consultations.push(Consultation {
            id,
            requester,
            stage,
            offers,
            carded: false,
        });
        vec![(consultation_stream(id), asked.into())]
    }

    fn offer(&mut self) -> Option<Decision> {
        let which = self.consultation(|one| one.stage == Stage::Waiting)?;
        if self.counselors.is_empty() {
            return None;
        }
        let counselor = self.below(self.counselors.len());
        let offer = OfferId(self.uuid());
        let one_at_a_time = self.random.random();
        self.consultations[which].offers.push((offer, counselor));
        let candidate = Candidate {
            counselor: self.counselors[counselor].id,
            active_consultations: 0,
            max_active: 3,
            character_fits: true,
            idle_us: 5,
            passed_over: Some(PassedOver::RankedLower),
        };
        let offered = ConsultationEvent::Offered {
            offer,
            counselor: self.counselors[counselor].id,
            mode: if one_at_a_time {
                OfferMode::OneAtATime
            } else {
                OfferMode::Broadcast
            },
            round: 1,
            candidates: vec![candidate],
        };
        Some(vec![(
            consultation_stream(self.consultations[which].id),
            offered.into(),
        )])
    }

    fn decide_offer(&mut self) -> Option<Decision> {
        let which =
            self.consultation(|one| one.stage == Stage::Waiting && !one.offers.is_empty())?;
        let text = self.text();
        let choice = self.below(4);
        let consultation = &mut self.consultations[which];
        let (offer, counselor) = consultation.offers.remove(0);
        let counselor = self.counselors[counselor].id;
        let subject = Subject::Consultation(consultation.id);
        let event = match choice {
            0 => ConsultationEvent::OfferRejected {
                offer,
                counselor,
                response: Some(Sealed::of(subject, text)),
            },
            1 => ConsultationEvent::OfferRejected {
                offer,
                counselor,
                response: None,
            },
            2 => ConsultationEvent::OfferExpired { offer, counselor },
            _ => ConsultationEvent::OfferWithdrawn {
                offer,
                counselor,
                reason: Withdrawal::CounselorLeft,
            },
        };
        Some(vec![(consultation_stream(consultation.id), event.into())])
    }

    fn accept(&mut self) -> Option<Decision> {
        let which =
            self.consultation(|one| one.stage == Stage::Waiting && !one.offers.is_empty())?;
        let consultation = &mut self.consultations[which];
        let (id, person) = (consultation.id, consultation.requester.person());
        let (offer, which_counselor) = consultation.offers.remove(0);
        consultation.stage = Stage::Active(which_counselor, offer);
        let counselor = self.counselors[which_counselor].clone();
        let room = RoomId(Uuid::new_v5(&id.0, b"room"));
        let mut decision = vec![
            (
                counselor_stream(counselor.id),
                CounselorEvent::CallTaken {
                    consultation: id,
                    offer,
                }
                .into(),
            ),
            (
                consultation_stream(id),
                ConsultationEvent::Accepted {
                    offer,
                    counselor: counselor.id,
                    account: counselor.account,
                    character_type_id: 1,
                    room,
                }
                .into(),
            ),
        ];
        let others = std::mem::take(&mut consultation.offers);
        decision.extend(others.into_iter().map(|(offer, other)| {
            let counselor = self.counselors[other].id;
            let reason = Withdrawal::Taken;
            let withdrawn = ConsultationEvent::OfferWithdrawn {
                offer,
                counselor,
                reason,
            };
            (consultation_stream(id), withdrawn.into())
        }));
        if !self.rooms.iter().any(|known| known.id == room) {
            let members = vec![person, counselor.account.into()];
            let kind = RoomKind::Consultation(id);
            decision.extend(opening(room, kind, &members));
            let subject = Subject::Consultation(id);
            self.rooms.push(Room {
                id: room,
                subject,
                members,
                last_message: None,
                messages: Vec::new(),
            });
        }
        Some(decision)
    }

    fn change_consultation(&mut self) -> Option<Decision> {
        let which = self.below(self.consultations.len().max(1));
        let text = self.text();
        let (card, choice) = (CardId(self.uuid()), self.below(4));
        let consultation = self.consultations.get_mut(which)?;
        let id = consultation.id;
        let subject = Subject::Consultation(id);
        let event = match (consultation.stage, choice) {
            (Stage::Waiting, 0) if consultation.offers.is_empty() => {
                consultation.stage = Stage::Terminated;
                ConsultationEvent::Terminated {
                    reason: EndReason::NoCounselor,
                }
            }
            (Stage::Waiting, _) => ConsultationEvent::NicknameChanged {
                nickname: Sealed::of(subject, text),
            },
            (Stage::Active(counselor, _), 0) => {
                let end = CallEnd::GivenBack;
                let counselor = self.counselors[counselor].id;
                consultation.stage = Stage::Waiting;
                let returned = ConsultationEvent::ReturnedToWaiting { counselor };
                let released = CounselorEvent::CallReleased {
                    consultation: id,
                    end,
                };
                return Some(vec![
                    (consultation_stream(id), returned.into()),
                    (counselor_stream(counselor), released.into()),
                ]);
            }
            (Stage::Active(counselor, _), 1) => {
                let end = CallEnd::Completed;
                let counselor = self.counselors[counselor].id;
                consultation.stage = Stage::Completed;
                let reason = EndReason::EndedByUser;
                let completed = ConsultationEvent::Completed { reason, counselor };
                let released = CounselorEvent::CallReleased {
                    consultation: id,
                    end,
                };
                let room = StreamName::new("room", Uuid::new_v5(&id.0, b"room"));
                return Some(vec![
                    (consultation_stream(id), completed.into()),
                    (counselor_stream(counselor), released.into()),
                    (room, RoomEvent::Closed {}.into()),
                ]);
            }
            (Stage::Active(..), _) => {
                let notes = Notes {
                    counselor_notes: text,
                    key_points: None,
                };
                ConsultationEvent::NotesWritten {
                    notes: Sealed::of(subject, notes),
                }
            }
            (Stage::Completed | Stage::Terminated, 3) => ConsultationEvent::Erased {},
            (Stage::Completed, 0) => ConsultationEvent::Rated {
                score: 4,
                comment: None,
            },
            (Stage::Completed, 1) => ConsultationEvent::Rated {
                score: 5,
                comment: Some(Sealed::of(subject, text)),
            },
            (Stage::Completed, _) if consultation.carded => ConsultationEvent::CardNoted {
                additional_notes: Sealed::of(subject, Some(text)),
            },
            (Stage::Completed, _) => {
                consultation.carded = true;
                let content = CardText {
                    counselor_notes: text,
                    ..CardText::default()
                };
                ConsultationEvent::CardIssued {
                    card,
                    summary_by: SummaryBy::Extractive,
                    text: Sealed::of(subject, content),
                }
            }
            (Stage::Terminated, _) => return None,
        };
        Some(vec![(consultation_stream(id), event.into())])
    }

    fn open_room(&mut self) -> Option<Decision> {
        let creator = *self.accounts.choose(&mut self.random)?;
        if self.random.random() && !self.rooms.is_empty() {
            return Some(self.change_members(creator.into()));
        }
        let id = RoomId(self.uuid());
        let members = vec![creator.into()];
        let decision = opening(id, RoomKind::Group, &members);
        let subject = Subject::Account(creator);
        self.rooms.push(Room {
            id,
            subject,
            members,
            last_message: None,
            messages: Vec::new(),
        });
        Some(decision)
    }

    fn change_members(&mut self, person: PersonId) -> Decision {
        let which = self.below(self.rooms.len());
        let room = &mut self.rooms[which];
        let present = room.members.iter().position(|member| *member == person);
        let event = match present {
            Some(place) if room.members.len() > 1 => {
                room.members.remove(place);
                RoomEvent::MemberRemoved { person }
            }
            Some(_) => RoomEvent::Closed {},
            None => {
                room.members.push(person);
                RoomEvent::MemberAdded {
                    person,
                    role: MemberRole::Member,
                }
            }
        };
        vec![(StreamName::new("room", room.id), event.into())]
    }

    fn send(&mut self, position: u64) -> Option<Decision> {
        let which = self.below(self.rooms.len().max(1));
        let message = MessageId(self.uuid());
        let body = MessageBody {
            text: self.text(),
            client_message_id: None,
            location: None,
            link: None,
        };
        let room = self.rooms.get_mut(which)?;
        let sender = *room.members.choose(&mut self.random)?;
        let sent = MessageEvent::Sent {
            message,
            room: room.id,
            sender,
            message_kind: MessageKind::Text,
            reply_to: room.last_message.map(|(message, _)| message),
            reply_number: None,
            file: None,
            body: Sealed::within(room.subject, Bucket::Room(room.id), body),
        };
        room.last_message = Some((message, position + 1));
        room.messages.push((message, sender, position + 1));
        Some(vec![(StreamName::new("message", message), sent.into())])
    }

    fn upload(&mut self) -> Option<Decision> {
        let account = *self.accounts.choose(&mut self.random)?;
        let upload = UploadId(self.uuid());
        self.uploads.push((upload, account));
        let details = FileDetails { name: self.text() };
        let bucket = Bucket::Upload(upload.0);
        let stored = UploadEvent::Stored {
            upload,
            owner: account.into(),
            room: None,
            object: self.uuid(),
            size: 1 + self.below(1_000) as u64,
            media_type: "image/png".to_owned(),
            kind: UploadKind::Image,
            details: Sealed::within(Subject::Account(account), bucket, details),
        };
        Some(vec![(StreamName::new("upload", upload), stored.into())])
    }

    fn open_emotions(&mut self) -> Option<Decision> {
        let owner = *self.accounts.choose(&mut self.random)?;
        let id = EmotionSessionId(self.uuid());
        self.emotions.push(Emotions {
            id,
            owner,
            step: None,
            steps: 0,
        });
        let topic = Some(self.text());
        let opening = SessionOpening {
            emotion_label: None,
            topic,
        };
        let opened = EmotionEvent::Opened {
            owner,
            opening: about(owner, id, opening),
        };
        Some(vec![(StreamName::new("emotion", id), opened.into())])
    }

    /// A step is asked, or something comes of it; or the session ends, or has its card written.
    fn go_on_about_emotions(&mut self) -> Option<Decision> {
        if self.emotions.is_empty() {
            return None;
        }
        let index = self.below(self.emotions.len());
        let session = self.emotions[index].clone();
        let (owner, id) = (session.owner, session.id);
        let node = NodeId(self.uuid());
        let said: Answer = [&*self.text(), &*self.text()].into_iter().collect();
        let said = about(owner, id, said);
        let choice = self.below(10);
        let event = match (session.step, choice) {
            (Some((step, true)), 0) => EmotionEvent::StepArrived {
                owner,
                step,
                arrived: said,
            },
            (Some((step, true)), 1) => EmotionEvent::StepFailed {
                owner,
                step,
                reason: "interrupted".to_owned(),
                retryable: true,
                arrived: Some(said),
            },
            (Some((step, true)), 2) => EmotionEvent::StepCancelled {
                owner,
                step,
                arrived: said,
            },
            (Some((step, true)), 8) => EmotionEvent::CancelAsked { owner, step },
            (Some((step, true)), _) => EmotionEvent::StepAnswered {
                owner,
                step,
                responder: ResponderKind::LanguageModel,
                emotion: FeltEmotion {
                    label: "sadness".to_owned(),
                    intensity: 0.25,
                },
                usage: TokenUsage {
                    prompt_tokens: 7,
                    answer_tokens: self.below(100) as u64,
                },
                truncated: choice == 3,
                answer: said,
            },
            (_, 8) => return self.hand_over(owner, id),
            (_, 0) if self.below(3) == 0 => EmotionEvent::Erased { owner },
            (_, 0) => EmotionEvent::Ended { owner },
            (Some((step, false)), 1) => EmotionEvent::StepAskedAgain { owner, step, node },
            (Some(_), 2) => EmotionEvent::CardWritten {
                owner,
                card: CardId(self.uuid()),
                summary_by: SummaryBy::Extractive,
                key_emotions: vec![KeyEmotion {
                    label: "sadness".to_owned(),
                    weight: 1.0,
                }],
                text: about(
                    owner,
                    id,
                    EmotionCardText {
                        summary: self.text(),
                    },
                ),
            },
            (_, _) => EmotionEvent::StepAsked {
                owner,
                step: StepId(self.uuid()),
                step_order: session.steps + 1,
                step_type: "normal".to_owned(),
                risk: (choice == 3).then_some(Risk::High),
                node,
                input: about(
                    owner,
                    id,
                    StepInput {
                        user_input: self.text(),
                        system_prompt: None,
                    },
                ),
            },
        };
        if matches!(event, EmotionEvent::Erased { .. }) {
            self.emotions.swap_remove(index);
        } else {
            self.emotions[index].note(&event);
        }
        Some(vec![(StreamName::new("emotion", id), event.into())])
    }

    /// A consultation is asked for that begins with a session.
    fn hand_over(&mut self, owner: AccountId, session: EmotionSessionId) -> Option<Decision> {
        let mut asked = self.request();
        let talk = self.consultations.last_mut()?;
        let consultation = talk.id;
        let stream = consultation_stream(consultation);
        asked.push((stream, ConsultationEvent::HistoryGranted { session }.into()));
        let handed_over = EmotionEvent::HandedOver {
            owner,
            consultation,
        };
        asked.push((StreamName::new("emotion", session), handed_over.into()));
        Some(asked)
    }

    /// Somebody's or a consultation's erasure is asked for, or over; or a hold is placed or lifted.
    fn erase(&mut self) -> Option<Decision> {
        let account = Subject::Account(*self.accounts.choose(&mut self.random)?);
        let talk = self.consultations.choose(&mut self.random);
        let talk = talk.map(|consultation| Subject::Consultation(consultation.id));
        let subject = talk.filter(|_| self.random.random()).unwrap_or(account);
        let stream = StreamName::new("erasure", subject.id());
        let known = self.erasures.iter().position(|known| known.0 == subject);
        let register = StreamName::new("hold", Hold::KEY);
        let event: Event = match (self.below(4), known) {
            (0, _) => {
                let (hold, reason) = (HoldId(self.uuid()), Sealed::of(subject, self.text()));
                self.holds.push((hold, subject));
                let placed = HoldEvent::Placed {
                    hold,
                    subject,
                    reason,
                };
                return Some(vec![(register, placed.into())]);
            }
            (1, _) => {
                let (hold, subject) = self.holds.pop()?;
                let lifted = HoldEvent::Lifted { hold, subject };
                return Some(vec![(register, lifted.into())]);
            }
            (_, None) => {
                let erasure = ErasureId(self.uuid());
                self.erasures.push((subject, erasure));
                ErasureEvent::Requested { erasure, subject }.into()
            }
            (2, Some(known)) => {
                let (_, erasure) = self.erasures.swap_remove(known);
                ErasureEvent::Withdrawn { erasure, subject }.into()
            }
            (_, Some(known)) => ErasureEvent::Completed {
                erasure: self.erasures[known].1,
                subject,
                requested_at: 1,
                completed_at: 2,
                consultations: 3,
                files: 4,
                key: self.uuid().simple().to_string(),
                signature: self.uuid().simple().to_string(),
            }
            .into(),
        };
        Some(vec![(stream, event)])
    }

    /// An upload is erased, or sent with a message into any room.
    fn change_upload(&mut self, position: u64) -> Option<Decision> {
        if self.uploads.is_empty() {
            return None;
        }
        let which = self.below(self.uploads.len());
        let (ends, room) = (self.below(3) == 0, self.below(self.rooms.len().max(1)));
        let message = MessageId(self.uuid());
        let (upload, account) = self.uploads[which];
        let stream = StreamName::new("upload", upload);
        if ends {
            self.uploads.swap_remove(which);
            let reason = UploadEnd::NeverAttached;
            let erased = UploadEvent::Erased { upload, reason };
            return Some(vec![(stream, erased.into())]);
        }
        let room = self.rooms.get_mut(room)?;
        self.uploads.swap_remove(which);
        let sender = account.into();
        let sent = MessageEvent::Sent {
            message,
            room: room.id,
            sender,
            message_kind: MessageKind::Image,
            reply_to: None,
            reply_number: None,
            file: Some(upload),
            body: Sealed::within(room.subject, Bucket::Room(room.id), MessageBody::default()),
        };
        room.messages.push((message, sender, position + 1));
        let attached = UploadEvent::Attached {
            upload,
            message,
            room: room.id,
        };
        Some(vec![
            (StreamName::new("message", message), sent.into()),
            (stream, attached.into()),
        ])
    }

    fn change_message(&mut self) -> Option<Decision> {
        let which = self.below(self.rooms.len().max(1));
        let (deletes, text): (bool, _) = (self.random.random(), self.text());
        let room = self.rooms.get(which)?;
        let (message, sender, number) = *room.messages.choose(&mut self.random)?;
        let event = if deletes {
            MessageEvent::Deleted {
                message,
                room: room.id,
                sender,
                by: sender,
                number,
            }
        } else {
            let body = MessageBody {
                text,
                ..MessageBody::default()
            };
            MessageEvent::Edited {
                message,
                room: room.id,
                sender,
                number,
                body: Sealed::within(room.subject, Bucket::Room(room.id), body),
            }
        };
        Some(vec![(StreamName::new("message", message), event.into())])
    }

    fn change_room(&mut self) -> Option<Decision> {
        let which = self.below(self.rooms.len().max(1));
        let (choice, name): (usize, _) = (self.below(5), self.text());
        let room = self.rooms.get(which)?;
        let person = *room.members.choose(&mut self.random)?;
        let stream = StreamName::new("room", room.id);
        let text = RoomText {
            name: Some(name),
            description: None,
        };
        let event: Event = match choice {
            0 => RoomEvent::Described {
                text: Sealed::within(room.subject, Bucket::Room(room.id), text),
            }
            .into(),
            1 => RoomEvent::RetentionSet {
                days: 30,
                auto_delete: true,
            }
            .into(),
            // The log's clock begins with the first day.
            2 => RoomEvent::DayDestroyed {
                day: jiff::civil::date(1970, 1, 1),
            }
            .into(),
            3 => {
                let stream = StreamName::new("presence", person);
                return Some(vec![(stream, PresenceEvent::Left { person }.into())]);
            }
            _ => {
                let stream = StreamName::new("member", format!("{}-{person}", room.id));
                let changed = MemberEvent::SettingsChanged {
                    room: room.id,
                    person,
                    notification_enabled: false,
                    read_receipt_enabled: true,
                };
                return Some(vec![(stream, changed.into())]);
            }
        };
        Some(vec![(stream, event)])
    }

    fn mark(&mut self, _position: u64) -> Option<Decision> {
        let which = self.below(self.rooms.len().max(1));
        let delivered: bool = self.random.random();
        let room = self.rooms.get(which)?;
        let (message, number) = room.last_message?;
        let (person, room_id) = (*room.members.choose(&mut self.random)?, room.id);
        let event = if delivered {
            MemberEvent::Delivered {
                room: room_id,
                person,
                number,
            }
        } else {
            MemberEvent::Read {
                room: room_id,
                person,
                message,
                number,
            }
        };
        let stream = StreamName::new("member", format!("{room_id}-{person}"));
        Some(vec![(stream, event.into())])
    }

    fn consultation(&mut self, fits: impl Fn(&Consultation) -> bool) -> Option<usize> {
        let fitting: Vec<usize> = (0..self.consultations.len())
            .filter(|&one| fits(&self.consultations[one]))
            .collect();
        fitting.choose(&mut self.random).copied()
    }
}

pub fn opening(id: RoomId, room_kind: RoomKind, members: &[PersonId]) -> Decision {
    let stream = StreamName::new("room", id);
    let opened = RoomEvent::Opened {
        room_kind,
        creator: members[0],
        max_participants: 100,
    };
    let mut decision = vec![(stream.clone(), opened.into())];
    decision.extend(members.iter().map(|&person| {
        let role = MemberRole::Member;
        (
            stream.clone(),
            RoomEvent::MemberAdded { person, role }.into(),
        )
    }));
    decision
}

/// What somebody's session holds.
pub fn about<T>(owner: AccountId, session: EmotionSessionId, content: T) -> Sealed<T> {
    let bucket = Bucket::EmotionSession(session.0);
    Sealed::within(Subject::Account(owner), bucket, content)
}

pub fn account_stream(account: AccountId) -> StreamName {
    StreamName::new("account", account)
}

pub fn counselor_stream(counselor: CounselorId) -> StreamName {
    StreamName::new("counselor", counselor)
}

pub fn consultation_stream(consultation: ConsultationId) -> StreamName {
    StreamName::new("consultation", consultation)
}
