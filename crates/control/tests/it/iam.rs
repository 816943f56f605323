//! IAM's refusals, row by row. Texts of AWS as LocalStack and moto have recorded them; those that name Tollgate are ours.

use crate::fixture::{Answered, Fixture, authorization};

const TRUST: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%22%2A%22%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%7D";
const ALLOW: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22a%3Ab%22%2C%22Resource%22%3A%22%2A%22%7D%7D";

async fn ask(fixture: &Fixture, form: &str) -> Answered {
    let scope = authorization("us-east-1/iam");
    let headers = [
        ("Host", "localhost"),
        ("Authorization", scope.as_str()),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let form = form.replace("TRUST", TRUST).replace("ALLOW", ALLOW);
    fixture.send("POST", "/", &headers, form.as_bytes()).await
}

/// The status, and of a refusal its code and message.
async fn told(fixture: &Fixture, form: &str) -> String {
    let answer = ask(fixture, form).await;
    let part = |name: &str| {
        let (_, rest) = answer.text.split_once(&format!("<{name}>"))?;
        Some(rest.split_once('<')?.0.to_owned())
    };
    match (part("Code"), part("Message")) {
        (Some(code), Some(message)) => format!("{} {code}: {message}", answer.status),
        _ => answer.status.to_string(),
    }
}

/// Each row is asked after the ones above it.
async fn check(rows: &[(&str, &str)]) {
    let fixture = Fixture::new();
    for (form, expect) in rows {
        let name = form.split('&').next().unwrap_or_default();
        assert_eq!(
            &told(&fixture, &format!("Action={form}")).await,
            expect,
            "{name}"
        );
    }
}

#[tokio::test]
async fn users_and_keys() {
    check(&[
        ("CreateUser&UserName=a", "200"),
        ("CreateUser&UserName=A", "409 EntityAlreadyExists: User with name A already exists."),
        ("GetUser&UserName=b", "404 NoSuchEntity: The user with name b cannot be found."),
        ("GetUser", "200"),
        ("ListAccessKeys", "400 ValidationError: Must specify userName when calling with non-User credentials"),
        ("CreateUser", "400 ValidationError: 1 validation error detected: Value null at 'userName' failed to satisfy constraint: Member must not be null"),
        ("CreateUser&UserName=b&Tags.member.1.Key=k&Tags.member.1.Value=v&Tags.member.2.Key=K&Tags.member.2.Value=v", "400 InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive."),
        ("CreateUser&UserName=b&Tags.member.1.Key=aws:k&Tags.member.1.Value=v", "400 InvalidInput: Tag keys beginning with aws: are reserved for system use."),
        ("CreateUser&UserName=b&PermissionsBoundary=arn:aws:iam::aws:policy/None", "404 NoSuchEntity: Policy arn:aws:iam::aws:policy/None does not exist or is not attachable."),
        ("GetUser&UserName=b", "404 NoSuchEntity: The user with name b cannot be found."),
        ("CreateAccessKey&UserName=a", "200"),
        ("CreateAccessKey&UserName=a", "200"),
        ("CreateAccessKey&UserName=a", "409 LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2"),
        ("DeleteAccessKey&UserName=a&AccessKeyId=AKIAAAAAAAAAAAAAAAAA", "404 NoSuchEntity: The Access Key with id AKIAAAAAAAAAAAAAAAAA cannot be found."),
        ("DeleteUser&UserName=a", "409 DeleteConflict: Cannot delete entity, must delete access keys first."),
        ("UpdateUser&UserName=a&NewUserName=c", "200"),
        ("ListAccessKeys&UserName=c", "200"),
        ("ListAccessKeys&UserName=a", "404 NoSuchEntity: The user with name a cannot be found."),
        ("GetLoginProfile&UserName=c", "404 NoSuchEntity: Login Profile for User c cannot be found."),
        ("CreateLoginProfile&UserName=c", "400 BadRequest: Tollgate does not serve CreateLoginProfile yet"),
        ("NoSuchAction", "400 InvalidAction: Could not find operation NoSuchAction for version 2010-05-08"),
        ("GetUser&Version=2011-06-15", "400 InvalidAction: Could not find operation GetUser for version 2011-06-15"),
    ])
    .await;
}

#[tokio::test]
async fn roles_and_policies() {
    check(&[
        ("CreateRole&RoleName=r&AssumeRolePolicyDocument=ALLOW", "400 MalformedPolicyDocument: Missing required field Principal"),
        ("CreateRole&RoleName=r&AssumeRolePolicyDocument=%7B", "400 MalformedPolicyDocument: This policy contains invalid Json"),
        ("CreateRole&RoleName=r&Path=/aws-service-role/x/&AssumeRolePolicyDocument=TRUST", "400 InvalidInput: The path /aws-service-role/ is reserved for service-linked roles."),
        ("CreateRole&RoleName=r&MaxSigninSessionDuration=3600&AssumeRolePolicyDocument=TRUST", "400 InvalidInput: Tollgate cannot honour MaxSigninSessionDuration: nobody signs in to a console of it"),
        ("CreateRole&RoleName=r&AssumeRolePolicyDocument=TRUST", "200"),
        ("CreateRole&RoleName=R&AssumeRolePolicyDocument=TRUST", "409 EntityAlreadyExists: Role with name R already exists."),
        ("PutRolePolicy&RoleName=r&PolicyName=p&PolicyDocument=TRUST", "400 MalformedPolicyDocument: Policy statement must contain resources."),
        ("PutRolePolicy&RoleName=r&PolicyName=p&PolicyDocument=ALLOW", "200"),
        ("GetRolePolicy&RoleName=r&PolicyName=q", "404 NoSuchEntity: The role policy with name q cannot be found."),
        ("DeleteRole&RoleName=r", "409 DeleteConflict: Cannot delete entity, must delete policies first."),
        ("CreatePolicy&PolicyName=p&PolicyDocument=ALLOW", "200"),
        ("CreatePolicy&PolicyName=P&PolicyDocument=ALLOW", "409 EntityAlreadyExists: A policy called P already exists. Duplicate names are not allowed."),
        ("AttachRolePolicy&RoleName=r&PolicyArn=arn:aws:iam::000000000000:policy/p", "200"),
        ("AttachRolePolicy&RoleName=r&PolicyArn=arn:aws:iam::000000000000:policy/x/p", "404 NoSuchEntity: Policy arn:aws:iam::000000000000:policy/x/p does not exist or is not attachable."),
        ("DeleteRole&RoleName=r", "409 DeleteConflict: Cannot delete entity, must detach all policies first."),
        ("DeletePolicy&PolicyArn=arn:aws:iam::000000000000:policy/p", "409 DeleteConflict: Cannot delete a policy attached to entities."),
        ("DeletePolicy&PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess", "403 AccessDenied: Policy arn:aws:iam::aws:policy/AdministratorAccess is managed by AWS and cannot be changed."),
        ("DetachRolePolicy&RoleName=r&PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess", "404 NoSuchEntity: Policy arn:aws:iam::aws:policy/AdministratorAccess was not found."),
        ("DetachRolePolicy&RoleName=r&PolicyArn=arn:aws:iam::000000000000:policy/p", "200"),
        ("GetPolicyVersion&PolicyArn=arn:aws:iam::000000000000:policy/p&VersionId=v2", "404 NoSuchEntity: Policy arn:aws:iam::000000000000:policy/p version v2 does not exist or is not attachable."),
        ("DeletePolicy&PolicyArn=arn:aws:iam::000000000000:policy/p", "200"),
        ("DeleteRolePermissionsBoundary&RoleName=r", "404 NoSuchEntity: The role with name r has no permissions boundary."),
    ])
    .await;
}

#[tokio::test]
async fn documents_are_as_long_as_quotas_say() {
    let fixture = Fixture::new();
    told(&fixture, "Action=CreateUser&UserName=a").await;
    let long = |characters: usize| {
        let filling = "a".repeat(characters);
        ALLOW.replace("a%3Ab", &format!("a%3A{filling}"))
    };
    for (form, expect) in [
        (
            format!(
                "PutUserPolicy&UserName=a&PolicyName=p&PolicyDocument={}",
                long(2000)
            ),
            "409 LimitExceeded: Maximum policy size of 2048 bytes exceeded for user a",
        ),
        (
            // Blanks do not count.
            format!(
                "PutUserPolicy&UserName=a&PolicyName=p&PolicyDocument={ALLOW}{}",
                "+".repeat(3000)
            ),
            "200",
        ),
        (
            format!(
                "CreatePolicy&PolicyName=p&PolicyDocument={}",
                ALLOW
                    .replace(
                        "a%3Ab",
                        &format!("a%3A{}%22%2C%22a%3A{}", "b".repeat(3500), "c".repeat(3500))
                    )
                    .replace("%22Action%22%3A%22", "%22Action%22%3A%5B%22")
                    .replace("%22%2C%22Resource", "%22%5D%2C%22Resource")
            ),
            "409 LimitExceeded: Cannot exceed quota for PolicySize: 6144",
        ),
    ] {
        assert_eq!(told(&fixture, &format!("Action={form}")).await, expect);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused() {
    let fixture = Fixture::new();
    let many = "a=1&".repeat(10_001);
    for (form, expect) in [
        (
            "Action=%ff",
            "400 MalformedInput: The request is no UTF-8 once it is decoded",
        ),
        (
            many.as_str(),
            "400 MalformedInput: The request has too many parameters",
        ),
        (
            "Action=ListUsers&MaxItems=x",
            "400 MalformedInput: class java.lang.String can not be converted to an Integer",
        ),
        ("", "400 MissingAction: Missing Action"),
    ] {
        assert_eq!(told(&fixture, form).await, expect);
    }
}

#[tokio::test]
async fn writers_of_one_account_all_come_through() {
    let fixture = std::sync::Arc::new(Fixture::new());
    let creations = (0..20).map(|number| {
        let fixture = fixture.clone();
        tokio::spawn(async move {
            told(&fixture, &format!("Action=CreateUser&UserName=u{number}")).await
        })
    });
    for created in creations.collect::<Vec<_>>() {
        assert_eq!(created.await.expect("no panic"), "200");
    }
    let listed = ask(&fixture, "Action=ListUsers").await.text;
    assert_eq!(listed.matches("<UserName>").count(), 20);
}
