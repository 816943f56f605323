//! XML as AWS writes it: elements with text, no attributes but the namespace of the first.

use std::fmt::{Display, Write};

/// A document being written.
pub(super) struct Xml(String);

impl Xml {
    /// A document of one element.
    pub(super) fn document(
        name: &str,
        namespace: &str,
        content: impl FnOnce(&mut Self),
    ) -> Vec<u8> {
        let mut xml = Self(format!("<{name} xmlns=\"{namespace}\">"));
        content(&mut xml);
        xml.close(name);
        xml.0.into_bytes()
    }

    /// An element within.
    pub(super) fn element(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.open(name);
        content(self);
        self.close(name);
    }

    /// An element with a text.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.element(name, |xml| xml.characters(text));
    }

    /// An element with what needs no escapes.
    pub(super) fn plain(&mut self, name: &str, value: impl Display) {
        self.element(name, |xml| {
            write!(xml.0, "{value}").expect("a string takes all");
        });
    }

    fn open(&mut self, name: &str) {
        write!(self.0, "<{name}>").expect("a string takes all");
    }

    fn close(&mut self, name: &str) {
        write!(self.0, "</{name}>").expect("a string takes all");
    }

    /// Characters that XML 1.0 cannot hold are replaced.
    fn characters(&mut self, text: &str) {
        for character in text.chars() {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        let document = Xml::document("A", "n", |xml| {
            xml.element("B", |xml| xml.text("C", "a<b>&\"c\r\u{0}é"));
        });
        let inner = "<B><C>a&lt;b&gt;&amp;\"c&#xD;\u{fffd}é</C></B>";
        assert_eq!(document, format!("<A xmlns=\"n\">{inner}</A>").into_bytes());
    }
}
