//! The command line of `maeum`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use jiff::civil::Date;

use super::{Flag, Settings, SettingsError};

/// Counselling and chat on one log of events.
#[derive(Debug, Parser)]
#[command(name = "maeum", version, about, subcommand_required = false)]
pub struct Cli {
    /// None: help is to be printed.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What `maeum` can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server.
    Serve(ServeArgs),
    /// Show or check the settings.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Examine settings, stores, keys and disk, and say what is wrong.
    Doctor(SettingsArgs),
    /// Print the OpenAPI document.
    Openapi(SettingsArgs),
    /// Bring the stores to this version's schema.
    Migrate(SettingsArgs),
    /// Rotate keys.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// For how long things are kept.
    Retention {
        #[command(subcommand)]
        command: RetentionCommand,
    },
    /// Back up the log or the keys; apart, on purpose.
    Backup(BackupArgs),
}

#[derive(Debug, Args)]
pub struct ServeArgs {
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// Make counsellors, users and a sample room, and print how to log in.
    #[arg(long)]
    pub demo: bool,
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting, its value and where it came from. Secrets are masked.
    Show(SettingsArgs),
    /// Say whether the settings are fine.
    Check(SettingsArgs),
}

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Wrap every key with a new master key.
    RotateMaster(SettingsArgs),
    /// Sign new tokens with a new key; the old one verifies until its tokens have expired.
    RotateSigning(SettingsArgs),
}

#[derive(Debug, Subcommand)]
pub enum RetentionCommand {
    /// Print what will have gone by the end of a day, if nothing else happens.
    Plan(PlanArgs),
}

#[derive(Debug, Args)]
pub struct PlanArgs {
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// The day, of UTC.
    #[arg(long, value_name = "DATE")]
    pub until: Date,
    /// An object a line.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct BackupArgs {
    #[command(flatten)]
    pub settings: SettingsArgs,
    #[command(flatten)]
    pub what: BackupTarget,
}

/// What is backed up, and where to.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct BackupTarget {
    /// The log, into this directory.
    #[arg(long, value_name = "DIR")]
    pub log: Option<PathBuf>,
    /// The keys, into this directory.
    #[arg(long, value_name = "DIR")]
    pub keys: Option<PathBuf>,
}

/// Settings on the command line; they win over the environment and the file.
#[derive(Debug, Args, Default)]
pub struct SettingsArgs {
    /// Where to listen; may be given several times. [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDR")]
    pub listen: Vec<SocketAddr>,
    /// The directory of everything that is kept. [default: ./maeum-data]
    #[arg(long, value_name = "DIR")]
    pub data: Option<String>,
    /// The log of events. [default: in the data directory]
    #[arg(long, value_name = "URL")]
    pub event_store: Option<String>,
    /// The read models. [default: in the data directory]
    #[arg(long, value_name = "URL")]
    pub read_store: Option<String>,
    /// The keys. [default: in the data directory]
    #[arg(long, value_name = "URL")]
    pub key_store: Option<String>,
    /// A TOML file of settings.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl SettingsArgs {
    /// The settings that these flags, the environment and the file give.
    pub fn load(&self) -> Result<Settings, SettingsError> {
        Settings::load(self.config.as_deref(), &self.flags())
    }

    /// The flags that were given.
    pub fn flags(&self) -> Vec<Flag> {
        let mut flags = Vec::new();
        if !self.listen.is_empty() {
            let addresses: Vec<_> = self.listen.iter().map(ToString::to_string).collect();
            let value = serde_json::Value::from(addresses).to_string();
            flags.push(Flag {
                name: "--listen",
                key: "server.listen",
                value,
            });
        }
        let texts = [
            ("--data", "server.data", &self.data),
            ("--event-store", "server.event_store", &self.event_store),
            ("--read-store", "server.read_store", &self.read_store),
            ("--key-store", "server.key_store", &self.key_store),
        ];
        for (name, key, value) in texts {
            if let Some(value) = value.clone() {
                flags.push(Flag { name, key, value });
            }
        }
        flags
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_of_the_contract_parses() {
        for line in [
            "maeum serve --listen 127.0.0.1:8000 --listen 127.0.0.1:3000 --data d --demo",
            "maeum serve --event-store sqlite://e.db --read-store sqlite://r.db --key-store sqlite://k.db --config c.toml",
            "maeum config show",
            "maeum config check --config c.toml",
            "maeum doctor --data d",
            "maeum openapi",
            "maeum migrate",
            "maeum keys rotate-master",
            "maeum keys rotate-signing",
            "maeum backup --log dir",
            "maeum backup --keys dir --data d",
        ] {
            assert!(Cli::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
    }

    #[test]
    fn a_backup_is_of_the_log_or_of_the_keys_never_of_both() {
        assert!(Cli::try_parse_from("maeum backup --log a --keys b".split(' ')).is_err());
        assert!(Cli::try_parse_from("maeum backup".split(' ')).is_err());
    }

    #[test]
    fn nothing_at_all_is_no_command() {
        assert!(Cli::try_parse_from(["maeum"]).unwrap().command.is_none());
    }

    #[test]
    fn several_addresses_become_one_setting() {
        let cli =
            Cli::try_parse_from("maeum serve --listen 127.0.0.1:1 --listen [::1]:2".split(' '));
        let Some(Command::Serve(serve)) = cli.unwrap().command else {
            panic!("serve")
        };
        let settings = Settings::load_from(None, [], &serve.settings.flags()).unwrap();
        assert_eq!(settings.server.listen.len(), 2);
        assert_eq!(settings.origin("server.listen"), "--listen");
    }
}
