//! What is told of finished requests: a line of the stage's access log, and counts. One per core, without a lock.

use std::fmt::Debug;
use std::time::Duration;

use tollgate_telemetry::{CoreLog, CoreMeter, Counters, Observed, StageMeter};

use crate::access_log::AccessLog;
use crate::plan::StagePlan;
use crate::record::Record;
use crate::report::Report;

/// One core's ends of all access logs.
pub trait Logs: Debug + Send {
    /// The log that a stage's `destinationArn` means.
    fn of(&mut self, destination: &str) -> &mut CoreLog;

    /// The log of the group that belongs to a canary of stages with this `destinationArn`, if somebody wants it apart.
    fn of_canary(&mut self, destination: &str) -> Option<&mut CoreLog>;

    /// The execution log of this number, as [`Plans::with_execution_logs`](crate::plan::Plans::with_execution_logs) was told it.
    fn execution(&mut self, number: usize) -> Option<&mut CoreLog>;

    /// Hands over what was written so far.
    fn flush(&mut self);

    /// Whether nothing waits to be flushed.
    fn is_empty(&self) -> bool;
}

/// A [`Report`] to the access logs and the counters.
#[derive(Debug)]
pub struct Telemetry {
    meter: CoreMeter,
    elsewhere: std::sync::Arc<StageMeter>,
    logs: Option<Box<dyn Logs>>,
}

impl Telemetry {
    /// The report of one core. Without logs, stages with an access log are counted and no line is written.
    pub fn new(counters: &Counters, meter: CoreMeter, logs: Option<Box<dyn Logs>>) -> Self {
        Self {
            elsewhere: counters.elsewhere(),
            meter,
            logs,
        }
    }
}

impl Report for Telemetry {
    fn finished(&mut self, record: &Record) {
        let stage = record.stage();
        let meter = stage.map_or(&self.elsewhere, |stage| &stage.meter);
        let observed = observed(record);
        self.meter.request(meter, &observed);
        if let Some(meter) = of_method(record) {
            self.meter.request(meter, &observed);
        }
        if let (Some(logs), Some(stage)) = (&mut self.logs, stage) {
            write_access(&mut **logs, stage, record);
            write_execution(&mut **logs, stage, record);
        }
    }

    fn connection_opened(&mut self) {
        self.meter.connection_opened();
    }

    fn connection_closed(&mut self) {
        self.meter.connection_closed();
    }

    fn flush(&mut self) {
        if let Some(logs) = &mut self.logs {
            logs.flush();
        }
    }

    fn wants_flush(&self) -> bool {
        self.logs.as_ref().is_some_and(|logs| !logs.is_empty())
    }
}

fn write_access(logs: &mut dyn Logs, stage: &StagePlan, record: &Record) {
    let Some(AccessLog {
        destination,
        format,
    }) = &stage.access_log
    else {
        return;
    };
    logs.of(destination).line(|line| format.write(record, line));
    // The guide: a canary's requests are in both groups.
    if stage.is_canary == Some(true)
        && let Some(log) = logs.of_canary(destination)
    {
        log.line(|line| format.write(record, line));
    }
}

fn write_execution(logs: &mut dyn Logs, stage: &StagePlan, record: &Record) {
    let lines = record.execution_log().len();
    for number in stage.execution_log.iter().filter(|_| lines > 0) {
        let Some(log) = logs.execution(*number) else {
            continue;
        };
        for line in 0..lines {
            log.line(|into| record.write_execution_line(line, into));
        }
    }
}

/// Where the stage counts by method.
fn of_method(record: &Record) -> Option<&StageMeter> {
    let meters = &record.stage()?.method_meters;
    meters.find(&record.resource()?.path, record.method())
}

fn observed(record: &Record) -> Observed {
    let integration = record.integration.as_ref();
    Observed {
        status: record.status,
        latency: Duration::from_millis(record.latency_ms().unwrap_or_default()),
        integration_latency: integration.map(|facts| Duration::from_millis(facts.latency_ms)),
        request_bytes: record.request_bytes,
        response_bytes: record.end.map_or(0, |end| end.body_bytes),
        is_cache_hit: record.cache.and_then(|told| told.is_hit()),
        is_complete: record.end.is_some_and(|end| end.complete),
    }
}
