//! The access logs of all stages: which log group's lines go to which file. All are opened at start, so that a core never
//! opens a file.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tollgate_gateway::Logs;
use tollgate_telemetry::line_log::{ACCESS, LogError};
use tollgate_telemetry::{CoreLog, Counters, Destination, LineLog};

use crate::config;

/// Every open log.
#[derive(Debug)]
pub(crate) struct AccessLogs {
    /// The first is for groups that are not listed.
    logs: Vec<LineLog>,
    groups: Arc<Groups>,
}

/// The number of each listed group's log.
#[derive(Debug, Default)]
struct Groups(HashMap<Box<str>, usize>);

/// One core's ends of all logs.
#[derive(Debug)]
pub(crate) struct CoreLogs {
    logs: Vec<CoreLog>,
    groups: Arc<Groups>,
}

impl AccessLogs {
    /// Opens them.
    pub(crate) fn open(settings: &config::AccessLog) -> Result<Self, LogError> {
        let mut destinations: Vec<&Destination> = vec![&settings.default];
        let mut groups = Groups::default();
        for (group, destination) in &settings.destinations {
            let known = destinations.iter().position(|known| *known == destination);
            let number = known.unwrap_or_else(|| {
                destinations.push(destination);
                destinations.len() - 1
            });
            groups.0.insert(Box::from(group.as_str()), number);
        }
        let logs: Result<_, _> = destinations
            .into_iter()
            .cloned()
            .map(|destination| LineLog::open(&ACCESS, destination))
            .collect();
        Ok(Self {
            logs: logs?,
            groups: Arc::new(groups),
        })
    }

    /// One core's ends.
    pub(crate) fn core(&self) -> CoreLogs {
        CoreLogs {
            logs: self.logs.iter().map(LineLog::core).collect(),
            groups: self.groups.clone(),
        }
    }

    /// Shows how many lines were written and lost.
    pub(crate) fn show_in(&self, counters: &Counters) {
        LineLog::show_in(&self.logs, counters);
    }

    /// Opens files anew, so that rotated ones are let go of.
    pub(crate) fn reopen(&self) {
        self.logs.iter().for_each(LineLog::reopen);
    }

    /// Waits until what ended cores handed over is written.
    pub(crate) fn finish(self, patience: Duration) {
        let end = Instant::now() + patience;
        for log in self.logs {
            if !log.finish(end.saturating_duration_since(Instant::now())) {
                tracing::warn!("access log lines could not be written in time");
            }
        }
    }
}

impl Logs for CoreLogs {
    fn of(&mut self, destination: &str) -> &mut CoreLog {
        let number = self.groups.number(destination);
        &mut self.logs[number]
    }

    fn flush(&mut self) {
        self.logs.iter_mut().for_each(CoreLog::flush);
    }

    fn is_empty(&self) -> bool {
        self.logs.iter().all(CoreLog::is_empty)
    }
}

impl Groups {
    /// Listed by its ARN or its bare name; AWS also takes an ARN that ends in `:*`.
    fn number(&self, destination: &str) -> usize {
        if self.0.is_empty() {
            return 0;
        }
        let arn = destination.strip_suffix(":*").unwrap_or(destination);
        let name = arn.split_once(":log-group:").map_or(arn, |(_, name)| name);
        let number = self.0.get(arn).or_else(|| self.0.get(name));
        number.copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_known_by_arn_and_by_name() {
        let settings: config::AccessLog = toml::from_str(
            "[destinations]\n\"arn:aws:logs:us-east-1:000000000000:log-group:pets\" = \"a.log\"\norders = \"b.log\"",
        )
        .unwrap();
        let numbers = settings
            .destinations
            .keys()
            .enumerate()
            .map(|(at, group)| (Box::from(group.as_str()), at + 1));
        let groups = Groups(numbers.collect());
        for (destination, number) in [
            ("arn:aws:logs:us-east-1:000000000000:log-group:pets", 1),
            ("arn:aws:logs:us-east-1:000000000000:log-group:pets:*", 1),
            ("arn:aws:logs:eu-west-1:000000000000:log-group:orders", 2),
            ("orders", 2),
            ("arn:aws:logs:eu-west-1:000000000000:log-group:pets", 0),
            ("", 0),
        ] {
            assert_eq!(groups.number(destination), number, "{destination}");
        }
    }
}
