//! What stands behind a backslash, in classes and outside.

use super::flags::Flags;
use super::source::{Fault, Source};

/// An escape that stands for one character or a set of them.
pub(super) enum Escape {
    Character(char),
    /// A set in the engines' syntax, in brackets or `\p{…}`.
    Set(String),
}

/// `[ \t\xA0…]`
const HORIZONTAL: &str = r" \t\xA0\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}";
const VERTICAL: &str = r"\n\x0B\f\r\x85\x{2028}\x{2029}";
const BLANK: &str = r" \t\n\x0B\f\r";

/// Reads the escape whose letter comes next; nothing, and nothing read, where it means no character.
pub(super) fn read(source: &mut Source<'_>, flags: Flags) -> Result<Option<Escape>, Fault> {
    let start = source.at();
    let Some(letter) = source.next() else {
        return source.fail("`\\` at the end");
    };
    let set = |negated: bool, inside: &str| {
        Ok(Some(Escape::Set(format!(
            "[{}{inside}]",
            if negated { "^" } else { "" }
        ))))
    };
    let character = match letter {
        'd' | 'D' if flags.unicode_classes => return set(letter == 'D', r"\p{Nd}"),
        'w' | 'W' if flags.unicode_classes => return set(letter == 'W', r"\w"),
        's' | 'S' if flags.unicode_classes => return set(letter == 'S', r"\s"),
        'd' | 'D' => return set(letter == 'D', "0-9"),
        'w' | 'W' => return set(letter == 'W', "a-zA-Z0-9_"),
        's' | 'S' => return set(letter == 'S', BLANK),
        'h' | 'H' => return set(letter == 'H', HORIZONTAL),
        'v' | 'V' => return set(letter == 'V', VERTICAL),
        'p' | 'P' => return property(source, letter == 'P', flags).map(Some),
        't' => '\t',
        'n' => '\n',
        'r' => '\r',
        'f' => '\u{c}',
        'a' => '\u{7}',
        'e' => '\u{1b}',
        '0' => octal(source)?,
        'x' => hexadecimal(source)?,
        'u' => unit(source)?,
        'c' => control(source)?,
        other if other.is_ascii_alphanumeric() => {
            source.move_to(start);
            return Ok(None);
        }
        other => other,
    };
    Ok(Some(Escape::Character(character)))
}

/// Up to three digits, at most `\0377`.
fn octal(source: &mut Source<'_>) -> Result<char, Fault> {
    let mut code = 0;
    let mut digits = 0;
    while let Some(digit) = source.peek().and_then(|character| character.to_digit(8)) {
        if digits == 3 || code * 8 + digit > 0o377 {
            break;
        }
        code = code * 8 + digit;
        digits += 1;
        source.next();
    }
    if digits == 0 {
        return source.fail("`\\0` without octal digits");
    }
    code_point(source, code)
}

fn hexadecimal(source: &mut Source<'_>) -> Result<char, Fault> {
    if !source.eat("{") {
        let code = digits(source, 2)?;
        return code_point(source, code);
    }
    let rest = source.rest();
    let Some(length) = rest.find('}') else {
        return source.fail("`\\x{` is not closed");
    };
    let Ok(code) = u32::from_str_radix(&rest[..length], 16) else {
        return source.fail("malformed `\\x{…}`");
    };
    source.move_to(source.at() + length + 1);
    code_point(source, code)
}

/// `\uXXXX`; Java joins two that are a surrogate pair.
fn unit(source: &mut Source<'_>) -> Result<char, Fault> {
    let high = digits(source, 4)?;
    if !(0xd800..0xdc00).contains(&high) || !source.eat("\\u") {
        return code_point(source, high);
    }
    let low = digits(source, 4)?;
    if !(0xdc00..0xe000).contains(&low) {
        return source.fail("half a surrogate pair");
    }
    code_point(source, 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))
}

fn control(source: &mut Source<'_>) -> Result<char, Fault> {
    match source.next() {
        Some(letter) if letter.is_ascii() => Ok(char::from(letter as u8 ^ 64)),
        _ => source.fail("malformed `\\c`"),
    }
}

fn digits(source: &mut Source<'_>, count: usize) -> Result<u32, Fault> {
    let mut code = 0;
    for _ in 0..count {
        let Some(digit) = source.peek().and_then(|character| character.to_digit(16)) else {
            return source.fail("expected hexadecimal digits");
        };
        code = code * 16 + digit;
        source.next();
    }
    Ok(code)
}

fn code_point(source: &Source<'_>, code: u32) -> Result<char, Fault> {
    match char::from_u32(code) {
        Some(character) => Ok(character),
        None => source.fail("no such character"),
    }
}

/// `\p{Alpha}`, `\pL`, `\p{IsLatin}`
fn property(source: &mut Source<'_>, negated: bool, flags: Flags) -> Result<Escape, Fault> {
    let start = source.at();
    let name = if source.eat("{") {
        let rest = source.rest();
        let Some(length) = rest.find('}') else {
            return source.fail("`\\p{` is not closed");
        };
        source.move_to(source.at() + length + 1);
        &rest[..length]
    } else {
        let rest = source.rest();
        let Some(letter) = source.next() else {
            return source.fail("`\\p` without a name");
        };
        &rest[..letter.len_utf8()]
    };
    match named(name, flags) {
        Some(inside) => Ok(Escape::Set(format!(
            "[{}{inside}]",
            if negated { "^" } else { "" }
        ))),
        None => {
            source.move_to(start);
            source.fail(format!("unknown character property `{name}`"))
        }
    }
}

fn named(name: &str, flags: Flags) -> Option<String> {
    if let Some(inside) = posix(name, flags) {
        return Some(inside.to_owned());
    }
    if let Some((kind, value)) = name.split_once('=') {
        return match kind {
            "general_category" | "gc" | "script" | "sc" => known(value),
            _ => None,
        };
    }
    match name.strip_prefix("Is") {
        Some(property) => known(property),
        None => known(name),
    }
}

/// Properties that both engines know by the same name.
fn known(name: &str) -> Option<String> {
    let wordlike = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let inside = format!(r"\p{{{name}}}");
    (wordlike && regex::Regex::new(&inside).is_ok()).then_some(inside)
}

/// The classes of POSIX are ASCII in Java, unless the flag `U` widens them.
fn posix(name: &str, flags: Flags) -> Option<&'static str> {
    let wide = flags.unicode_classes;
    Some(match name {
        "Lower" if wide => r"\p{Lowercase}",
        "Upper" if wide => r"\p{Uppercase}",
        "Alpha" if wide => r"\p{Alphabetic}",
        "Digit" if wide => r"\p{Nd}",
        "Alnum" if wide => r"\p{Alphabetic}\p{Nd}",
        "Space" if wide => r"\s",
        "Punct" if wide => r"\p{P}",
        // Letter case does not count for these two where it does not count at all.
        "Lower" | "Upper" if flags.ignore_case => "a-zA-Z",
        "Lower" => "a-z",
        "Upper" => "A-Z",
        "ASCII" => r"\x00-\x7F",
        "Alpha" => "a-zA-Z",
        "Digit" => "0-9",
        "Alnum" => "a-zA-Z0-9",
        "Punct" => r"!-/:-@\[-`\{-\x7E",
        "Graph" => "!-\\x7E",
        "Print" => " -\\x7E",
        "Blank" => r" \t",
        "Cntrl" => r"\x00-\x1F\x7F",
        "XDigit" => "0-9a-fA-F",
        "Space" => BLANK,
        "javaLowerCase" => r"\p{Lowercase}",
        "javaUpperCase" => r"\p{Uppercase}",
        "javaWhitespace" => {
            r"\t-\r\x1C-\x1F\x20\x{1680}\x{2000}-\x{2006}\x{2008}-\x{200a}\x{2028}\x{2029}\x{205f}\x{3000}"
        }
        "javaLetter" | "javaAlphabetic" => r"\p{L}",
        "javaDigit" => r"\p{Nd}",
        "javaLetterOrDigit" => r"\p{L}\p{Nd}",
        _ => return None,
    })
}
