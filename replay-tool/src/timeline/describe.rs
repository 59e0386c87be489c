//! What happened, in one line of plain English for each type of event, and without any text.

use std::fmt::Display;
use std::sync::Arc;

use domain::{
    AccessEvent, AccountEvent, AlertEvent, CallEnd, Concerned, ConsultationEvent, CounselorEvent,
    CounselorStatus, EmailEvent, EmotionEvent, EndReason, ErasureEvent, Event, HoldEvent,
    MemberEvent, MemberRole, MessageEvent, MessageKind, OfferMode, PasswordChange, PresenceEvent,
    Requester, ResponderKind, Revocation, Risk, RoomEvent, RoomKind, SealEvent, SessionEvent,
    SocketEnd, StatusReason, Subject, SummaryBy, UploadEnd, UploadEvent, UploadKind, Withdrawal,
};
use event_store::Recorded;
use projections::closed_fact;

use super::entry::{printable, short};

/// What happened.
pub fn describe(recorded: &Arc<Recorded>) -> String {
    match closed_fact(Arc::clone(recorded)) {
        Ok(fact) => match &fact.event {
            Event::Account(event) => account(event),
            Event::Email(event) => email(event),
            Event::Session(event) => session(event),
            Event::Counselor(event) => counselor(event),
            Event::Consultation(event) => consultation(event),
            Event::Room(event) => room(event),
            Event::Member(event) => member(event),
            Event::Message(event) => message(event),
            Event::Presence(PresenceEvent::Left { person }) => {
                format!("{} was here no longer", of(person))
            }
            Event::Access(event) => access(event),
            Event::Seal(event) => seal(event),
            Event::Upload(event) => upload(event),
            Event::Erasure(event) => erasure(event),
            Event::Hold(event) => hold(event),
            Event::Emotion(event) => emotion(event),
            Event::Alert(event) => alert(event),
        },
        Err(_) => format!(
            "something that this program cannot read: {} in version {}",
            printable(&recorded.event_type),
            printable(&recorded.event_version)
        ),
    }
}

fn alert(event: &AlertEvent) -> String {
    match event {
        AlertEvent::Raised { person, .. } => format!("an alert was raised for {}", of(person)),
        AlertEvent::RaisedAgain { times, .. } => {
            format!("nobody acknowledged the alert; it was raised again, {times}")
        }
        AlertEvent::Acknowledged { .. } => "acknowledged the alert".to_owned(),
    }
}

fn of(id: impl Display) -> String {
    short(&id.to_string())
}

fn account(event: &AccountEvent) -> String {
    match event {
        AccountEvent::Registered { role, .. } => format!("registered an account of role {role}"),
        AccountEvent::PasswordChanged { change, .. } => match change {
            PasswordChange::Changed => "changed the password",
            PasswordChange::Reset => "set a new password by a one-time link",
            PasswordChange::Rehashed => "logged in; the password was hashed anew",
        }
        .to_owned(),
        AccountEvent::ResetRequested { .. } => "had a one-time link made for a password".to_owned(),
        AccountEvent::RoleChanged { role } => format!("gave the account the role {role}"),
        AccountEvent::Deactivated {} => "deactivated the account".to_owned(),
        AccountEvent::Activated {} => "activated the account".to_owned(),
        AccountEvent::Erased {} => "the account was erased".to_owned(),
        AccountEvent::ProfileChanged { .. } => "changed the profile".to_owned(),
        AccountEvent::PromptSet { .. } => "said as whom they want to be answered".to_owned(),
        AccountEvent::StandingSet { .. } => "said what sort of user this is".to_owned(),
    }
}

fn email(event: &EmailEvent) -> String {
    match event {
        EmailEvent::Reserved { account } => {
            format!("reserved an email address for account {}", of(account))
        }
        EmailEvent::Released { account } => {
            format!("released the email address of account {}", of(account))
        }
    }
}

fn emotion(event: &EmotionEvent) -> String {
    match event {
        EmotionEvent::Opened { owner, .. } => {
            format!(
                "opened a session about the emotions of account {}",
                of(owner)
            )
        }
        EmotionEvent::StepAsked {
            step,
            step_order,
            risk,
            ..
        } => {
            let risk = match risk {
                Some(Risk::High) => ", which speaks of suicide or self-harm",
                None => "",
            };
            format!("said what is step {step_order}, {}{risk}", of(step))
        }
        EmotionEvent::StepAskedAgain { step, .. } => {
            format!("asked again for an answer to step {}", of(step))
        }
        EmotionEvent::StepArrived { step, .. } => {
            format!("a part of the answer to step {} arrived", of(step))
        }
        EmotionEvent::StepAnswered {
            step,
            responder,
            truncated,
            ..
        } => {
            let who = match responder {
                ResponderKind::BuiltIn => "rules",
                ResponderKind::LanguageModel => "a language model",
            };
            let cut = if *truncated { ", cut off" } else { "" };
            format!("step {} was answered by {who}{cut}", of(step))
        }
        EmotionEvent::StepFailed { step, reason, .. } => {
            format!(
                "the answer to step {} failed: {}",
                of(step),
                printable(reason)
            )
        }
        EmotionEvent::StepCancelled { step, .. } => {
            format!("cancelled the answer to step {}", of(step))
        }
        EmotionEvent::CancelAsked { step, .. } => {
            format!("asked for the answer to step {} to be cancelled", of(step))
        }
        EmotionEvent::HandedOver { consultation, .. } => {
            format!(
                "handed the session over to consultation {}",
                of(consultation)
            )
        }
        EmotionEvent::Ended { .. } => "ended the session".to_owned(),
        EmotionEvent::CardWritten { .. } => "had a card of the session written".to_owned(),
        EmotionEvent::Erased { .. } => "the session is kept no longer".to_owned(),
    }
}

fn session(event: &SessionEvent) -> String {
    match event {
        SessionEvent::Opened { account, .. } => format!("logged in as account {}", of(account)),
        SessionEvent::Rotated { .. } => "carried the log-in on with a new token".to_owned(),
        SessionEvent::Forgotten {} => "the log-in is kept no longer".to_owned(),
        SessionEvent::Revoked { reason } => match reason {
            Revocation::LoggedOut => "logged out",
            Revocation::Reused => "lost the log-in: a refresh token was used a second time",
        }
        .to_owned(),
    }
}

fn counselor(event: &CounselorEvent) -> String {
    match event {
        CounselorEvent::Registered { account, .. } => {
            format!(
                "entered account {} into the catalogue of counsellors",
                of(account)
            )
        }
        CounselorEvent::StatusChanged { status, reason } => {
            let status = match status {
                CounselorStatus::Offline => "offline",
                CounselorStatus::Waiting => "waiting for calls",
                CounselorStatus::Busy => "busy",
                CounselorStatus::Away => "away",
            };
            let why = match reason {
                StatusReason::Chosen => "by choice",
                StatusReason::LoggedOut => "by logging out",
                StatusReason::Unreachable => "because nobody could be reached",
                StatusReason::Deactivated => "because the account was deactivated",
            };
            format!("the counsellor became {status}, {why}")
        }
        CounselorEvent::CallTaken { consultation, .. } => {
            format!("the counsellor took consultation {}", of(consultation))
        }
        CounselorEvent::CallReleased { consultation, end } => {
            let end = match end {
                CallEnd::Completed => "was done with",
                CallEnd::GivenBack => "gave back",
            };
            format!("the counsellor {end} consultation {}", of(consultation))
        }
        CounselorEvent::SocketOpened { .. } => "the counsellor can be reached".to_owned(),
        CounselorEvent::SocketClosed { end, .. } => match end {
            SocketEnd::Closed => "the counsellor closed a connection",
            SocketEnd::NodeLost => "a connection of the counsellor was lost with its server",
        }
        .to_owned(),
        CounselorEvent::Deactivated {} => "the counsellor was taken off the catalogue".to_owned(),
        CounselorEvent::Activated {} => "the counsellor is in the catalogue again".to_owned(),
    }
}

fn consultation(event: &ConsultationEvent) -> String {
    match event {
        ConsultationEvent::Requested {
            requester,
            quick_match,
            ..
        } => {
            let who = match requester {
                Requester::Guest(person) => format!("guest {}", of(person)),
                Requester::Account(account) => format!("account {}", of(account)),
            };
            let how = if *quick_match {
                "whoever is first"
            } else {
                "one counsellor at a time"
            };
            format!("{who} asked for a consultation, with {how}")
        }
        ConsultationEvent::Offered {
            counselor,
            mode,
            round,
            candidates,
            ..
        } => {
            let mode = match mode {
                OfferMode::Broadcast => "among others",
                OfferMode::OneAtATime => "alone",
            };
            format!(
                "offered to counsellor {}, {mode}, round {round}, {} were waiting",
                of(counselor),
                candidates.len()
            )
        }
        ConsultationEvent::OfferRejected { counselor, .. } => {
            format!("counsellor {} rejected it", of(counselor))
        }
        ConsultationEvent::OfferExpired { counselor, .. } => {
            format!("counsellor {} did not answer in time", of(counselor))
        }
        ConsultationEvent::OfferWithdrawn {
            counselor, reason, ..
        } => {
            let why = match reason {
                Withdrawal::Taken => "another one took it",
                Withdrawal::Ended => "it is over",
                Withdrawal::CounselorLeft => "the counsellor stopped taking calls",
            };
            format!("withdrawn from counsellor {}: {why}", of(counselor))
        }
        ConsultationEvent::Accepted {
            counselor, room, ..
        } => format!(
            "counsellor {} accepted; they talk in room {}",
            of(counselor),
            of(room)
        ),
        ConsultationEvent::ReturnedToWaiting { counselor } => {
            format!("waits again: counsellor {} is gone", of(counselor))
        }
        ConsultationEvent::NicknameChanged { .. } => "came back under a nickname".to_owned(),
        ConsultationEvent::Completed { reason, .. } => format!("completed, {}", ended(*reason)),
        ConsultationEvent::Terminated { reason } => {
            format!("terminated without a talk, {}", ended(*reason))
        }
        ConsultationEvent::NotesWritten { .. } => "wrote notes".to_owned(),
        ConsultationEvent::CardIssued { summary_by, .. } => {
            let by = match summary_by {
                SummaryBy::Counselor => "in the counsellor's words",
                SummaryBy::Extractive => "with sentences of the talk",
                SummaryBy::LanguageModel => "in a language model's words",
            };
            format!("had a card made, {by}")
        }
        ConsultationEvent::CardNoted { .. } => "wrote on the card".to_owned(),
        ConsultationEvent::Erased {} => "the consultation was erased".to_owned(),
        ConsultationEvent::Rated { score, .. } => format!("rated it with {score} of 5"),
        ConsultationEvent::HistoryGranted { session } => format!(
            "let whoever takes it read session {}, as it was",
            of(session)
        ),
        ConsultationEvent::RiskFlagged { message, rule, .. } => format!(
            "message {} speaks of suicide or self-harm, by rule {}",
            of(message),
            printable(rule)
        ),
    }
}

fn ended(reason: EndReason) -> &'static str {
    match reason {
        EndReason::EndedByUser => "by whoever asked for it",
        EndReason::EndedByCounselor => "by the counsellor",
        EndReason::Idle => "because nobody wrote any more",
        EndReason::NoCounselor => "because nobody took it",
    }
}

fn room(event: &RoomEvent) -> String {
    match event {
        RoomEvent::Opened {
            room_kind, creator, ..
        } => match room_kind {
            RoomKind::Direct => format!("opened a room of two, by {}", of(creator)),
            RoomKind::Group => format!("opened a group, by {}", of(creator)),
            RoomKind::Consultation(id) => format!("opened the room of consultation {}", of(id)),
        },
        RoomEvent::MemberAdded { person, role } => {
            let role = match role {
                MemberRole::Owner => "owner",
                MemberRole::Member => "member",
            };
            format!("{} came into the room as {role}", of(person))
        }
        RoomEvent::MemberRemoved { person } => format!("{} left the room", of(person)),
        RoomEvent::Closed {} => "closed the room".to_owned(),
        RoomEvent::Described { .. } => "named and described the room".to_owned(),
        RoomEvent::Booked { .. } => "said which transaction the room is about".to_owned(),
        RoomEvent::RetentionSet { days, auto_delete } => {
            let then = if *auto_delete {
                "and then destroyed"
            } else {
                "at least"
            };
            format!("had messages kept for {days} days {then}")
        }
        RoomEvent::DayDestroyed { day } => format!("destroyed the messages of {day}"),
    }
}

fn member(event: &MemberEvent) -> String {
    match event {
        MemberEvent::Read { person, number, .. } => {
            format!("{} had read up to message {number}", of(person))
        }
        MemberEvent::Delivered { person, number, .. } => {
            format!("everything up to {number} had reached {}", of(person))
        }
        MemberEvent::SettingsChanged {
            person,
            notification_enabled,
            read_receipt_enabled,
            ..
        } => {
            let is = |on: &bool| if *on { "on" } else { "off" };
            let (notices, receipts) = (is(notification_enabled), is(read_receipt_enabled));
            let whose = of(person);
            format!("{whose} had notifications {notices} and read receipts {receipts}")
        }
    }
}

fn message(event: &MessageEvent) -> String {
    match event {
        MessageEvent::Sent {
            room,
            sender,
            message_kind,
            reply_to,
            ..
        } => {
            let kind = match message_kind {
                MessageKind::Text => "a message",
                MessageKind::Image => "an image",
                MessageKind::File => "a file",
                MessageKind::Voice => "a voice message",
                MessageKind::Location => "a place",
            };
            let answer = match reply_to {
                Some(message) => format!(", in answer to {}", of(message)),
                None => String::new(),
            };
            format!("{} sent {kind} into room {}{answer}", of(sender), of(room))
        }
        MessageEvent::Edited { sender, number, .. } => {
            format!("{} edited message {number}", of(sender))
        }
        MessageEvent::Deleted {
            sender, by, number, ..
        } => {
            format!("{} deleted message {number} of {}", of(by), of(sender))
        }
    }
}

fn upload(event: &UploadEvent) -> String {
    match event {
        UploadEvent::Stored {
            owner, size, kind, ..
        } => {
            let kind = match kind {
                UploadKind::Image => "an image",
                UploadKind::File => "a file",
                UploadKind::Voice => "a voice recording",
            };
            format!("{} uploaded {kind} of {size} bytes", of(owner))
        }
        UploadEvent::Attached { message, room, .. } => {
            format!("message {} in room {} got the file", of(message), of(room))
        }
        UploadEvent::Erased { reason, .. } => match reason {
            UploadEnd::NeverAttached => "the file was erased: no message came to have it",
            UploadEnd::DayDestroyed => "the file was erased with the day of its message",
            UploadEnd::Repeated => "the file was erased: it had come before",
            UploadEnd::SubjectErased => "the file was erased with what it belongs to",
        }
        .to_owned(),
    }
}

fn erasure(event: &ErasureEvent) -> String {
    match event {
        ErasureEvent::Requested { subject, .. } => {
            format!("asked for the erasure of {}", subject_of(*subject))
        }
        ErasureEvent::Withdrawn { subject, .. } => {
            format!("withdrew the erasure of {}", subject_of(*subject))
        }
        ErasureEvent::Completed {
            subject,
            consultations,
            files,
            ..
        } => format!(
            "completed the erasure of {}, with consultations {consultations} and files {files}",
            subject_of(*subject)
        ),
    }
}

fn hold(event: &HoldEvent) -> String {
    match event {
        HoldEvent::Placed { subject, .. } => {
            format!("placed a legal hold on {}", subject_of(*subject))
        }
        HoldEvent::Lifted { subject, .. } => {
            format!("lifted a legal hold on {}", subject_of(*subject))
        }
    }
}

fn subject_of(subject: Subject) -> String {
    match subject {
        Subject::Account(account) => format!("account {}", of(account)),
        Subject::Consultation(consultation) => format!("consultation {}", of(consultation)),
    }
}

fn access(event: &AccessEvent) -> String {
    match event {
        AccessEvent::Recorded {
            account,
            from,
            to,
            events,
            concerned,
            purpose,
            ..
        } => {
            let how = match purpose {
                Some(purpose) => format!("with their texts, for: {}", printable(purpose)),
                None => "without texts".to_owned(),
            };
            let read = format!("{} read {events} events from {from} to {to}", of(account));
            format!("{read}, {}, {how}", whose(concerned))
        }
    }
}

fn whose(concerned: &Concerned) -> String {
    let counts = [
        (concerned.people.len(), "people"),
        (concerned.counselors.len(), "counsellors"),
        (concerned.consultations.len(), "consultations"),
        (concerned.rooms.len(), "rooms"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let counts: Vec<_> = counts.map(|(count, of)| format!("{of} {count}")).collect();
    format!("about {}", counts.join(" "))
}

fn seal(event: &SealEvent) -> String {
    match event {
        SealEvent::Sealed { from, to, .. } => format!("sealed what stands from {from} to {to}"),
    }
}
