//! Which plane a request is for.

use serde_json::json;
use tollgate_testkit::{Options, Request, Scope, Tollgate, authorize};

use crate::{PROGRAM, making};

#[test]
fn what_an_api_claims_never_reaches_the_control_plane() {
    let tollgate = Tollgate::start(Options::dev(PROGRAM));
    let api = making::serve(&tollgate, &making::mock("\"api\""));
    let by_host = format!("{api}.execute-api.localhost:{}", tollgate.address().port());
    let own = tollgate.address().to_string();
    for (host, target, status) in [
        (by_host.as_str(), "/dev/word".to_owned(), 200),
        (&by_host, "/restapis".to_owned(), 403),
        (
            &format!("{api}.execute-api.us-east-1.amazonaws.com"),
            "/restapis".to_owned(),
            403,
        ),
        ("nobody.execute-api.localhost", "/restapis".to_owned(), 403),
        (&own, format!("/_aws/execute-api/{api}/dev/word"), 200),
        (&own, "/_aws/execute-api/nobody/restapis".to_owned(), 403),
        (
            &own,
            format!("/restapis/{api}/dev/_user_request_/word"),
            200,
        ),
        (
            &own,
            format!("/restapis/{api}/dev/_user_request_/none"),
            403,
        ),
    ] {
        // Signed as a control call, however little it is one.
        let request = authorize(
            Request::new("GET", &target, host),
            tollgate.key(),
            &Scope::default(),
        );
        let answer = tollgate.send(&request);
        assert_eq!(answer.status, status, "{host} {target}: {}", answer.text());
        let is_list = answer.text().contains("\"item\"");
        assert!(!is_list, "{host} {target}: {}", answer.text());
    }
    let list = tollgate
        .control("GET", "/restapis", None)
        .expect(200)
        .json();
    assert_eq!(list["item"][0]["id"], json!(api));
}

/// However a path is spelled, it neither leaves the API that its host names nor becomes one that it does not name.
#[test]
fn no_spelling_of_a_path_crosses_from_one_plane_to_the_other() {
    let tollgate = Tollgate::start(Options::dev(PROGRAM));
    let api = making::serve(&tollgate, &making::mock("\"api\""));
    let by_host = format!("{api}.execute-api.localhost:{}", tollgate.address().port());
    let own = tollgate.address().to_string();
    let to_control = [
        "//restapis",
        "/../restapis",
        "/dev/../../restapis",
        "/dev/%2e%2e/%2e%2e/restapis",
        "/dev/..;/..;/restapis",
        "/%2Frestapis",
        "/./restapis",
        "/restapis/",
        "/restapis;x/",
        "/dev/word/../../restapis",
    ];
    let to_api = [
        "//_aws/execute-api/<api>/dev/word",
        "/x/../_aws/execute-api/<api>/dev/word",
        "/./_aws/execute-api/<api>/dev/word",
        "/%5Faws/execute-api/<api>/dev/word",
        "/_AWS/execute-api/<api>/dev/word",
        "/_aws%2Fexecute-api/<api>/dev/word",
        "/restapis/<api>/dev/%5Fuser_request_/word",
        "/restapis/<api>/dev/x/../_user_request_/word",
        "/restapis//<api>/dev/_user_request_/word",
    ];
    let cases = to_control.map(|target| (&by_host, target));
    for (host, target) in cases.into_iter().chain(to_api.map(|target| (&own, target))) {
        let target = target.replace("<api>", &api);
        let request = Request::new("GET", &target, host);
        let answer = tollgate.send(&authorize(request, tollgate.key(), &Scope::default()));
        let told = format!("{host} {target}: {} {}", answer.status, answer.text());
        assert!((400..500).contains(&answer.status), "{told}");
        let is_of_an_api = answer.header("x-amz-apigw-id").is_some();
        assert_eq!(is_of_an_api, *host == by_host, "{told}");
    }
    // An absolute target that names another host than the header is nobody's.
    for (target, host) in [(&by_host, &own), (&own, &by_host)] {
        let target = format!("http://{target}/restapis");
        let request = Request::new("GET", &target, host);
        let answer = tollgate.send(&authorize(request, tollgate.key(), &Scope::default()));
        assert_eq!(answer.status, 400, "{target} {host}: {}", answer.text());
    }
}

#[test]
fn services_are_told_apart_by_the_signature() {
    let tollgate = Tollgate::start(Options::serve(PROGRAM));
    let ask = |service: &str, body: &str| {
        let mut request = Request::new("POST", "/", &tollgate.address().to_string());
        request.body = body.as_bytes().to_vec();
        let request = request.header(
            "Content-Type",
            "application/x-www-form-urlencoded; charset=utf-8",
        );
        let scope = Scope {
            service: service.to_owned(),
            ..Scope::default()
        };
        tollgate.send(&authorize(request, tollgate.key(), &scope))
    };
    let identity = ask("sts", "Action=GetCallerIdentity&Version=2011-06-15").expect(200);
    assert!(
        identity.text().contains("<Account>000000000000</Account>"),
        "{}",
        identity.text()
    );
    let other = ask("dynamodb", "");
    assert_eq!(other.status / 100, 4);
    assert!(other.text().contains("dynamodb"), "{}", other.text());
}

#[test]
fn a_body_beyond_the_limit_is_refused_and_the_next_call_served() {
    let tollgate = Tollgate::start(Options::dev(PROGRAM));
    let answer = tollgate.control_bytes(
        "POST",
        "/restapis?mode=import",
        vec![b' '; 6 * 1024 * 1024 + 1],
    );
    assert_eq!(answer.status, 413, "{}", answer.text());
    assert_eq!(
        answer.header("x-amzn-errortype"),
        Some("RequestEntityTooLargeException")
    );
    tollgate.control("GET", "/restapis", None).expect(200);
}
