//! What can begin at a place of a template, mode by mode: the longest match wins, the first of equals.

use super::Mode;
use super::token::Kind;

/// What was found at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A whole token.
    Token(Kind),
    /// The beginning of one: `$` and what belongs to it.
    Dollar,
    /// The beginning of a directive: `#`.
    Hash,
    /// `#[[`
    RawOpen,
    /// `#**` and one more character.
    FormalCommentOpen,
    /// `#*`
    CommentOpen,
    /// A character of a literal block.
    RawCharacter,
    /// A character of a comment.
    CommentCharacter,
    /// What ends a reference or shows that a mark was none.
    Terminator,
}

/// The longest find so far.
struct Best(Option<(Found, usize)>);

impl Best {
    /// A find of no bytes is none; one of the same length as an earlier one loses.
    fn offer(&mut self, found: Found, length: usize) {
        if length > self.0.map_or(0, |(_, best)| best) {
            self.0 = Some((found, length));
        }
    }

    fn token(&mut self, kind: Kind, length: usize) {
        self.offer(Found::Token(kind), length);
    }
}

/// The find at the beginning of `rest` and its length in bytes; nothing where the mode knows nothing like it. The caller knows how
/// many backslashes `rest` begins with, because counting them anew at each would take time by their square.
pub(super) fn longest(mode: Mode, rest: &str, backslashes: usize) -> Option<(Found, usize)> {
    let bytes = rest.as_bytes();
    let mut best = Best(None);
    best.offer(Found::Dollar, dollar(bytes, backslashes));
    match mode {
        Mode::Text => {
            best.token(Kind::Set, set(bytes));
            best.token(
                Kind::EscapedDirective,
                escaped_directive(bytes, backslashes),
            );
            marks(&mut best, rest);
            best.token(Kind::LineComment, literal(bytes, "##"));
            best.token(Kind::DoubleEscape, literal(bytes, "\\\\"));
            best.token(Kind::Escape, literal(bytes, "\\"));
            best.token(Kind::Text, text(bytes));
            best.token(Kind::EmptyIndex, empty_index(bytes));
        }
        Mode::LineComment => {
            marks(&mut best, rest);
            best.token(Kind::LineCommentEnd, line_feed(bytes));
            best.offer(Found::CommentCharacter, character(rest));
        }
        Mode::BlockComment => {
            marks(&mut best, rest);
            best.token(Kind::BlockComment, literal(bytes, "*#"));
            best.offer(Found::CommentCharacter, character(rest));
        }
        Mode::Raw => {
            marks(&mut best, rest);
            best.token(Kind::Raw, literal(bytes, "]]#"));
            best.offer(Found::RawCharacter, character(rest));
        }
        Mode::AfterHash => after_hash(&mut best, rest),
        Mode::Directive => directive(&mut best, rest),
        Mode::Reference => {
            best.token(Kind::IndexOpen, literal(bytes, "["));
            best.token(Kind::Set, set(bytes));
            marks(&mut best, rest);
            best.token(Kind::LineComment, literal(bytes, "##"));
            name(&mut best, bytes);
            braces(&mut best, bytes);
            best.offer(Found::Terminator, character(rest));
            best.token(Kind::EmptyIndex, empty_index(bytes));
        }
        Mode::Modifier => {
            best.token(Kind::IndexOpen, literal(bytes, "["));
            best.token(Kind::Open, literal(bytes, "("));
            best.token(Kind::Set, set(bytes));
            marks(&mut best, rest);
            name(&mut best, bytes);
            braces(&mut best, bytes);
            best.offer(Found::Terminator, character(rest));
        }
        Mode::Arguments => {
            punctuation(&mut best, bytes);
            best.token(Kind::MethodClose, literal(bytes, ")"));
            best.token(Kind::Set, set(bytes));
            marks(&mut best, rest);
            best.token(Kind::Blank, blanks(bytes));
            best.token(Kind::Quoted, quoted(bytes));
            name(&mut best, bytes);
            numbers(&mut best, bytes);
        }
        Mode::Index => {
            best.token(Kind::IndexClose, literal(bytes, "]"));
            marks(&mut best, rest);
            best.token(Kind::Blank, blanks(bytes));
            best.token(Kind::Quoted, quoted(bytes));
            truths(&mut best, bytes);
            numbers(&mut best, bytes);
        }
    }
    best.0
}

/// `#` and its kin begin something in every mode.
fn marks(best: &mut Best, rest: &str) {
    let bytes = rest.as_bytes();
    best.offer(Found::RawOpen, literal(bytes, "#[["));
    best.offer(Found::FormalCommentOpen, formal_comment(rest));
    best.offer(Found::CommentOpen, literal(bytes, "#*"));
    best.offer(Found::Hash, literal(bytes, "#"));
}

fn after_hash(best: &mut Best, rest: &str) {
    let bytes = rest.as_bytes();
    marks(best, rest);
    best.token(Kind::LineComment, literal(bytes, "##"));
    best.token(Kind::EndDirective, closing(bytes, "end"));
    best.token(Kind::If, either(bytes, "if", "{if}"));
    best.token(Kind::ElseIf, either(bytes, "elseif", "{elseif}"));
    best.token(Kind::Else, closing(bytes, "else"));
    numbers(best, bytes);
    words(best, bytes);
    best.offer(Found::Terminator, character(rest));
}

fn directive(best: &mut Best, rest: &str) {
    let bytes = rest.as_bytes();
    punctuation(best, bytes);
    best.token(Kind::Open, literal(bytes, "("));
    best.token(Kind::Close, with_line_end(bytes, literal(bytes, ")")));
    marks(best, rest);
    best.token(Kind::LineComment, literal(bytes, "##"));
    best.token(Kind::Blank, blanks(bytes));
    best.token(Kind::Quoted, quoted(bytes));
    truths(best, bytes);
    for (kind, sign, word) in OPERATORS {
        best.token(kind, either(bytes, sign, word));
    }
    numbers(best, bytes);
    words(best, bytes);
}

const OPERATORS: [(Kind, &str, &str); 15] = [
    (Kind::Minus, "-", ""),
    (Kind::Plus, "+", ""),
    (Kind::Times, "*", ""),
    (Kind::Divide, "/", ""),
    (Kind::Modulo, "%", ""),
    (Kind::And, "&&", "and"),
    (Kind::Or, "||", "or"),
    (Kind::Less, "<", "lt"),
    (Kind::LessOrEqual, "<=", "le"),
    (Kind::Greater, ">", "gt"),
    (Kind::GreaterOrEqual, ">=", "ge"),
    (Kind::Equal, "==", "eq"),
    (Kind::NotEqual, "!=", "ne"),
    (Kind::Not, "!", "not"),
    (Kind::Assign, "=", ""),
];

fn punctuation(best: &mut Best, bytes: &[u8]) {
    for (kind, sign) in [
        (Kind::ListOpen, "["),
        (Kind::ListClose, "]"),
        (Kind::Comma, ","),
        (Kind::Range, ".."),
        (Kind::Colon, ":"),
        (Kind::MapOpen, "{"),
        (Kind::MapClose, "}"),
    ] {
        best.token(kind, literal(bytes, sign));
    }
}

fn truths(best: &mut Best, bytes: &[u8]) {
    best.token(Kind::True, literal(bytes, "true"));
    best.token(Kind::False, literal(bytes, "false"));
}

/// The parts of a reference. A dot belongs to it only before a letter.
fn name(best: &mut Best, bytes: &[u8]) {
    truths(best, bytes);
    best.token(Kind::Identifier, identifier(bytes));
    if bytes.first() == Some(&b'.') && bytes.get(1).is_some_and(u8::is_ascii_alphabetic) {
        best.token(Kind::Dot, 1);
    }
}

fn braces(best: &mut Best, bytes: &[u8]) {
    best.token(Kind::ReferenceOpen, literal(bytes, "{"));
    best.token(Kind::ReferenceClose, literal(bytes, "}"));
}

fn words(best: &mut Best, bytes: &[u8]) {
    best.token(Kind::Word, word(bytes, true));
    best.token(Kind::BracketedWord, bracketed_word(bytes));
}

fn literal(bytes: &[u8], wanted: &str) -> usize {
    if bytes.starts_with(wanted.as_bytes()) {
        wanted.len()
    } else {
        0
    }
}

fn either(bytes: &[u8], one: &str, other: &str) -> usize {
    literal(bytes, one).max(literal(bytes, other))
}

/// `end` or `{end}` with what follows on the line, if that is blank.
fn closing(bytes: &[u8], name: &str) -> usize {
    let bare = literal(bytes, name);
    let braced = if bytes.first() == Some(&b'{') && bytes[1..].starts_with(name.as_bytes()) {
        let end = 1 + name.len();
        if bytes.get(end) == Some(&b'}') {
            end + 1
        } else {
            0
        }
    } else {
        0
    };
    with_line_end(bytes, bare.max(braced))
}

/// Adds the blanks and the line feed behind what was found; nothing if text follows on the line.
fn with_line_end(bytes: &[u8], length: usize) -> usize {
    if length == 0 {
        return 0;
    }
    let blanks = while_in(&bytes[length..], |byte| matches!(byte, b' ' | b'\t'));
    match line_feed(&bytes[length + blanks..]) {
        0 => length,
        feed => length + blanks + feed,
    }
}

fn line_feed(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

fn while_in(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| wanted(**byte)).count()
}

fn character(rest: &str) -> usize {
    rest.chars().next().map_or(0, char::len_utf8)
}

fn text(bytes: &[u8]) -> usize {
    while_in(bytes, |byte| !matches!(byte, b'$' | b'#' | b'\\'))
}

fn blanks(bytes: &[u8]) -> usize {
    while_in(bytes, |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}

/// Backslashes, `$`, and where there is one: backslashes and `!`.
fn dollar(bytes: &[u8], backslashes: usize) -> usize {
    if bytes.get(backslashes) != Some(&b'$') {
        return 0;
    }
    let after = backslashes + 1;
    let more = while_in(&bytes[after..], |byte| byte == b'\\');
    if bytes.get(after + more) == Some(&b'!') {
        after + more + 1
    } else {
        after
    }
}

fn empty_index(bytes: &[u8]) -> usize {
    ["$[", "$![", "$\\![", "$."]
        .iter()
        .map(|form| literal(bytes, form))
        .max()
        .unwrap_or(0)
}

fn formal_comment(rest: &str) -> usize {
    let Some(after) = rest.strip_prefix("#**") else {
        return 0;
    };
    if after.starts_with('#') {
        return 0;
    }
    match character(after) {
        0 => 0,
        length => 3 + length,
    }
}

/// Blanks, `#set` or `#{set}`, spaces, `(`.
fn set(bytes: &[u8]) -> usize {
    let start = while_in(bytes, |byte| matches!(byte, b' ' | b'\t'));
    let name = either(&bytes[start..], "#set", "#{set}");
    if name == 0 {
        return 0;
    }
    let after = start + name;
    let spaces = while_in(&bytes[after..], |byte| byte == b' ');
    if bytes.get(after + spaces) == Some(&b'(') {
        after + spaces + 1
    } else {
        0
    }
}

/// An odd number of backslashes, `#`, a word.
fn escaped_directive(bytes: &[u8], backslashes: usize) -> usize {
    if backslashes.is_multiple_of(2) || bytes.get(backslashes) != Some(&b'#') {
        return 0;
    }
    let rest = &bytes[backslashes + 1..];
    match word(rest, true).max(bracketed_word(rest)) {
        0 => 0,
        length => backslashes + 1 + length,
    }
}

fn word(bytes: &[u8], at_sign: bool) -> usize {
    match bytes.first() {
        Some(byte) if byte.is_ascii_alphabetic() || *byte == b'_' || (at_sign && *byte == b'@') => {
            while_in(bytes, |byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'@')
            })
        }
        _ => 0,
    }
}

fn bracketed_word(bytes: &[u8]) -> usize {
    if bytes.first() != Some(&b'{') {
        return 0;
    }
    match word(&bytes[1..], false) {
        0 => 0,
        length if bytes.get(1 + length) == Some(&b'}') => length + 2,
        _ => 0,
    }
}

fn identifier(bytes: &[u8]) -> usize {
    match bytes.first() {
        Some(byte) if byte.is_ascii_alphabetic() || *byte == b'_' => while_in(bytes, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
        }),
        _ => 0,
    }
}

/// A quote ends the text unless another follows; where the text never ends after that, it ended there after all.
fn quoted(bytes: &[u8]) -> usize {
    let Some(quote @ (b'"' | b'\'')) = bytes.first().copied() else {
        return 0;
    };
    let mut ended = 0;
    let mut at = 1;
    while let Some(found) = bytes[at..].iter().position(|byte| *byte == quote) {
        ended = at + found + 1;
        if bytes.get(ended) != Some(&quote) {
            break;
        }
        at = ended + 1;
    }
    ended
}

/// Whole numbers before the dots of a range win over fractions: `1..3` is no `1.`. The lexer gives the dots back.
fn numbers(best: &mut Best, bytes: &[u8]) {
    let sign = literal(bytes, "-");
    let whole = while_in(&bytes[sign..], |byte| byte.is_ascii_digit());
    if whole > 0 {
        let end = sign + whole;
        best.token(Kind::Integer, end + literal(&bytes[end..], ".."));
    }
    best.token(Kind::Float, float(bytes, sign, whole));
}

fn float(bytes: &[u8], sign: usize, whole: usize) -> usize {
    let mut end = sign + whole;
    if bytes.get(end) == Some(&b'.') {
        let fraction = while_in(&bytes[end + 1..], |byte| byte.is_ascii_digit());
        if whole == 0 && fraction == 0 {
            return 0;
        }
        end += 1 + fraction;
        return end + exponent(&bytes[end..]);
    }
    match exponent(&bytes[end..]) {
        0 => 0,
        _ if whole == 0 => 0,
        length => end + length,
    }
}

fn exponent(bytes: &[u8]) -> usize {
    let Some(b'e' | b'E') = bytes.first() else {
        return 0;
    };
    let sign = usize::from(matches!(bytes.get(1), Some(b'+' | b'-')));
    match while_in(&bytes[1 + sign..], |byte| byte.is_ascii_digit()) {
        0 => 0,
        digits => 1 + sign + digits,
    }
}
