//! The counts of stages and methods once more, under the names and dimensions that they have in CloudWatch's namespace
//! `AWS/ApiGateway`: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html>.
//!
//! A metric is a summary without quantiles: `_sum` is CloudWatch's statistic Sum, `_count` its SampleCount, and one by the other its
//! Average. As in CloudWatch, the sets of dimensions stand side by side: each request is in the series of its API, in that of its
//! stage and, where `metricsEnabled` asks for it, in that of its method; and APIs of the same name are one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::counters::Total;
use crate::prometheus::{Kind, Labels, Text};

/// The values of the dimensions ApiName, Stage, Resource and Method; those that a set does not have are empty.
type Dimensions<'total> = [Cow<'total, str>; 4];

/// The names of the dimensions, as labels.
const LABELS: [&str; 4] = ["api_name", "stage", "resource", "method"];

/// What is added up for one set of dimensions.
#[derive(Default)]
struct Sums {
    requests: u64,
    client_errors: u64,
    server_errors: u64,
    latency_us: u64,
    integrations: u64,
    integration_latency_us: u64,
    cache_hits: u64,
    cache_misses: u64,
}

struct Metric {
    name: &'static str,
    help: &'static str,
    /// Sum and SampleCount.
    value: fn(&Sums) -> (Value, u64),
    /// Whether only what a cache looked at has it: the guide has the counts of caches where one is enabled.
    is_of_caches: bool,
}

enum Value {
    Count(u64),
    /// Shown in milliseconds, CloudWatch's unit.
    Microseconds(u64),
}

const METRICS: [Metric; 7] = [
    Metric {
        name: "aws_apigateway_cache_hit_count",
        help: "AWS/ApiGateway CacheHitCount: requests answered from a stage's cache.",
        value: |sums| (Value::Count(sums.cache_hits), sums.requests),
        is_of_caches: true,
    },
    Metric {
        name: "aws_apigateway_cache_miss_count",
        help: "AWS/ApiGateway CacheMissCount: requests answered by the backend where the method's answers are cached.",
        value: |sums| (Value::Count(sums.cache_misses), sums.requests),
        is_of_caches: true,
    },
    Metric {
        name: "aws_apigateway_count",
        help: "AWS/ApiGateway Count: requests.",
        value: |sums| (Value::Count(sums.requests), sums.requests),
        is_of_caches: false,
    },
    Metric {
        name: "aws_apigateway_4xx_error",
        help: "AWS/ApiGateway 4XXError: requests answered with a status of 400 to 499.",
        value: |sums| (Value::Count(sums.client_errors), sums.requests),
        is_of_caches: false,
    },
    Metric {
        name: "aws_apigateway_5xx_error",
        help: "AWS/ApiGateway 5XXError: requests answered with a status of 500 to 599.",
        value: |sums| (Value::Count(sums.server_errors), sums.requests),
        is_of_caches: false,
    },
    Metric {
        name: "aws_apigateway_latency",
        help: "AWS/ApiGateway Latency: milliseconds from a request's arrival to the last byte of its answer.",
        value: |sums| (Value::Microseconds(sums.latency_us), sums.requests),
        is_of_caches: false,
    },
    Metric {
        name: "aws_apigateway_integration_latency",
        help: "AWS/ApiGateway IntegrationLatency: milliseconds from the call of an integration to its answer.",
        value: |sums| {
            (
                Value::Microseconds(sums.integration_latency_us),
                sums.integrations,
            )
        },
        is_of_caches: false,
    },
];

/// Shows what stages and methods counted. Those of an API whose name is not known are left out, so that no series changes its name.
pub(crate) fn render(
    text: &mut Text,
    stages: &[Total<'_>],
    methods: &[Total<'_>],
    names: &BTreeMap<Box<str>, Box<str>>,
) {
    let mut series: BTreeMap<Dimensions<'_>, Sums> = BTreeMap::new();
    for total in stages.iter().chain(methods) {
        let Some(name) = names.get(total.api) else {
            continue;
        };
        let name = api_name(name, total.api);
        for dimensions in sets(&name, total) {
            series.entry(dimensions).or_default().add(total);
        }
    }
    for metric in &METRICS {
        let mut shown = series
            .iter()
            .filter(|(_, sums)| metric.is_for(sums))
            .peekable();
        if shown.peek().is_some() {
            text.family(metric.name, metric.help, Kind::Summary);
        }
        for (dimensions, sums) in shown {
            metric.render(text, &labels(dimensions), sums);
        }
    }
}

/// The guide: what is not ASCII is removed; where nothing is left, it is the API's id.
fn api_name<'n>(name: &'n str, id: &'n str) -> Cow<'n, str> {
    if name.is_ascii() && !name.is_empty() {
        return Cow::Borrowed(name);
    }
    let ascii: String = name.chars().filter(char::is_ascii).collect();
    match ascii.is_empty() {
        true => Cow::Borrowed(id),
        false => Cow::Owned(ascii),
    }
}

/// The sets of dimensions that a stage or a method is counted under.
fn sets<'total>(name: &Cow<'total, str>, total: &Total<'total>) -> Vec<Dimensions<'total>> {
    const NONE: Cow<'static, str> = Cow::Borrowed("");
    let stage = Cow::Borrowed(total.stage);
    match total.method {
        None => vec![
            [name.clone(), NONE, NONE, NONE],
            [name.clone(), stage, NONE, NONE],
        ],
        Some([path, method]) => {
            let (path, method) = (Cow::Borrowed(&**path), Cow::Borrowed(&**method));
            vec![[name.clone(), stage, path, method]]
        }
    }
}

fn labels<'d>(dimensions: &'d Dimensions<'_>) -> Labels<'d> {
    let given = LABELS.iter().zip(dimensions);
    let given = given.filter(|(_, value)| !value.is_empty());
    given.fold(Labels::NONE, |labels, (name, value)| {
        labels.with(name, value)
    })
}

impl Metric {
    fn is_for(&self, sums: &Sums) -> bool {
        !self.is_of_caches || sums.cache_hits + sums.cache_misses > 0
    }

    fn render(&self, text: &mut Text, labels: &Labels<'_>, sums: &Sums) {
        match (self.value)(sums) {
            (Value::Count(sum), count) => {
                text.summary(self.name, labels, format_args!("{sum}"), count);
            }
            (Value::Microseconds(sum), count) => {
                let (whole, part) = (sum / 1_000, sum % 1_000);
                text.summary(self.name, labels, format_args!("{whole}.{part:03}"), count);
            }
        }
    }
}

impl Sums {
    fn add(&mut self, total: &Total<'_>) {
        self.requests += total.classes.iter().sum::<u64>();
        self.client_errors += total.classes[4];
        self.server_errors += total.classes[5];
        self.latency_us += total.latency.sum_us;
        self.integrations += total.integration_latency.count();
        self.integration_latency_us += total.integration_latency.sum_us;
        self.cache_hits += total.cache_hits;
        self.cache_misses += total.cache_misses;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_is_not_ascii() {
        for (name, shown) in [
            ("Pets", "Pets"),
            ("Bücher", "Bcher"),
            ("本", "abc"),
            ("", "abc"),
        ] {
            assert_eq!(api_name(name, "abc"), shown, "{name}");
        }
    }
}
