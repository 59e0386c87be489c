//! Settings: each one field with its help, from defaults, a file, the environment and flags.

mod check;
pub mod cli;
mod declare;
mod error;
mod example;
mod kinds;
mod load;
mod quantities;
mod sections;
mod store_paths;
#[cfg(test)]
mod tests;

pub use error::SettingsError;
pub use load::{Described, Flag, Key};
pub use quantities::{parse_duration, parse_size, show_duration, show_size};
pub use sections::{
    AdminSettings, AuthSettings, ConsultationSettings, CrisisSettings, EmotionSettings,
    GeneralSettings, KeysSettings, LimitsSettings, LiveSettings, LlmSettings, RetentionSettings,
    ServerSettings, Settings, UploadSettings,
};
pub use store_paths::{StorePlaces, parse_master_key};

/// Networks as settings hold them.
pub use ipnet::IpNet;
