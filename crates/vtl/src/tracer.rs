//! What a rendering saw on its way, for those who want to know why a template gave what it gave.

use tollgate_jsonpath::Value as Data;

/// Hears of every reference that is evaluated. It can neither change a rendering nor make it dearer in the budget's eyes.
pub trait Tracer {
    /// The reference at this byte of the template has this value; [`Template::reference`](crate::Template::reference) tells its text.
    fn reference(&mut self, at: usize, seen: Seen<'_>);

    /// `#set` gives the reference at this byte a value that is not that of another reference.
    fn set(&mut self, at: usize, seen: Seen<'_>);
}

/// A value as a tracer sees it.
#[derive(Clone, Copy, Debug)]
pub enum Seen<'v> {
    /// Nothing: what does not resolve renders as the empty text.
    Nothing,
    /// A value that prints.
    Data(&'v Data),
    /// Something of the engine that only looks like data, in words.
    Thing(&'static str),
}

impl Seen<'_> {
    /// Appends the value as a template would print it, at most `bytes_max` bytes; whether that was all of it.
    pub fn write(&self, out: &mut String, bytes_max: usize) -> bool {
        let start = out.len();
        match self {
            Self::Nothing => true,
            Self::Thing(words) => {
                out.push_str(words);
                true
            }
            Self::Data(Data::Text(text)) => {
                let mut end = text.len().min(bytes_max);
                while !text.is_char_boundary(end) {
                    end -= 1;
                }
                out.push_str(&text[..end]);
                end == text.len()
            }
            // What is too long is written as far as it goes.
            Self::Data(data) => {
                let is_all = data.write_java(out, start + bytes_max).is_ok();
                let mut end = out.len().min(start + bytes_max);
                while !out.is_char_boundary(end) {
                    end -= 1;
                }
                let is_whole = end == out.len();
                out.truncate(end);
                is_all && is_whole
            }
        }
    }
}
