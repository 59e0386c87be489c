//! Rooms through all dialects at once: what is done in one is seen in every other.

mod acting;
mod matrix;
mod presence;
mod resume;
mod slow;
mod stalled;
