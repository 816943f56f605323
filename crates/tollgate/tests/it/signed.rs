//! Methods that ask for a signature, and resource policies: what is refused is explained by statement, value and key, and runs again from a
//! file that holds neither secret nor signature.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tollgate_testkit::{AccessKey, Answer, Options, Request, Scope, Tollgate, authorize};

use crate::commands::{run, said};
use crate::{PROGRAM, making};

/// `GET /word` that asks for a signature and tells who made it, below a policy that denies one host's clients.
fn definition(policy: &Value) -> Value {
    let mut definition = making::mock("\"$context.identity.userArn\"");
    let method = definition.pointer_mut("/paths/~1word/get").unwrap();
    method["x-amazon-apigateway-auth"] = json!({"type": "AWS_IAM"});
    definition["x-amazon-apigateway-policy"] = policy.clone();
    definition
}

fn deny(key: &str, value: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "NotThese", "Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
        "Condition": {"StringEquals": {key: value}},
    }]})
}

fn signed(request: Request, key: &AccessKey) -> Request {
    let scope = Scope {
        service: "execute-api".to_owned(),
        ..Scope::default()
    };
    authorize(request, key, &scope)
}

fn call(tollgate: &Tollgate, api: &str, key: &AccessKey) -> Answer {
    let request = tollgate.api_request(api, "GET", "/dev/word?a=1");
    tollgate.send(&signed(request, key))
}

fn id(answer: &Answer) -> &str {
    answer.header("x-amzn-RequestId").expect("an id")
}

/// The request in a file, and the file's text. It has to run again to the same answer, where there is nothing else.
fn recorded(tollgate: &Tollgate, folder: &Path, answer: &Answer) -> String {
    let file = folder.join(id(answer));
    let path = file.to_str().unwrap();
    said(&run(tollgate, &["record", id(answer), "--output", path]));
    let replayed = Command::new(PROGRAM)
        .args(["replay", path])
        .env_clear()
        .output()
        .unwrap();
    assert!(replayed.status.success(), "{replayed:?}");
    let whole = Command::new("gzip").args(["-dc", path]).output().unwrap();
    String::from_utf8(whole.stdout).unwrap()
}

#[test]
fn refusals_are_explained_and_run_again_without_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let tollgate = Tollgate::start(Options::serve(PROGRAM).data(&folder.path().join("data")));
    let api = making::serve(&tollgate, &definition(&deny("aws:UserAgent", "curl/1")));
    let root = tollgate.key().clone();
    let answer = call(&tollgate, &api, &root).expect(200);
    assert_eq!(answer.text(), "\"arn:aws:iam::000000000000:root\"");
    let told = |answer: &Answer| said(&run(&tollgate, &["explain", id(answer)]));

    let bare = tollgate.api(&api, "GET", "/dev/word").expect(403);
    let text = told(&bare);
    assert!(
        text.contains("the method asks for a signature (AWS_IAM), and the request has none"),
        "{text}"
    );
    recorded(&tollgate, folder.path(), &bare);

    let forged = AccessKey {
        secret: "not the secret".to_owned(),
        ..root.clone()
    };
    let forged = call(&tollgate, &api, &forged).expect(403);
    let text = told(&forged);
    let expected = format!(
        "access key {}: The request signature we calculated",
        root.id
    );
    assert!(text.contains(&expected), "{text}");
    let text = recorded(&tollgate, folder.path(), &forged);
    assert!(
        !text.contains("Signature=") && !text.contains(&root.secret),
        "{text}"
    );

    let request = tollgate.api_request(&api, "GET", "/dev/word");
    let request = signed(request.header("User-Agent", "curl/1"), &root);
    let denied = tollgate.send(&request).expect(403);
    let text = told(&denied);
    for expected in [
        "authorize",
        "denied by statement 1 (NotThese) of the resource-based policy",
        "StringEquals aws:UserAgent: curl/1 beside curl/1: holds",
        &format!(
            "signature of access key {} = arn:aws:iam::000000000000:root",
            root.id
        ),
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let text = recorded(&tollgate, folder.path(), &denied);
    assert!(
        text.contains("\"signed\"") && !text.contains(&root.secret),
        "{text}"
    );
}

/// Nothing is verified, and what is allowed runs again as well.
#[test]
fn in_development_any_key_is_the_roots() {
    let folder = tempfile::tempdir().unwrap();
    let tollgate = Tollgate::start(Options::dev(PROGRAM));
    let api = making::serve(&tollgate, &definition(&deny("aws:UserAgent", "curl/1")));
    let key = AccessKey {
        id: "ANYKEY".to_owned(),
        secret: "any secret".to_owned(),
    };
    let answer = call(&tollgate, &api, &key).expect(200);
    assert_eq!(answer.text(), "\"arn:aws:iam::000000000000:root\"");
    recorded(&tollgate, folder.path(), &answer);
    let request = tollgate.api_request(&api, "GET", "/dev/word");
    let request = request.header("Authorization", "AWS4-HMAC-SHA256 Credential=a");
    let refused = tollgate.send(&request).expect(403);
    assert_eq!(
        refused.header("x-amzn-ErrorType"),
        Some("IncompleteSignatureException")
    );
}
