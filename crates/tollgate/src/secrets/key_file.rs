//! The file with the key: one line, made once, readable by its owner alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::seal::KEY_BYTES;

/// What the line begins with, so that another file is not taken for a key.
const TITLE: &str = "tollgate-secrets-key-1 ";

/// A key file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyFileError {
    #[error("cannot use the secrets key {}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{} is not a secrets key of tollgate", path.display())]
    Foreign { path: PathBuf },
}

/// The key in the file; nothing where there is no file.
pub(super) fn read(path: &Path) -> Result<Option<[u8; KEY_BYTES]>, KeyFileError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(io_fault(path, source)),
    };
    warn_of_readers(path, &file);
    let mut text = String::new();
    // A key's line is shorter; a foreign file is not read whole.
    let read = file.take(200).read_to_string(&mut text);
    match read {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::InvalidData => return Err(foreign(path)),
        Err(source) => return Err(io_fault(path, source)),
    }
    let key = text
        .strip_prefix(TITLE)
        .and_then(|key| BASE64_STANDARD.decode(key.trim_end()).ok());
    let key = key.and_then(|key| key.try_into().ok());
    key.map(Some).ok_or_else(|| foreign(path))
}

/// Writes the key to a new file, on disk when this returns.
pub(super) fn create(path: &Path, key: &[u8; KEY_BYTES]) -> Result<(), KeyFileError> {
    let line = format!("{TITLE}{}\n", BASE64_STANDARD.encode(key));
    write(path, &line).map_err(|source| io_fault(path, source))
}

fn write(path: &Path, line: &str) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(line.as_bytes())?;
    file.sync_all()?;
    File::open(folder)?.sync_all()
}

/// A container's mounted secret is often readable by all, so this is said and not refused.
fn warn_of_readers(path: &Path, file: &File) {
    let mode = file
        .metadata()
        .map_or(0, |metadata| metadata.permissions().mode());
    if mode & 0o077 != 0 {
        let mode = format!("{:04o}", mode & 0o7777);
        tracing::warn!(file = %path.display(), mode, "others may read the secrets key; chmod 600 keeps them out");
    }
}

fn io_fault(path: &Path, source: io::Error) -> KeyFileError {
    KeyFileError::Io {
        path: path.to_owned(),
        source,
    }
}

fn foreign(path: &Path) -> KeyFileError {
    KeyFileError::Foreign {
        path: path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/secrets.key");
        assert!(read(&path).unwrap().is_none());
        create(&path, &[9; KEY_BYTES]).unwrap();
        assert_eq!(read(&path).unwrap(), Some([9; KEY_BYTES]));
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
            0o600
        );
        assert!(
            create(&path, &[1; KEY_BYTES]).is_err(),
            "a key is never written over"
        );
    }

    #[test]
    fn other_files_are_no_keys() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let short = format!("{TITLE}{}", BASE64_STANDARD.encode([1; 31]));
        for content in [&b""[..], b"x", b"\xff\xfe", short.as_bytes(), &[b'a'; 4096]] {
            fs::write(&path, content).unwrap();
            assert!(
                matches!(read(&path), Err(KeyFileError::Foreign { .. })),
                "{content:?}"
            );
        }
    }
}
