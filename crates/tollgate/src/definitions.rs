//! The definitions that `tollgate dev` was given.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use bytes::Bytes;

/// AWS's limit on what is imported.
const BYTES_MAX: u64 = 6 * 1024 * 1024;

/// A file and the API that it becomes.
#[derive(Debug)]
pub(crate) struct Definition {
    pub(crate) file: PathBuf,
    pub(crate) api_id: String,
    pub(crate) content: Bytes,
}

impl Definition {
    /// Reads the file again. Whether it says something else than before.
    ///
    /// # Errors
    /// It cannot be read, or is too large.
    pub(crate) fn read_again(&mut self) -> Result<bool> {
        let content = content(&self.file)?;
        let is_other = content != self.content;
        self.content = content;
        Ok(is_other)
    }
}

/// Reads them. No two may become the same API.
pub(crate) fn read(files: &[PathBuf]) -> Result<Vec<Definition>> {
    let mut definitions: Vec<Definition> = Vec::new();
    for file in files {
        let definition = read_one(file)?;
        if let Some(other) = definitions
            .iter()
            .find(|other| other.api_id == definition.api_id)
        {
            let (file, other) = (file.display(), other.file.display());
            bail!(
                "{file} and {other} would both become the API {:?}; rename one of them",
                definition.api_id
            );
        }
        definitions.push(definition);
    }
    Ok(definitions)
}

fn read_one(file: &Path) -> Result<Definition> {
    Ok(Definition {
        content: content(file)?,
        api_id: api_id(file)?,
        file: file.to_owned(),
    })
}

fn content(file: &Path) -> Result<Bytes> {
    let cannot_read = || format!("cannot read {}", file.display());
    let bytes = fs::metadata(file).with_context(cannot_read)?.len();
    if bytes > BYTES_MAX {
        bail!(
            "{} has {bytes} bytes; a definition may have {BYTES_MAX}",
            file.display()
        );
    }
    Ok(fs::read(file).with_context(cannot_read)?.into())
}

/// The file's name without its extension: part of the API's host name, so only what may stand there.
fn api_id(file: &Path) -> Result<String> {
    let stem = file
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default();
    let is_label = !stem.is_empty()
        && stem.len() <= 63
        && stem
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !is_label {
        bail!(
            "{}: the file's name becomes the API's id and part of its host name, so it may have letters, digits and hyphens only",
            file.display()
        );
    }
    Ok(stem.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_name_their_apis() {
        for (file, expected) in [
            ("petstore.yaml", Some("petstore")),
            ("a/b/Pet-Store2.json", Some("pet-store2")),
            ("pet_store.yaml", None),
            ("pet store.yaml", None),
            ("pets.v2.yaml", None),
            (".yaml.yaml", None),
            ("..", None),
        ] {
            assert_eq!(api_id(Path::new(file)).ok().as_deref(), expected, "{file}");
        }
    }

    #[test]
    fn one_id_is_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let files = ["pets.yaml", "pets.json"].map(|name| folder.path().join(name));
        files.iter().for_each(|file| fs::write(file, "{}").unwrap());
        let error = read(&files).unwrap_err().to_string();
        assert!(
            error.contains("would both become the API \"pets\""),
            "{error}"
        );
        assert_eq!(read(&files[..1]).unwrap()[0].api_id, "pets");
        let error = format!(
            "{:#}",
            read(&[folder.path().join("none.yaml")]).unwrap_err()
        );
        assert!(error.contains("none.yaml: No such file"), "{error}");
    }
}
