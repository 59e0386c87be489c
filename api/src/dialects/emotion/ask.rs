//! Something is said in a session: judged, recorded, and then answered by a task of this node.

use std::sync::Arc;

use domain::crisis::Hit;
use domain::{
    Attempt, CounselorId, EmotionEvent, EmotionSession, EmotionSessionId, Event, Risk, StepId,
    StepInput, StepStatus, crisis,
};
use event_store::Recorded;
use projections::counselors;
use projections::emotions::{self, EmotionSessionRow, StepRow};
use projections::fact;

use super::access::lagging;
use super::shapes::InputFields;
use crate::answering::{Answering, Question, Running};
use crate::app::App;
use crate::commands::emotion::{AskStep, AskStepAgain};
use crate::commands::{Command, Done, Request};
use crate::error::ApiError;

/// The type of a step that was not told.
const NORMAL: &str = "normal";

/// Microseconds of a day, after which a budget is a new one.
const DAY_US: i64 = 86_400_000_000;

/// What the rules refuse, by code, and the field that it is about.
const FIELDS: [(&str, &str); 5] = [
    ("input_length", "user_input"),
    ("not_a_text", "user_input"),
    ("prompt_too_long", "system_prompt"),
    ("not_a_step_type", "step_type"),
    ("step_order_out_of_range", "step_order"),
];

/// What is to be answered.
pub(super) enum Asking {
    /// Something new. The id is the step's, unless the same was asked before.
    New(StepId, InputFields),
    /// A step that was not answered.
    Again(StepId),
}

/// A step that was asked, and who answers it.
pub(super) enum Asked {
    /// This node, now.
    Here(Arc<Running>),
    /// It was asked before: it has an answer, or another node gives it one.
    Before(StepId),
}

/// Has something answered. What was recorded is answered even if the caller goes away meanwhile.
///
/// # Errors
/// 404 for a step of another session, 409 while another is being answered or after the end, 422
/// for what is not valid, 429 where the day's tokens are used up.
pub(super) async fn ask(
    app: &Arc<App>,
    request: Request,
    session: &EmotionSessionRow,
    asking: Asking,
) -> Result<Asked, ApiError> {
    check_budget(app, session).await?;
    let (app, session) = (Arc::clone(app), session.clone());
    let asked = tokio::spawn(async move {
        match asking {
            Asking::New(step, input) => ask_new(&app, request, &session, step, input).await,
            Asking::Again(step) => ask_again(&app, request, &session, step).await,
        }
    });
    asked.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a step was not asked");
        Err(ApiError::internal())
    })
}

async fn ask_new(
    app: &Arc<App>,
    request: Request,
    session: &EmotionSessionRow,
    step: StepId,
    input: InputFields,
) -> Result<Asked, ApiError> {
    let user_input = input.user_input.unwrap_or_default();
    // Before anything else, whatever becomes of it.
    let prompt = input.system_prompt.as_deref();
    let (hit, waiting) = danger(app, [Some(&*user_input), prompt]).await?;
    let risk = hit.map(|hit| hit.level);
    let command = AskStep {
        session: session.id,
        step,
        step_order: input.step_order,
        step_type: input.step_type.unwrap_or_else(|| NORMAL.to_owned()),
        hit,
        waiting,
        node: app.node,
        input: StepInput {
            user_input,
            system_prompt: input
                .system_prompt
                .filter(|prompt| !prompt.trim().is_empty()),
        },
    };
    let done = execute(app, &request, &command).await?;
    if done.repeated {
        return repeated(app, request, session, &done).await;
    }
    let recorded = done
        .event("emotion.step_asked")
        .ok_or_else(ApiError::internal)?;
    let (_, order) = told_by(app, recorded)?;
    Ok(Asked::Here(start(
        app,
        request,
        session,
        Told {
            step,
            number: 1,
            order,
            risk,
            input: command.input,
            asked_at: recorded.recorded_at,
            caused_by: recorded.event_id,
        },
    )))
}

async fn ask_again(
    app: &Arc<App>,
    request: Request,
    session: &EmotionSessionRow,
    step: StepId,
) -> Result<Asked, ApiError> {
    let row = step_in(app, session.id, step).await?;
    let input: Option<StepInput> = row.input.open(&*app.keys)?;
    let input = input.ok_or_else(|| ApiError::gone("erased", "this was erased"))?;
    let node = app.node;
    let session_id = session.id;
    let again = AskStepAgain {
        session: session_id,
        step,
        node,
    };
    let done = execute(app, &request, &again).await?;
    let Some(recorded) = done
        .event("emotion.step_asked_again")
        .filter(|_| !done.repeated)
    else {
        return Ok(running(app, step));
    };
    // The read models may be behind: how often it was asked is told by the stream alone.
    let number = attempts(app, session_id, step).await?;
    Ok(Asked::Here(start(
        app,
        request,
        session,
        Told {
            step,
            number,
            order: row.order,
            risk: row.risk,
            input,
            asked_at: row.asked_at,
            caused_by: recorded.event_id,
        },
    )))
}

/// The same was asked before: whoever answers it goes on; what failed is asked again.
async fn repeated(
    app: &Arc<App>,
    mut request: Request,
    session: &EmotionSessionRow,
    done: &Done,
) -> Result<Asked, ApiError> {
    let recorded = done
        .event("emotion.step_asked")
        .ok_or_else(ApiError::internal)?;
    let (step, _) = told_by(app, recorded)?;
    if app.answering.find(step).is_some() {
        return Ok(running(app, step));
    }
    app.projected(recorded.position).await;
    match step_in(app, session.id, step).await?.status {
        StepStatus::Failed => {
            request.once = None;
            Box::pin(ask_again(app, request, session, step)).await
        }
        StepStatus::Open | StepStatus::Answered | StepStatus::Cancelled => Ok(running(app, step)),
    }
}

/// Whether any of the texts speaks of suicide or of hurting oneself; and who takes calls where one
/// does.
pub(super) async fn danger<const TEXTS: usize>(
    app: &App,
    texts: [Option<&str>; TEXTS],
) -> Result<(Option<Hit>, Vec<CounselorId>), ApiError> {
    let Some(hit) = texts.into_iter().flatten().find_map(crisis::check) else {
        return Ok((None, Vec::new()));
    };
    let waiting = counselors::waiting(&*app.reader).await?;
    Ok((Some(hit), waiting.into_iter().map(|row| row.id).collect()))
}

fn running(app: &App, step: StepId) -> Asked {
    match app.answering.find(step) {
        Some(running) => Asked::Here(running),
        None => Asked::Before(step),
    }
}

/// A step as it was asked.
struct Told {
    step: StepId,
    number: u32,
    order: u32,
    risk: Option<Risk>,
    input: StepInput,
    asked_at: i64,
    caused_by: uuid::Uuid,
}

fn start(
    app: &Arc<App>,
    mut request: Request,
    session: &EmotionSessionRow,
    told: Told,
) -> Arc<Running> {
    request.once = None;
    request.causation_id = Some(told.caused_by);
    let attempt = Attempt {
        step: told.step,
        number: told.number,
    };
    let question = Question {
        session: session.id,
        owner: session.owner,
        step: told.step,
        attempt,
        order: told.order,
        risk: told.risk,
        input: told.input,
        asked_at: told.asked_at,
        request,
    };
    Answering::start(app, question)
}

async fn execute(app: &App, request: &Request, command: &impl Command) -> Result<Done, ApiError> {
    let done = app.commands.execute(request, command).await;
    done.map_err(|error| ApiError::from(error).about(&FIELDS))
}

/// Which step was asked, and its order.
fn told_by(app: &App, recorded: &Arc<Recorded>) -> Result<(StepId, u32), ApiError> {
    let event = fact(Arc::clone(recorded), &*app.keys).map(|fact| fact.event);
    if let Ok(Event::Emotion(EmotionEvent::StepAsked {
        step, step_order, ..
    })) = event
    {
        return Ok((step, step_order));
    }
    tracing::error!("a step that was just recorded cannot be read");
    Err(ApiError::internal())
}

async fn attempts(app: &App, session: EmotionSessionId, step: StepId) -> Result<u32, ApiError> {
    let session = app.commands.state::<EmotionSession>(session).await?;
    let step = session.step(step);
    step.map(|step| step.attempts)
        .ok_or_else(ApiError::internal)
}

/// A step of a session.
///
/// # Errors
/// 404 where there is none.
pub(super) async fn step_in(
    app: &App,
    session: EmotionSessionId,
    step: StepId,
) -> Result<StepRow, ApiError> {
    let find = || emotions::by_step_id(&*app.reader, step);
    let row = match find().await? {
        Some(row) => Some(row),
        None if app.caught_up().await => find().await?,
        None => return Err(lagging()),
    };
    let row = row.filter(|row| row.session == session);
    row.ok_or_else(|| domain::Refusal::UnknownStep.into())
}

/// Waits until a step that is answered elsewhere has come to its end.
pub(super) async fn settled(
    app: &App,
    session: EmotionSessionId,
    step: StepId,
) -> Result<StepRow, ApiError> {
    let mut facts = app.hub.subscribe_facts();
    loop {
        // What was told already is told no more: it has to stand in the read models.
        if !app.caught_up().await {
            continue;
        }
        let row = step_in(app, session, step).await?;
        if row.settled.is_some() {
            return Ok(row);
        }
        // Whatever comes, and also where something was missed, the read models are asked again.
        while let Ok(fact) = facts.recv().await {
            if fact.id == session.0 && matches!(fact.event, Event::Emotion(_)) {
                app.projected(fact.recorded.position).await;
                break;
            }
        }
    }
}

/// Refuses whoever has used the day's tokens.
async fn check_budget(app: &App, session: &EmotionSessionRow) -> Result<(), ApiError> {
    let budget = u64::from(app.settings.llm.daily_tokens);
    if budget == 0 || !app.responder.is_language_model() {
        return Ok(());
    }
    let now = app.clock.now_us();
    let today = now - now.rem_euclid(DAY_US);
    if emotions::used_since(&*app.reader, session.owner, today).await? < budget {
        return Ok(());
    }
    let left_us = today + DAY_US - now;
    let seconds = u64::try_from(left_us / 1_000_000 + 1).unwrap_or(1);
    Err(ApiError::too_many("too_many_tokens", seconds))
}
