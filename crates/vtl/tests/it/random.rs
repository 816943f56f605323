//! Whatever the template, parsing and rendering come back.

use proptest::prelude::*;
use tollgate_vtl::{Limits, Overrides, Template};

use crate::world::World;

/// Small enough that thousands of hostile templates take no time.
const LIMITS: Limits = Limits {
    output_bytes_max: 20_000,
    made_bytes_max: 1_000_000,
    steps_max: 20_000,
    ..Limits::AWS
};

fn comes_back(text: &str) {
    let world = World {
        body: r#"{"a": [1, {"b": "x"}], "c": {"d": null}, "s": "ä,b😀"}"#.to_owned(),
        ..World::default()
    };
    let rendered = Template::parse(text)
        .and_then(|template| template.render(&world, &mut Overrides::default(), &LIMITS));
    assert!(rendered.is_err() || rendered.is_ok_and(|text| text.len() <= LIMITS.output_bytes_max));
}

/// Pieces that templates are made of, and pieces that they are broken by.
const PIECES: &[&str] = &[
    "$a",
    "$s",
    "${a",
    "}",
    "$!b",
    ".c",
    "[0]",
    "[-1]",
    "[\"k\"]",
    ".size()",
    ".add(1)",
    ".put(\"k\", $a)",
    ".get(0)",
    ".keySet()",
    ".entrySet()",
    ".iterator()",
    ".next()",
    ".substring(1)",
    ".substring(1, 3)",
    ".indexOf(\"b\", 1)",
    ".lastIndexOf(\"a\", 2)",
    ".split(\",\")",
    ".replaceAll(\"[a-b]\", \"$0\")",
    ".format(\"%5d|%s\", 1, $a)",
    ".charAt(1)",
    ".remove(0)",
    ".toString()",
    ".hashCode()",
    "#set($a = ",
    "#set($s = \"",
    "\")",
    "\"",
    "'",
    ")",
    "(",
    "[",
    "]",
    "{",
    "1",
    "-1",
    "1.5",
    "..",
    ",",
    ":",
    " + ",
    " == ",
    " && ",
    "!",
    " ",
    "\n",
    "#if(",
    "#elseif(",
    "#else",
    "#end",
    "#foreach($a in ",
    "[1..5]",
    "#foreach($b in $a)",
    "$foreach.index",
    "#define($d)",
    "$d",
    "#break",
    "#stop",
    "#break($foreach)",
    "\\",
    "\\\\",
    "$",
    "#",
    "##",
    "#*",
    "*#",
    "#[[",
    "]]#",
    "x",
    "ä",
    "😀",
    "\u{0}",
    "$input.path('$')",
    "$input.path('$.a')",
    "$input.json('$..*')",
    "$context.requestOverride.header",
    "$util.parseJson(",
    "$input.body",
    "$context.identity",
    "$input.params()",
    ".class",
    ".a",
    "true",
    "null",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in "\\PC{0,80}") {
        comes_back(&text);
    }

    #[test]
    fn any_pieces(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..40)) {
        comes_back(&pieces.concat());
    }

    #[test]
    fn text_without_marks_renders_as_it_is(text in "[^$#\\\\]{0,80}") {
        let rendered = Template::parse(&text).unwrap().render(&World::default(), &mut Overrides::default(), &Limits::AWS);
        prop_assert_eq!(rendered.as_deref(), Ok(&*text));
    }
}
