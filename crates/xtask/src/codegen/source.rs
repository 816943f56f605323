//! Where the models come from: the wheel of PyPI's `botocore`, of the version and hash in `models/botocore.toml`, read at
//! generation time only. What is kept of a model is its facts; the documentation, which is AWS's text, is stripped.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{SERVICES, Service};

/// Which botocore.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pin {
    version: String,
    /// Of the wheel, in hexadecimal.
    sha256: String,
}

/// Prints a gzipped member of a zip file, after a line with the day it bears.
const UNPACK: &str = "\
import gzip, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
year, month, day = wheel.getinfo(sys.argv[2]).date_time[:3]
print(f'{year:04}-{month:02}-{day:02}', flush=True)
sys.stdout.buffer.write(gzip.decompress(wheel.read(sys.argv[2])))
";

/// Takes every service's model from the pinned wheel and writes it, stripped, to `models/`.
pub fn fetch(root: &Path) -> Result<()> {
    let pin = fs::read_to_string(root.join("models/botocore.toml"))?;
    let pin: Pin = toml::from_str(&pin).context("models/botocore.toml")?;
    let folder = tempfile::tempdir()?;
    let wheel = download(&pin, folder.path())?;
    for service in SERVICES {
        let path = format!("botocore/data/{}/service-2.json.gz", service.source);
        let (date, model) = unpack(&wheel, &path)?;
        let text = serde_json::to_string_pretty(&stripped(&pin, service, &date, &model)?)?;
        fs::write(root.join(service.model()), text + "\n")?;
    }
    Ok(())
}

fn download(pin: &Pin, into: &Path) -> Result<std::path::PathBuf> {
    let status = Command::new("python3")
        .args([
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--dest",
        ])
        .arg(into)
        .arg(format!("botocore=={}", pin.version))
        .status()
        .context("python3 with pip is needed")?;
    ensure!(
        status.success(),
        "pip cannot download botocore {}",
        pin.version
    );
    let wheel = into.join(format!("botocore-{}-py3-none-any.whl", pin.version));
    let found = hex::encode(Sha256::digest(fs::read(&wheel)?));
    ensure!(
        found == pin.sha256,
        "botocore {} has the hash {found}, not the pinned one",
        pin.version
    );
    Ok(wheel)
}

fn unpack(wheel: &Path, path: &str) -> Result<(String, Value)> {
    let output = Command::new("python3")
        .args(["-c", UNPACK])
        .arg(wheel)
        .arg(path)
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "{path} is not in the wheel");
    let text = String::from_utf8(output.stdout)?;
    let (date, model) = text.split_once('\n').context("the wheel's date")?;
    Ok((date.trim().to_owned(), serde_json::from_str(model)?))
}

fn stripped(pin: &Pin, service: &Service, date: &str, model: &Value) -> Result<Value> {
    let part = |name: &str| {
        model
            .get(name)
            .map(without_documentation)
            .with_context(|| format!("the model has no {name}"))
    };
    let (kept, not_kept) = operations(part("operations")?, service);
    let mut stripped = json!({
        "source": {
            "package": "botocore",
            "version": pin.version,
            "sha256": pin.sha256,
            "path": format!("botocore/data/{}/service-2.json.gz", service.source),
            "date": date,
            "note": "AWS's service model (Apache-2.0) without its documentation; written by `cargo xtask codegen --fetch`",
        },
        "metadata": part("metadata")?,
        "operations": kept,
        "shapes": reached(&kept, part("shapes")?),
    });
    if !not_kept.is_empty() {
        stripped["notKept"] = json!(not_kept);
    }
    Ok(stripped)
}

/// The operations that are generated, and the names of the others.
fn operations(all: Value, service: &Service) -> (Value, Vec<String>) {
    let (mut kept, mut not_kept) = (Map::new(), Vec::new());
    if let Value::Object(all) = all {
        for (name, operation) in all {
            match service.resources.has(&name) {
                true => drop(kept.insert(name, operation)),
                false => not_kept.push(name),
            }
        }
    }
    not_kept.sort();
    (Value::Object(kept), not_kept)
}

/// The shapes that operations use, at once or through others, in the model's order.
fn reached(operations: &Value, shapes: Value) -> Value {
    let Value::Object(shapes) = shapes else {
        return shapes;
    };
    let (mut known, mut waiting) = (BTreeSet::new(), vec![operations]);
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(members) => {
                let name = members.get("shape").and_then(Value::as_str);
                if let Some((name, shape)) = name.and_then(|name| shapes.get_key_value(name))
                    && known.insert(name.clone())
                {
                    waiting.push(shape);
                }
                waiting.extend(members.values());
            }
            Value::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
    let kept = shapes.into_iter().filter(|(name, _)| known.contains(name));
    Value::Object(kept.collect())
}

/// A member may be called `documentation` too; it is an object, and stays.
fn without_documentation(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members
                .iter()
                .filter(|(name, value)| *name != "documentation" || !value.is_string());
            Value::Object(
                kept.map(|(name, value)| (name.clone(), without_documentation(value)))
                    .collect::<Map<_, _>>(),
            )
        }
        Value::Array(items) => Value::Array(items.iter().map(without_documentation).collect()),
        other => other.clone(),
    }
}
