//! AWS's words for each fault, in AWS's order.

use tollgate_sigv4::{Authorization, Fault};

use crate::message::{Message, NOW};

fn signed() -> Message {
    Message::new("GET", "/restapis", "limit=5", "").signed()
}

fn check(name: &str, message: Message, fault: Fault, text: &str) {
    check_at(name, message, NOW, fault, text);
}

fn check_at(name: &str, message: Message, now: &str, fault: Fault, text: &str) {
    let refusal = message.verify_at(now, Some("us-east-1")).expect_err(name);
    assert_eq!(
        (refusal.fault, refusal.message.as_str()),
        (fault, text),
        "{name}"
    );
}

/// The header with one part of it replaced.
fn with(from: &str, to: &str) -> Message {
    let mut message = signed();
    let header = String::from_utf8(message.header("authorization").clone()).expect("text");
    assert!(header.contains(from), "{header}");
    message.set("Authorization", &header.replace(from, to))
}

#[test]
fn nothing_or_something_else() {
    check(
        "nothing",
        signed().without("authorization"),
        Fault::Missing,
        "Missing Authentication Token",
    );
    check(
        "a bearer token",
        signed().set("Authorization", "Bearer abc"),
        Fault::Incomplete,
        "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): 'ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='.",
    );
    check(
        "no algorithm",
        signed().set("Authorization", "Credential=a"),
        Fault::Incomplete,
        "Authorization header must begin with the algorithm name, which cannot include an equal-sign",
    );
}

#[test]
fn every_missing_part_is_named() {
    let text = "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' \
                parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires \
                existence of either a 'X-Amz-Date' or a 'Date' header. (Hashed with SHA-256 and encoded with Base64) \
                Authorization=YI2YWea8FSxnksZL2ETHbs5elHm9HQufxTLK0W0ffV0=";
    let message = signed()
        .without("x-amz-date")
        .set("Authorization", "AWS4-HMAC-SHA256");
    check(
        "nothing but the algorithm",
        message,
        Fault::Incomplete,
        text,
    );
}

#[test]
fn dates() {
    check(
        "no date",
        signed().set("X-Amz-Date", "2026-01-01"),
        Fault::Incomplete,
        "Date must be in ISO-8601 'basic format'. Got '2026-01-01'. See http://en.wikipedia.org/wiki/ISO_8601",
    );
    check_at(
        "old",
        signed(),
        "20260101T120501Z",
        Fault::Invalid,
        "Signature expired: 20260101T120000Z is now earlier than 20260101T120001Z (20260101T120501Z - 5 min.)",
    );
    check_at(
        "new",
        signed(),
        "20260101T115459Z",
        Fault::Invalid,
        "Signature not yet current: 20260101T120000Z is still later than 20260101T115959Z (20260101T115459Z + 5 min.)",
    );
    for now in ["20260101T120500Z", "20260101T115500Z"] {
        assert_eq!(signed().verify_at(now, None), Ok(()), "{now}");
    }
}

#[test]
fn the_date_may_be_http_s() {
    let message = signed()
        .without("x-amz-date")
        .set("Date", "Thu, 01 Jan 2026 12:00:00 GMT");
    let refusal = message.verify().expect_err("x-amz-date was signed");
    assert!(
        refusal.message.contains("\n20260101T120000Z\n"),
        "{}",
        refusal.message
    );
}

#[test]
fn signed_headers() {
    let text = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
    check(
        "no host",
        with("SignedHeaders=host;", "SignedHeaders="),
        Fault::Invalid,
        text,
    );
    let text = "'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization.";
    check("no date", with(";x-amz-date", ""), Fault::Invalid, text);
}

#[test]
fn signed_headers_come_lower_case_sorted_and_once() {
    for list in [
        "Host;x-amz-date",
        "x-amz-date;host",
        "host;host;x-amz-date",
        "host;;x-amz-date",
        ";host;x-amz-date",
    ] {
        let refusal = with("host;x-amz-date", list).verify().expect_err(list);
        assert!(
            refusal.message.contains("\nhost;x-amz-date\n"),
            "{}",
            refusal.message
        );
    }
}

#[test]
fn algorithm_and_credential() {
    let text = "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only AWS4-HMAC-SHA256 for now). ";
    check(
        "another algorithm",
        with("HMAC-SHA256", "HMAC-SHA25"),
        Fault::Incomplete,
        text,
    );
    let text = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
                'AKIDEXAMPLE/20260101/us-east-1/apigateway'";
    check(
        "four parts",
        with("/aws4_request", ""),
        Fault::Incomplete,
        text,
    );
    let text = "Credential should be scoped to a valid region, not 'c'. Credential should be scoped to correct \
                service: 'apigateway'. Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. \
                Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: 'b' != \
                '20260101', from '20260101T120000Z'.";
    check(
        "all wrong",
        with("20260101/us-east-1/apigateway/aws4_request", "b/c/d/e"),
        Fault::Invalid,
        text,
    );
    let text = "The security token included in the request is invalid.";
    check(
        "unknown key",
        with("AKIDEXAMPLE", "AKID"),
        Fault::UnknownKey,
        text,
    );
}

#[test]
fn any_region_has_the_shape_of_one() {
    let refusal = with("/us-east-1/", "/US EAST/")
        .verify()
        .expect_err("no region");
    assert_eq!(
        refusal.message,
        "Credential should be scoped to a valid region, not 'US EAST'."
    );
}

#[test]
fn another_signature() {
    let text = "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String \
                for this request should have \
                been\n'GET\n/restapis\nlimit=5\nhost:localhost:4566\nx-amz-date:20260101T120000Z\n\nhost;\
                x-amz-date\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'\n\nThe String-to-Sign \
                should have been\n'AWS4-HMAC-SHA256\n20260101T120000Z\n20260101/us-east-1/apigateway/aws4_request\n";
    for signature in [
        "",
        "0",
        "zz",
        &"0".repeat(64),
        &"F".repeat(64),
        &"0".repeat(66),
    ] {
        let mut message = signed();
        let header = String::from_utf8(message.header("authorization").clone()).expect("text");
        let (rest, _) = header.split_once("Signature=").expect("a signature");
        let header = format!("{rest}Signature={signature}");
        let refusal = message
            .set("Authorization", &header)
            .verify()
            .expect_err("another signature");
        assert_eq!(refusal.fault, Fault::Invalid);
        assert!(refusal.message.starts_with(text), "{}", refusal.message);
        assert!(refusal.message.ends_with("'\n"), "{}", refusal.message);
    }
}

#[test]
fn bodies_that_are_not_signed() {
    for kind in [
        "UNSIGNED-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    ] {
        let mut message = Message::new("PUT", "/a", "", "x");
        message
            .headers
            .push(("X-Amz-Content-Sha256".to_owned(), kind.as_bytes().to_vec()));
        let text = format!("Tollgate does not take {kind}: sign the hash of the body");
        check(kind, message.signed(), Fault::Unsupported, &text);
    }
    let mut message = Message::new("PUT", "/a", "", "x");
    message.headers.push((
        "X-Amz-Content-Sha256".to_owned(),
        "0".repeat(64).into_bytes(),
    ));
    assert_eq!(
        message.signed().verify().map_err(|refusal| refusal.fault),
        Err(Fault::Invalid)
    );
}

#[test]
fn session_tokens() {
    let mut message = Message::new("GET", "/a", "", "");
    message.token = Some("one".to_owned());
    let message = message.signed();
    assert_eq!(message.verify(), Ok(()));
    for token in [None, Some("two".to_owned())] {
        check(
            "another token",
            Message {
                token,
                ..message.clone()
            },
            Fault::UnknownKey,
            "The security token included in the request is invalid.",
        );
    }
}

#[test]
fn the_shape_alone() {
    let shape = |header: &str| Authorization::read(header).and_then(|it| it.shape());
    let (key, scope) = shape(
        "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/sts/aws4_request,SignedHeaders=host,Signature=0",
    )
    .expect("a header of this shape");
    assert_eq!(
        (key.as_str(), scope.region.as_str(), scope.service.as_str()),
        ("test", "eu-west-1", "sts")
    );
    for header in [
        "",
        "Bearer x",
        "Basic dGVzdDp0ZXN0",
        "AWS4-HMAC-SHA256",
        "AWS test:0",
        "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=0",
        "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=0",
    ] {
        assert!(shape(header).is_err(), "{header}");
    }
}
