//! As whom a client command calls: the usual AWS credentials, of the environment or of the shared file.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// An access key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Keys {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) session_token: Option<String>,
}

/// Those of the profile named, or else of the environment, or else of the profile `default`. On this machine any will do
/// where there are none: `dev` takes every key.
pub(super) fn find(profile: Option<&str>, is_this_machine: bool) -> Result<Keys> {
    if profile.is_none()
        && let Some(keys) = of_environment()
    {
        return Ok(keys);
    }
    let named = profile
        .map(str::to_owned)
        .or_else(|| env::var("AWS_PROFILE").ok());
    match (of_file(named.as_deref().unwrap_or("default"))?, named) {
        (Some(keys), _) => Ok(keys),
        (None, Some(named)) => bail!("there is no profile {named:?} with an access key"),
        (None, None) if is_this_machine => Ok(any()),
        (None, None) => bail!(
            "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a --profile"
        ),
    }
}

fn any() -> Keys {
    Keys {
        id: "test".to_owned(),
        secret: "test".to_owned(),
        session_token: None,
    }
}

fn of_environment() -> Option<Keys> {
    Some(Keys {
        id: env::var("AWS_ACCESS_KEY_ID").ok()?,
        secret: env::var("AWS_SECRET_ACCESS_KEY").ok()?,
        session_token: env::var("AWS_SESSION_TOKEN").ok(),
    })
}

fn of_file(profile: &str) -> Result<Option<Keys>> {
    let Some(path) = path() else {
        return Ok(None);
    };
    match fs::read_to_string(&path) {
        Ok(text) => Ok(of_text(&text, profile)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn path() -> Option<PathBuf> {
    let named = env::var_os("AWS_SHARED_CREDENTIALS_FILE").map(PathBuf::from);
    named.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".aws/credentials")))
}

fn of_text(text: &str, profile: &str) -> Option<Keys> {
    let value = |name: &str| {
        let mut within = false;
        text.lines().map(str::trim).find_map(|line| {
            if let Some(section) = line.strip_prefix('[') {
                within = section.trim_end_matches(']').trim() == profile;
            }
            let (known, value) = line.split_once('=').filter(|_| within)?;
            known
                .trim()
                .eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    };
    Some(Keys {
        id: value("aws_access_key_id")?,
        secret: value("aws_secret_access_key")?,
        session_token: value("aws_session_token"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_found_by_name() {
        let text = "[default]\naws_access_key_id = A\naws_secret_access_key=a=\n# note\n[other]\nAWS_ACCESS_KEY_ID=B\naws_secret_access_key = b\naws_session_token = t\n[empty]\n";
        let keys = |id: &str, secret: &str, token: Option<&str>| Keys {
            id: id.to_owned(),
            secret: secret.to_owned(),
            session_token: token.map(str::to_owned),
        };
        assert_eq!(of_text(text, "default"), Some(keys("A", "a=", None)));
        assert_eq!(of_text(text, "other"), Some(keys("B", "b", Some("t"))));
        assert_eq!(of_text(text, "empty"), None);
        assert_eq!(of_text(text, "missing"), None);
    }
}
