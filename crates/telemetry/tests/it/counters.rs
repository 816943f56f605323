//! Counting by several cores and showing the sum.

use std::sync::Arc;
use std::time::Duration;

use tollgate_telemetry::line_log::ACCESS;
use tollgate_telemetry::prometheus::Kind;
use tollgate_telemetry::{Counters, Destination, LineLog, Observed};

use crate::exposition::read;

fn observed(status: u16) -> Observed {
    Observed {
        status,
        latency: Duration::from_millis(3),
        integration_latency: Some(Duration::from_millis(2)),
        request_bytes: 10,
        response_bytes: 100,
        is_complete: true,
        is_cache_hit: None,
    }
}

#[test]
fn cores_count_apart_and_are_shown_as_one() {
    const EACH: u64 = 10_000;
    let counters = Counters::new(4);
    let cores: Vec<_> = (0..4)
        .map(|core| {
            let (meter, stage) = (
                counters.core(core).unwrap(),
                counters.stage("petstore", "dev"),
            );
            std::thread::spawn(move || {
                (0..EACH).for_each(|_request| meter.request(&stage, &observed(200)))
            })
        })
        .collect();
    cores.into_iter().for_each(|core| core.join().unwrap());
    let series = read(&counters.render());
    let of = |name: &str| series[&format!("{name}{{api=\"petstore\",stage=\"dev\"}}")];
    let all = (4 * EACH) as f64;
    assert_eq!(
        series[r#"tollgate_requests_total{api="petstore",stage="dev",class="2xx"}"#],
        all
    );
    assert_eq!(of("tollgate_request_bytes_total"), 10.0 * all);
    assert_eq!(of("tollgate_response_bytes_total"), 100.0 * all);
    assert_eq!(of("tollgate_request_seconds_count"), all);
    assert_eq!(of("tollgate_request_seconds_sum"), 0.003 * all);
    assert_eq!(of("tollgate_integration_seconds_sum"), 0.002 * all);
    let bucket = |bound| {
        series[&format!(
            r#"tollgate_request_seconds_bucket{{api="petstore",stage="dev",le="{bound}"}}"#
        )]
    };
    assert_eq!((bucket("0.0025"), bucket("0.005")), (0.0, all));
}

#[test]
fn statuses_fall_into_their_classes() {
    let counters = Counters::new(1);
    let (meter, stage) = (counters.core(0).unwrap(), counters.stage("a", "s"));
    let cases = [
        (0, "none"),
        (101, "1xx"),
        (204, "2xx"),
        (399, "3xx"),
        (400, "4xx"),
        (599, "5xx"),
        (999, "none"),
    ];
    for (status, _class) in cases {
        meter.request(&stage, &observed(status));
    }
    let series = read(&counters.render());
    let count =
        |class| series[&format!(r#"tollgate_requests_total{{api="a",stage="s",class="{class}"}}"#)];
    assert_eq!(
        ["none", "1xx", "2xx", "3xx", "4xx", "5xx"].map(count),
        [2.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    );
}

#[test]
fn a_request_without_integration_or_end_counts_so() {
    let counters = Counters::new(1);
    let meter = counters.core(0).unwrap();
    let left = Observed {
        integration_latency: None,
        is_complete: false,
        ..observed(403)
    };
    meter.request(&counters.elsewhere(), &left);
    let series = read(&counters.render());
    assert_eq!(series[r#"tollgate_requests_total{class="4xx"}"#], 1.0);
    assert_eq!(series["tollgate_requests_abandoned_total"], 1.0);
    assert_eq!(series["tollgate_integration_seconds_count"], 0.0);
    assert_eq!(series["tollgate_request_seconds_count"], 1.0);
}

#[test]
fn series_are_bounded_by_live_stages_with_traffic() {
    let counters = Counters::new(2);
    let meter = counters.core(1).unwrap();
    let idle = counters.stage("idle", "dev");
    let stage = counters.stage("busy", "dev");
    meter.request(&stage, &observed(200));
    assert!(
        Arc::ptr_eq(&stage, &counters.stage("busy", "dev")),
        "a new plan goes on counting"
    );
    let text = counters.render();
    assert!(text.contains("busy") && !text.contains("idle"));
    counters.forget("busy", "dev");
    meter.request(&stage, &observed(200));
    assert!(!counters.render().contains("busy"));
    drop(idle);
}

/// They have names of their own, and last as long as a plan that counts by them.
#[test]
fn methods_are_counted_beside_their_stage() {
    let counters = Counters::new(1);
    let core = counters.core(0).unwrap();
    let stage = counters.stage("pets", "dev");
    core.request(&stage, &observed(200));
    assert!(!counters.render().contains("tollgate_method_"));
    let (get, idle) = (
        stage.method("/pets/{id}", "GET"),
        stage.method("/pets", "GET"),
    );
    core.request(&get, &observed(404));
    let again = stage.method("/pets/{id}", "GET");
    assert!(Arc::ptr_eq(&get, &again), "a new plan goes on counting");
    let labels = r#"api="pets",stage="dev",resource="/pets/{id}",method="GET""#;
    let text = counters.render();
    let series = read(&text);
    let of = |name: &str| series[&format!("{name}{{{labels}}}")];
    assert_eq!(
        series[&format!("tollgate_method_requests_total{{{labels},class=\"4xx\"}}")],
        1.0
    );
    assert_eq!(of("tollgate_method_request_seconds_count"), 1.0);
    assert_eq!(of("tollgate_method_integration_seconds_sum"), 0.002);
    assert_eq!(of("tollgate_method_response_bytes_total"), 100.0);
    assert!(!text.contains(r#"resource="/pets""#), "{text}");
    drop((get, again, idle));
    assert!(!counters.render().contains("tollgate_method_"));
    assert!(counters.render().contains("tollgate_requests_total"));
}

/// Each set of dimensions has its series; APIs of one name are one, as in CloudWatch.
#[test]
fn counts_are_shown_under_awss_names_too() {
    let counters = Counters::new(1);
    let core = counters.core(0).unwrap();
    let (dev, prod) = (counters.stage("a1", "dev"), counters.stage("a1", "prod"));
    let other = counters.stage("b2", "dev");
    let get = dev.method("/pets/{id}", "GET");
    for (meter, status) in [
        (&dev, 200),
        (&dev, 404),
        (&prod, 503),
        (&other, 429),
        (&get, 404),
    ] {
        core.request(meter, &observed(status));
    }
    let of_mock = Observed {
        integration_latency: None,
        ..observed(200)
    };
    core.request(&prod, &of_mock);
    assert!(!counters.render().contains("aws_"), "no name is known yet");
    counters.name_api("a1", Some("Pets"));
    counters.name_api("b2", Some("Pets"));
    counters.name_api("c3", Some("Idle"));
    let text = counters.render();
    let series = read(&text);
    for (metric, labels, sum, count) in [
        ("count", r#"api_name="Pets""#, 5.0, 5.0),
        ("count", r#"api_name="Pets",stage="dev""#, 3.0, 3.0),
        ("4xx_error", r#"api_name="Pets""#, 2.0, 5.0),
        ("4xx_error", r#"api_name="Pets",stage="dev""#, 2.0, 3.0),
        ("5xx_error", r#"api_name="Pets",stage="prod""#, 1.0, 2.0),
        ("5xx_error", r#"api_name="Pets",stage="dev""#, 0.0, 3.0),
        ("latency", r#"api_name="Pets",stage="prod""#, 6.0, 2.0),
        (
            "integration_latency",
            r#"api_name="Pets",stage="prod""#,
            2.0,
            1.0,
        ),
        (
            "4xx_error",
            r#"api_name="Pets",stage="dev",resource="/pets/{id}",method="GET""#,
            1.0,
            1.0,
        ),
    ] {
        let of = |end: &str| series[&format!("aws_apigateway_{metric}_{end}{{{labels}}}")];
        assert_eq!((of("sum"), of("count")), (sum, count), "{metric} {labels}");
    }
    assert!(!text.contains("Idle"), "{text}");
    counters.name_api("a1", None);
    let text = counters.render();
    assert!(text.contains("aws_apigateway_count_sum{api_name=\"Pets\"} 1\n"));
}

#[test]
fn label_values_are_escaped() {
    let counters = Counters::new(1);
    let meter = counters.core(0).unwrap();
    meter.request(&counters.stage("a", "x\"},y\\\n"), &observed(200));
    let series = read(&counters.render());
    assert!(
        series.contains_key(r#"tollgate_requests_total{api="a",stage="x\"},y\\\n",class="2xx"}"#)
    );
}

#[test]
fn a_core_is_counted_by_one_holder_at_a_time() {
    let counters = Counters::new(1);
    let first = counters.core(0).unwrap();
    assert!(counters.core(0).is_none() && counters.core(1).is_none());
    first.connection_opened();
    drop(first);
    let second = counters.core(0).unwrap();
    second.connection_opened();
    second.connection_closed();
    let series = read(&counters.render());
    assert_eq!(series["tollgate_connections_total"], 2.0);
    assert_eq!(series["tollgate_connections_open"], 1.0);
}

#[test]
fn numbers_of_others_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let counters = Counters::new(1);
    counters.show(
        "tollgate_store_revision",
        "The store's revision.",
        Kind::Gauge,
        || 42,
    );
    let log = LineLog::open(&ACCESS, Destination::File(folder.path().join("log"))).unwrap();
    LineLog::show_in(std::slice::from_ref(&log), &counters);
    let series = read(&counters.render());
    assert_eq!(series["tollgate_store_revision"], 42.0);
    assert_eq!(series["tollgate_access_log_lines_total"], 0.0);
    assert_eq!(series["tollgate_access_log_lost_total"], 0.0);
}
