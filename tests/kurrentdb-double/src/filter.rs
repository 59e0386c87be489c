//! Which events of the whole log a reader wants: by prefix or expression, of stream or type.

use tonic::Status;

use crate::log::Event;
use crate::protocol::event_store::client::streams::read_req::options::filter_options::{
    Expression, Filter as Wanted, Window,
};
use crate::protocol::event_store::client::streams::read_req::options::{
    FilterOption, FilterOptions,
};

/// Lets events pass, or not.
pub enum Filter {
    All,
    Some {
        by_stream: bool,
        prefixes: Vec<String>,
        /// After so many events that were looked at, whoever waits is told how far that was.
        checkpoint_every: Option<usize>,
    },
}

impl Filter {
    pub fn of(option: Option<FilterOption>) -> Result<Self, Status> {
        let Some(FilterOption::Filter(options)) = option else {
            return Ok(Self::All);
        };
        let checkpoint_every = checkpoint_every(&options);
        let (by_stream, expression) = match options.filter {
            Some(Wanted::StreamIdentifier(expression)) => (true, expression),
            Some(Wanted::EventType(expression)) => (false, expression),
            None => return Ok(Self::All),
        };
        Ok(Self::Some {
            by_stream,
            prefixes: prefixes(expression)?,
            checkpoint_every,
        })
    }

    pub fn passes(&self, event: &Event) -> bool {
        let Self::Some {
            by_stream,
            prefixes,
            ..
        } = self
        else {
            return true;
        };
        let name = if *by_stream {
            String::from_utf8_lossy(&event.stream_identifier.as_ref().unwrap().stream_name)
        } else {
            event.metadata["type"].as_str().into()
        };
        prefixes.iter().any(|prefix| name.starts_with(prefix))
    }

    pub fn checkpoint_every(&self) -> Option<usize> {
        match self {
            Self::All => None,
            Self::Some {
                checkpoint_every, ..
            } => *checkpoint_every,
        }
    }
}

fn checkpoint_every(options: &FilterOptions) -> Option<usize> {
    let window = match options.window {
        Some(Window::Max(max)) => max,
        Some(Window::Count(())) | None => return None,
    };
    usize::try_from(window.checked_mul(options.checkpoint_interval_multiplier)?)
        .ok()
        .filter(|every| *every > 0)
}

/// Of expressions only those that clients make of "not a system event" and of a prefix.
fn prefixes(expression: Expression) -> Result<Vec<String>, Status> {
    if expression.regex.is_empty() {
        return Ok(expression.prefix);
    }
    let literal = expression.regex.strip_prefix('^').filter(|rest| {
        rest.chars()
            .all(|c| c.is_alphanumeric() || "-_~:/".contains(c))
    });
    match literal {
        Some(prefix) => Ok(vec![prefix.to_owned()]),
        None => Err(Status::unimplemented(format!(
            "the double knows no expression like {}",
            expression.regex
        ))),
    }
}
