//! Patterns beside a matcher that is too simple to be wrong, and what AWS's guides say of them.

use proptest::prelude::*;

use super::*;

const ALL: Reading = Reading {
    wildcards: true,
    variables: true,
    fold: false,
};

fn matches(pattern: &str, text: &str) -> Option<bool> {
    let mut context = Context::default();
    context.set("aws:username", "bob");
    context.set("aws:PrincipalTag/star", "a*");
    context.set_all("several", ["x".into(), "y".into()]);
    Pattern::read(pattern, ALL)
        .expect(pattern)
        .matches(text, &context, &Steps::new())
}

#[test]
fn wildcards_and_variables() {
    for (pattern, text, expected) in [
        ("", "", Some(true)),
        ("", "a", Some(false)),
        ("*", "", Some(true)),
        ("a*c", "abbc", Some(true)),
        ("a*c", "ac", Some(true)),
        ("a*c", "acb", Some(false)),
        // What the first and the last group take may not be the same text.
        ("ab*ba", "aba", Some(false)),
        ("?", "ä", Some(true)),
        ("?*?", "ä", Some(false)),
        ("*?b*b", "xbb", Some(true)),
        ("home/${aws:username}/*", "home/bob/x", Some(true)),
        ("home/${AWS:UserName}", "home/bob", Some(true)),
        ("${aws:userid, 'anonymous'}", "anonymous", Some(true)),
        ("${aws:userid}", "", None),
        ("${several}", "x", None),
        ("${*}${?}${$}{a}", "*?${a}", Some(true)),
        ("${*}", "a", Some(false)),
        // What a variable brings is text, whatever it looks like.
        ("${aws:PrincipalTag/star}", "ab", Some(false)),
        ("${aws:PrincipalTag/star}", "a*", Some(true)),
        ("$", "$", Some(true)),
    ] {
        assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
    }
}

/// "If the * wildcard is the last character of a resource ARN segment, it can expand to match beyond the colon boundaries."
#[test]
fn stars_in_segments_of_resources() {
    for (pattern, text, expected) in [
        ("arn:aws:*:x", "arn:aws:s3:::x", true),
        ("arn:aws:s*3:::x", "arn:aws:ses:eu:3:::x", false),
        ("arn:aws:s*:::x", "arn:aws:ses:eu:3:::x", true),
        ("arn:*", "arn:aws:s3:::x", true),
        ("arn:aws:sqs:us-*-1:1:q", "arn:aws:sqs:us-east-1:1:q", true),
        ("arn:aws:sqs:us-*-1:1:q", "arn:aws:sqs:us-a:b-1:1:q", false),
        (
            "arn:aws:execute-api:e:1:api/*/GET/a*b",
            "arn:aws:execute-api:e:1:api/s/GET/a:x/b",
            true,
        ),
        ("arn:aws:sqs:e:1*2:q", "arn:aws:sqs:e:1:z2:q", false),
        ("arn:aws:sqs:e:1*2:q", "arn:aws:sqs:e:1z2:q", true),
        ("a*b", "a:b", false),
        ("*b", "a:b", false),
        ("*", "a:b", true),
    ] {
        let pattern_read = Pattern::read(pattern, ALL).unwrap().into_resource();
        let found = pattern_read.matches(text, &Context::default(), &Steps::new());
        assert_eq!(found, Some(expected), "{pattern} {text}");
    }
}

#[test]
fn case_may_not_matter() {
    let reading = Reading { fold: true, ..ALL };
    let pattern = Pattern::read("execute-API:*voke", reading).unwrap();
    let found = pattern.matches("Execute-Api:InVoke", &Context::default(), &Steps::new());
    assert_eq!(found, Some(true));
}

#[test]
fn made_for_each_other_they_cost_no_more_than_is_allowed() {
    let pattern = Pattern::read(&format!("*{}b", "a?".repeat(2_000)), ALL).unwrap();
    let steps = Steps::new();
    let started = std::time::Instant::now();
    pattern.matches(&"a".repeat(100_000), &Context::default(), &steps);
    // Seconds where it takes milliseconds: only a search that tries again and again would take longer.
    assert!(started.elapsed().as_secs() < 5);
    let pattern = Pattern::read(&"*a".repeat(2_000), ALL).unwrap();
    assert!(
        !pattern
            .matches(&"a".repeat(1_999), &Context::default(), &steps)
            .unwrap()
    );
}

/// All ways of splitting, tried one after another.
fn simple(pattern: &[char], text: &[char], stops: bool) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('*', rest)) => {
            let ends = stops && !(rest.is_empty() || rest[0] == ':');
            let longest = text.iter().position(|c| ends && *c == ':');
            (0..=longest.unwrap_or(text.len())).any(|taken| simple(rest, &text[taken..], stops))
        }
        Some(('?', rest)) => !text.is_empty() && simple(rest, &text[1..], stops),
        Some((expected, rest)) => text.first() == Some(expected) && simple(rest, &text[1..], stops),
    }
}

proptest! {
    #[test]
    fn equal_to_the_simple_matcher(pattern in "[ab*?]{0,9}", text in "[ab]{0,12}") {
        let characters: Vec<char> = pattern.chars().collect();
        let letters: Vec<char> = text.chars().collect();
        prop_assert_eq!(matches(&pattern, &text), Some(simple(&characters, &letters, false)));
    }

    #[test]
    fn resources_too(pattern in "[a:*?]{0,9}", text in "[a:]{0,12}") {
        prop_assume!(pattern.matches(':').count() < 5);
        let mut characters: Vec<char> = pattern.chars().collect();
        characters.dedup_by(|one, other| (*one, *other) == ('*', '*'));
        let letters: Vec<char> = text.chars().collect();
        let read = Pattern::read(&pattern, ALL).unwrap().into_resource();
        let found = read.matches(&text, &Context::default(), &Steps::new());
        prop_assert_eq!(found, Some(simple(&characters, &letters, true)), "{}", pattern);
    }
}
