//! Reads the settings: the file, then the environment over it. Every fault names where it is.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::Config;

/// The file that is read where none is named.
const FILE: &str = "tollgate.toml";
/// Variables of the environment that are settings.
const PREFIX: &str = "TOLLGATE_";
/// A settings file is small; a larger one is some other file.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Where settings come from. Kept, because SIGHUP reads them again.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    file: Option<PathBuf>,
    variables: Vec<(String, String)>,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file that was named is not there, or not readable.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    /// The file is not a settings file.
    #[error("{} is larger than a settings file can be", path.display())]
    TooLarge { path: PathBuf },
    /// The file holds something that is no setting.
    #[error("{}:{line}:{column}: {message}", path.display())]
    File {
        path: PathBuf,
        line: usize,
        column: usize,
        message: String,
    },
    /// A variable of the environment names no setting, or its value is none for it.
    #[error("environment variable {name}: {message}")]
    Variable { name: String, message: String },
}

impl Sources {
    /// The file named, or `tollgate.toml` where there is one; and this process's environment.
    pub(crate) fn new(file: Option<PathBuf>) -> Self {
        let own =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        let settings = own.filter(|(name, _)| name.starts_with(PREFIX));
        let mut variables: Vec<_> = settings
            .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
            .collect();
        variables.sort();
        Self { file, variables }
    }

    /// Reads them.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub(crate) fn read(&self) -> Result<Config, ConfigError> {
        let mut table = match self.text()? {
            Some((path, text)) => parse(&path, &text)?,
            None => Table::new(),
        };
        for (name, value) in &self.variables {
            set(&mut table, name, value)?;
        }
        // Each part was read by itself before, so this cannot fail; if it does, the last of them is named.
        table
            .try_into()
            .map_err(|error: toml::de::Error| ConfigError::Variable {
                name: self
                    .variables
                    .last()
                    .map(|(name, _)| name.clone())
                    .unwrap_or_default(),
                message: error.message().to_owned(),
            })
    }

    fn text(&self) -> Result<Option<(PathBuf, String)>, ConfigError> {
        let path = self.file.clone().unwrap_or_else(|| FILE.into());
        match read_bounded(&path) {
            Ok(Some(text)) => Ok(Some((path, text))),
            Ok(None) => Err(ConfigError::TooLarge { path }),
            Err(error) if error.kind() == ErrorKind::NotFound && self.file.is_none() => Ok(None),
            Err(source) => Err(ConfigError::Unreadable { path, source }),
        }
    }
}

/// Nothing, when the file is too large.
fn read_bounded(path: &Path) -> std::io::Result<Option<String>> {
    if fs::metadata(path)?.len() > FILE_BYTES_MAX {
        return Ok(None);
    }
    fs::read_to_string(path).map(Some)
}

fn parse(path: &Path, text: &str) -> Result<Table, ConfigError> {
    let fault = |error: toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        let (line, column) = position(text, at);
        ConfigError::File {
            path: path.to_owned(),
            line,
            column,
            message: error.message().to_owned(),
        }
    };
    toml::from_str::<Config>(text).map_err(fault)?;
    toml::from_str(text).map_err(fault)
}

/// Line and column of a byte, both from 1.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    (
        before.matches('\n').count() + 1,
        before[line_start..].chars().count() + 1,
    )
}

/// Sets `TOLLGATE_SECTION__KEY` in the table. The value is written as in the file, where a plain text needs no quotes.
fn set(table: &mut Table, name: &str, value: &str) -> Result<(), ConfigError> {
    let fault = |message: String| ConfigError::Variable {
        name: name.to_owned(),
        message,
    };
    let setting = name
        .strip_prefix(PREFIX)
        .unwrap_or(name)
        .to_ascii_lowercase();
    let Some((section, key)) = setting.split_once("__") else {
        return Err(fault(format!(
            "settings are named {PREFIX}SECTION__KEY; see tollgate config"
        )));
    };
    let mut first_fault = None;
    for candidate in readings(value) {
        match check(section, key, &candidate) {
            Ok(()) => {
                let section = table
                    .entry(section)
                    .or_insert_with(|| Value::Table(Table::new()));
                if let Value::Table(section) = section {
                    section.insert(key.to_owned(), candidate);
                }
                return Ok(());
            }
            Err(error) => {
                first_fault.get_or_insert(error.message().to_owned());
            }
        }
    }
    Err(fault(first_fault.unwrap_or_default()))
}

/// What a variable's text may mean: a value of TOML where it is one, or else, or if that does not fit, the text itself.
fn readings(value: &str) -> Vec<Value> {
    let text = Value::String(value.to_owned());
    let is_one_line = !value.contains(['\n', '\r']);
    let parsed = toml::from_str::<Table>(&format!("value = {value}"));
    match parsed
        .ok()
        .filter(|_| is_one_line)
        .and_then(|mut table| table.remove("value"))
    {
        Some(value) => vec![value, text],
        None => vec![text],
    }
}

fn check(section: &str, key: &str, value: &Value) -> Result<(), toml::de::Error> {
    let inner = Table::from_iter([(key.to_owned(), value.clone())]);
    let outer = Table::from_iter([(section.to_owned(), Value::Table(inner))]);
    outer.try_into::<Config>().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
        let mut table =
            parse(Path::new("tollgate.toml"), text).map_err(|error| error.to_string())?;
        for (name, value) in variables {
            set(&mut table, name, value).map_err(|error| error.to_string())?;
        }
        table
            .try_into()
            .map_err(|error: toml::de::Error| error.to_string())
    }

    #[test]
    fn the_environment_counts_for_more_than_the_file() {
        let config = read(
            "[server]\nlisten = \"127.0.0.1:1\"\nworkers = 3\n[log]\nlevel = \"warn\"",
            &[
                ("TOLLGATE_SERVER__LISTEN", "127.0.0.1:2"),
                ("TOLLGATE_CONTROL__ACCOUNT", "123456789012"),
                ("TOLLGATE_HOSTS__DOMAINS", "[\"a.example\"]"),
                (
                    "TOLLGATE_ACCESS_LOG__DESTINATIONS",
                    "{ \"pets\" = \"pets.log\" }",
                ),
                ("TOLLGATE_INTEGRATIONS__ALLOW_LINK_LOCAL", "true"),
                ("TOLLGATE_LIMITS__PROFILE", "relaxed"),
            ],
        )
        .unwrap();
        assert_eq!(config.server.listen.port(), 2);
        assert_eq!(config.server.workers(), 3);
        assert_eq!(config.control.account, "123456789012");
        assert_eq!(config.hosts.domains, ["a.example"]);
        assert_eq!(config.access_log.destinations.len(), 1);
        assert!(config.integrations.allow_link_local);
        assert_eq!(config.limits.gateway(), tollgate_gateway::Limits::RELAXED);
        assert_eq!(config.log.level(), "warn");
    }

    #[test]
    fn faults_of_the_file_name_line_and_column() {
        for (text, at, part) in [
            (
                "[server]\nlisten = \"127.0.0.1:1\"\nportt = 1",
                "3:1",
                "unknown field `portt`",
            ),
            ("[sever]\n", "1:2", "unknown field `sever`"),
            (
                "[server]\nlisten = \"nowhere\"",
                "2:10",
                "invalid socket address",
            ),
            (
                "[limits]\n\n  profile = \"tight\"",
                "3:13",
                "unknown variant `tight`",
            ),
            ("[server\n", "1:8", ""),
            ("[control]\naccount = \"12\"", "2:11", "12 digits"),
            ("[log]\nlevel = \"=\"", "2:9", "not a log level"),
        ] {
            let error = read(text, &[]).unwrap_err();
            assert!(
                error.starts_with(&format!("tollgate.toml:{at}: ")),
                "{text:?}: {error}"
            );
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }

    #[test]
    fn faults_of_the_environment_name_the_variable() {
        for (name, value, part) in [
            ("TOLLGATE_SERVER__PORTT", "1", "unknown field `portt`"),
            ("TOLLGATE_SEVER__LISTEN", "1", "unknown field `sever`"),
            ("TOLLGATE_LISTEN", "1", "TOLLGATE_SECTION__KEY"),
            ("TOLLGATE_SERVER__WORKERS", "many", "expected u16"),
            (
                "TOLLGATE_SERVER__WORKERS",
                "1\n[log]\nlevel = 'x'",
                "expected u16",
            ),
            ("TOLLGATE_SERVER__LISTEN", "here", "socket address"),
        ] {
            let error = read("", &[(name, value)]).unwrap_err();
            assert!(
                error.starts_with(&format!("environment variable {name}: ")),
                "{error}"
            );
            assert!(error.contains(part), "{name}={value}: {error}");
        }
    }
}
