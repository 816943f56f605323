//! Findings as people read them.

use crate::finding::{Evidence, Finding, Severity, shortened};

/// How the text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether the reader's terminal shows colours.
    pub has_colours: bool,
}

/// The colours of a terminal (ECMA-48).
#[derive(Clone, Copy)]
enum Colour {
    Bold,
    Red,
    Yellow,
    Blue,
    Grey,
}

impl Style {
    fn paint(self, colour: Colour, text: &str) -> String {
        let code = match colour {
            Colour::Bold => "1",
            Colour::Red => "1;31",
            Colour::Yellow => "1;33",
            Colour::Blue => "1;34",
            Colour::Grey => "90",
        };
        match self.has_colours {
            true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        }
    }

    fn severity(self, severity: Severity) -> String {
        let colour = match severity {
            Severity::Error => Colour::Red,
            Severity::Warning => Colour::Yellow,
            Severity::Note => Colour::Blue,
        };
        self.paint(colour, severity.name())
    }
}

/// What was found in one file; empty when nothing was.
pub fn of_file(file: &str, findings: &[Finding], style: Style) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let mut text = style.paint(Colour::Bold, &harmless(file));
    text.push('\n');
    for finding in findings {
        text.push_str(&one(finding, style));
    }
    text
}

fn one(finding: &Finding, style: Style) -> String {
    let place = match finding.position {
        Some((line, column)) => format!("{line}:{column}"),
        None => "-".to_owned(),
    };
    let mut text = format!(
        "  {place}  {}  {}  {}\n      {}\n",
        style.severity(finding.severity),
        finding.code.name(),
        harmless(&finding.subject),
        harmless(&finding.reason),
    );
    if !finding.pointer.is_empty() {
        text.push_str(&line("at", &finding.pointer, style));
    }
    if let Some(evidence) = &finding.evidence {
        text.push_str(&shown(evidence, style));
    }
    text
}

fn shown(evidence: &Evidence, style: Style) -> String {
    let mut text = line("request", &evidence.request_line(), style);
    if let Some(called) = &evidence.called {
        text.push_str(&line("called", called, style));
    }
    if let Some(sent) = &evidence.sent {
        text.push_str(&line("sent", &shortened(sent), style));
    }
    if let Some(backend) = &evidence.backend {
        text.push_str(&line("backend", &shortened(backend), style));
    }
    text.push_str(&line("answer", &evidence.answer_line(), style));
    if let Some(why) = &evidence.why {
        text.push_str(&line("because", &shortened(why), style));
    }
    text
}

fn line(name: &str, text: &str, style: Style) -> String {
    let label = style.paint(Colour::Grey, &format!("{:<8}", format!("{name}:")));
    format!("      {label} {}\n", harmless(text))
}

/// A definition's texts must not drive the reader's terminal.
fn harmless(text: &str) -> String {
    let shown = text.chars().map(|character| match character.is_control() {
        true => ' ',
        false => character,
    });
    shown.collect()
}

/// `3 errors, 1 warning, 0 notes in 2 files`
pub fn summary(files: usize, findings: &[&Finding]) -> String {
    let count = |severity: Severity| {
        let found = findings.iter().filter(|it| it.severity == severity);
        counted(found.count(), severity.name())
    };
    format!(
        "{}, {}, {} in {}",
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Note),
        counted(files, "file")
    )
}

fn counted(count: usize, name: &str) -> String {
    match count {
        1 => format!("1 {name}"),
        _ => format!("{count} {name}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    fn finding() -> Finding {
        Finding {
            code: Code::TemplateFails,
            severity: Severity::Error,
            pointer: "/paths".to_owned(),
            position: Some((3, 4)),
            subject: "GET /".to_owned(),
            reason: "why\u{1b}[2J".to_owned(),
            evidence: None,
        }
    }

    #[test]
    fn colours_come_only_when_asked_for_and_never_from_the_definition() {
        let plain = of_file("a.yaml", &[finding()], Style::default());
        assert_eq!(
            plain,
            "a.yaml\n  3:4  error  template-fails  GET /\n      why [2J\n      at:      /paths\n"
        );
        let coloured = of_file("a.yaml", &[finding()], Style { has_colours: true });
        assert!(
            coloured.contains("\u{1b}[1;31merror\u{1b}[0m"),
            "{coloured}"
        );
    }

    #[test]
    fn the_summary_counts() {
        let found = finding();
        assert_eq!(
            summary(1, &[&found]),
            "1 error, 0 warnings, 0 notes in 1 file"
        );
    }
}
