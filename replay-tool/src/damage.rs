//! What the engine itself finds wrong with the log, before any event is read.

mod file;
mod server;

use event_store::Location;

use crate::arguments::PlaceArguments;
use crate::failure::Failure;
use crate::place;

/// What the engine finds wrong, none where it finds nothing. In a file it looks at everything: at
/// pages, and at indexes against their rows. A server is asked what it knows of damaged pages and
/// indexes; where its extension `amcheck` is installed, and may be used, indexes are compared
/// with their rows there as well.
pub async fn damage_of_log(place: &PlaceArguments) -> Result<Option<String>, Failure> {
    match &place::log_location(place)? {
        Location::File(path) => {
            place::there(path, "log", "--data or --event-store")?;
            file::damage(path)
        }
        Location::Postgres(url) => server::damage(url).await,
        // A server of KurrentDB tells nothing of its files: what cannot be read is met in reading.
        Location::Kurrent(_) => Ok(None),
    }
}
