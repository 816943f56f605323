//! A stage's settings by method: what of the execution log is written, and which methods are counted by themselves. Throttles and
//! caches are refused before a plan is made.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_MethodSetting.html>

use std::collections::HashMap;

use tollgate_wire::apigateway::{MethodSetting, Stage};

/// What of the execution log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Logging {
    /// `loggingLevel`
    pub level: LogLevel,
    /// `dataTraceEnabled`: headers and bodies too.
    pub has_data: bool,
}

/// `loggingLevel`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogLevel {
    /// Nothing.
    #[default]
    Off,
    /// Requests that fail.
    Error,
    /// Every request.
    Info,
}

/// The settings of a stage's methods.
#[derive(Debug, Default)]
pub struct MethodSettings {
    /// By `pets/GET`; empty where nothing is logged or counted.
    of: HashMap<Box<str>, Settings>,
}

/// Those of one method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Settings {
    logging: Logging,
    /// `metricsEnabled`
    is_metered: bool,
}

const EVERY: &str = "*/*";

impl MethodSettings {
    /// Those of a stage as the control plane keeps it.
    pub(crate) fn of(stage: &Stage) -> Self {
        let given = stage.method_settings.iter().flatten();
        let of: HashMap<_, _> = given
            .map(|(key, setting)| (named(key), Settings::of(setting)))
            .collect();
        let is_silent = of.values().all(|it| it.is_silent());
        Self {
            of: if is_silent { HashMap::new() } else { of },
        }
    }

    /// What a method logs.
    pub(crate) fn logging(&self, path: &str, method: &str) -> Logging {
        self.find(path, method).logging
    }

    /// Whether a method is counted by itself.
    pub(crate) fn is_metered(&self, path: &str, method: &str) -> bool {
        self.find(path, method).is_metered
    }

    /// Of a method: its own block, as a whole, else that of its resource's ANY, else the stage's.
    fn find(&self, path: &str, method: &str) -> Settings {
        if self.of.is_empty() {
            return Settings::default();
        }
        let path = path.trim_start_matches('/');
        let own = self.of.get(&*format!("{path}/{method}"));
        let own = own.or_else(|| self.of.get(&*format!("{path}/ANY")));
        own.or_else(|| self.of.get(EVERY))
            .copied()
            .unwrap_or_default()
    }
}

impl Settings {
    fn of(setting: &MethodSetting) -> Self {
        Self {
            logging: Logging::of(setting),
            is_metered: setting.metrics_enabled.unwrap_or(false),
        }
    }

    fn is_silent(&self) -> bool {
        self.logging.level == LogLevel::Off && !self.is_metered
    }
}

impl Logging {
    fn of(setting: &MethodSetting) -> Self {
        Self {
            level: match setting.logging_level.as_deref() {
                Some("INFO") => LogLevel::Info,
                Some("ERROR") => LogLevel::Error,
                _ => LogLevel::Off,
            },
            has_data: setting.data_trace_enabled.unwrap_or(false),
        }
    }
}

/// Keys keep the escapes of their resource's path, and clients write the first slash or leave it out.
fn named(key: &str) -> Box<str> {
    let (path, method) = key.rsplit_once('/').unwrap_or(("", key));
    let path = path.replace("~1", "/").replace("~0", "~");
    format!("{}/{method}", path.trim_start_matches('/')).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(blocks: &[(&str, &str)]) -> MethodSettings {
        let blocks = blocks.iter().map(|(key, level)| {
            let setting = MethodSetting {
                logging_level: Some((*level).to_owned()),
                ..MethodSetting::default()
            };
            ((*key).to_owned(), setting)
        });
        MethodSettings::of(&Stage {
            method_settings: Some(blocks.collect()),
            ..Stage::default()
        })
    }

    #[test]
    fn a_methods_own_block_comes_before_the_stages() {
        let settings = settings(&[
            ("*/*", "ERROR"),
            ("~1pets~1{id}/GET", "INFO"),
            ("pets/POST", "OFF"),
            ("~1/ANY", "INFO"),
        ]);
        for (path, method, expected) in [
            ("/pets/{id}", "GET", LogLevel::Info),
            ("/pets/{id}", "PUT", LogLevel::Error),
            ("/pets", "POST", LogLevel::Off),
            ("/pets", "GET", LogLevel::Error),
            ("/", "GET", LogLevel::Info),
        ] {
            assert_eq!(
                settings.logging(path, method).level,
                expected,
                "{method} {path}"
            );
        }
    }

    #[test]
    fn where_nothing_is_logged_nothing_is_kept() {
        assert!(settings(&[("*/*", "OFF"), ("pets/GET", "x")]).of.is_empty());
        assert_eq!(settings(&[]).logging("/pets", "GET"), Logging::default());
    }
}
