//! Who is who: passwords, tokens, tickets, codes, origins, and what has been revoked.

mod address;
mod asker;
mod authority;
mod caller;
mod codes;
mod context;
mod credentials;
mod emails;
#[cfg(test)]
mod memory_keys;
mod named;
mod origin;
mod passwords;
mod pepper;
mod refresh;
mod revocations;
mod signing_keys;
mod tickets;
#[cfg(test)]
mod token_tests;
mod tokens;
mod verified_tokens;

pub use address::address_hash;
pub use asker::Asker;
pub use authority::{Authority, AuthorityError};
pub use caller::{AccountCaller, Administrator, Caller, GuestCaller, LoggedIn};
pub use codes::{CODE_LENGTH, ConsultationCode, NotACode};
pub use context::{Asked, RequestContext, X_PURPOSE};
pub use credentials::{BEARER_PROTOCOL, Credentials, bearer, live_credentials};
pub use emails::Email;
pub use named::{Named, Peer, Somebody, active_account};
pub use origin::{Origins, normalized_origin};
pub use passwords::{Hashing, PasswordError, PasswordHash, Passwords, Verified};
pub use pepper::Pepper;
pub use refresh::{REFRESH_GRACE_US, RefreshToken, secret_hash};
pub use revocations::{Cause, Ended, Revocations};
pub use signing_keys::SigningKeys;
pub use tickets::{TICKET_TTL, Tickets};
pub use tokens::{Claims, InvalidToken, NewToken, Tokens};
