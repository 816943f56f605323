//! Files of cases: `=== name` begins one, `--- section` a part of it, whose text is all that follows up to the last line feed.

use std::fs;
use std::path::Path;

/// One case.
pub(crate) struct Case {
    pub(crate) name: String,
    sections: Vec<(String, String)>,
}

impl Case {
    /// The text of a section. What follows its name on its line is a note.
    pub(crate) fn section(&self, name: &str) -> Option<&str> {
        self.find(name).map(|(_, text)| &**text)
    }

    /// Whether a section's line has this note.
    pub(crate) fn is(&self, name: &str, note: &str) -> bool {
        self.find(name)
            .is_some_and(|(head, _)| head.split(' ').any(|word| word == note))
    }

    fn find(&self, name: &str) -> Option<&(String, String)> {
        self.sections
            .iter()
            .find(|(head, _)| head.split(' ').next() == Some(name))
    }
}

/// All cases of all files of a folder, by the names of their files.
pub(crate) fn cases(folder: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.iter().flat_map(|file| of_file(file)).collect()
}

fn of_file(file: &Path) -> Vec<Case> {
    let text = fs::read_to_string(file).unwrap();
    let stem = file.file_stem().unwrap().to_string_lossy();
    let mut cases: Vec<Case> = Vec::new();
    for line in text.split('\n') {
        if let Some(name) = line.strip_prefix("=== ") {
            finish(cases.last_mut());
            cases.push(Case {
                name: format!("{stem}: {name}"),
                sections: Vec::new(),
            });
        } else if let (Some(head), Some(case)) = (line.strip_prefix("--- "), cases.last_mut()) {
            case.sections.push((head.to_owned(), String::new()));
        } else if let Some((_, text)) = cases.last_mut().and_then(|case| case.sections.last_mut()) {
            text.push_str(line);
            text.push('\n');
        }
    }
    finish(cases.last_mut());
    cases
}

/// An empty line stands between cases, and a line feed ends each section; neither belongs to the text.
fn finish(case: Option<&mut Case>) {
    let Some(case) = case else { return };
    if let Some((_, text)) = case.sections.last_mut() {
        text.pop();
    }
    for (head, text) in &mut case.sections {
        text.pop();
        if head.ends_with("escaped") {
            *text = unescaped(text);
        }
    }
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, character == '\\') {
            (other, false) => out.push(other),
            (_, true) => match characters.next() {
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                Some('n') => out.push('\n'),
                Some('s') => out.push(' '),
                Some('u') => {
                    let digits: String = characters
                        .by_ref()
                        .skip(1)
                        .take_while(|digit| *digit != '}')
                        .collect();
                    out.push(char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).unwrap());
                }
                other => out.extend(other),
            },
        }
    }
    out
}
