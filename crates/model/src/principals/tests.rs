//! Keys and sessions that are taken, and those that are not.

use std::collections::BTreeMap;
use std::sync::Arc;

use tollgate_iam::{Context, Decision, Kind, Policy, Request, evaluate};

use super::*;
use crate::random::Random;
use crate::seal::Unsealed;

/// Seals by adding the owner and a sum.
struct Envelope;

fn sum(text: &[u8]) -> u8 {
    text.iter().fold(7, |sum, byte| sum.wrapping_mul(31) ^ byte)
}

impl Seal for Envelope {
    fn seal(&self, owner: &str, secret: &[u8], _: &mut Random) -> Result<Vec<u8>, Unsealed> {
        let text = [owner.as_bytes(), b"\0", secret].concat();
        Ok([&text[..], &[sum(&text)]].concat())
    }

    fn open(&self, owner: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (last, text) = sealed.split_last()?;
        let secret = text.strip_prefix(owner.as_bytes())?.strip_prefix(b"\0")?;
        (*last == sum(text)).then(|| secret.to_vec())
    }
}

const ALLOW_GET: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"a:Get*","Resource":"*"}}"#;
const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

fn identity(id: &str, noun: &str, role: Option<Role>) -> Arc<Identity> {
    let policy = Policy::parse(ALLOW_ALL, Kind::Identity).expect("a policy");
    Arc::new(Identity {
        account: "111111111111".into(),
        name: "x".into(),
        id: id.into(),
        arn: format!("arn:aws:iam::111111111111:{noun}/path/x").into(),
        role,
        policies: [Arc::new(policy)].into(),
        boundary: None,
        tags: BTreeMap::from([("team".to_owned(), "own".to_owned())]),
    })
}

fn role() -> Role {
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}"#;
    Role {
        trust: Arc::new(Policy::parse(trust, Kind::Trust).expect("a policy")),
        session_seconds_max: 3600,
    }
}

fn principals() -> Principals {
    let user = identity("AIDA1", "user", None);
    let key = |is_active, user| AccessKey {
        secret: "secret".into(),
        is_active,
        account: "111111111111".into(),
        user,
    };
    let mut principals = Principals::none(Arc::new(Envelope));
    let keys = [
        ("ROOT", key(true, None)),
        ("AKIAUSER", key(true, Some(user.clone()))),
        ("AKIAOFF", key(false, Some(user.clone()))),
    ];
    principals
        .keys
        .extend(keys.map(|(id, key)| (id.into(), key)));
    for it in [user, identity("AROA1", "role", Some(role()))] {
        principals.identities.insert(it.id.clone(), it);
    }
    principals
}

fn session(identity: &str) -> Session {
    Session {
        account: "111111111111".to_owned(),
        identity: Some(identity.to_owned()),
        name: "s".to_owned(),
        issued_ms: 1_000,
        expires_ms: 2_000,
        secret: "other".to_owned(),
        tags: BTreeMap::from([("team".to_owned(), "session".to_owned())]),
        ..Session::default()
    }
}

fn token(session: &Session) -> String {
    let token = session.token("ASIAKEY", &Envelope, &mut Random::seeded(1));
    token.expect("a small session")
}

fn found(key: &str, token: Option<&str>, now_ms: u64) -> Result<(String, String), Unknown> {
    let credential = principals().find(key, token, now_ms)?;
    Ok((credential.caller.arn(), credential.caller.user_id()))
}

#[test]
fn permanent_keys() {
    let root = "arn:aws:iam::111111111111:root";
    let user = "arn:aws:iam::111111111111:user/path/x";
    for (key, expect) in [
        ("ROOT", Ok((root, "111111111111"))),
        ("AKIAUSER", Ok((user, "AIDA1"))),
        ("AKIAOFF", Err(Unknown::Inactive)),
        ("AKIANONE", Err(Unknown::Nobody)),
        ("", Err(Unknown::Nobody)),
    ] {
        let expect = expect.map(|(arn, id)| (arn.to_owned(), id.to_owned()));
        assert_eq!(found(key, None, 0), expect, "{key}");
    }
}

#[test]
fn sessions() {
    let role = "arn:aws:sts::111111111111:assumed-role/x/s";
    let user = "arn:aws:iam::111111111111:user/path/x";
    let root = Session {
        identity: None,
        ..session("")
    };
    let (of_role, of_user) = (token(&session("AROA1")), token(&session("AIDA1")));
    let (gone, of_root) = (token(&session("AROA2")), token(&root));
    for (key, token, now_ms, expect) in [
        ("ASIAKEY", Some(&of_role), 1_999, Ok((role, "AROA1:s"))),
        ("ASIAKEY", Some(&of_user), 1_999, Ok((user, "AIDA1"))),
        (
            "ASIAKEY",
            Some(&of_root),
            1_999,
            Ok(("arn:aws:iam::111111111111:root", "111111111111")),
        ),
        ("ASIAKEY", Some(&of_role), 2_000, Err(Unknown::Expired)),
        ("ASIAKEY", Some(&gone), 1_999, Err(Unknown::Gone)),
        ("ASIAOTHER", Some(&of_role), 1_999, Err(Unknown::Token)),
        ("ASIAKEY", None, 1_999, Err(Unknown::Token)),
    ] {
        let expect = expect.map(|(arn, id)| (arn.to_owned(), id.to_owned()));
        let token = token.map(String::as_str);
        assert_eq!(found(key, token, now_ms), expect, "{key}");
    }
}

#[test]
fn tokens_that_were_changed_are_nobodys() {
    let whole = token(&session("AROA1"));
    for at in 0..whole.len() {
        assert_eq!(
            found("ASIAKEY", Some(&whole[..at]), 1_500),
            Err(Unknown::Token)
        );
        let mut changed = whole.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).expect("base64");
        assert_eq!(
            found("ASIAKEY", Some(&changed), 1_500),
            Err(Unknown::Token),
            "{at}"
        );
    }
    for made_up in ["", "====", "é", &"A".repeat(1 << 20)] {
        assert_eq!(found("ASIAKEY", Some(made_up), 1_500), Err(Unknown::Token));
    }
}

#[test]
fn a_session_is_bounded_in_size() {
    let large = Session {
        policy: Some(" ".repeat(PAYLOAD_BYTES_MAX)),
        ..session("AROA1")
    };
    let refused = large.token("ASIAKEY", &Envelope, &mut Random::seeded(1));
    assert!(matches!(refused, Err(TooLarge::Bytes(_))));
}

#[test]
fn a_session_policy_bounds_and_one_that_is_gone_allows_nothing() {
    let named = |arns: &[&str]| arns.iter().map(|arn| (*arn).to_owned()).collect();
    for (policy, arns, expect) in [
        (None, named(&[]), [true, true]),
        (Some(ALLOW_GET.to_owned()), named(&[]), [true, false]),
        (None, named(&["arn:gone"]), [false, false]),
        (
            Some(ALLOW_GET.to_owned()),
            named(&["arn:gone"]),
            [false, false],
        ),
        (Some("{".to_owned()), named(&[]), [false, false]),
    ] {
        let session = Session {
            policy: policy.clone(),
            policy_arns: arns,
            ..session("AROA1")
        };
        let found = principals().find("ASIAKEY", Some(&token(&session)), 1_500);
        let caller = found.expect("a session").caller;
        let allowed = ["a:GetIt", "a:PutIt"].map(|action| {
            let request = Request {
                principal: caller.principal(),
                action,
                resource: "*",
                owner: caller.account(),
                canonical_user: None,
                context: &Context::default(),
            };
            matches!(evaluate(&caller.policies(), &request), Decision::Allow(_))
        });
        assert_eq!(allowed, expect, "{policy:?}");
    }
}

#[test]
fn what_is_known_of_a_caller() {
    let of_role = token(&session("AROA1"));
    for (key, token, expect) in [
        (
            "ROOT",
            None,
            [
                ("aws:PrincipalArn", "arn:aws:iam::111111111111:root"),
                ("aws:PrincipalType", "Account"),
                ("aws:username", ""),
                ("aws:PrincipalTag/team", ""),
                ("aws:TokenIssueTime", ""),
            ],
        ),
        (
            "AKIAUSER",
            None,
            [
                ("aws:PrincipalArn", "arn:aws:iam::111111111111:user/path/x"),
                ("aws:PrincipalType", "User"),
                ("aws:username", "x"),
                ("aws:PrincipalTag/team", "own"),
                ("aws:TokenIssueTime", ""),
            ],
        ),
        (
            "ASIAKEY",
            Some(of_role.as_str()),
            [
                ("aws:PrincipalArn", "arn:aws:iam::111111111111:role/path/x"),
                ("aws:PrincipalType", "AssumedRole"),
                ("aws:username", ""),
                ("aws:PrincipalTag/team", "session"),
                ("aws:TokenIssueTime", "1970-01-01T00:00:01Z"),
            ],
        ),
    ] {
        let credential = principals().find(key, token, 1_500).expect("a key");
        let mut context = Context::default();
        credential.caller.tell(&mut context);
        let told = expect.map(|(key, _)| {
            let value = context.values(key).first();
            (key, value.map(|value| value.text().into_owned()))
        });
        let expect =
            expect.map(|(key, value)| (key, Some(value.to_owned()).filter(|it| !it.is_empty())));
        assert_eq!(told, expect, "{key}");
    }
}
