//! What every key store promises. One joins with `every_case!(ItsHome)`.

mod adopting;
mod making;
mod masters;
mod postgres;
mod servers;
mod sqlite;

use std::sync::Arc;

use async_trait::async_trait;
use event_store::OpenError;
use event_store::keys::{Key, KeyBytes, KeyStore};

/// Keys of one test, on one engine.
#[async_trait]
pub trait Home: Sync + Sized {
    /// A place that holds nothing.
    async fn fresh() -> Self;

    /// Opens them; again, once all that was opened before is dropped.
    fn open(&self, master: KeyBytes) -> Result<Arc<dyn KeyStore>, OpenError>;

    fn open_read_only(&self, master: KeyBytes) -> Result<Arc<dyn KeyStore>, OpenError>;

    fn is_fresh(&self) -> bool;

    /// As errors name it.
    fn place(&self) -> String;

    /// Flips the last bit of what is stored under `name` in the table.
    async fn flip_a_bit(&self, table: &str, name: &str);
}

pub fn master() -> KeyBytes {
    KeyBytes::new([7; 32])
}

pub fn other_master() -> KeyBytes {
    KeyBytes::new([8; 32])
}

/// The names `a:000`, `a:001`, …
pub fn numbered(count: usize) -> Vec<Arc<str>> {
    (0..count)
        .map(|number| format!("a:{number:04}").into())
        .collect()
}

pub fn present(keys: &dyn KeyStore, name: &str) -> Arc<KeyBytes> {
    match keys.get(name).unwrap() {
        Key::Present(key) => key,
        Key::Destroyed => panic!("{name} was destroyed"),
        Key::Absent => panic!("{name} is absent"),
    }
}

pub fn is_destroyed(keys: &dyn KeyStore, name: &str) -> bool {
    matches!(keys.get(name), Ok(Key::Destroyed))
}

macro_rules! every_case {
    ($home:ty) => {
        $crate::keys::every_case! { $home:
            making::keys_secrets_and_tombstones_are_there_after_reopening,
            making::many_who_want_the_same_new_keys_get_the_same,
            making::several_keys_are_found_in_the_order_asked_for,
            making::a_secret_is_any_bytes_and_the_first_stays,
            making::a_destroyed_key_does_not_come_back,
            making::a_reader_sees_a_destruction_at_once_and_changes_nothing,
            making::calls_from_every_kind_of_thread_are_answered,
            masters::a_wrong_master_key_is_refused_unless_there_is_nothing_to_lose,
            masters::a_new_master_key_wraps_everything_anew,
            masters::a_flipped_bit_is_named_and_stops_a_rotation_whole,
            adopting::keys_and_tombstones_move_page_by_page,
            adopting::what_is_adopted_must_be_what_is_here,
            adopting::a_tombstone_wins_over_a_key_on_either_side,
        }
    };
    ($home:ty: $($area:ident::$case:ident,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let home = <$home as $crate::keys::Home>::fresh().await;
                $crate::keys::$area::$case(&home).await;
            }
        )*
    };
}
pub(crate) use every_case;
