//! What is told of finished requests: a line of the stage's access log, and counts. One per core, without a lock.

use std::time::Duration;

use tollgate_telemetry::{CoreLog, CoreMeter, Counters, Observed};

use crate::record::Record;
use crate::report::Report;

/// A [`Report`] to the access log and the counters.
#[derive(Debug)]
pub struct Telemetry {
    meter: CoreMeter,
    elsewhere: std::sync::Arc<tollgate_telemetry::StageMeter>,
    log: Option<CoreLog>,
}

impl Telemetry {
    /// The report of one core. Without a log, stages with an access log are counted and no line is written.
    pub fn new(counters: &Counters, meter: CoreMeter, log: Option<CoreLog>) -> Self {
        Self {
            elsewhere: counters.elsewhere(),
            meter,
            log,
        }
    }
}

impl Report for Telemetry {
    fn finished(&mut self, record: &Record) {
        let stage = record.stage();
        let meter = stage.map_or(&self.elsewhere, |stage| &stage.meter);
        self.meter.request(meter, &observed(record));
        if let (Some(log), Some(format)) = (&mut self.log, stage.and_then(|stage| stage.access_log.as_ref())) {
            log.line(|line| format.write(record, line));
        }
    }

    fn connection_opened(&mut self) {
        self.meter.connection_opened();
    }

    fn connection_closed(&mut self) {
        self.meter.connection_closed();
    }

    fn flush(&mut self) {
        if let Some(log) = &mut self.log {
            log.flush();
        }
    }

    fn wants_flush(&self) -> bool {
        self.log.as_ref().is_some_and(|log| !log.is_empty())
    }
}

fn observed(record: &Record) -> Observed {
    let integration = record.integration.as_ref();
    Observed {
        status: record.status,
        latency: Duration::from_millis(record.latency_ms().unwrap_or_default()),
        integration_latency: integration.map(|facts| Duration::from_millis(facts.latency_ms)),
        request_bytes: record.request_bytes,
        response_bytes: record.end.map_or(0, |end| end.body_bytes),
        is_complete: record.end.is_some_and(|end| end.complete),
    }
}
