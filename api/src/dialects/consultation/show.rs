//! Rows of the read models as the guide's shapes.

use std::collections::HashMap;
use std::sync::Arc;

use domain::{
    CardId, CardText, ConsultationId, CounselorId, EndReason, MessageBody, PersonId, RequestText,
    Requester,
};
use event_store::Position;
use projections::consultations::{
    CardRow, ConsultationRow, ConsultationStatus, OfferRow, OfferStatus,
};
use projections::messages::MessageRow as StoredMessage;
use projections::{NameColumn, Reader, SealedColumn, consultations, directory, rooms};
use serde::de::DeserializeOwned;

use super::shapes::{CardView, ConsultationView, ERASED_NAME, MessageRow, RequestRow};
use crate::app::App;
use crate::auth::ConsultationCode;
use crate::error::ApiError;
use crate::past::Past;
use crate::process::{Wait, Waits};
use crate::times::{LegacyTimes, minutes_between};
use crate::uploads::Files;

/// A card with its words.
pub(crate) struct IssuedCard {
    pub(crate) id: CardId,
    pub(crate) number: u64,
    pub(crate) created_at: i64,
    pub(crate) text: CardText,
}

impl IssuedCard {
    /// A stored card. Once erased it says nothing.
    pub(crate) fn of(app: &App, card: &CardRow) -> Result<Self, ApiError> {
        let text = card.open(&*app.keys)?.unwrap_or_default();
        Ok(Self {
            id: card.id,
            number: card.number,
            created_at: card.created_at,
            text,
        })
    }
}

/// Turns rows into shapes.
pub(crate) struct Show<'a> {
    app: &'a App,
    reader: Arc<dyn Reader>,
    /// Whether the rows are those of now.
    is_present: bool,
    pub(crate) times: LegacyTimes,
}

/// The word for a status.
pub(crate) fn status_word(status: ConsultationStatus) -> &'static str {
    match status {
        ConsultationStatus::Waiting => "waiting",
        ConsultationStatus::Active => "active",
        ConsultationStatus::Completed => "completed",
        ConsultationStatus::Terminated => "terminated",
    }
}

/// The word for what became of a request.
pub(crate) fn offer_word(status: OfferStatus) -> &'static str {
    match status {
        OfferStatus::Pending => "pending",
        OfferStatus::Accepted => "accepted",
        OfferStatus::Rejected => "rejected",
        OfferStatus::Withdrawn => "withdrawn",
        OfferStatus::Expired => "expired",
    }
}

fn reason_word(reason: EndReason) -> &'static str {
    match reason {
        EndReason::EndedByUser => "ended_by_user",
        EndReason::EndedByCounselor => "ended_by_counselor",
        EndReason::Idle => "idle",
        EndReason::NoCounselor => "no_counselor",
    }
}

/// Whole minutes from acceptance to end; 0 where it ended waiting.
pub(crate) fn duration_minutes(row: &ConsultationRow) -> i64 {
    match (row.status, row.accepted_at, row.ended_at) {
        (ConsultationStatus::Completed, Some(accepted), Some(ended)) => {
            minutes_between(accepted, ended)
        }
        _ => 0,
    }
}

impl<'a> Show<'a> {
    pub(crate) fn new(app: &'a App) -> Self {
        let times = LegacyTimes::new(app.settings.general.legacy_time_zone.clone());
        Self {
            app,
            reader: Arc::clone(&app.reader),
            is_present: true,
            times,
        }
    }

    /// Of how things were.
    pub(crate) fn past(app: &'a App, past: &Past) -> Self {
        Self {
            reader: Arc::clone(&past.reader),
            is_present: false,
            ..Self::new(app)
        }
    }

    /// What a sealed column says; none once it was erased.
    pub(crate) fn open<T: DeserializeOwned>(
        &self,
        column: &SealedColumn,
    ) -> Result<Option<T>, ApiError> {
        Ok(column.open(&*self.app.keys)?)
    }

    fn name(&self, name: Option<&NameColumn>) -> Result<String, ApiError> {
        let opened = match name {
            Some(name) => name.open(&*self.app.keys)?,
            None => None,
        };
        Ok(opened.unwrap_or_else(|| ERASED_NAME.to_owned()))
    }

    /// The code of a consultation; empty once it was erased.
    pub(crate) fn code_of(&self, row: &ConsultationRow) -> Result<String, ApiError> {
        let text: Option<RequestText> = self.open(&row.request)?;
        Ok(text.map(|text| text.code).unwrap_or_default())
    }

    /// The present nickname.
    pub(crate) fn nickname(&self, row: &ConsultationRow) -> Result<String, ApiError> {
        self.name(Some(&row.nickname))
    }

    pub(crate) fn character_name(&self, id: u32) -> Option<String> {
        self.app
            .catalogue
            .character(id)
            .map(|character| character.name.clone())
    }

    /// A counsellor's name, which is that of their account.
    pub(crate) async fn counselor_name(&self, id: CounselorId) -> Result<String, ApiError> {
        let account = directory::account_of_counselor(&*self.reader, id).await?;
        self.name(account.and_then(|account| account.name).as_ref())
    }

    pub(crate) async fn counselor_number(&self, id: CounselorId) -> Result<Option<u64>, ApiError> {
        let kind = directory::Kind::Counselor;
        Ok(directory::number_of(&*self.reader, kind, id.0).await?)
    }

    /// A consultation as it stands. The code is the one it was asked for by, where there is one:
    /// it can be told even once its own is erased.
    pub(crate) async fn consultation(
        &self,
        row: &ConsultationRow,
        code: Option<&ConsultationCode>,
    ) -> Result<ConsultationView, ApiError> {
        let waiting = row.status == ConsultationStatus::Waiting;
        let counselor = row.counselor.filter(|_| !waiting);
        let (counselor_id, counselor_name) = match counselor {
            Some(id) => (
                self.counselor_number(id).await?,
                Some(self.counselor_name(id).await?),
            ),
            None => (None, None),
        };
        let character = counselor
            .and(row.character_type_id)
            .or(row.character_type_preference);
        let room = match row.room {
            Some(room) => rooms::by_id(&*self.reader, room).await?,
            None => None,
        };
        // How long somebody would have had to wait depends on all others.
        let wait = if waiting && self.is_present {
            self.wait(row.id).await?
        } else {
            None
        };
        Ok(ConsultationView {
            id: row.number,
            uuid: row.id.0,
            consultation_code: match code {
                Some(code) => code.as_str().to_owned(),
                None => self.code_of(row)?,
            },
            user_nickname: self.nickname(row)?,
            character_type_id: character,
            character_name: character.and_then(|id| self.character_name(id)),
            status: status_word(row.status),
            created_at: self.times.print(row.requested_at),
            counselor_id,
            counselor_name,
            accepted_at: counselor
                .and(row.accepted_at)
                .map(|at| self.times.print(at)),
            completed_at: row.ended_at.map(|at| self.times.print(at)),
            end_reason: row.end_reason.map(reason_word),
            duration_minutes: row.ended_at.map(|_| duration_minutes(row)),
            room_id: room.as_ref().map(|room| room.number),
            room_uuid: row.room.map(|room| room.0),
            queue_position: wait.map(|wait| wait.queue_position),
            estimated_wait_seconds: wait.map(|wait| wait.estimated_wait_seconds),
            access_token: None,
            token_type: None,
            expires_in: None,
        })
    }

    async fn wait(&self, id: ConsultationId) -> Result<Option<Wait>, ApiError> {
        let reader = Arc::clone(&self.reader);
        let settings = self.app.settings.consultation.clone();
        Ok(Waits { reader, settings }.of(id).await?)
    }

    /// A request as the counsellor sees it to whom it was put.
    pub(crate) fn request(
        &self,
        offer: &OfferRow,
        row: &ConsultationRow,
    ) -> Result<RequestRow, ApiError> {
        Ok(RequestRow {
            id: offer.number,
            uuid: offer.id.0,
            consultation_id: row.number,
            user_nickname: self.nickname(row)?,
            character_preference: row
                .character_type_preference
                .and_then(|id| self.character_name(id)),
            status: offer_word(offer.status),
            requested_at: self.times.print(row.requested_at),
        })
    }

    /// Messages as history rows, in the order given.
    pub(crate) async fn messages(
        &self,
        row: &ConsultationRow,
        messages: &[StoredMessage],
    ) -> Result<Vec<MessageRow>, ApiError> {
        let mut names = Names::of(self, row).await?;
        let files = Files {
            reader: Arc::clone(&self.reader),
            keys: Arc::clone(&self.app.keys),
        };
        let mut shown = Vec::with_capacity(messages.len());
        for message in messages {
            let body: Option<MessageBody> = match &message.body {
                Some(body) => self.open(body)?,
                None => Some(MessageBody::default()),
            };
            let (sender_type, sender_name) =
                names.speaker(message.sender, message.position).await?;
            let file = files.of_message(message).await?;
            let file_size = file.as_ref().map(|file| file.size);
            let (file_url, file_name) = file.map(|file| (file.url, file.name)).unzip();
            shown.push(MessageRow {
                id: message.number,
                uuid: message.id.0,
                sender_type,
                sender_name: match body {
                    Some(_) => sender_name,
                    None => ERASED_NAME.to_owned(),
                },
                message: body.map(|body| body.text).unwrap_or_default(),
                file_url,
                file_name,
                file_size,
                created_at: self.times.print(message.sent_at),
            });
        }
        Ok(shown)
    }

    /// The card of a completed consultation.
    pub(crate) async fn card(
        &self,
        card: IssuedCard,
        row: &ConsultationRow,
        code: &ConsultationCode,
    ) -> Result<CardView, ApiError> {
        let text = card.text;
        let counselor_name = match row.counselor {
            Some(id) => self.counselor_name(id).await?,
            None => ERASED_NAME.to_owned(),
        };
        let character = row.character_type_id.and_then(|id| self.character_name(id));
        Ok(CardView {
            id: card.number,
            uuid: card.id.0,
            consultation_code: code.as_str().to_owned(),
            counselor_name,
            character_type: character.unwrap_or_default(),
            consultation_date: self.times.date(row.accepted_at.unwrap_or(row.requested_at)),
            duration_minutes: duration_minutes(row),
            key_points: text.key_points,
            counselor_notes: text.counselor_notes,
            additional_notes: text.additional_notes,
            created_at: self.times.print(card.created_at),
        })
    }
}

/// Who spoke in one consultation: the user under each of their nicknames, and counsellors.
struct Names<'a> {
    show: &'a Show<'a>,
    requester: PersonId,
    /// From which position on which nickname counts, in order.
    nicknames: Vec<(Position, String)>,
    counselors: HashMap<PersonId, String>,
}

impl<'a> Names<'a> {
    async fn of(show: &'a Show<'a>, row: &ConsultationRow) -> Result<Self, ApiError> {
        let mut nicknames = Vec::new();
        for (from, name) in consultations::nicknames_of(&*show.reader, row.id).await? {
            nicknames.push((from, show.name(Some(&name))?));
        }
        let requester = match row.requester {
            Requester::Guest(person) => person,
            Requester::Account(account) => account.into(),
        };
        Ok(Self {
            show,
            requester,
            nicknames,
            counselors: HashMap::new(),
        })
    }

    async fn speaker(
        &mut self,
        person: PersonId,
        position: Position,
    ) -> Result<(&'static str, String), ApiError> {
        if person == self.requester {
            let at = self
                .nicknames
                .iter()
                .rev()
                .find(|(from, _)| *from <= position);
            let name = at.map_or_else(|| ERASED_NAME.to_owned(), |(_, name)| name.clone());
            return Ok(("user", name));
        }
        if let Some(name) = self.counselors.get(&person) {
            return Ok(("counselor", name.clone()));
        }
        let entry = directory::person(&*self.show.reader, person).await?;
        let name = self
            .show
            .name(entry.and_then(|entry| entry.name).as_ref())?;
        self.counselors.insert(person, name.clone());
        Ok(("counselor", name))
    }
}
