//! XML as the service writes it: elements with text, no attributes but the namespace of the first.

use std::fmt::Write;

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// An element being written.
pub(crate) struct Element(String);

/// A document of one element.
pub(crate) fn element(name: &str, content: impl FnOnce(&mut Element)) -> String {
    let mut element = Element(format!("<{name} xmlns=\"{NAMESPACE}\">"));
    content(&mut element);
    element.close(name);
    element.0
}

impl Element {
    /// An element within.
    pub(crate) fn child(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.open(name);
        content(self);
        self.close(name);
    }

    /// An element with a text.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.open(name);
        text.chars().for_each(|character| self.character(character));
        self.close(name);
    }

    fn open(&mut self, name: &str) {
        write!(self.0, "<{name}>").expect("a string takes all");
    }

    fn close(&mut self, name: &str) {
        write!(self.0, "</{name}>").expect("a string takes all");
    }

    /// Characters that XML 1.0 cannot hold are replaced.
    fn character(&mut self, character: char) {
        match character {
            '&' => self.0.push_str("&amp;"),
            '<' => self.0.push_str("&lt;"),
            '>' => self.0.push_str("&gt;"),
            '\t' | '\n' => self.0.push(character),
            '\r' => self.0.push_str("&#xD;"),
            '\0'..' ' | '\u{fffe}' | '\u{ffff}' => self.0.push(char::REPLACEMENT_CHARACTER),
            _ => self.0.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        let document = element("A", |out| {
            out.child("B", |out| out.text("C", "a<b>&\"c\r\u{0}é"))
        });
        let inner = "<B><C>a&lt;b&gt;&amp;\"c&#xD;\u{fffd}é</C></B>";
        assert_eq!(document, format!("<A xmlns=\"{NAMESPACE}\">{inner}</A>"));
    }
}
