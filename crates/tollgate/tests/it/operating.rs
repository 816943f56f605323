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

/// `metricsEnabled`, for the stage and otherwise for one of its methods.
#[test]
fn requests_are_counted_by_method_where_a_stage_asks_for_it() {
    let tollgate = Tollgate::start(Options::serve(PROGRAM));
    let mut definition = making::mock("\"counted\"");
    definition["paths"]["/quiet"] = definition["paths"]["/word"].clone();
    let any = definition["paths"]["/word"]["get"].clone();
    definition["paths"]["/any"] = json!({"x-amazon-apigateway-any-method": any});
    let api = making::serve(&tollgate, &definition);
    let settings = json!({"patchOperations": [
        {"op": "replace", "path": "/*/*/metrics/enabled", "value": "true"},
        {"op": "replace", "path": "/~1quiet/GET/metrics/enabled", "value": "false"},
    ]});
    let stage = format!("/restapis/{api}/stages/dev");
    tollgate
        .control("PATCH", &stage, Some(&settings))
        .expect(200);
    for (method, target) in [
        ("GET", "/dev/word"),
        ("GET", "/dev/quiet"),
        ("PUT", "/dev/any"),
        ("GET", "/dev/none"),
    ] {
        let mut connection = tollgate.connect();
        connection
            .exchange(&tollgate.api_request(&api, method, target))
            .unwrap();
    }
    let labels = |path: &str, method: &str| {
        format!("api=\"{api}\",stage=\"dev\",resource=\"{path}\",method=\"{method}\"")
    };
    let metrics = metrics_with(
        &tollgate,
        &format!("tollgate_requests_total{{api=\"{api}\",stage=\"dev\",class=\"4xx\"}} 1"),
    );
    for (path, method) in [("/word", "GET"), ("/any", "PUT")] {
        let labels = labels(path, method);
        for line in [
            format!("tollgate_method_requests_total{{{labels},class=\"2xx\"}} 1"),
            format!("tollgate_method_request_seconds_count{{{labels}}} 1"),
        ] {
            assert!(metrics_with(&tollgate, &line).contains(&line));
        }
    }
    assert!(!metrics.contains("resource=\"/quiet\""), "{metrics}");
}

/// The part that it is given, its own deployment and variables, in answers and in the log; then AWS's recorded operations
/// make it the stage's, and it goes.
#[test]
fn a_canary_takes_its_part_and_is_promoted() {
    const REQUESTS: usize = 200;
    let logs = tempfile::tempdir().unwrap();
    let file = logs.path().join("canary.log");
    let shown = file.display().to_string();
    let config = format!("[access_log.destinations]\ncanary = {shown:?}\n");
    let tollgate = Tollgate::start(Options::serve(PROGRAM).config(&config));
    let answer = |version: &str| {
        format!("{version} $stageVariables.who $context.isCanaryRequest $context.deploymentId")
    };
    let api = making::import(&tollgate, &making::mock(&answer("old")));
    let on = |path: &str| format!("/restapis/{api}/{path}");
    let deployed = |body: serde_json::Value| {
        let made = tollgate.control("POST", &on("deployments"), Some(&body));
        made.expect(201).json()["id"].as_str().unwrap().to_owned()
    };
    let old = deployed(json!({"stageName": "dev", "variables": {"who": "stage"}}));
    let new = making::mock(&answer("new")).to_string();
    tollgate
        .control_bytes("PUT", &on("?mode=overwrite").replace("/?", "?"), new)
        .expect(200);
    let canary = json!({"percentTraffic": 50, "stageVariableOverrides": {"who": "canary"}});
    let new = deployed(json!({"stageName": "dev", "canarySettings": canary}));
    let patch = |operations: serde_json::Value| {
        let body = json!({ "patchOperations": operations });
        tollgate
            .control("PATCH", &on("stages/dev"), Some(&body))
            .expect(200);
    };
    patch(json!([
        {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": "arn:aws:logs:us-east-1:000000000000:log-group:canary"},
        {"op": "replace", "path": "/accessLogSettings/format", "value": "$context.requestId $context.isCanaryRequest $context.deploymentId"},
    ]));
    let call = || {
        let answer = tollgate.api(&api, "GET", "/dev/word").expect(200);
        answer.text()
    };
    let (of_stage, of_canary) = (
        format!("old stage false {old}"),
        format!("new canary true {new}"),
    );
    let answers: Vec<_> = (0..REQUESTS).map(|_| call()).collect();
    let count = |wanted: &String| answers.iter().filter(|it| *it == wanted).count();
    let (stages, canaries) = (count(&of_stage), count(&of_canary));
    assert_eq!(stages + canaries, REQUESTS, "{:?}", answers.first());
    // Six standard deviations from one half.
    assert!((58..=142).contains(&canaries), "{canaries} of {REQUESTS}");

    patch(json!([
        {"op": "replace", "path": "/canarySettings/percentTraffic", "value": "0.0"},
        {"op": "copy", "path": "/deploymentId", "from": "/canarySettings/deploymentId"},
        {"op": "copy", "path": "/variables", "from": "/canarySettings/stageVariableOverrides"},
    ]));
    assert_eq!(call(), format!("new canary false {new}"));
    patch(json!([{"op": "remove", "path": "/canarySettings"}]));
    assert_eq!(call(), format!("new canary  {new}"));

    tollgate.terminate();
    tollgate.wait();
    let written = std::fs::read_to_string(&file).unwrap();
    let logged = |end: String| written.lines().filter(|line| line.ends_with(&end)).count();
    assert_eq!(logged(format!(" true {new}")), canaries);
    assert_eq!(logged(format!(" false {old}")), stages);
    assert_eq!(logged(format!(" - {new}")), 1);
}

/// Under CloudWatch's names: of the API by its name, of its stage, and of its method where the stage asks for it; a renamed API has the
/// counts under its new name.
#[test]
fn requests_are_counted_under_cloudwatchs_names() {
    let tollgate = Tollgate::start(Options::serve(PROGRAM));
    let mut definition = making::mock("\"counted\"");
    definition["info"]["title"] = json!("Péts");
    let api = making::serve(&tollgate, &definition);
    let patch = json!({"patchOperations": [{"op": "replace", "path": "/*/*/metrics/enabled", "value": "true"}]});
    tollgate
        .control(
            "PATCH",
            &format!("/restapis/{api}/stages/dev"),
            Some(&patch),
        )
        .expect(200);
    tollgate.api(&api, "GET", "/dev/word").expect(200);
    tollgate.api(&api, "GET", "/dev/none").expect(403);
    for line in [
        "aws_apigateway_count_sum{api_name=\"Pts\"} 2\n",
        "aws_apigateway_4xx_error_sum{api_name=\"Pts\"} 1\n",
        "aws_apigateway_4xx_error_count{api_name=\"Pts\",stage=\"dev\"} 2\n",
        "aws_apigateway_5xx_error_sum{api_name=\"Pts\",stage=\"dev\"} 0\n",
        "aws_apigateway_latency_count{api_name=\"Pts\",stage=\"dev\",resource=\"/word\",method=\"GET\"} 1\n",
        "aws_apigateway_integration_latency_count{api_name=\"Pts\",stage=\"dev\"} 0\n",
    ] {
        metrics_with(&tollgate, line);
    }
    let rename = json!({"patchOperations": [{"op": "replace", "path": "/name", "value": "Cats"}]});
    tollgate
        .control("PATCH", &format!("/restapis/{api}"), Some(&rename))
        .expect(200);
    let metrics = metrics_with(&tollgate, "aws_apigateway_count_sum{api_name=\"Cats\"} 2\n");
    assert!(!metrics.contains("Pts"), "{metrics}");
}

/// One event a line, in the file that the settings name for the group; a canary's in both groups; nothing for others.
#[test]
fn execution_logs_go_where_the_settings_say() {
    let data = tempfile::tempdir().unwrap();
    let options = || Options::serve(PROGRAM).data(data.path());
    let tollgate = Tollgate::start(options());
    let key = tollgate.key().clone();
    let api = making::serve(&tollgate, &making::mock("1"));
    let patch = json!({"patchOperations": [
        {"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"},
        {"op": "replace", "path": "/*/*/logging/dataTrace", "value": "true"},
        {"op": "replace", "path": "/canarySettings/percentTraffic", "value": "100.0"},
    ]});
    let stage = format!("/restapis/{api}/stages/dev");
    tollgate.control("PATCH", &stage, Some(&patch)).expect(200);
    let call = |tollgate: &Tollgate| {
        let request = tollgate.api_request(&api, "GET", "/dev/word");
        let answer = tollgate
            .send(&request.header("Authorization", "Bearer 0123456789"))
            .expect(200);
        answer.header("x-amzn-requestid").unwrap().to_owned()
    };
    let silent = call(&tollgate);
    tollgate.terminate();
    let ended = tollgate.wait();
    assert!(!ended.stdout.contains(&silent), "{}", ended.stdout);
    let logs = tempfile::tempdir().unwrap();
    let [of_stage, of_canary] = ["stage.log", "canary.log"].map(|name| logs.path().join(name));
    let group = format!("API-Gateway-Execution-Logs_{api}/dev");
    let config = format!(
        "[execution_log.destinations]\n\"{group}\" = {:?}\n\"{group}/Canary\" = {:?}\n",
        of_stage.display().to_string(),
        of_canary.display().to_string()
    );
    let tollgate = Tollgate::start(options().key(key).config(&config));
    let id = call(&tollgate);
    metrics_with(&tollgate, "tollgate_execution_log_lines_total");
    tollgate.terminate();
    tollgate.wait();
    let written = std::fs::read_to_string(&of_stage).unwrap();
    assert_eq!(written, std::fs::read_to_string(&of_canary).unwrap());
    let lines: Vec<_> = written.lines().collect();
    assert!(
        lines
            .iter()
            .all(|line| line.contains(&format!("Z ({id}) "))),
        "{written}"
    );
    assert!(lines[0].contains("Extended Request Id: "), "{written}");
    assert!(
        lines
            .last()
            .unwrap()
            .ends_with("Method completed with status: 200"),
        "{written}"
    );
    assert!(
        written.contains("Authorization=***********456789"),
        "{written}"
    );
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
