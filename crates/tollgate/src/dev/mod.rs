//! `tollgate dev`: try definitions on this machine, edit them while they are served, and hear why requests are refused.

mod deploy;
mod watch;

use std::fmt::Display;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use tempfile::TempDir;
use tollgate_control::Credentials;
use tollgate_model::random::Random;

use self::deploy::Deployer;
use crate::arguments::Dev;
use crate::config::{Config, Sources};
use crate::console::Terminal;
use crate::definitions::{self, Definition};
use crate::failure::Failure;
use crate::logging::Logging;
use crate::program::{Program, Setup};
use crate::run::{in_background, open_store, say_ready, settings, until_told_to_end};
use crate::say;
use crate::secrets::sealer;
use crate::signals::Signals;

/// Where definitions are deployed.
const REGION: &str = "us-east-1";

/// Requests of a developer may be cut off sooner than those of users.
const GRACE: Duration = Duration::from_secs(5);

/// Routes of one API that are shown.
const ROUTES_SHOWN_MAX: usize = 20;

/// Where this run keeps its data.
enum Data {
    /// Gone with this value.
    Temporary(TempDir),
    Kept(PathBuf),
}

/// Runs until told to end.
pub(crate) fn run(arguments: Dev) -> Result<ExitCode, Failure> {
    let sources = Sources::new(arguments.place.config.clone());
    let mut config = settings(&sources, &arguments.place)?;
    only_this_machine(&config)?;
    let definitions = definitions::read(&arguments.files).map_err(Failure::given)?;
    Logging::start(&config.log);
    let data = Data::new(arguments.place.data)?;
    data.path().clone_into(&mut config.server.data);
    let ended = in_background(dev(config, definitions, &arguments.stage, &data));
    drop(data);
    ended
}

async fn dev(
    config: Config,
    definitions: Vec<Definition>,
    stage: &str,
    data: &Data,
) -> Result<(), Failure> {
    let signals = Signals::listen().context("cannot listen for signals")?;
    let account = config.control.account.clone();
    let store = open_store(&config.server.data)?;
    let key_file = config.secrets.key_file(&config.server.data);
    let sealer = sealer(&*store, &key_file, &mut Random::from_os()).await?;
    let console = Terminal::start().context("cannot start a thread")?;
    let program = Program::start(Setup {
        store,
        digester: sealer.digester(),
        seal: Arc::new(sealer),
        roots: Vec::new(),
        credentials: Credentials::Any {
            account: account.clone(),
            hosts: Vec::new(),
        },
        console: Some(Arc::new(console)),
        may_call_anything: true,
        keeps_every_request: true,
        config,
    })
    .await?;
    let deployer = Deployer {
        control: program.control.clone(),
        account,
        stage: stage.to_owned(),
        definitions,
    };
    deployer.all().await?;
    program.open();
    for definition in &deployer.definitions {
        show(&program, definition, stage);
    }
    say::out(format_args!(
        "AWS clients: AWS_ENDPOINT_URL=http://{} AWS_DEFAULT_REGION={REGION}, with any access key",
        program.address()
    ));
    say_ready(&program, data);
    let following = tokio::spawn(deployer.follow());
    until_told_to_end(program, signals, None, GRACE).await;
    following.abort();
    Ok(())
}

/// Any key will do in development, so nobody else may reach it.
fn only_this_machine(config: &Config) -> Result<(), Failure> {
    let listening = [
        ("--listen", Some(config.server.listen)),
        ("--admin", Some(config.admin.listen)),
        ("[tls] listen", config.tls.listen),
    ];
    for (name, address) in listening {
        if let Some(address) = address
            && !address.ip().is_loopback()
        {
            let text = "is not an address of this machine alone; dev accepts any access key, so it listens on 127.0.0.1 or [::1] only (serve has no such limit)";
            return Err(Failure::given(anyhow!("{name} {address} {text}")));
        }
    }
    Ok(())
}

/// What can be called, ready to be pasted.
fn show(program: &Program, definition: &Definition, stage: &str) {
    let id = &definition.api_id;
    let base = format!(
        "http://{id}.execute-api.localhost:{}/{stage}",
        program.address().port()
    );
    say::out(format_args!(
        "{} is deployed as API {id}, stage {stage}:",
        definition.file.display()
    ));
    let routes = routes(program, id, stage);
    let width = routes
        .iter()
        .map(|(_, methods)| methods.len())
        .max()
        .unwrap_or(0);
    for (path, methods) in routes.iter().take(ROUTES_SHOWN_MAX) {
        say::out(format_args!("  {methods:<width$}  {base}{path}"));
    }
    if routes.len() > ROUTES_SHOWN_MAX {
        say::out(format_args!(
            "  … and {} more",
            routes.len() - ROUTES_SHOWN_MAX
        ));
    }
    if let Some((path, _)) = routes
        .iter()
        .find(|(path, methods)| methods.contains("GET") && !path.contains('{'))
    {
        say::out(format_args!("  curl -i '{base}{path}'"));
    }
}

fn routes(program: &Program, id: &str, stage: &str) -> Vec<(String, String)> {
    let table = program.gateway.table();
    let stages = table.api(id).into_iter().flat_map(|api| &api.stages);
    let resources = stages
        .filter(|plan| *plan.name == *stage)
        .flat_map(|plan| &plan.deployment.resources);
    resources
        .map(|resource| (resource.path.to_string(), resource.method_names()))
        .collect()
}

impl Data {
    fn new(named: Option<PathBuf>) -> anyhow::Result<Self> {
        match named {
            Some(path) => Ok(Self::Kept(path)),
            None => {
                let folder = tempfile::Builder::new().prefix("tollgate-dev-").tempdir();
                Ok(Self::Temporary(
                    folder.context("cannot make a temporary folder")?,
                ))
            }
        }
    }

    fn path(&self) -> &std::path::Path {
        match self {
            Self::Temporary(folder) => folder.path(),
            Self::Kept(path) => path,
        }
    }
}

impl Display for Data {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Temporary(_) => formatter.write_str("a temporary folder"),
            Self::Kept(path) => path.display().fmt(formatter),
        }
    }
}
