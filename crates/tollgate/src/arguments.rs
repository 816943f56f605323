//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use tollgate_doctor::Deployed;

/// An API gateway of your own that speaks Amazon API Gateway.
///
/// Tollgate serves REST APIs written for Amazon API Gateway on your own machine: it takes the same definitions (OpenAPI with
/// x-amazon-apigateway-* extensions), answers the same control calls (AWS CLI, SDKs), and treats requests as
/// API Gateway does. One program, nothing else needed.
#[derive(Debug, Parser)]
#[command(name = "tollgate", version, after_help = NEXT, after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const NEXT: &str = "Try: tollgate dev examples/petstore/petstore.yaml        More: tollgate --help, tollgate COMMAND --help";

const EXAMPLES: &str = "\
Addresses (both can be changed; port 0 picks a free one and prints it):
  127.0.0.1:4566  APIs and AWS control calls on one address. An API is reached by host,
                  http://{api}.execute-api.localhost:4566/{stage}/…, or by path,
                  http://127.0.0.1:4566/_aws/execute-api/{api}/{stage}/…
  127.0.0.1:4567  /_tollgate/health, /_tollgate/ready, /_tollgate/metrics
  TLS             none unless [tls] of the settings names an address and certificates; HTTP/2 and HTTP/1.1

Data:
  `serve` keeps everything in ./tollgate-data unless told otherwise (--data); `dev` keeps nothing.

Examples:
  Try a definition:
    tollgate dev petstore.yaml
    curl http://petstore.execute-api.localhost:4566/dev/pets
  Run a gateway and drive it with the AWS CLI (the first start prints its access key):
    tollgate serve --data /var/lib/tollgate
    export AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_DEFAULT_REGION=us-east-1
    export AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=…
    aws apigateway import-rest-api --body fileb://petstore.yaml
    aws apigateway create-deployment --rest-api-id ID --stage-name dev
  Change settings:
    tollgate config > tollgate.toml

Exit codes: 0 ended as asked · 1 cannot run (a port or the data folder is in use, …) · 2 what was given cannot be used
(arguments, settings, a definition)";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a gateway that keeps its data
    ///
    /// Control plane and data plane in one process. The first start makes a root access key and prints it, this once; control
    /// calls must be signed with it. One Tollgate at a time may use a data folder. SIGTERM or Ctrl-C ends it when requests under
    /// way have ended; a second one ends it at once. SIGHUP reads the log level and the certificates again and opens access log
    /// files anew.
    Serve(Serve),
    /// Try definitions: a gateway that forgets everything at its end
    ///
    /// Deploys each FILE and prints URLs to call, deploys it again whenever it is saved (what cannot be deployed is told by file, line
    /// and column, and the last good deployment serves on), and tells why each refused request was refused. The API of petstore.yaml has the id
    /// petstore. Everything else works as with `serve`, in region us-east-1, but any access key and any signature will do, only
    /// this machine can reach it, and the data folder is a temporary one unless --data names another.
    Dev(Dev),
    /// Print every setting with its default, as a tollgate.toml
    Config,
    /// Tell what definitions will do wrong, before they are deployed
    ///
    /// Imports and compiles each FILE as a deployment does, looks through it and sends made-up requests through the gateway's own
    /// engine; nothing leaves this machine. Each finding has its place, the reason and, where there is one, the request that
    /// shows it, with what came of it; docs/check.md explains each kind. Errors are what a deployment refuses and requests
    /// that fail; warnings are answers that differ or requests that can go wrong; notes are worth knowing.
    /// Exit code 0: no error (with --strict: and no warning); 1: there is one; 2: a file cannot be read, or an argument cannot be used.
    Check(Check),
    /// Tell what of an API its stages do not serve yet
    ///
    /// Compares the API as it is with what the deployment of each stage, or of one, froze: parts that were added, removed or
    /// changed, and of those each member with both values. Exit code 0: nothing differs; 1: something does; 2: that cannot be known.
    Drift(Drift),
    /// Tell which routes answer a caller who shows nothing, by requests that were run
    ///
    /// With STAGE, TARGET is the id of an API, and the Tollgate that serves the stage looks at what is deployed; without, TARGET is a
    /// definition that is looked at as it would be deployed. For every route anonymous requests run through the gateway's own engine, up to
    /// where an integration would be called, which none is: one for each kind that the resource policy can tell apart. Prints each route with
    /// what guards it, or with a request that passes. docs/prove.md says how it is decided.
    /// Exit code 0: no route lets an anonymous caller in, but those that --allow names; 1: one does; 2: that cannot be known.
    Prove(Prove),
    /// List an API's deployments, newest first, and which stages serve them
    ///
    /// With the times since when they do, or from when to when they did. With STAGE, only the deployments that it serves or served.
    History(History),
    /// Let a stage serve an earlier deployment again
    ///
    /// At once and without failing a request; every request meets the one or the other. Prints the deployment that was served before,
    /// with which the same command undoes it.
    Rollback(Rollback),
    /// Tell what happened to a request, step by step
    ///
    /// REQUEST is the x-amzn-RequestId (or x-amz-apigw-id) of its answer. Tollgate remembers the inputs of recent requests: under `dev` of
    /// all, under `serve` of those that failed or were refused and a sample of the others ([recorder] of the settings). It runs the request
    /// again on them, which reaches nobody, and tells each step's input, output, decision and reason, time, mappings, and the references of
    /// templates with their values. Exit code 0: told; 1: no Tollgate answers; 2: the request is not remembered.
    Explain(Explain),
    /// Write a request to a file that can be shown and replayed elsewhere
    ///
    /// The file holds the request, what its backends answered, and the definition that was deployed. Credentials and what [recorder] of the
    /// settings names are replaced before anything leaves the server. Exit codes as of `explain`.
    Record(Record),
    /// Tell what a recorded request went through, from its file alone
    ///
    /// Exit code 0: told; 2: the file is no recording.
    Show(Show),
    /// Run a recorded request again, offline, and tell every difference
    ///
    /// Backends answer as they did then; nothing is called. Without --definition the answer is held against the recorded one; with it, answer,
    /// calls and decisions are held against those of the recorded definition. Exit code 0: nothing differs; 1: something does; 2: that cannot
    /// be known (the file is no recording, the definition none).
    Replay(Replay),
}

/// The arguments of `explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The request's id
    pub(crate) request: String,
    /// Print Tollgate's answer, in JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Cut nothing short
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) server: Server,
}

/// The arguments of `record`.
#[derive(Debug, Args)]
pub(crate) struct Record {
    /// The request's id
    pub(crate) request: String,
    /// The file to write; it must not be there yet
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) server: Server,
}

/// The arguments of `show`.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The recording
    pub(crate) file: PathBuf,
    /// Print it in JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Cut nothing short
    #[arg(long)]
    pub(crate) all: bool,
}

/// The arguments of `replay`.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The recording
    pub(crate) file: PathBuf,
    /// Run it on this definition instead: OpenAPI with x-amazon-apigateway-* extensions
    #[arg(long, value_name = "NEW")]
    pub(crate) definition: Option<PathBuf>,
    /// Print it in JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// The arguments of `check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Definitions: OpenAPI 3.0 or Swagger 2.0, JSON or YAML, with x-amazon-apigateway-* extensions; - is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Print one JSON object a line for each finding
    #[arg(long)]
    pub(crate) json: bool,
    /// Let warnings fail too
    #[arg(long)]
    pub(crate) strict: bool,
    /// The value of a stage variable; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = stage_variable)]
    pub(crate) stage_variables: Vec<(String, String)>,
}

/// The arguments of `prove`.
#[derive(Debug, Args)]
pub(crate) struct Prove {
    /// A definition (OpenAPI 3.0 or Swagger 2.0, JSON or YAML; - is standard input), or with STAGE an API's id
    #[arg(value_name = "FILE|API")]
    pub(crate) target: String,
    /// The stage's name
    pub(crate) stage: Option<String>,
    /// Accept that these routes let anybody in: a method (OPTIONS), or a method and the path of a resource ('GET /health'); may be given several times
    #[arg(long, value_name = "METHOD [PATH]", value_parser = allowed)]
    pub(crate) allow: Vec<Allowed>,
    /// Print what was found in JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Where a definition would be deployed, for policies that say so: arn:aws:execute-api:REGION:ACCOUNT:API/STAGE
    #[arg(long, value_name = "ARN", value_parser = deployed, conflicts_with = "stage")]
    pub(crate) arn: Option<Deployed>,
    /// The definition is to have a private endpoint
    #[arg(long, conflicts_with = "stage")]
    pub(crate) private: bool,
    #[command(flatten)]
    pub(crate) server: Server,
}

/// A route that may let anybody in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Allowed {
    /// `GET`, … or `ANY` for every one of the route.
    pub(crate) method: String,
    /// The path of a resource; nothing for all.
    pub(crate) path: Option<String>,
}

/// Those that a route may have.
const METHODS: [&str; 8] = [
    "ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT",
];

fn allowed(text: &str) -> Result<Allowed, String> {
    let mut words = text.split_whitespace();
    let (method, path) = (words.next().unwrap_or_default(), words.next());
    let is_method = METHODS.iter().any(|it| it.eq_ignore_ascii_case(method));
    let is_path = path.is_none_or(|path| path.starts_with('/'));
    match is_method && is_path && words.next().is_none() {
        true => Ok(Allowed {
            method: method.to_ascii_uppercase(),
            path: path.map(str::to_owned),
        }),
        false => Err("a method is needed, or a method and a path, as in 'GET /health'".to_owned()),
    }
}

fn deployed(text: &str) -> Result<Deployed, String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", _, "execute-api", region, account, path] = *parts.as_slice() else {
        return Err("it is no arn:aws:execute-api:REGION:ACCOUNT:API/STAGE".to_owned());
    };
    let given = |text: &str| Some(text.to_owned()).filter(|it| !it.is_empty() && it != "*");
    let (api, stage) = path.split_once('/').unwrap_or((path, ""));
    Ok(Deployed {
        region: given(region),
        account: given(account),
        api: given(api),
        stage: given(stage),
        is_private: false,
    })
}

/// The arguments of `drift`.
#[derive(Debug, Args)]
pub(crate) struct Drift {
    /// The API's id
    pub(crate) api: String,
    /// The stage's name [default: every stage]
    pub(crate) stage: Option<String>,
    /// Print Tollgate's answer, in JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) server: Server,
}

/// The arguments of `history`.
#[derive(Debug, Args)]
pub(crate) struct History {
    /// The API's id
    pub(crate) api: String,
    /// The stage's name [default: every stage]
    pub(crate) stage: Option<String>,
    /// Print Tollgate's answer, in JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) server: Server,
}

/// The arguments of `rollback`.
#[derive(Debug, Args)]
pub(crate) struct Rollback {
    /// The API's id
    pub(crate) api: String,
    /// The stage's name
    pub(crate) stage: String,
    /// The deployment's id
    pub(crate) deployment: String,
    #[command(flatten)]
    pub(crate) server: Server,
}

/// Which Tollgate a client command speaks to, and as whom.
#[derive(Debug, Args)]
pub(crate) struct Server {
    /// Where Tollgate is [default: AWS_ENDPOINT_URL, or http://127.0.0.1:4566]
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// The region [default: AWS_REGION, AWS_DEFAULT_REGION, or us-east-1]
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// The profile of AWS's shared credentials file [default: the access key of the environment, or AWS_PROFILE]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
}

impl Server {
    /// The region that is called.
    #[expect(
        clippy::disallowed_methods,
        reason = "it looks where AWS's clients look"
    )]
    pub(crate) fn region(&self) -> String {
        let named = |name: &str| std::env::var(name).ok();
        let given = self.region.clone();
        let found = given
            .or_else(|| named("AWS_REGION"))
            .or_else(|| named("AWS_DEFAULT_REGION"));
        found.unwrap_or_else(|| "us-east-1".to_owned())
    }
}

/// The arguments of `serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) place: Place,
}

/// The arguments of `dev`.
#[derive(Debug, Args)]
pub(crate) struct Dev {
    /// Definitions to deploy: OpenAPI 3.0 or Swagger 2.0, JSON or YAML, with x-amazon-apigateway-* extensions
    pub(crate) files: Vec<PathBuf>,
    /// The stage that definitions are deployed to
    #[arg(long, value_name = "NAME", default_value = "dev")]
    pub(crate) stage: String,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// What `serve` and `dev` share.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Where APIs and AWS control calls are served [default: 127.0.0.1:4566]
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub(crate) listen: Option<SocketAddr>,
    /// Where health and metrics are served [default: 127.0.0.1:4567]
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub(crate) admin: Option<SocketAddr>,
    /// Where the data lies [default: ./tollgate-data; for dev a temporary folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Threads that serve requests [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) workers: Option<u16>,
    /// The file with the settings [default: ./tollgate.toml where there is one]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

fn stage_variable(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = pair.ok_or("a name and a value are needed, as in backend=example.com")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "an IP address and a port are needed, as in 127.0.0.1:4566 or [::1]:0".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
