//! A stage's settings by method: what of the execution log is written, which methods are counted by themselves, how much of them may be
//! asked for, and whose answers are kept.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_MethodSetting.html>

use std::collections::HashMap;

use tollgate_wire::apigateway::{MethodSetting, Stage};

use crate::cache::Caching;
use crate::throttle::Limit;

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
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Settings {
    logging: Logging,
    /// `metricsEnabled`
    is_metered: bool,
    /// `throttlingRateLimit` and `throttlingBurstLimit`
    limit: Option<Limit>,
    /// How its answers are kept, if they are.
    caching: Option<Caching>,
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

    /// How much of a method may be asked for.
    pub(crate) fn limit(&self, path: &str, method: &str) -> Option<Limit> {
        self.find(path, method).limit
    }

    /// How a method's answers are kept, if they are. The guide: the stage's own block is for GET alone; other methods need one of theirs.
    pub(crate) fn caching(&self, path: &str, method: &str) -> Option<Caching> {
        match self.own(path, method) {
            Some(own) => own.caching,
            None => self.of.get(EVERY).filter(|_| method == "GET")?.caching,
        }
    }

    /// Of a method: its own block, as a whole, else that of its resource's ANY, else the stage's.
    fn find(&self, path: &str, method: &str) -> Settings {
        if self.of.is_empty() {
            return Settings::default();
        }
        let own = self.own(path, method);
        own.or_else(|| self.of.get(EVERY))
            .copied()
            .unwrap_or_default()
    }

    fn own(&self, path: &str, method: &str) -> Option<&Settings> {
        let path = path.trim_start_matches('/');
        let own = self.of.get(&*format!("{path}/{method}"));
        own.or_else(|| self.of.get(&*format!("{path}/ANY")))
    }
}

impl Settings {
    fn of(setting: &MethodSetting) -> Self {
        Self {
            logging: Logging::of(setting),
            is_metered: setting.metrics_enabled.unwrap_or(false),
            limit: limit(setting),
            caching: Caching::of(setting),
        }
    }

    fn is_silent(&self) -> bool {
        self.logging.level == LogLevel::Off
            && !self.is_metered
            && self.limit.is_none()
            && self.caching.is_none()
    }
}

/// AWS's account defaults, which it writes into every block that is made for something else: they are the account's limits and not the
/// block's.
const RATE_DEFAULT: f64 = 10_000.0;
const BURST_DEFAULT: i32 = 5_000;

/// The limit of a block; none where it has the account's, said by AWS's defaults or by -1.
fn limit(setting: &MethodSetting) -> Option<Limit> {
    let rate = setting.throttling_rate_limit.filter(|rate| *rate >= 0.0);
    let burst = setting.throttling_burst_limit.filter(|burst| *burst >= 0);
    let limit = (rate.unwrap_or(RATE_DEFAULT), burst.unwrap_or(BURST_DEFAULT));
    (limit != (RATE_DEFAULT, BURST_DEFAULT)).then(|| Limit {
        rate: limit.0,
        burst: u64::try_from(limit.1).unwrap_or(0),
    })
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
    fn aws_defaults_are_no_limits() {
        for (rate, burst, expected) in [
            (None, None, None),
            (Some(10_000.0), Some(5_000), None),
            (Some(-1.0), Some(-1), None),
            (Some(5.0), None, Some((5.0, 5_000))),
            (Some(10_000.0), Some(7), Some((10_000.0, 7))),
            (Some(0.0), Some(0), Some((0.0, 0))),
        ] {
            let setting = MethodSetting {
                throttling_rate_limit: rate,
                throttling_burst_limit: burst,
                ..MethodSetting::default()
            };
            let found = limit(&setting).map(|it| (it.rate, it.burst));
            assert_eq!(found, expected, "{rate:?} {burst:?}");
        }
    }

    #[test]
    fn where_nothing_is_logged_nothing_is_kept() {
        assert!(settings(&[("*/*", "OFF"), ("pets/GET", "x")]).of.is_empty());
        assert_eq!(settings(&[]).logging("/pets", "GET"), Logging::default());
    }
}
