//! What an operator sees: health, metrics, access logs, and what definitions may not reach.

use std::time::{Duration, Instant};

use serde_json::json;
use tollgate_testkit::{Options, Tollgate};

use crate::backend::Backend;
use crate::{PROGRAM, making};

#[test]
fn health_and_nothing_else_is_on_the_admin_address() {
    let tollgate = Tollgate::start(Options::serve(PROGRAM));
    assert_eq!(
        tollgate.ask_admin("/_tollgate/health").expect(200).text(),
        "ok\n"
    );
    assert_eq!(
        tollgate.ask_admin("/_tollgate/ready").expect(200).text(),
        "ready\n"
    );
    for target in ["/", "/restapis", "/_tollgate", "/_tollgate/metrics/x"] {
        let answer = tollgate.ask_admin(target).expect(404);
        assert!(
            answer.text().contains("/_tollgate/health"),
            "{}",
            answer.text()
        );
    }
    let elsewhere = tollgate.control("GET", "/_tollgate/metrics", None);
    assert_ne!(elsewhere.status, 200, "metrics are not on the main address");
}

#[test]
fn requests_are_counted_by_stage() {
    let tollgate = Tollgate::start(Options::serve(PROGRAM));
    let api = making::serve(&tollgate, &making::mock("\"counted\""));
    let mut connection = tollgate.connect();
    for target in ["/dev/word", "/dev/word", "/dev/none"] {
        connection
            .exchange(&tollgate.api_request(&api, "GET", target))
            .unwrap();
    }
    drop(connection);
    let metrics = metrics_with(
        &tollgate,
        &format!("tollgate_requests_total{{api=\"{api}\",stage=\"dev\",class=\"4xx\"}} 1"),
    );
    for line in [
        format!("tollgate_requests_total{{api=\"{api}\",stage=\"dev\",class=\"2xx\"}} 2"),
        format!("tollgate_request_seconds_count{{api=\"{api}\",stage=\"dev\"}} 3"),
        "# TYPE tollgate_connections_open gauge".to_owned(),
    ] {
        assert!(metrics.contains(&line), "{line}: {metrics}");
    }
    let total = metrics
        .lines()
        .find_map(|line| line.strip_prefix("tollgate_connections_total "))
        .unwrap();
    assert!(total.parse::<u64>().unwrap() >= 2, "{total}");
}

/// A request is counted when its answer has been sent, which may be a moment after it arrived here.
fn metrics_with(tollgate: &Tollgate, line: &str) -> String {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let answer = tollgate.ask_admin("/_tollgate/metrics").expect(200);
        assert_eq!(
            answer.header("content-type"),
            Some("text/plain; version=0.0.4; charset=utf-8")
        );
        if answer.text().contains(line) {
            return answer.text();
        }
        assert!(Instant::now() < end, "{line}: {}", answer.text());
    }
}

#[test]
fn access_logs_go_where_the_settings_say() {
    let logs = tempfile::tempdir().unwrap();
    let file = logs.path().join("pets.log");
    let config = format!(
        "[access_log.destinations]\npets = {:?}\n",
        file.display().to_string()
    );
    let tollgate = Tollgate::start(Options::serve(PROGRAM).config(&config));
    let api = making::serve(&tollgate, &making::mock("1"));
    let group = |name: &str| format!("arn:aws:logs:us-east-1:000000000000:log-group:{name}");
    let log_to = |name: &str| {
        let format = "{\"id\":\"$context.requestId\",\"status\":$context.status,\"agent\":\"$context.identity.userAgent\"}";
        let patch = json!({"patchOperations": [
            {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": group(name)},
            {"op": "replace", "path": "/accessLogSettings/format", "value": format},
        ]});
        tollgate
            .control(
                "PATCH",
                &format!("/restapis/{api}/stages/dev"),
                Some(&patch),
            )
            .expect(200);
    };
    let call = |agent: &str| {
        let request = tollgate
            .api_request(&api, "GET", "/dev/word")
            .header("User-Agent", agent);
        let answer = tollgate.send(&request).expect(200);
        answer.header("x-amzn-requestid").unwrap().to_owned()
    };
    log_to("pets");
    let id = call("one\"},{");
    log_to("others");
    let other = call("two");
    let line = tollgate
        .stdout()
        .wait(Duration::from_secs(30), |line| line.contains(&other));
    assert_eq!(
        line.unwrap(),
        format!("{{\"id\":\"{other}\",\"status\":200,\"agent\":\"two\"}}")
    );
    let metrics = metrics_with(&tollgate, "tollgate_access_log_lines_total 2");
    let families = metrics
        .matches("# TYPE tollgate_access_log_lines_total")
        .count();
    assert_eq!(families, 1, "both logs are counted as one: {metrics}");
    tollgate.terminate();
    let ended = tollgate.wait();
    assert!(!ended.stdout.contains(&id), "{}", ended.stdout);
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(
        written,
        format!("{{\"id\":\"{id}\",\"status\":200,\"agent\":\"one\\\"}},{{\"}}\n")
    );
}

#[test]
fn definitions_cannot_reach_tollgate_itself_or_cloud_credentials() {
    let tollgate = Tollgate::start(Options::serve(PROGRAM));
    for target in [
        format!("http://{}", tollgate.admin()),
        format!("http://localhost:{}", tollgate.admin().port()),
        format!("http://{}", tollgate.address()),
        "http://169.254.169.254".to_owned(),
    ] {
        let api = making::serve(&tollgate, &making::proxy(&target));
        let answer = tollgate.api(&api, "GET", "/dev/_tollgate/metrics");
        assert_eq!(answer.status / 100, 5, "{target}: {}", answer.text());
        assert!(
            !answer.text().contains("tollgate_"),
            "{target}: {}",
            answer.text()
        );
    }
    let backend = Backend::start();
    let api = making::serve(&tollgate, &making::proxy(&backend.url()));
    let mut connection = tollgate.connect();
    let host = tollgate.api_request(&api, "GET", "/").headers[0].1.clone();
    connection
        .send(format!("GET /dev/x HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes())
        .unwrap();
    backend.next().answer();
    assert_eq!(connection.receive(false).unwrap().status, 200);
}
