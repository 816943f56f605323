//! The rules of the house that a machine can check: which crate may use which, and what every file begins with.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The floors of the house from the top; a crate uses only what lies below its floor.
const FLOORS: &[&[&str]] = &[
    &["tollgate"],
    // What a definition will do wrong: it runs definitions, and operates nothing.
    &["doctor"],
    // The two planes never see each other.
    &["control", "gateway"],
    &["openapi", "store", "lambda", "telemetry", "http"],
    SPECIFICATIONS,
];

/// Pure: no runtime, no I/O.
const SPECIFICATIONS: &[&str] = &["wire", "model", "vtl", "jsonpath", "iam", "sigv4", "jwt"];

/// What may be used on its own floor: the vocabulary is made of shapes, and principals have their policies; templates use the value
/// tree.
const BESIDE: &[(&str, &str)] = &[("model", "wire"), ("model", "iam"), ("vtl", "jsonpath")];

/// What lies below and is not to be seen all the same: a definition is judged without a store or an account.
const HIDDEN: &[(&str, &str)] = &[("doctor", "control"), ("doctor", "store")];

/// Outside of the house: tests may use the first, nobody the second.
const OUTSIDE: &[&str] = &["testkit", "xtask"];

/// What would make a specification impure.
const IMPURE: &[&str] = &[
    "tokio",
    "hyper",
    "socket2",
    "rusqlite",
    "rustls",
    "tokio-rustls",
];

/// A crate's manifest, as far as the rules ask.
pub struct Manifest {
    /// Its folder in `crates/`.
    pub name: String,
    dependencies: Vec<String>,
    dev_dependencies: Vec<String>,
}

/// The manifests of all crates.
pub fn manifests(root: &Path) -> Result<Vec<Manifest>> {
    let mut manifests = Vec::new();
    for entry in fs::read_dir(root.join("crates"))? {
        let folder = entry?.path();
        let text = fs::read_to_string(folder.join("Cargo.toml"))?;
        let name = folder
            .file_name()
            .and_then(|name| name.to_str())
            .context("a folder without a name")?;
        manifests.push(manifest(name, &text).with_context(|| format!("the manifest of {name}"))?);
    }
    manifests.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(manifests)
}

fn manifest(name: &str, text: &str) -> Result<Manifest> {
    let manifest: toml::Table = toml::from_str(text)?;
    let names = |section: &str| {
        let section = manifest.get(section).and_then(toml::Value::as_table);
        section
            .map(|section| section.keys().cloned().collect())
            .unwrap_or_default()
    };
    Ok(Manifest {
        name: name.to_owned(),
        dependencies: [names("dependencies"), names("build-dependencies")].concat(),
        dev_dependencies: names("dev-dependencies"),
    })
}

/// Every edge that the house does not have, in words.
pub fn wrong_edges(manifests: &[Manifest]) -> Vec<String> {
    let floors = floors();
    let mut wrong = Vec::new();
    for manifest in manifests {
        let name = manifest.name.as_str();
        if !floors.contains_key(name) && !OUTSIDE.contains(&name) {
            wrong.push(format!("{name} has no floor in the house"));
        }
        for used in ours(&manifest.dependencies) {
            if !may_use(&floors, name, used) {
                wrong.push(format!("{name} uses {used}, which does not lie below it"));
            }
        }
        for used in ours(&manifest.dev_dependencies) {
            if used != "testkit" && !may_use(&floors, name, used) {
                wrong.push(format!(
                    "the tests of {name} use {used}, which does not lie below it"
                ));
            }
        }
        wrong.extend(impurities(manifest));
    }
    wrong
}

fn floors() -> BTreeMap<&'static str, usize> {
    let floors = FLOORS.iter().enumerate();
    floors
        .flat_map(|(floor, names)| names.iter().map(move |name| (*name, floor)))
        .collect()
}

/// The crates of this workspace among `dependencies`, by their folders.
fn ours(dependencies: &[String]) -> impl Iterator<Item = &str> {
    dependencies
        .iter()
        .filter_map(|name| name.strip_prefix("tollgate-"))
}

fn may_use(floors: &BTreeMap<&str, usize>, user: &str, used: &str) -> bool {
    match (floors.get(user), floors.get(used)) {
        (Some(_), Some(_)) if HIDDEN.contains(&(user, used)) => false,
        (Some(upper), Some(lower)) => upper < lower || BESIDE.contains(&(user, used)),
        // What starts a Tollgate for tests may use all of it.
        (None, Some(_)) => user == "testkit",
        (_, None) => false,
    }
}

fn impurities(manifest: &Manifest) -> Vec<String> {
    let name = manifest.name.as_str();
    let impure = manifest
        .dependencies
        .iter()
        .filter(|used| IMPURE.contains(&used.as_str()));
    match SPECIFICATIONS.contains(&name) {
        true => impure
            .map(|used| format!("{name} is pure and uses {used}"))
            .collect(),
        false => Vec::new(),
    }
}

/// The Rust files under `folders` that do not open with what they are.
pub fn files_without_subject(folders: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        visit(folder, &mut |path| {
            let text = fs::read_to_string(path)?;
            if !text.starts_with("//!") {
                found.push(path.to_owned());
            }
            Ok(())
        })?;
    }
    found.sort();
    Ok(found)
}

fn visit(folder: &Path, each: &mut dyn FnMut(&Path) -> Result<()>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && path.file_name().is_none_or(|name| name != "target") {
            visit(&path, each)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            each(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(name: &str, manifest_text: &str) -> Vec<String> {
        wrong_edges(&[manifest(name, manifest_text).unwrap()])
    }

    #[test]
    fn wrong_edges_are_found() {
        for (name, text, expected) in [
            (
                "gateway",
                "[dependencies]\ntollgate-http.workspace = true\nserde = \"1\"",
                vec![],
            ),
            (
                "model",
                "[dependencies]\ntollgate-wire.workspace = true",
                vec![],
            ),
            (
                "tollgate",
                "[dev-dependencies]\ntollgate-testkit.workspace = true",
                vec![],
            ),
            (
                "doctor",
                "[dependencies]\ntollgate-gateway.workspace = true\ntollgate-control.workspace = true",
                vec!["doctor uses control, which does not lie below it"],
            ),
            (
                "control",
                "[dependencies]\ntollgate-gateway.workspace = true",
                vec!["control uses gateway, which does not lie below it"],
            ),
            (
                "wire",
                "[dependencies]\ntollgate-model = { path = \"../model\" }",
                vec!["wire uses model, which does not lie below it"],
            ),
            (
                "store",
                "[dev-dependencies]\ntollgate-control.workspace = true",
                vec!["the tests of store use control, which does not lie below it"],
            ),
            (
                "tollgate",
                "[dependencies]\ntollgate-testkit.workspace = true",
                vec!["tollgate uses testkit, which does not lie below it"],
            ),
            (
                "vtl",
                "[dependencies]\ntokio.workspace = true",
                vec!["vtl is pure and uses tokio"],
            ),
            ("helpers", "", vec!["helpers has no floor in the house"]),
        ] {
            assert_eq!(wrong(name, text), expected, "{name}");
        }
    }
}
