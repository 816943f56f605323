//! A strict reader of Prometheus' text form, by its specification: one family after another, HELP and TYPE first,
//! each series once, histograms cumulative and whole.

use std::collections::{BTreeMap, BTreeSet};

/// Every series with its value. Anything the format does not allow fails the test.
pub(crate) fn read(text: &str) -> BTreeMap<String, f64> {
    assert!(text.ends_with('\n'), "the last line ends too");
    let mut series = BTreeMap::new();
    let mut families = BTreeSet::new();
    let mut family = (String::new(), String::new());
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, words) = help.split_once(' ').unwrap();
            assert!(families.insert(name.to_owned()), "{name} comes twice");
            assert!(!words.is_empty() && is_name(name), "{line}");
            family = (name.to_owned(), String::new());
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            assert_eq!(name, family.0);
            assert!(
                ["counter", "gauge", "histogram", "summary"].contains(&kind),
                "{line}"
            );
            kind.clone_into(&mut family.1);
        } else {
            let (name, value) = line.rsplit_once(' ').unwrap();
            check_belongs(name, &family);
            let value = value.parse().unwrap();
            assert!(
                series.insert(name.to_owned(), value).is_none(),
                "{name} comes twice"
            );
        }
    }
    check_histograms(&series);
    series
}

fn check_belongs(series: &str, (family, kind): &(String, String)) {
    let name = series.split('{').next().unwrap();
    assert!(is_name(name), "{series}");
    let suffixes: &[&str] = match &**kind {
        "histogram" => &["_bucket", "_sum", "_count"],
        "summary" => &["_sum", "_count"],
        _ => &[""],
    };
    assert!(
        suffixes
            .iter()
            .any(|suffix| name == format!("{family}{suffix}")),
        "{series} in {family}"
    );
    if kind == "counter" {
        assert!(name.ends_with("_total"), "{name}");
    }
    if let Some(labels) = series.strip_prefix(name).unwrap().strip_prefix('{') {
        check_labels(labels.strip_suffix('}').unwrap());
    }
}

fn check_labels(mut labels: &str) {
    loop {
        let (name, rest) = labels.split_once("=\"").unwrap();
        assert!(is_name(name), "{labels}");
        let end = end_of_value(rest);
        match rest[end + 1..].strip_prefix(',') {
            Some(next) => labels = next,
            None => return assert_eq!(rest.len(), end + 1, "{labels}"),
        }
    }
}

/// The place of the quote that ends the value.
fn end_of_value(text: &str) -> usize {
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return at,
            '\\' => assert!(
                matches!(characters.next(), Some((_, '\\' | '"' | 'n'))),
                "{text}"
            ),
            _ => {}
        }
    }
    panic!("no end: {text}")
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn check_histograms(series: &BTreeMap<String, f64>) {
    for (name, count) in series
        .iter()
        .filter(|(name, _)| name.split('{').next().unwrap().ends_with("_count"))
        // CloudWatch's names are of summaries.
        .filter(|(name, _)| !name.starts_with("aws_"))
    {
        let labels = name
            .split_once('{')
            .map_or("", |(_, labels)| labels.trim_end_matches('}'));
        let family = name.split('{').next().unwrap().trim_end_matches("_count");
        let comma = if labels.is_empty() { "" } else { "," };
        let prefix = format!("{family}_bucket{{{labels}{comma}le=\"");
        let bound = |name: &str| {
            name.strip_prefix(&prefix)?
                .strip_suffix("\"}")?
                .replace('+', "")
                .parse::<f64>()
                .ok()
        };
        let mut buckets: Vec<_> = series
            .iter()
            .filter_map(|(name, count)| Some((bound(name)?, *count)))
            .collect();
        buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
        assert!(
            buckets.is_sorted_by(|one, other| one.1 <= other.1),
            "{name}: {buckets:?}"
        );
        assert_eq!(buckets.last(), Some(&(f64::INFINITY, *count)), "{name}");
    }
}
