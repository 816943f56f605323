//! From AWS's service models to `crates/wire/src/<service>/generated/`: [`source`] takes a model from PyPI's `botocore`
//! and strips it of its documentation, [`model`] reads what is left, [`files`] says which file each part belongs to, and
//! [`rust`] writes it.

mod files;
mod iam;
mod model;
mod names;
mod rust;
mod source;
mod sts;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

pub use source::fetch;

/// A service whose wire is generated.
struct Service {
    /// Its folder in `crates/wire/src`, and its model in `models/`.
    name: &'static str,
    /// Its folder in botocore.
    source: &'static str,
    /// Where AWS documents its operations.
    reference: &'static str,
    /// Which file each operation belongs to.
    resources: Resources,
}

/// What says to which file an operation belongs.
enum Resources {
    /// The literal segments of its URI. Every operation of the model is generated.
    Uris(&'static [(&'static str, &'static str)]),
    /// Its name, by file. Only these operations are kept of the model; of the others the names alone.
    Names(&'static [(&'static str, &'static [&'static str])]),
}

const SERVICES: &[Service] = &[
    Service {
        name: "apigateway",
        source: "apigateway/2015-07-09",
        reference: "https://docs.aws.amazon.com/apigateway/latest/api",
        resources: Resources::Uris(files::APIGATEWAY),
    },
    Service {
        name: "iam",
        source: "iam/2010-05-08",
        reference: "https://docs.aws.amazon.com/IAM/latest/APIReference",
        resources: Resources::Names(iam::RESOURCES),
    },
    Service {
        name: "sts",
        source: "sts/2011-06-15",
        reference: "https://docs.aws.amazon.com/STS/latest/APIReference",
        resources: Resources::Names(sts::RESOURCES),
    },
];

/// Generated files by their paths from the workspace's folder.
type Files = BTreeMap<PathBuf, String>;

/// Writes the generated code, and removes generated files that nothing generates any more.
pub fn write(root: &Path) -> Result<()> {
    let files = generate(root)?;
    for service in SERVICES {
        let folder = root.join(service.folder());
        fs::create_dir_all(&folder)?;
        for stale in listed(&folder)?.filter(|path| !files.contains_key(&relative(root, path))) {
            fs::remove_file(stale)?;
        }
    }
    for (path, text) in files {
        fs::write(root.join(&path), text)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Fails when the generated code is not what would be written.
pub fn check(root: &Path) -> Result<()> {
    let files = generate(root)?;
    for (path, text) in &files {
        let found = fs::read_to_string(root.join(path)).unwrap_or_default();
        ensure!(
            &found == text,
            "{} is not fresh: run `cargo xtask codegen`",
            path.display()
        );
    }
    for service in SERVICES {
        for path in listed(&root.join(service.folder()))? {
            let path = relative(root, &path);
            ensure!(
                files.contains_key(&path),
                "{} is generated no more: run `cargo xtask codegen`",
                path.display()
            );
        }
    }
    Ok(())
}

fn generate(root: &Path) -> Result<Files> {
    let mut files = Files::new();
    for service in SERVICES {
        let model = model::read(&root.join(service.model()))?;
        let layout = files::lay_out(&model, &service.resources)?;
        for (name, text) in rust::write(&model, &layout, service.reference)? {
            let path = Path::new(&service.folder()).join(format!("{name}.rs"));
            if files.insert(path, formatted(&text)?).is_some() {
                bail!("{name} is generated twice");
            }
        }
    }
    Ok(files)
}

impl Resources {
    /// Whether an operation is kept.
    fn has(&self, operation: &str) -> bool {
        match self {
            Self::Uris(_) => true,
            Self::Names(files) => files.iter().any(|(_, names)| names.contains(&operation)),
        }
    }
}

impl Service {
    fn folder(&self) -> String {
        format!("crates/wire/src/{}/generated", self.name)
    }

    fn model(&self) -> String {
        format!("models/{}.json", self.name)
    }
}

fn listed(folder: &Path) -> Result<impl Iterator<Item = PathBuf>> {
    let entries: Result<Vec<_>, _> = fs::read_dir(folder)?.collect();
    Ok(entries?.into_iter().map(|entry| entry.path()))
}

fn relative(root: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(root).unwrap_or(path).to_owned()
}

/// As `cargo fmt` would leave it.
fn formatted(text: &str) -> Result<String> {
    use std::io::Write;
    use std::process::{Command, Stdio};

    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("rustfmt is needed: rustup component add rustfmt")?;
    let mut input = rustfmt.stdin.take().context("rustfmt has no input")?;
    let text = text.to_owned();
    // A thread of its own, because rustfmt may write before it has read everything.
    let fed = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = rustfmt.wait_with_output()?;
    fed.join()
        .map_err(|_| anyhow::anyhow!("rustfmt was not fed"))??;
    ensure!(
        output.status.success(),
        "rustfmt refuses the generated code"
    );
    Ok(String::from_utf8(output.stdout)?)
}
