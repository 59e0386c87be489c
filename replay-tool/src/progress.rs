//! A bar on a terminal while long work goes on; nothing where no terminal watches.

use std::io::IsTerminal;

use event_store::Position;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How far a walk over the log has come. It shows 100 % only when it is complete.
pub struct Progress {
    bar: ProgressBar,
    head: Position,
    count: u64,
    last: Position,
}

impl Progress {
    /// Over a log whose last event is at `head`.
    pub fn over(head: Position, doing: &'static str) -> Self {
        let target = if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr_with_hz(10)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(head), target).with_message(doing);
        let template =
            "{msg} [{wide_bar}] {percent} % {human_pos} of {human_len}, {per_sec}, {eta}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self {
            bar,
            head,
            count: 0,
            last: 0,
        }
    }

    /// `count` more events were gone through, the last of them at `last`.
    pub fn passed(&mut self, count: u64, last: Position) {
        self.count += count;
        self.last = last;
        self.bar.set_position(self.shown());
    }

    /// Leaves the bar as it stands; full only when all of the log was gone through.
    pub fn end(self) {
        if self.is_complete() {
            self.bar.finish();
        } else {
            self.bar.abandon();
        }
    }

    fn is_complete(&self) -> bool {
        self.count == self.head && self.last == self.head
    }

    /// Short of the end until count and last position both say that it is reached.
    fn shown(&self) -> u64 {
        if self.is_complete() {
            self.head
        } else {
            self.count.min(self.head.saturating_sub(1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Progress;

    #[test]
    fn it_is_full_when_count_and_last_position_agree_with_the_head() {
        let mut progress = Progress::over(200, "reading");
        progress.passed(199, 199);
        assert_eq!(progress.shown(), 199);
        progress.passed(1, 200);
        assert_eq!(progress.shown(), 200);
    }

    #[test]
    fn a_log_with_a_gap_never_fills_it() {
        let mut progress = Progress::over(200, "reading");
        progress.passed(198, 200);
        assert_eq!(progress.shown(), 198);
        progress.passed(5, 205);
        assert_eq!(progress.shown(), 199);
    }
}
