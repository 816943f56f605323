//! The access and execution logs of all stages: which log group's lines go to which file. All are opened at start, so that a core never
//! opens a file.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tollgate_telemetry::line_log::{ACCESS, EXECUTION, LogError, Purpose};
use tollgate_telemetry::{CoreLog, Counters, Destination, LineLog};

use crate::config::{AccessLog, ExecutionLog};

/// Every open log.
#[derive(Debug)]
pub(crate) struct Logs {
    access: Files,
    execution: Files,
}

/// The logs of one purpose.
#[derive(Debug)]
struct Files {
    logs: Vec<LineLog>,
    groups: Arc<Groups>,
}

/// The number of each group's log; none where nobody wants its lines.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    listed: HashMap<Box<str>, Option<usize>>,
    /// For groups that are not listed.
    default: Option<usize>,
}

/// One core's ends of all logs.
#[derive(Debug)]
pub(crate) struct CoreLogs {
    access: Vec<CoreLog>,
    access_groups: Arc<Groups>,
    execution: Vec<CoreLog>,
}

impl Logs {
    /// Opens them.
    pub(crate) fn open(access: &AccessLog, execution: &ExecutionLog) -> Result<Self, LogError> {
        let listed = access.destinations.iter();
        let listed = listed.map(|(group, destination)| (&**group, Some(destination)));
        let access = Files::open(&ACCESS, Some(&access.default), listed)?;
        let listed = execution.destinations.iter();
        let listed = listed.map(|(group, destination)| (&**group, destination.as_ref()));
        let execution = Files::open(&EXECUTION, execution.default.as_ref(), listed)?;
        Ok(Self { access, execution })
    }

    /// Where execution logs go.
    pub(crate) fn execution_groups(&self) -> Arc<Groups> {
        self.execution.groups.clone()
    }

    /// One core's ends.
    pub(crate) fn core(&self) -> CoreLogs {
        CoreLogs {
            access: self.access.logs.iter().map(LineLog::core).collect(),
            access_groups: self.access.groups.clone(),
            execution: self.execution.logs.iter().map(LineLog::core).collect(),
        }
    }

    /// Shows how many lines were written and lost.
    pub(crate) fn show_in(&self, counters: &Counters) {
        LineLog::show_in(&self.access.logs, counters);
        LineLog::show_in(&self.execution.logs, counters);
    }

    /// Opens files anew, so that rotated ones are let go of.
    pub(crate) fn reopen(&self) {
        let all = self.access.logs.iter().chain(&self.execution.logs);
        all.for_each(LineLog::reopen);
    }

    /// Waits until what ended cores handed over is written.
    pub(crate) fn finish(self, patience: Duration) {
        let end = Instant::now() + patience;
        for log in self.access.logs.into_iter().chain(self.execution.logs) {
            if !log.finish(end.saturating_duration_since(Instant::now())) {
                tracing::warn!("lines of a log could not be written in time");
            }
        }
    }
}

impl Files {
    fn open<'s>(
        purpose: &'static Purpose,
        default: Option<&'s Destination>,
        listed: impl Iterator<Item = (&'s str, Option<&'s Destination>)>,
    ) -> Result<Self, LogError> {
        let mut destinations: Vec<&Destination> = Vec::new();
        let mut number = |wanted: &'s Destination| {
            let known = destinations.iter().position(|known| *known == wanted);
            known.unwrap_or_else(|| {
                destinations.push(wanted);
                destinations.len() - 1
            })
        };
        let groups = Groups {
            default: default.map(&mut number),
            listed: listed
                .map(|(group, destination)| (Box::from(group), destination.map(&mut number)))
                .collect(),
        };
        let logs = destinations.into_iter().cloned();
        let logs: Result<_, _> = logs
            .map(|destination| LineLog::open(purpose, destination))
            .collect();
        Ok(Self {
            logs: logs?,
            groups: Arc::new(groups),
        })
    }
}

impl tollgate_gateway::Logs for CoreLogs {
    fn of(&mut self, destination: &str) -> &mut CoreLog {
        // The default of access logs is a log, so that there is a number for each group.
        let number = self.access_groups.number(destination).unwrap_or_default();
        &mut self.access[number]
    }

    fn of_canary(&mut self, destination: &str) -> Option<&mut CoreLog> {
        let group = destination.strip_suffix(":*").unwrap_or(destination);
        let number = self.access_groups.listed(&format!("{group}/Canary"))??;
        self.access.get_mut(number)
    }

    fn execution(&mut self, number: usize) -> Option<&mut CoreLog> {
        self.execution.get_mut(number)
    }

    fn flush(&mut self) {
        let all = self.access.iter_mut().chain(&mut self.execution);
        all.for_each(CoreLog::flush);
    }

    fn is_empty(&self) -> bool {
        let mut all = self.access.iter().chain(&self.execution);
        all.all(CoreLog::is_empty)
    }
}

impl Groups {
    /// Where the lines of a group go.
    pub(crate) fn number(&self, group: &str) -> Option<usize> {
        if self.listed.is_empty() {
            return self.default;
        }
        self.listed(group).unwrap_or(self.default)
    }

    /// Listed by its ARN or its bare name; AWS also takes an ARN that ends in `:*`.
    fn listed(&self, group: &str) -> Option<Option<usize>> {
        let arn = group.strip_suffix(":*").unwrap_or(group);
        let name = arn.split_once(":log-group:").map_or(arn, |(_, name)| name);
        let number = self.listed.get(arn).or_else(|| self.listed.get(name));
        number.copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(listed: &[(&str, Option<usize>)], default: Option<usize>) -> Groups {
        let listed = listed
            .iter()
            .map(|(group, number)| (Box::from(*group), *number));
        Groups {
            listed: listed.collect(),
            default,
        }
    }

    #[test]
    fn groups_are_known_by_arn_and_by_name() {
        let pets = "arn:aws:logs:us-east-1:000000000000:log-group:pets";
        let groups = groups(
            &[(pets, Some(1)), ("orders", Some(2)), ("quiet", None)],
            Some(0),
        );
        for (destination, number) in [
            (pets, Some(1)),
            (
                "arn:aws:logs:us-east-1:000000000000:log-group:pets:*",
                Some(1),
            ),
            (
                "arn:aws:logs:eu-west-1:000000000000:log-group:orders",
                Some(2),
            ),
            ("orders", Some(2)),
            ("quiet", None),
            (
                "arn:aws:logs:eu-west-1:000000000000:log-group:pets",
                Some(0),
            ),
            ("", Some(0)),
        ] {
            assert_eq!(groups.number(destination), number, "{destination}");
        }
    }

    #[test]
    fn destinations_that_are_the_same_are_one_log() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = Destination::File(folder.path().join("log"));
        let other = Destination::File(folder.path().join("other"));
        let listed = [("a", Some(&file)), ("b", Some(&other)), ("c", None)];
        let files = Files::open(&EXECUTION, Some(&file), listed.into_iter()).expect("files");
        assert_eq!(files.logs.len(), 2);
        let numbers = ["a", "b", "c", "d"].map(|group| files.groups.number(group));
        assert_eq!(numbers, [Some(0), Some(1), None, Some(0)]);
    }
}
