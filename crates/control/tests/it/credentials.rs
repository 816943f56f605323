//! Who may call. The texts are AWS's as seen in answers to real clients; those that name Tollgate are ours.

use tollgate_control::RootKey;
use tollgate_sigv4::{Moment, Request, Signer};

use crate::fixture::{ACCOUNT, Answered, Fixture, NOW_MS, authorization};

const OK: &str = "200";
const INVALID_TOKEN: &str =
    "403 UnrecognizedClientException: The security token included in the request is invalid.";

/// The status, with the refusal if it is one.
fn told(answer: &Answered) -> String {
    match answer.status {
        200 => OK.to_owned(),
        status => format!("{status} {}", answer.refusal()),
    }
}

async fn check(fixture: &Fixture, cases: &[(&[(&str, &str)], &str)]) {
    for (headers, expect) in cases {
        let answer = fixture.send("GET", "/restapis", headers, b"").await;
        assert_eq!(&told(&answer), expect, "{headers:?}");
    }
}

#[tokio::test]
async fn development_takes_any_key_but_wants_the_shape() {
    let fixture = Fixture::new();
    let ours = authorization("us-east-1/apigateway");
    let four = "AWS4-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=host, Signature=0";
    let wrong_end = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/apigateway/aws5, SignedHeaders=host, Signature=0";
    let no_region = "AWS4-HMAC-SHA256 Credential=a/20260101//apigateway/aws4_request, SignedHeaders=host, Signature=0";
    let host = ("Host", "localhost:4566");
    check(
        &fixture,
        &[
            (&[host, ("Authorization", &ours)], OK),
            (&[host], "403 MissingAuthenticationTokenException: Missing Authentication Token"),
            (
                &[host, ("Authorization", "Bearer x")],
                "403 IncompleteSignatureException: Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): 'LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE='.",
            ),
            (
                &[host, ("Authorization", "AWS4-HMAC-SHA256")],
                "403 IncompleteSignatureException: Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. (Hashed with SHA-256 and encoded with Base64) Authorization=YI2YWea8FSxnksZL2ETHbs5elHm9HQufxTLK0W0ffV0=",
            ),
            (
                &[host, ("Authorization", four)],
                "403 IncompleteSignatureException: Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b/c/d'",
            ),
            (
                &[host, ("Authorization", wrong_end)],
                "403 InvalidSignatureException: Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'.",
            ),
            (
                &[host, ("Authorization", no_region)],
                "403 InvalidSignatureException: Credential should be scoped to a valid region, not ''.",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn no_web_page_drives_development() {
    let fixture = Fixture::new();
    let ours = authorization("us-east-1/apigateway");
    let own = ("Authorization", ours.as_str());
    let host = ("Host", "localhost:4566");
    let page = |what: &str| {
        format!(
            "403 AccessDeniedException: Tollgate does not take control calls of web pages ({what})"
        )
    };
    let foreign = page("Origin: https://evil.example");
    let cross = page("Sec-Fetch-Site: cross-site");
    let same = page("Sec-Fetch-Site: same-origin");
    let served_here = page("Origin: http://localhost:4566");
    let rebound = "403 AccessDeniedException: Tollgate does not take control calls for the host 'evil.example:4566'; call localhost, or add the host to the configuration";
    check(
        &fixture,
        &[
            (&[host, own, ("Sec-Fetch-Site", "none")], OK),
            (&[host, own, ("Sec-Fetch-Site", "same-site"), ("Origin", "http://localhost:5173")], OK),
            (&[("Host", "tollgate:4566"), own], OK),
            (&[host, own, ("Origin", "https://evil.example")], &foreign),
            (&[host, own, ("Origin", "http://localhost:4566")], &served_here),
            (&[host, own, ("Sec-Fetch-Site", "cross-site")], &cross),
            (&[host, own, ("Sec-Fetch-Site", "same-origin")], &same),
            (&[("Host", "evil.example:4566"), own], rebound),
            (
                &[host, ("Host", "evil.example"), own],
                "403 AccessDeniedException: Tollgate does not take control calls with two headers host",
            ),
            (
                &[own],
                "403 AccessDeniedException: Tollgate does not take control calls for the host ''; call localhost, or add the host to the configuration",
            ),
        ],
    )
    .await;
}

fn keys() -> Vec<RootKey> {
    let key = |id: &str, account: &str| RootKey {
        id: id.to_owned(),
        secret: format!("secret of {id}"),
        account: account.to_owned(),
    };
    vec![key("AKIDONE", ACCOUNT), key("AKIDTWO", "222222222222")]
}

struct Signed {
    signer: Signer,
    moment: Moment,
    target: &'static str,
    body: &'static [u8],
}

impl Signed {
    fn new() -> Self {
        let signer = Signer {
            access_key: "AKIDONE".to_owned(),
            secret: "secret of AKIDONE".to_owned(),
            session_token: None,
            region: "eu-west-1".to_owned(),
            service: "apigateway".to_owned(),
        };
        Self {
            signer,
            moment: Moment::from_ms(NOW_MS),
            target: "/restapis?limit=5",
            body: b"",
        }
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Sends it as signed, with more headers.
    async fn send(&self, fixture: &Fixture, method: &str, more: &[(&str, &str)]) -> Answered {
        let (path, query) = self.target.split_once('?').unwrap_or((self.target, ""));
        let host: &[(&str, &[u8])] = &[("Host", b"localhost")];
        let request = Request {
            method,
            path,
            query,
            headers: host,
            body: self.body,
        };
        let added = self.signer.sign(&request, self.moment);
        let added = added
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let headers: Vec<_> = [("Host", "localhost")]
            .into_iter()
            .chain(added)
            .chain(more.iter().copied())
            .collect();
        fixture.send(method, self.target, &headers, self.body).await
    }
}

#[tokio::test]
async fn keys_are_verified() {
    let fixture = Fixture::known(keys());
    let minutes = |minutes: i64| Moment::from_ms(NOW_MS.saturating_add_signed(minutes * 60_000));
    let cases = [
        ("the key", Signed::new(), OK),
        (
            "another account's",
            Signed::new().with(|it| {
                it.signer.access_key = "AKIDTWO".to_owned();
                it.signer.secret = "secret of AKIDTWO".to_owned();
            }),
            OK,
        ),
        (
            "nobody's",
            Signed::new().with(|it| it.signer.access_key = "AKIDNONE".to_owned()),
            INVALID_TOKEN,
        ),
        (
            "a session token that is not the key's",
            Signed::new().with(|it| it.signer.session_token = Some("t".to_owned())),
            INVALID_TOKEN,
        ),
        (
            "five minutes old",
            Signed::new().with(|it| it.moment = minutes(-5)),
            OK,
        ),
        (
            "six minutes old",
            Signed::new().with(|it| it.moment = minutes(-6)),
            "403 InvalidSignatureException: Signature expired: 20251231T235400Z is now earlier than 20251231T235500Z (20260101T000000Z - 5 min.)",
        ),
        (
            "six minutes ahead",
            Signed::new().with(|it| it.moment = minutes(6)),
            "403 InvalidSignatureException: Signature not yet current: 20260101T000600Z is still later than 20260101T000500Z (20260101T000000Z + 5 min.)",
        ),
    ];
    for (name, signed, expect) in cases {
        assert_eq!(
            told(&signed.send(&fixture, "GET", &[]).await),
            expect,
            "{name}"
        );
    }
}

#[tokio::test]
async fn what_is_not_as_signed_is_refused() {
    let fixture = Fixture::known(keys());
    let wrong = Signed::new().with(|it| it.signer.secret = "another".to_owned());
    let answer = wrong.send(&fixture, "GET", &[]).await;
    let start = "403 InvalidSignatureException: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'GET\n/restapis\nlimit=5\n";
    assert!(told(&answer).starts_with(start), "{}", told(&answer));

    let more = Signed::new()
        .send(&fixture, "GET", &[("X-Amz-Target", "x")])
        .await;
    let text = "403 InvalidSignatureException: 'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.";
    assert_eq!(told(&more), text);

    let answer = fixture
        .send(
            "GET",
            "/restapis",
            &[
                ("Host", "localhost"),
                ("Authorization", &authorization("us-east-1/apigateway")),
            ],
            b"",
        )
        .await;
    assert!(told(&answer).starts_with("403 IncompleteSignatureException: Authorization header requires existence of either a 'X-Amz-Date'"));
}

/// A key sees its own account's things, in the region that it signs for, and nothing else.
#[tokio::test]
async fn accounts_and_regions_are_apart() {
    let fixture = Fixture::known(keys());
    let create = Signed::new().with(|it| {
        it.target = "/restapis";
        it.body = br#"{"name":"pets"}"#;
    });
    assert_eq!(create.send(&fixture, "POST", &[]).await.status, 201);
    let count = async |signed: Signed| {
        let answer = signed.send(&fixture, "GET", &[]).await;
        answer.json()["item"].as_array().expect("a list").len()
    };
    assert_eq!(count(Signed::new()).await, 1);
    assert_eq!(
        count(Signed::new().with(|it| it.signer.region = "us-east-1".to_owned())).await,
        0
    );
    assert_eq!(
        count(Signed::new().with(|it| {
            it.signer.access_key = "AKIDTWO".to_owned();
            it.signer.secret = "secret of AKIDTWO".to_owned();
        }))
        .await,
        0
    );
}

#[tokio::test]
async fn the_body_is_part_of_what_is_signed() {
    let fixture = Fixture::known(keys());
    let host: &[(&str, &[u8])] = &[("Host", b"localhost")];
    let request = Request {
        method: "POST",
        path: "/restapis",
        query: "",
        headers: host,
        body: br#"{"name":"pets"}"#,
    };
    let added = Signed::new().signer.sign(&request, Moment::from_ms(NOW_MS));
    let added = added
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let headers: Vec<_> = [("Host", "localhost")].into_iter().chain(added).collect();
    let answer = fixture
        .send("POST", "/restapis", &headers, br#"{"name":"evil"}"#)
        .await;
    assert_eq!(answer.status, 403);
    let answer = fixture
        .send("POST", "/restapis", &headers, br#"{"name":"pets"}"#)
        .await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn other_services_are_named() {
    let fixture = Fixture::new();
    let lambda = authorization("us-east-1/lambda");
    let answer = fixture
        .send(
            "GET",
            "/2015-03-31/functions",
            &[("Host", "localhost"), ("Authorization", &lambda)],
            b"",
        )
        .await;
    assert_eq!(
        told(&answer),
        "400 BadRequestException: Tollgate does not serve the service lambda yet"
    );
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_is_hashed() {
    let fixture = Fixture::known(keys());
    let answer = fixture
        .send(
            "POST",
            "/restapis",
            &[("Host", "localhost")],
            &vec![b' '; 6 * 1024 * 1024 + 1],
        )
        .await;
    assert_eq!(
        told(&answer),
        "413 RequestEntityTooLargeException: Request body exceeds the limit of 6291456 bytes"
    );
}

/// AWS's clients sign addresses; what is refused of them is in the tests of the crate `sigv4`.
#[tokio::test]
async fn signed_addresses_are_verified() {
    let fixture = Fixture::known(keys());
    let host = [("Host", "localhost")];
    let signed = Signed::new();
    let address = |method: &str, path: &str, query: &str| {
        let request = Request {
            method,
            path,
            query,
            headers: &[("Host", b"localhost")],
            body: b"",
        };
        let query = signed.signer.presign(&request, signed.moment, 60);
        format!("{path}?{query}")
    };
    let list = address("GET", "/restapis", "limit=5");
    let told = async |method: &str, target: &str, headers: &[(&str, &str)]| {
        told(&fixture.send(method, target, headers, b"").await)
    };
    assert_eq!(told("GET", &list, &host).await, OK);
    let mismatch = told("GET", &list.replace("limit=5", "limit=6"), &host).await;
    assert!(mismatch.starts_with("403 InvalidSignatureException: The request signature"));
    assert!(
        told("DELETE", &list, &host)
            .await
            .starts_with("403 InvalidSignatureException")
    );
    // The parameters of the signature are none of the operation, which takes any.
    let import = address("POST", "/restapis", "mode=import");
    assert_eq!(
        told("POST", &import, &host).await,
        "400 ValidationException: 1 validation error detected: Value null at 'importRestApiInput.body' failed to satisfy constraint: Member must not be null"
    );
    let document = br#"{"openapi":"3.0.1","info":{"title":"a","version":"1"},"paths":{}}"#;
    let request = Request {
        method: "POST",
        path: "/restapis",
        query: "mode=import",
        headers: &[("Host", b"localhost")],
        body: document,
    };
    let query = signed.signer.presign(&request, signed.moment, 60);
    let target = format!("/restapis?{query}");
    assert_eq!(
        fixture.send("POST", &target, &host, document).await.status,
        201
    );
    fixture.pass_ms(61_000);
    assert_eq!(
        told("GET", &list, &host).await,
        "403 InvalidSignatureException: Signature expired: 20260101T000000Z is now earlier than 20260101T000001Z (20260101T000101Z - 60 sec.)"
    );
}

/// Nothing is verified in development, and a page may make a browser follow any address.
#[tokio::test]
async fn signed_addresses_change_nothing_in_development() {
    let fixture = Fixture::new();
    let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2F20260101%2Fus-east-1%2Fapigateway%2Faws4_request\
        &X-Amz-Date=20260101T000000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=0";
    let (list, host) = (format!("/restapis?{query}"), ("Host", "localhost"));
    assert_eq!(told(&fixture.send("GET", &list, &[host], b"").await), OK);
    let refused = "403 AccessDeniedException: Tollgate takes signatures in the query string with GET only in development: send an Authorization header";
    for method in ["POST", "DELETE", "PUT", "PATCH"] {
        let answer = fixture
            .send(method, &list, &[host], b"{\"name\":\"a\"}")
            .await;
        assert_eq!(told(&answer), refused, "{method}");
    }
    let page = [host, ("Sec-Fetch-Site", "cross-site")];
    assert_eq!(fixture.send("GET", &list, &page, b"").await.status, 403);
}
