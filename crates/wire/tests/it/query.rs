//! awsQuery: what forms are read as, and what answers look like.
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

use tollgate_wire::iam::{
    CreateRole, CreateRoleResponse, ListUsers, ListUsersResponse, Role, SimulateCustomPolicy,
    TagUser, UntagUser, User,
};
use tollgate_wire::query::{self, Fault, Form};
use tollgate_wire::{Operation, Timestamp, iam, json, sts};

/// The input as JSON, or the refusal.
fn read<O: Operation>(form: &str) -> String {
    let decoded = Form::read(form.as_bytes()).and_then(|form| query::decode::<O>(&form));
    match decoded {
        Ok(input) => String::from_utf8(json::to_vec(&input)).expect("JSON is text"),
        Err(error) => format!("{:?}: {}", error.kind, error.message),
    }
}

#[test]
fn lists_and_structures() {
    for (form, expect) in [
        (
            "Action=TagUser&Version=1&UserName=a&Tags.member.1.Key=k&Tags.member.1.Value=v",
            r#"{"UserName":"a","Tags":[{"Key":"k","Value":"v"}]}"#,
        ),
        (
            "UserName=a&Tags.member.10.Key=ten&Tags.member.2.Key=two&Tags.member.2.Value=&Tags.member.10.Value=",
            r#"{"UserName":"a","Tags":[{"Key":"two","Value":""},{"Key":"ten","Value":""}]}"#,
        ),
        ("UserName=a&Tags=", r#"{"UserName":"a","Tags":[]}"#),
        (
            "UserName=a&Tags.member.x.Key=k",
            "Serialization: x is no place in a list",
        ),
        (
            "UserName=a",
            "Validation: 1 validation error detected: Value null at 'tags' failed to satisfy constraint: Member must not be null",
        ),
        (
            "UserName=a+b&Tags=",
            "Validation: 1 validation error detected: Value 'a b' at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+",
        ),
    ] {
        assert_eq!(read::<TagUser>(form), expect, "{form}");
    }
    assert_eq!(
        read::<UntagUser>("UserName=a&TagKeys.member.1=x&TagKeys.member.2=%C3%A9"),
        r#"{"UserName":"a","TagKeys":["x","é"]}"#
    );
    assert_eq!(
        read::<SimulateCustomPolicy>(
            "PolicyInputList.member.1=%7B%7D&ActionNames.member.1=a%3Ab&ContextEntries.member.1.ContextKeyName=aws%3Ausername&ContextEntries.member.1.ContextKeyValues.member.1=x"
        ),
        r#"{"PolicyInputList":["{}"],"ActionNames":["a:b"],"ContextEntries":[{"ContextKeyName":"aws:username","ContextKeyValues":["x"]}]}"#
    );
}

#[test]
fn numbers_and_truths() {
    for (form, expect) in [
        ("MaxItems=10", r#"{"MaxItems":10}"#),
        (
            "MaxItems=ten",
            "Serialization: class java.lang.String can not be converted to an Integer",
        ),
        (
            "MaxItems=",
            "Serialization: class java.lang.String can not be converted to an Integer",
        ),
        (
            "MaxItems=0",
            "Validation: 1 validation error detected: Value '0' at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1",
        ),
        ("Unknown=1&Unknown.member.1=2", "{}"),
    ] {
        assert_eq!(read::<ListUsers>(form), expect, "{form}");
    }
}

#[test]
fn answers() {
    let role = Role {
        role_name: Some("a<b".to_owned()),
        max_session_duration: Some(3600),
        create_date: Some(Timestamp::from_ms(1_767_225_600_123)),
        ..Role::default()
    };
    let answer = query::encode::<CreateRole>(
        &CreateRoleResponse { role: Some(role) },
        iam::NAMESPACE,
        "id",
    );
    assert_eq!(answer.status, 200);
    assert_eq!(
        String::from_utf8(answer.body).expect("text"),
        "<CreateRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><CreateRoleResult><Role>\
         <RoleName>a&lt;b</RoleName><CreateDate>2026-01-01T00:00:00Z</CreateDate>\
         <MaxSessionDuration>3600</MaxSessionDuration></Role></CreateRoleResult>\
         <ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></CreateRoleResponse>"
    );
}

#[test]
fn lists_in_answers_and_answers_without_a_result() {
    let users = ListUsersResponse {
        users: Some(vec![User::default(), User::default()]),
        is_truncated: Some(false),
        marker: None,
    };
    let answer = query::encode::<ListUsers>(&users, "n", "id");
    let text = String::from_utf8(answer.body).expect("text");
    let list = "<Users><member></member><member></member></Users><IsTruncated>false</IsTruncated>";
    assert!(text.contains(list), "{text}");
    let nothing = query::encode::<TagUser>(&(), "n", "id");
    assert_eq!(
        String::from_utf8(nothing.body).expect("text"),
        "<TagUserResponse xmlns=\"n\"><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></TagUserResponse>"
    );
}

#[test]
fn refusals() {
    let fault = Fault {
        status: 404,
        code: "NoSuchEntity",
        message: "no <user>",
    };
    let answer = query::encode_fault(&fault, sts::NAMESPACE, "id");
    assert_eq!(answer.status, 404);
    assert_eq!(
        String::from_utf8(answer.body).expect("text"),
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
         <Code>NoSuchEntity</Code><Message>no &lt;user&gt;</Message></Error><RequestId>id</RequestId></ErrorResponse>"
    );
}
