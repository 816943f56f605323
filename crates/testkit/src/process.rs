//! A Tollgate that runs: started on free ports over a temporary data folder, ended with the test.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::http::{Answer, Connection, Request};
use crate::output::Output;
use crate::sign::{AccessKey, Scope, authorize};

/// A program that is not ready or gone by then has failed its test.
const PATIENCE: Duration = Duration::from_secs(60);

/// The beginning of the line that says a Tollgate is ready.
const READY: &str = "tollgate ready:";

/// What development accepts as a key.
const ANY_KEY: (&str, &str) = ("test", "test");

/// How to start a Tollgate.
#[derive(Clone, Debug)]
pub struct Options {
    program: PathBuf,
    command: &'static str,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    data: Option<PathBuf>,
    config: Option<String>,
    key: Option<AccessKey>,
}

impl Options {
    /// `tollgate dev`; `program` is `env!("CARGO_BIN_EXE_tollgate")` in the tests of that crate.
    pub fn dev(program: impl Into<PathBuf>) -> Self {
        let (id, secret) = ANY_KEY;
        Self {
            key: Some(AccessKey {
                id: id.to_owned(),
                secret: secret.to_owned(),
            }),
            ..Self::command(program, "dev")
        }
    }

    /// `tollgate serve`. Its key is read from what it prints at its first start.
    pub fn serve(program: impl Into<PathBuf>) -> Self {
        Self::command(program, "serve")
    }

    fn command(program: impl Into<PathBuf>, command: &'static str) -> Self {
        Self {
            program: program.into(),
            command,
            arguments: Vec::new(),
            environment: Vec::new(),
            data: None,
            config: None,
            key: None,
        }
    }

    /// With another argument, such as a definition's path.
    pub fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// With a variable of the environment, such as `TOLLGATE_LIMITS__PROFILE`.
    pub fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Over a data folder of the test's, which outlives the process.
    pub fn data(mut self, folder: &Path) -> Self {
        self.data = Some(folder.to_owned());
        self
    }

    /// With this text as its `tollgate.toml`.
    pub fn config(mut self, text: &str) -> Self {
        self.config = Some(text.to_owned());
        self
    }

    /// Control calls are signed with this key: where the data folder is an older one, whose key was printed before.
    pub fn key(mut self, key: AccessKey) -> Self {
        self.key = Some(key);
        self
    }
}

/// A running Tollgate. Dropping it kills it.
#[derive(Debug)]
pub struct Tollgate {
    child: Child,
    address: SocketAddr,
    tls: Option<SocketAddr>,
    admin: SocketAddr,
    key: AccessKey,
    stdout: Output,
    stderr: Output,
    folder: Arc<TempDir>,
}

/// How a Tollgate ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit status.
    pub status: ExitStatus,
    /// All that it printed to standard output.
    pub stdout: String,
    /// All that it printed to standard error.
    pub stderr: String,
}

impl Tollgate {
    /// Starts it and waits until it is ready.
    ///
    /// # Panics
    /// When it ends instead.
    #[track_caller]
    pub fn start(options: Options) -> Self {
        match Self::try_start(options) {
            Ok(tollgate) => tollgate,
            Err(ended) => panic!("tollgate did not start: {ended:#?}"),
        }
    }

    /// Starts it and waits until it is ready, or has ended.
    ///
    /// # Errors
    /// It ended.
    ///
    /// # Panics
    /// When it does neither in time, or cannot be executed.
    pub fn try_start(options: Options) -> Result<Self, Ended> {
        let folder = Arc::new(folder());
        let mut child = spawn(&options, folder.path());
        let stdout = Output::of(child.stdout.take().expect("standard output is piped"));
        let stderr = Output::of(child.stderr.take().expect("standard error is piped"));
        let Some(ready) = stdout.wait(PATIENCE, |line| line.starts_with(READY)) else {
            return Err(end(child, &stdout, &stderr));
        };
        let mut addresses = ready.split("http://").skip(1).map(address_at_start);
        let mut next = || {
            addresses
                .next()
                .flatten()
                .unwrap_or_else(|| panic!("no address in {ready:?}"))
        };
        let (address, admin) = (next(), next());
        let tls = ready.split("https://").nth(1).and_then(address_at_start);
        let key = options
            .key
            .or_else(|| printed_key(&stdout))
            .unwrap_or_else(|| panic!("no key: {}", stdout.text()));
        Ok(Self {
            child,
            address,
            tls,
            admin,
            key,
            stdout,
            stderr,
            folder,
        })
    }

    /// Where APIs and control calls are served.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the same is served over TLS.
    ///
    /// # Panics
    /// When nothing is.
    pub fn tls_address(&self) -> SocketAddr {
        self.tls.expect("it serves over TLS")
    }

    /// Where health and metrics are.
    pub fn admin(&self) -> SocketAddr {
        self.admin
    }

    /// The key that control calls are signed with.
    pub fn key(&self) -> &AccessKey {
        &self.key
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A folder of this Tollgate's that is removed with it; its working directory, too.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it prints to standard output.
    pub fn stdout(&self) -> &Output {
        &self.stdout
    }

    /// What it prints to standard error: its log and, in development, its console.
    pub fn stderr(&self) -> &Output {
        &self.stderr
    }

    /// A connection to the main address.
    ///
    /// # Panics
    /// When nobody answers.
    pub fn connect(&self) -> Connection {
        Connection::open(self.address).expect("tollgate accepts connections")
    }

    /// Sends a request to the main address over a connection of its own.
    ///
    /// # Panics
    /// When there is no answer.
    #[track_caller]
    pub fn send(&self, request: &Request) -> Answer {
        exchange(self.address, request)
    }

    /// Asks the admin address.
    ///
    /// # Panics
    /// When there is no answer.
    #[track_caller]
    pub fn ask_admin(&self, target: &str) -> Answer {
        exchange(
            self.admin,
            &Request::new("GET", target, &self.admin.to_string()),
        )
    }

    /// A request to an API, by its host.
    pub fn api_request(&self, api: &str, method: &str, target: &str) -> Request {
        let host = format!("{api}.execute-api.localhost:{}", self.address.port());
        Request::new(method, target, &host)
    }

    /// Calls an API; `target` begins with the stage.
    ///
    /// # Panics
    /// When there is no answer.
    #[track_caller]
    pub fn api(&self, api: &str, method: &str, target: &str) -> Answer {
        self.send(&self.api_request(api, method, target))
    }

    /// A signed control call of API Gateway.
    pub fn control_request(&self, method: &str, target: &str, body: Option<&Value>) -> Request {
        let request = Request::new(method, target, &self.address.to_string());
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        authorize(request, &self.key, &Scope::default())
    }

    /// Makes a control call of API Gateway, signed with [`Self::key`], and reads its answer.
    ///
    /// # Panics
    /// When there is no answer.
    #[track_caller]
    pub fn control(&self, method: &str, target: &str, body: Option<&Value>) -> Answer {
        self.send(&self.control_request(method, target, body))
    }

    /// Makes a control call with a body of bytes, such as an import's definition.
    ///
    /// # Panics
    /// When there is no answer.
    #[track_caller]
    pub fn control_bytes(&self, method: &str, target: &str, body: impl Into<Vec<u8>>) -> Answer {
        let mut request = Request::new(method, target, &self.address.to_string());
        request.body = body.into();
        self.send(&authorize(request, &self.key, &Scope::default()))
    }

    /// Asks it to end (SIGTERM), without waiting.
    ///
    /// # Panics
    /// When it is gone already.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Sends SIGHUP.
    ///
    /// # Panics
    /// When it is gone already.
    pub fn hang_up(&self) {
        self.signal(Signal::HUP);
    }

    /// Kills it (SIGKILL) and waits until it is gone.
    ///
    /// # Panics
    /// When the operating system does not.
    pub fn kill(mut self) {
        self.child.kill().expect("a process of ours can be killed");
        self.child
            .wait()
            .expect("a process of ours can be waited for");
    }

    /// Waits until it has ended.
    ///
    /// # Panics
    /// When it does not in time.
    pub fn wait(mut self) -> Ended {
        let status = wait(&mut self.child);
        Ended {
            status,
            stdout: self.stdout.end(PATIENCE),
            stderr: self.stderr.end(PATIENCE),
        }
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).expect("the process is still there");
    }
}

impl Drop for Tollgate {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// In memory where that can be had: on a busy disk each durable write may take seconds. Tests that want a disk bring a data folder.
fn folder() -> TempDir {
    let named = || {
        let mut builder = tempfile::Builder::new();
        builder.prefix("tollgate-test-");
        builder
    };
    let in_memory = named().tempdir_in("/dev/shm");
    in_memory
        .or_else(|_| named().tempdir())
        .expect("a temporary folder")
}

fn spawn(options: &Options, folder: &Path) -> Child {
    let mut command = Command::new(&options.program);
    command.arg(options.command).args(&options.arguments);
    for name in ["--listen", "--admin"] {
        if !options.arguments.iter().any(|argument| argument == name) {
            command.args([name, "127.0.0.1:0"]);
        }
    }
    place(&mut command, options, folder);
    without_settings(&mut command);
    let environment = options.environment.iter();
    command.env("TMPDIR", folder);
    command.envs(environment.map(|(name, value)| (name, value)));
    let spawned = command
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    spawned.unwrap_or_else(|error| panic!("cannot execute {}: {error}", options.program.display()))
}

/// Where the data and the settings lie.
fn place(command: &mut Command, options: &Options, folder: &Path) {
    let own = (options.command == "serve").then(|| folder.join("data"));
    if let Some(data) = options.data.clone().or(own) {
        command.arg("--data").arg(data);
    }
    if let Some(config) = &options.config {
        let path = folder.join("tollgate.toml");
        std::fs::write(&path, config).expect("the temporary folder can be written to");
        command.arg("--config").arg(path);
    }
}

/// A developer's own settings must not reach a test.
fn without_settings(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TOLLGATE_") {
            command.env_remove(name);
        }
    }
}

#[track_caller]
fn exchange(address: SocketAddr, request: &Request) -> Answer {
    let answer = Connection::open(address).and_then(|mut connection| connection.exchange(request));
    answer.unwrap_or_else(|error| panic!("{} {}: {error:#}", request.method, request.target))
}

fn end(mut child: Child, stdout: &Output, stderr: &Output) -> Ended {
    let status = wait(&mut child);
    Ended {
        status,
        stdout: stdout.end(PATIENCE),
        stderr: stderr.end(PATIENCE),
    }
}

fn wait(child: &mut Child) -> ExitStatus {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if let Some(status) = child
            .try_wait()
            .expect("a process of ours can be waited for")
        {
            return status;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let _ = child.kill();
    panic!("tollgate did not end in {PATIENCE:?}");
}

fn address_at_start(text: &str) -> Option<SocketAddr> {
    let end = text.find(|letter: char| letter.is_whitespace() || letter == ',' || letter == '/');
    text[..end.unwrap_or(text.len())].parse().ok()
}

/// The root key, as the first start prints it before it is ready.
fn printed_key(stdout: &Output) -> Option<AccessKey> {
    let lines = stdout.lines();
    let value = |name: &str| {
        lines
            .iter()
            .find_map(|line| line.trim_start().strip_prefix(name).map(str::to_owned))
    };
    Some(AccessKey {
        id: value("AWS_ACCESS_KEY_ID=")?,
        secret: value("AWS_SECRET_ACCESS_KEY=")?,
    })
}
