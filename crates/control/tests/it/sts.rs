//! GetCallerIdentity, which clients ask first. Shapes after the STS API reference; codes after recorded refusals of it
//! (`SignatureDoesNotMatch`, 15 minutes).

use tollgate_control::RootKey;
use tollgate_sigv4::{Moment, Request, Signer};

use crate::fixture::{Answered, Fixture, NOW_MS, authorization};

async fn ask(fixture: &Fixture, region: &str, form: &str) -> Answered {
    let scope = authorization(&format!("{region}/sts"));
    let headers = [
        ("Host", "localhost"),
        ("Authorization", scope.as_str()),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    fixture.send("POST", "/", &headers, form.as_bytes()).await
}

#[tokio::test]
async fn who_am_i() {
    let fixture = Fixture::new();
    for (region, partition) in [
        ("eu-west-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
    ] {
        let answer = ask(
            &fixture,
            region,
            "Action=GetCallerIdentity&Version=2011-06-15",
        )
        .await;
        let id = &answer.headers["x-amzn-requestid"];
        let expect = format!(
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
             <UserId>000000000000</UserId><Account>000000000000</Account><Arn>arn:{partition}:iam::000000000000:root</Arn>\
             </GetCallerIdentityResult><ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata>\
             </GetCallerIdentityResponse>"
        );
        assert_eq!((answer.status, answer.text), (200, expect));
        assert_eq!(answer.headers["content-type"], "text/xml");
    }
}

#[tokio::test]
async fn in_the_query_of_a_get() {
    let fixture = Fixture::new();
    let scope = authorization("us-east-1/sts");
    let target = "/?Action=GetCallerIdentity&Version=2011-06-15";
    let answer = fixture
        .send(
            "GET",
            target,
            &[("Host", "localhost"), ("Authorization", &scope)],
            b"",
        )
        .await;
    assert!(answer.text.contains(":root</Arn>"), "{}", answer.text);
}

#[tokio::test]
async fn refusals_are_xml() {
    let fixture = Fixture::new();
    for (form, code, message) in [
        (
            "Action=GetFederationToken",
            "BadRequest",
            "Tollgate does not serve GetFederationToken yet",
        ),
        (
            "Action=Foo%3C&Version=2011-06-15",
            "InvalidAction",
            "Could not find operation Foo&lt; for version 2011-06-15",
        ),
        ("Version=2011-06-15", "MissingAction", "Missing Action"),
        ("", "MissingAction", "Missing Action"),
    ] {
        let answer = ask(&fixture, "us-east-1", form).await;
        let expect = format!(
            "<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        );
        assert_eq!(answer.status, 400, "{form}");
        assert!(answer.text.contains(&expect), "{}", answer.text);
    }
}

#[tokio::test]
async fn signatures() {
    let key = RootKey {
        id: "AKID".to_owned(),
        secret: "secret".to_owned(),
        account: "111111111111".to_owned(),
    };
    let fixture = Fixture::known(vec![key]);
    let body = b"Action=GetCallerIdentity&Version=2011-06-15";
    let minute = 60_000;
    for (access_key, secret, at, expect) in [
        (
            "AKID",
            "secret",
            NOW_MS - 15 * minute,
            "<Account>111111111111</Account>",
        ),
        (
            "AKID",
            "other",
            NOW_MS,
            "<Code>SignatureDoesNotMatch</Code>",
        ),
        (
            "NONE",
            "secret",
            NOW_MS,
            "<Code>InvalidClientTokenId</Code><Message>The security token included in the request is invalid.</Message>",
        ),
        (
            "AKID",
            "secret",
            NOW_MS - 16 * minute,
            "<Code>SignatureDoesNotMatch</Code><Message>Signature expired: 20251231T234400Z is now earlier than 20251231T234500Z (20260101T000000Z - 15 min.)</Message>",
        ),
    ] {
        let signer = Signer {
            access_key: access_key.to_owned(),
            secret: secret.to_owned(),
            session_token: None,
            region: "us-east-1".to_owned(),
            service: "sts".to_owned(),
        };
        let host: &[(&str, &[u8])] = &[("Host", b"localhost")];
        let request = Request {
            method: "POST",
            path: "/",
            query: "",
            headers: host,
            body,
        };
        let added = signer.sign(&request, Moment::from_ms(at));
        let added = added
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let headers: Vec<_> = [("Host", "localhost")].into_iter().chain(added).collect();
        let answer = fixture.send("POST", "/", &headers, body).await;
        assert!(answer.text.contains(expect), "{}", answer.text);
    }
}
