//! What was erased is found nowhere: in no file and no table, and in no backup that is put back.

use tests::talks::verify;
use tests::{Place, Process};

use super::planted::Planted;
use super::receipt;

const SETTINGS: &str = "limits.requests_per_minute = 0\nlimits.messages_per_minute = 0";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_erased_is_found_not_even_in_older_keys_that_are_put_back() {
    let place = Place::new().await;
    let server = Process::start(&place, SETTINGS).await;
    let mut planted = Planted::new(&server.client).await;
    assert_eq!(server.terminate().await, Some(0));
    let keys = place.keep_keys().await;
    let server = Process::start(&place, SETTINGS).await;
    planted.at(&server.client).await;
    planted.something_is_told().await;
    let counts = planted.counts().await;
    receipt(planted.alice.delete("/api/v1/users/me").await);
    planted.nothing_is_told().await;
    planted.nothing_is_stored(&place).await;
    assert_eq!(server.terminate().await, Some(0));
    planted.nothing_is_stored(&place).await;

    place.put_keys_back(keys).await;
    let server = Process::start(&place, SETTINGS).await;
    planted.at(&server.client).await;
    planted.nothing_is_told().await;
    assert_eq!(planted.counts().await, counts);
    planted.nothing_is_stored(&place).await;
    assert_eq!(server.terminate().await, Some(0));
    verify(&place);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_log_that_is_put_back_beside_newer_keys_tells_nothing_of_what_was_erased() {
    let place = Place::new().await;
    let server = Process::start(&place, SETTINGS).await;
    let mut planted = Planted::new(&server.client).await;
    assert_eq!(server.terminate().await, Some(0));
    let (log, keys) = (place.keep_log().await, place.keep_keys().await);
    let server = Process::start(&place, SETTINGS).await;
    planted.at(&server.client).await;
    receipt(planted.alice.delete("/api/v1/users/me").await);
    assert_eq!(server.terminate().await, Some(0));

    place.put_log_back(&log).await;
    planted.nothing_is_stored(&place).await;
    let server = Process::start(&place, SETTINGS).await;
    planted.at(&server.client).await;
    // The log knows nothing of the erasure any more; the keys do.
    planted.nothing_is_told().await;
    planted.nothing_is_stored(&place).await;
    // Others have lost nothing, and go on.
    planted.bora.says("남을 뒤의 말", planted.group).await;
    assert_eq!(server.terminate().await, Some(0));
    planted.nothing_is_stored(&place).await;

    // Older copies of both, as somebody may have them who got hold of the backups but not of the
    // master key: all that is personal in them is sealed.
    place.put_log_back(&log).await;
    place.put_keys_back(keys).await;
    place.forget_read_models().await;
    planted.nothing_is_stored(&place).await;
}
