//! Prometheus' text form, version 0.0.4:
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>.

use std::fmt::Write;

use crate::histogram::{BOUNDS, Sum};

/// The content type of what [`Counters::render`](crate::Counters::render) gives.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The kind of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number that only grows.
    Counter,
    /// A number that goes up and down.
    Gauge,
    /// Counts by duration.
    Histogram,
    /// A sum and how many went into it.
    Summary,
}

/// The text under construction.
#[derive(Debug, Default)]
pub(crate) struct Text(String);

/// Up to five labels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Labels<'value>([Option<(&'static str, &'value str)>; 5]);

impl<'value> Labels<'value> {
    pub(crate) const NONE: Labels<'static> = Labels([None; 5]);

    pub(crate) fn with(mut self, name: &'static str, value: &'value str) -> Self {
        let free = self.0.iter_mut().find(|label| label.is_none());
        *free.expect("no series has more than five labels") = Some((name, value));
        self
    }
}

impl Text {
    /// Begins a metric. Its samples follow.
    pub(crate) fn family(&mut self, name: &str, help: &str, kind: Kind) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
            Kind::Summary => "summary",
        };
        self.push(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    pub(crate) fn sample(&mut self, name: &str, labels: &Labels<'_>, value: u64) {
        self.0.push_str(name);
        self.labels(labels, None);
        self.push(format_args!(" {value}\n"));
    }

    pub(crate) fn sample_unless_zero(&mut self, name: &str, labels: &Labels<'_>, value: u64) {
        if value > 0 {
            self.sample(name, labels, value);
        }
    }

    /// A summary without quantiles: the sum as it is given, and the count.
    pub(crate) fn summary(
        &mut self,
        name: &str,
        labels: &Labels<'_>,
        sum: std::fmt::Arguments<'_>,
        count: u64,
    ) {
        self.push(format_args!("{name}_sum"));
        self.labels(labels, None);
        self.push(format_args!(" {sum}\n{name}_count"));
        self.labels(labels, None);
        self.push(format_args!(" {count}\n"));
    }

    /// A histogram's cumulative buckets, its sum in seconds and its count.
    pub(crate) fn histogram(&mut self, name: &str, labels: &Labels<'_>, sum: &Sum) {
        let bounds = BOUNDS.iter().map(|(_bound, text)| *text).chain(["+Inf"]);
        let mut below = 0;
        for (bound, count) in bounds.zip(sum.counts) {
            below += count;
            self.push(format_args!("{name}_bucket"));
            self.labels(labels, Some(bound));
            self.push(format_args!(" {below}\n"));
        }
        self.push(format_args!("{name}_sum"));
        self.labels(labels, None);
        self.push(format_args!(
            " {}.{:06}\n",
            sum.sum_us / 1_000_000,
            sum.sum_us % 1_000_000
        ));
        self.push(format_args!("{name}_count"));
        self.labels(labels, None);
        self.push(format_args!(" {}\n", sum.count()));
    }

    fn labels(&mut self, labels: &Labels<'_>, bound: Option<&str>) {
        let all = labels
            .0
            .iter()
            .flatten()
            .copied()
            .chain(bound.map(|bound| ("le", bound)));
        let mut opening = '{';
        for (name, value) in all {
            self.push(format_args!("{opening}{name}=\""));
            self.escaped(value);
            self.0.push('"');
            opening = ',';
        }
        if opening == ',' {
            self.0.push('}');
        }
    }

    fn escaped(&mut self, value: &str) {
        for character in value.chars() {
            match character {
                '\\' => self.0.push_str("\\\\"),
                '"' => self.0.push_str("\\\""),
                '\n' => self.0.push_str("\\n"),
                _ => self.0.push(character),
            }
        }
    }

    fn push(&mut self, arguments: std::fmt::Arguments<'_>) {
        self.0
            .write_fmt(arguments)
            .expect("writing to a string does not fail");
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }
}
