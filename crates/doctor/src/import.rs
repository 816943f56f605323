//! What the import itself has to say: why it refuses, what it warns of, what it leaves out.

use tollgate_openapi::{ImportError, Imported, Options, Problem, Unsupported, import};

use crate::code::Code;
use crate::exam::{Draft, Spot};
use crate::finding::Severity;

/// Imports a document as a deployment of it does.
pub(crate) fn read(document: &[u8]) -> (Option<Imported>, Vec<Draft>) {
    match import(document, &Options::default()) {
        Ok(imported) => {
            let left_out = imported.unsupported.iter().map(left_out);
            let drafts = warnings(document, &imported).into_iter().chain(left_out);
            let drafts = drafts.collect();
            (Some(imported), drafts)
        }
        Err(error) => (None, refused(error)),
    }
}

fn refused(error: ImportError) -> Vec<Draft> {
    match error {
        ImportError::Problems(problems) | ImportError::Warnings(problems) => {
            let drafts = problems.into_iter();
            drafts.map(|it| draft(code_of(&it.text), it)).collect()
        }
        ImportError::Unreadable(unreadable) => {
            let mut draft = plain(Code::DefinitionUnreadable, unreadable.reason);
            if let Some((line, column)) = unreadable.position {
                draft.spot = Spot::Position(line, column);
            }
            vec![draft]
        }
        ImportError::Parameter(text) => vec![plain(Code::ImportRefused, text)],
    }
}

fn plain(code: Code, text: String) -> Draft {
    let problem = Problem {
        pointer: String::new(),
        position: None,
        text,
    };
    draft((code, Severity::Error), problem)
}

/// Texts are the importer's; the tests of the codes hold these together.
fn code_of(text: &str) -> (Code, Severity) {
    const NOWHERE: [&str; 4] = [
        "leads nowhere",
        "leaves the document",
        "goes in a circle",
        "names no schema of the document",
    ];
    let code = if NOWHERE.iter().any(|words| text.contains(words)) {
        Code::ReferenceNowhere
    } else if text.contains("Invalid Request Validator identifier") {
        Code::UnknownValidator
    } else {
        Code::ImportRefused
    };
    (code, Severity::Error)
}

/// The import tells where it warns only when warnings refuse.
fn warnings(document: &[u8], imported: &Imported) -> Vec<Draft> {
    if imported.warnings.is_empty() {
        return Vec::new();
    }
    let options = Options {
        fail_on_warnings: true,
        ..Options::default()
    };
    let Err(ImportError::Warnings(warnings)) = import(document, &options) else {
        return Vec::new();
    };
    let code = |text: &str| match text.starts_with("Unable to find model") {
        true => Code::UnknownModel,
        false => Code::ImportWarning,
    };
    let drafts = warnings.into_iter();
    drafts
        .map(|it| draft((code(&it.text), Severity::Warning), it))
        .collect()
}

fn left_out(unsupported: &Unsupported) -> Draft {
    draft(
        (Code::LeftOut, Severity::Note),
        Problem {
            pointer: unsupported.pointer.clone(),
            position: None,
            text: format!("left out: {}", unsupported.what),
        },
    )
}

fn draft((code, severity): (Code, Severity), problem: Problem) -> Draft {
    Draft {
        code,
        severity,
        spot: Spot::Pointer(problem.pointer),
        subject: "the definition".to_owned(),
        reason: problem.text,
        evidence: None,
    }
}
