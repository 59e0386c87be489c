//! What every backend promises. A backend joins with `every_case!(ItsBackend)`.

pub mod decisions;
pub mod following;
pub mod once;
pub mod order;

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use async_trait::async_trait;
use event_store::EventStore;

/// One log of one backend, made for one test.
#[async_trait]
pub trait Backend: Send + Sync + Sized {
    /// A log that holds nothing.
    async fn fresh() -> Self;

    /// Opens it; again, once all that was opened before is dropped.
    async fn open(&self) -> Arc<dyn EventStore>;

    /// The time that the store sees, in microseconds since the Unix epoch.
    fn clock(&self) -> &AtomicI64;
}

macro_rules! every_case {
    ($backend:ty) => {
        $crate::contract::every_case! { $backend:
            order::positions_and_sequences_are_dense_from_one,
            order::what_was_appended_is_read_back_as_it_was,
            order::streams_are_read_both_ways_within_limits,
            order::names_of_every_shape_come_back,
            order::time_never_goes_back,
            order::everything_is_there_after_reopening,
            decisions::a_wrong_version_is_a_conflict_that_names_the_actual_one,
            decisions::what_was_read_is_checked_with_what_is_written,
            decisions::several_streams_are_written_whole_or_not_at_all,
            decisions::one_stream_may_be_written_twice_in_one_append,
            decisions::a_conflict_inside_a_batch_fails_only_itself,
            decisions::an_append_beyond_the_limits_is_refused_and_stores_nothing,
            once::a_repeated_command_is_refused_and_its_outcome_is_found,
            once::a_repeat_leaves_nothing_of_its_append,
            once::of_many_equal_commands_at_once_one_is_stored,
            following::no_gap_and_no_repeat_while_sixteen_tasks_append,
            following::a_follower_waits_and_may_be_interrupted,
            following::a_follower_may_start_beyond_the_end,
        }
    };
    ($backend:ty: $($area:ident::$case:ident,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let backend = <$backend as $crate::contract::Backend>::fresh().await;
                $crate::contract::$area::$case(&backend).await;
            }
        )*
    };
}
pub(crate) use every_case;
