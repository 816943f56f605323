//! What the operator decides: `tollgate.toml`, the environment and the command line, as one typed value.
//!
//! `default.toml` beside this file is the reference: `tollgate config` prints it, and a test keeps it equal to the defaults here.

mod access_log;
mod admin;
mod cache;
mod connections;
mod control;
mod execution_log;
mod hosts;
mod identity_providers;
mod integrations;
mod limits;
mod load;
mod log;
mod private_endpoints;
mod recorder;
mod secrets;
mod server;
mod tls;

use serde::Deserialize;

pub(crate) use access_log::AccessLog;
pub(crate) use admin::Admin;
pub(crate) use cache::Cache;
pub(crate) use connections::Connections;
pub(crate) use control::Control;
pub(crate) use execution_log::ExecutionLog;
pub(crate) use hosts::Hosts;
pub(crate) use identity_providers::IdentityProviders;
pub(crate) use integrations::Integrations;
pub(crate) use limits::Limits;
pub(crate) use load::Sources;
pub(crate) use log::Log;
pub(crate) use private_endpoints::PrivateEndpoints;
pub(crate) use recorder::Recorder;
pub(crate) use secrets::Secrets;
pub(crate) use server::Server;
pub(crate) use tls::Tls;

/// The defaults, with a comment for each.
pub(crate) const DEFAULT: &str = include_str!("default.toml");

/// All settings.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) server: Server,
    pub(crate) tls: Tls,
    pub(crate) admin: Admin,
    pub(crate) hosts: Hosts,
    pub(crate) private_endpoints: PrivateEndpoints,
    pub(crate) identity_providers: IdentityProviders,
    pub(crate) control: Control,
    pub(crate) secrets: Secrets,
    pub(crate) integrations: Integrations,
    pub(crate) connections: Connections,
    pub(crate) limits: Limits,
    pub(crate) cache: Cache,
    pub(crate) access_log: AccessLog,
    pub(crate) execution_log: ExecutionLog,
    pub(crate) recorder: Recorder,
    pub(crate) log: Log,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_file_says_what_the_defaults_are() {
        let read: Config = toml::from_str(DEFAULT).unwrap();
        assert_eq!(read, Config::default());
    }

    #[test]
    fn what_the_default_file_leaves_out_stands_there_as_a_comment() {
        let mut text = String::new();
        for line in DEFAULT.lines() {
            let is_setting =
                line.starts_with("# ") && line.contains(" = ") && !line.contains("TOLLGATE_");
            text.push_str(if is_setting { &line[2..] } else { line });
            text.push('\n');
        }
        let read: Config = toml::from_str(&text).unwrap();
        assert_eq!(read.limits.gateway(), Config::default().limits.gateway());
        assert_eq!(read.limits.set_by_name(), limits::NAMES.len());
        assert_eq!(read.access_log.destinations.len(), 2);
        assert_eq!(read.execution_log.destinations.len(), 2);
    }
}
