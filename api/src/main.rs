//! `maeum`: the server and what its operators need.

use std::process::ExitCode;
use std::sync::Arc;

use api::clock::{Clock, SystemClock};
use api::settings::Settings;
use api::settings::cli::{
    Cli, Command, ConfigCommand, KeysCommand, RetentionCommand, ServeArgs, SettingsArgs,
};
use api::{StartError, demo, operations, telemetry};
use clap::{CommandFactory, Parser};

/// Every message is many small allocations on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The settings are not right, or what they name is not there.
const EXIT_CANNOT_RUN: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let Some(command) = cli.command else {
        return match Cli::command().print_help() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return cannot_run(&error),
    };
    match runtime.block_on(run(command)) {
        Ok(code) => code,
        Err(error) => cannot_run(&error),
    }
}

fn cannot_run(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("maeum: {error}");
    ExitCode::from(EXIT_CANNOT_RUN)
}

async fn run(command: Command) -> Result<ExitCode, StartError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    match command {
        Command::Serve(args) => serve(&args, clock).await,
        Command::Config {
            command: ConfigCommand::Show(args),
        } => {
            for setting in load(&args)?.describe() {
                println!("{} = {}  # {}", setting.key, setting.value, setting.origin);
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Config {
            command: ConfigCommand::Check(args),
        } => {
            load(&args)?;
            println!("the settings are fine");
            Ok(ExitCode::SUCCESS)
        }
        Command::Doctor(args) => Ok(operations::doctor(&load(&args)?, &clock).await),
        Command::Openapi(_) => {
            let document = api::openapi().to_pretty_json();
            println!(
                "{}",
                document.map_err(|error| StartError(error.to_string()))?
            );
            Ok(ExitCode::SUCCESS)
        }
        Command::Migrate(args) => operations::migrate(&load(&args)?, &clock).await,
        Command::Keys {
            command: KeysCommand::RotateMaster(args),
        } => operations::rotate_master(&load(&args)?, &clock).await,
        Command::Keys {
            command: KeysCommand::RotateSigning(args),
        } => operations::rotate_signing(&load(&args)?, &clock).await,
        Command::Retention {
            command: RetentionCommand::Plan(args),
        } => api::retention::plan(&load(&args.settings)?, args.until, args.json).await,
        Command::Backup(args) => operations::backup(&load(&args.settings)?, &args.what),
    }
}

fn load(args: &SettingsArgs) -> Result<Settings, StartError> {
    args.load().map_err(|error| StartError(error.to_string()))
}

async fn serve(args: &ServeArgs, clock: Arc<dyn Clock>) -> Result<ExitCode, StartError> {
    let settings = load(&args.settings)?;
    telemetry::log(&settings.server.log)
        .map_err(|error| StartError::because("server.log", error))?;
    if settings.auth.trust_user_id {
        // Whatever is logged or not.
        eprintln!(
            "maeum: WARNING: auth.trust_user_id is on: whoever reaches this server from loopback or \
             auth.trusted_gateways acts as any user, without a token"
        );
    }
    let running = api::start(settings, clock).await?;
    if let Some(password) = &running.made_password {
        println!(
            "the first administrator is {}, with this password:",
            running.app.settings.admin.email
        );
        println!("{password}");
    }
    if args.demo {
        println!("{}", demo::prepare(&running).await?);
    }
    // Whoever reads that it listens may tell it to stop at once.
    let told_to_stop = told_to_stop();
    for address in &running.addresses {
        println!("listening on http://{address}");
    }
    let failed = tokio::select! {
        () = told_to_stop => false,
        () = running.failed() => true,
    };
    running.stop().await;
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// SIGTERM or SIGINT, from this call on.
fn told_to_stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
    async {
        let [Ok(mut terminate), Ok(mut interrupt)] = signals else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}
