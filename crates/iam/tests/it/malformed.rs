//! What is no policy: AWS's message, and our place and cause. The messages are those that moto's tests record of AWS, whose 132
//! documents agree but for three (a null among resources, underscores in `Sid`), where the guide says otherwise.

use tollgate_iam::{Kind, Policy, limits};

const SYNTAX: &str = "Syntax errors in policy.";
const LEGACY: &str = "The policy failed legacy parsing";

/// A document with one statement, which lacks nothing but what is said.
fn statement(members: &str) -> String {
    format!("{{\"Version\":\"2012-10-17\",\"Statement\":{{\"Effect\":\"Allow\",{members}}}}}")
}

fn check(document: &str, kind: Kind, message: &str, told: &str) {
    let error = Policy::parse(document, kind).expect_err(document);
    assert_eq!(error.message(), message, "{document}");
    assert_eq!(error.to_string(), told, "{document}");
}

#[test]
fn documents() {
    let two = r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":"s3:Get","Resource":"*"},{"Sid":"a","Effect":"Allow","Action":"s3:Get","Resource":"*"}]}"#;
    for (document, message, told) in [
        ("[]", SYNTAX, "a policy is a JSON object"),
        (
            "{\"Version\":\"2012-10-17\"}",
            SYNTAX,
            "a policy has statements",
        ),
        (
            "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
            SYNTAX,
            "a policy has statements",
        ),
        (
            "{\"Version\":\"2012-10-18\",\"Statement\":[]}",
            SYNTAX,
            "the version is neither 2012-10-17 nor 2008-10-17",
        ),
        ("{\"Id\":1,\"Statement\":[]}", SYNTAX, "Id is no text"),
        (
            "{\"statement\":[]}",
            SYNTAX,
            "a policy has no member \"statement\"",
        ),
        (
            "{\"Version\":\"2008-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}",
            "Policy document must be version 2012-10-17 or greater.",
            "the version is not 2012-10-17",
        ),
        (
            two,
            "Statement IDs (SID) in a single policy must be unique.",
            "the statement id \"a\" comes twice",
        ),
    ] {
        check(document, Kind::Identity, message, told);
    }
}

#[test]
fn statements() {
    for (members, message, told) in [
        (
            r#""Action":"s3:Get""#,
            "Policy statement must contain resources.",
            "statement 1: it names no resource",
        ),
        (
            r#""Resource":"*""#,
            "Policy statement must contain actions.",
            "statement 1: it names no action",
        ),
        (
            r#""Action":[],"Resource":"*""#,
            "Policy statement must contain actions.",
            "statement 1: it names no action",
        ),
        (
            r#""Action":"Get","Resource":"*""#,
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            "statement 1: Action: \"Get\" is no action",
        ),
        (
            r#""Action":"a:b:c","Resource":"*""#,
            "Actions/Condition can contain only one colon.",
            "statement 1: Action: \"a:b:c\" is no action",
        ),
        (
            r#""NotAction":"s 3:b","Resource":"*""#,
            "Vendor s 3 is not valid",
            "statement 1: NotAction: \"s 3:b\" is no action",
        ),
        (
            r#""Action":"*","NotAction":"*","Resource":"*""#,
            SYNTAX,
            "statement 1: both Action and NotAction",
        ),
        (
            r#""Action":1,"Resource":"*""#,
            SYNTAX,
            "statement 1: Action: neither a text nor a list of texts",
        ),
        (
            r#""Action":"*","Resource":"pets""#,
            "Resource pets must be in ARN format or \"*\".",
            "statement 1: Resource: \"pets\" is no ARN",
        ),
        (
            r#""Action":"*","Resource":"arn:awx:s3:::pets""#,
            "Partition \"awx\" is not valid for resource \"arn:awx:s3:::pets\".",
            "statement 1: Resource: \"arn:awx:s3:::pets\" is no ARN",
        ),
        (
            r#""Action":"*","Resource":"a:b""#,
            "Partition \"b\" is not valid for resource \"arn:b:*:*:*:*\".",
            "statement 1: Resource: \"a:b\" is no ARN",
        ),
        (
            r#""Action":"*","Resource":"arn:aws""#,
            "Resource vendor must be fully qualified and cannot contain regexes.",
            "statement 1: Resource: \"arn:aws\" is no ARN",
        ),
        (
            r#""Action":"*","Resource":"arn:aws:s3::pets""#,
            LEGACY,
            "statement 1: Resource: \"arn:aws:s3::pets\" is no ARN",
        ),
        (
            r#""Action":"*","Resource":"arn:aws:sqs:${aws:username}:1:q""#,
            SYNTAX,
            "statement 1: Resource: \"arn:aws:sqs:${aws:username}:1:q\" has a variable before its fifth colon",
        ),
        (
            r#""Action":"*","Resource":"arn:aws:sqs:e:1:${q""#,
            SYNTAX,
            "statement 1: Resource: the variable at \"${q\" does not end",
        ),
        (
            r#""Action":"*","Resource":"arn:aws:iam:us-east-1:1:user/a""#,
            "IAM resource arn:aws:iam:us-east-1:1:user/a cannot contain region information.",
            "statement 1: Resource: \"arn:aws:iam:us-east-1:1:user/a\" is no ARN",
        ),
        (
            r#""Action":"*","Resource":"arn:aws:iam::1:rol*t""#,
            "IAM resource path must either be \"*\" or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.",
            "statement 1: Resource: \"arn:aws:iam::1:rol*t\" is no ARN",
        ),
        (
            r#""Action":"*","Resource":"*","Sid":"a b""#,
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
            "statement 1: Sid is \"a b\"",
        ),
        (
            r#""Action":"*","Resource":"*","Principal":"*""#,
            "Policy document should not specify a principal.",
            "statement 1: Principal: only the policy of a resource names principals",
        ),
        (
            r#""Action":"*","Resource":"*","Action":"*""#,
            SYNTAX,
            "the member \"Action\" twice at line 1 column 90",
        ),
        (
            r#""Action":"*","Resource":"*","Actions":"*""#,
            SYNTAX,
            "statement 1: a statement has no member \"Actions\"",
        ),
        (
            r#""Action":[["*"]],"Resource":"*""#,
            SYNTAX,
            "statement 1: Action: neither a text nor a list of texts",
        ),
    ] {
        check(&statement(members), Kind::Identity, message, told);
    }
    let effects =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"allow","Action":"*","Resource":"*"}}"#;
    check(
        effects,
        Kind::Identity,
        LEGACY,
        "statement 1: Effect is \"allow\"",
    );
}

#[test]
fn conditions() {
    for (condition, message, cause) in [
        (
            r#"{"StringEqual":{"a":"b"}}"#,
            SYNTAX,
            "no operator is called \"StringEqual\"",
        ),
        (
            r#"{"NullIfExists":{"a":"true"}}"#,
            SYNTAX,
            "no operator is called \"NullIfExists\"",
        ),
        (r#"{"Bool":"true"}"#, SYNTAX, "Bool holds no condition keys"),
        (r#"[]"#, SYNTAX, "it is no JSON object"),
        (
            r#"{"StringEquals":{"a":null}}"#,
            SYNTAX,
            "StringEquals a: a value is a text, a number or a truth",
        ),
        (
            r#"{"StringEquals":{"a":"b","A":"c"}}"#,
            SYNTAX,
            "the key \"A\" comes twice",
        ),
        (
            r#"{"StringEquals":{"a":"${}"}}"#,
            LEGACY,
            "StringEquals a: no condition key is called \"\"",
        ),
        (
            r#"{"DateEquals":{"a":"today"}}"#,
            LEGACY,
            "DateEquals a: \"today\" is no date",
        ),
        (
            r#"{"NumericEquals":{"a":["1","x"]}}"#,
            LEGACY,
            "NumericEquals a: \"x\" is no number",
        ),
        (
            r#"{"Bool":{"a":"yes"}}"#,
            LEGACY,
            "Bool a: \"yes\" is neither true nor false",
        ),
        (
            r#"{"Null":{"a":"${b}"}}"#,
            LEGACY,
            "Null a: \"${b}\" is neither true nor false",
        ),
        (
            r#"{"IpAddress":{"a":"10.0.0.0/33"}}"#,
            LEGACY,
            "IpAddress a: \"10.0.0.0/33\" is no address or range of addresses",
        ),
        (
            r#"{"BinaryEquals":{"a":"Q"}}"#,
            LEGACY,
            "BinaryEquals a: \"Q\" is no base64",
        ),
        (
            r#"{"ArnLike":{"a":"arn:aws:s3"}}"#,
            LEGACY,
            "ArnLike a: \"arn:aws:s3\" is no ARN",
        ),
    ] {
        let members = format!(r#""Action":"*","Resource":"*","Condition":{condition}"#);
        let told = format!("statement 1: Condition: {cause}");
        check(&statement(&members), Kind::Identity, message, &told);
    }
}

#[test]
fn principals() {
    for (principal, told) in [
        (
            r#""Principal":{"AWS":"arn:aws:iam::111122223333:user/*"}"#,
            "Principal: \"arn:aws:iam::111122223333:user/*\" is no principal",
        ),
        (
            r#""Principal":{"AWS":"1111"}"#,
            "Principal: \"1111\" is no principal",
        ),
        (
            r#""Principal":{"AWS":"arn:aws:iam::111122223333:group/a"}"#,
            "Principal: \"arn:aws:iam::111122223333:group/a\" is no principal",
        ),
        (
            r#""Principal":{"Service":"*"}"#,
            "Principal: \"*\" is no principal",
        ),
        (
            r#""Principal":{"aws":"*"}"#,
            "Principal: no kind of principal is called \"aws\"",
        ),
        (
            r#""Principal":"me""#,
            "Principal: neither \"*\" nor a map of principals",
        ),
        (r#""Principal":{}"#, "Principal: it names nobody"),
        (
            r#""Principal":"*","NotPrincipal":"*""#,
            "both Principal and NotPrincipal",
        ),
    ] {
        let document = statement(&format!(r#""Action":"*","Resource":"*",{principal}"#));
        let error = Policy::parse(&document, Kind::Resource).expect_err(principal);
        assert_eq!(error.to_string(), format!("statement 1: {told}"));
    }
    let invalid = statement(r#""Action":"*","Resource":"*","Principal":{"AWS":"a"}"#);
    let error = Policy::parse(&invalid, Kind::Resource).unwrap_err();
    assert_eq!(
        error.message(),
        "Invalid principal in policy: \"AWS\":\"a\""
    );
    let none = statement(r#""Action":"*","Resource":"*""#);
    check(
        &none,
        Kind::Resource,
        "Missing required field Principal",
        "statement 1: it names no principal",
    );
}

#[test]
fn trust_policies() {
    let with_resource = statement(r#""Action":"sts:AssumeRole","Principal":"*","Resource":"*""#);
    check(
        &with_resource,
        Kind::Trust,
        "Has prohibited field Resource",
        "statement 1: Resource: a trust policy names no resource",
    );
    let json = Policy::parse("{", Kind::Trust).unwrap_err();
    assert_eq!(json.message(), "This policy contains invalid Json");
}

/// Of several rules that are broken the first in AWS's order is told, wherever it stands.
#[test]
fn the_first_rule_is_told() {
    let document = r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Action":"s:3:b","Resource":"pets"},{"Effect":"allow"}]}"#;
    check(
        document,
        Kind::Identity,
        "Policy document must be version 2012-10-17 or greater.",
        "the version is not 2012-10-17",
    );
    let newer = document.replace("2008", "2012");
    check(
        &newer,
        Kind::Identity,
        LEGACY,
        "statement 2: Effect is \"allow\"",
    );
    let known = newer.replace("allow", "Allow");
    check(
        &known,
        Kind::Identity,
        "Policy statement must contain actions.",
        "statement 2: it names no action",
    );
    let acting = known.replace(
        "\"Allow\"}",
        "\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}",
    );
    check(
        &acting,
        Kind::Identity,
        "Resource pets must be in ARN format or \"*\".",
        "statement 1: Resource: \"pets\" is no ARN",
    );
}

#[test]
fn what_is_too_large() {
    let long = "a".repeat(limits::VALUE_BYTES_MAX);
    let value = statement(&format!(r#""Action":"s3:{long}","Resource":"*""#));
    check(
        &value,
        Kind::Identity,
        SYNTAX,
        "statement 1: Action: more than 4096 bytes in one value",
    );
    let whole = " ".repeat(limits::DOCUMENT_BYTES_MAX + 1);
    check(&whole, Kind::Identity, SYNTAX, "more than 131072 bytes");
    let one = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    let many = vec![one; limits::STATEMENTS_MAX + 1].join(",");
    let many = format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{many}]}}");
    check(&many, Kind::Identity, SYNTAX, "more than 1000 statements");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100));
    assert!(Policy::parse(&deep, Kind::Resource).is_err());
}

/// Older documents stand in AWS's own examples of policies of resources and roles, and authorizers write what they like.
#[test]
fn what_is_taken() {
    let document = r#"{"Id":"any","Statement":[{"Sid":"a b","Effect":"Allow","Action":["s3:Get*"],"Resource":["arn:aws:sqs"],"Condition":{"StringLik":{}}}]}"#;
    assert!(Policy::parse(document, Kind::Authorizer).is_ok());
    assert!(Policy::parse(document, Kind::Identity).is_err());
    let trust = r#"{"Version":"2008-10-17","Statement":{"Sid":"","Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":["ec2.amazonaws.com"],"AWS":["AROAEXAMPLEEXAMPLE1","111122223333"],"Federated":"cognito-identity.amazonaws.com","CanonicalUser":"79a5"}}}"#;
    let policy = Policy::parse(trust, Kind::Trust)
        .expect("a trust policy")
        .named("trust");
    assert_eq!(policy.statements(), 1);
}
