//! Commands about accounts: registration, log-in sessions, passwords, roles, counsellors.

mod counselors;
mod known;
mod passwords;
mod profile;
mod prompt;
mod register;
mod sessions;
mod users;

pub use counselors::{NewCounselor, SetCounselorStatus, counselor_of};
pub use known::{KnownAccount, KnownSession};
pub use passwords::{ChangePassword, RehashPassword, RequestReset, ResetPassword};
pub use profile::{ChangeProfile, FieldChange, ProfileChange};
pub use prompt::SetPrompt;
pub use register::{RegisterAccount, first_admin};
pub use sessions::{ForgetSession, OpenSession, RevokeSession, RotateSession};
pub use users::ChangeUser;
pub(super) use users::check_not_erased;
