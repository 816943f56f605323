//! The root access key: made at the first start, its secret sealed in the store.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html>

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use tollgate_control::RootKey;
use tollgate_model::clock::Clock;
use tollgate_model::random::Random;
use tollgate_model::seal::Seal;
use tollgate_store::{Commit, Entity, Expected, Key, Kind, PAGE_MAX, Put, Store};

use super::key_file;
use super::seal::{KEY_BYTES, Sealer};

/// The version of the stored form.
const FORMAT: u32 = 1;

/// The root keys of a store.
#[derive(Debug)]
pub(crate) struct RootKeys {
    /// All of them.
    pub(crate) keys: Vec<RootKey>,
    /// Whether they were made just now, so that their owner must be told.
    pub(crate) are_new: bool,
}

/// What is stored of a key.
#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    /// Nonce, ciphertext and tag, in base64.
    sealed_secret: String,
}

/// The sealer of a store's secrets, with the key in the file; one is made where there are no secrets yet.
pub(crate) async fn sealer(
    store: &dyn Store,
    key_file: &Path,
    random: &mut Random,
) -> Result<Sealer> {
    let key = match key_file::read(key_file)? {
        Some(key) => key,
        None if has_secrets(store).await? => bail!(
            "the secrets in the data folder are sealed with a key that should be in {}; that file is missing",
            key_file.display()
        ),
        None => {
            let mut key = [0; KEY_BYTES];
            random.fill(&mut key);
            key_file::create(key_file, &key)?;
            key
        }
    };
    Ok(Sealer::new(&key)?)
}

async fn has_secrets(store: &dyn Store) -> Result<bool> {
    for kind in [Kind::RootKey, Kind::AccessKey, Kind::ApiKey] {
        if !store.all(kind, None, 1).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The root keys of the store; one is made for `account` where there is none.
pub(crate) async fn root_keys(
    store: &dyn Store,
    sealer: &Sealer,
    account: &str,
    clock: &Clock,
    random: &mut Random,
) -> Result<RootKeys> {
    let stored = store.all(Kind::RootKey, None, PAGE_MAX).await?;
    if stored.is_empty() {
        let key = create(store, sealer, account, clock, random).await?;
        return Ok(RootKeys {
            keys: vec![key],
            are_new: true,
        });
    }
    let opened: Result<_> = stored.iter().map(|entity| open(entity, sealer)).collect();
    Ok(RootKeys {
        keys: opened?,
        are_new: false,
    })
}

async fn create(
    store: &dyn Store,
    sealer: &Sealer,
    account: &str,
    clock: &Clock,
    random: &mut Random,
) -> Result<RootKey> {
    // As long as AWS's, in its alphabet, but not of its prefix: no scanner shall take it for one of AWS's.
    let id = format!("TGRK{}", random.lowercase_id(16).to_ascii_uppercase());
    let secret = random.mixed_text(40);
    let key = Key::top(account, "", Kind::RootKey, &id);
    let sealed = sealer.seal(&owner(&key), secret.as_bytes(), random)?;
    let stored = Stored {
        sealed_secret: BASE64_STANDARD.encode(sealed),
    };
    let put = Put {
        key: key.clone(),
        format: FORMAT,
        created_ms: clock.now_ms(),
        tags: BTreeMap::new(),
        body: serde_json::to_vec(&stored)?,
        contents: Vec::new(),
    };
    let commit = Commit {
        expect: vec![(key, Expected::Absent)],
        puts: vec![put],
        ..Commit::default()
    };
    store.commit(commit).await?;
    Ok(RootKey {
        id,
        secret,
        account: account.to_owned(),
    })
}

fn open(entity: &Entity, sealer: &Sealer) -> Result<RootKey> {
    let key = &entity.key;
    if entity.format != FORMAT {
        bail!("the access key {} was written by a newer tollgate", key.id);
    }
    let secret = opened(entity, sealer)
        .with_context(|| format!("cannot open the secret of access key {}", key.id))?;
    Ok(RootKey {
        id: key.id.clone().into(),
        secret,
        account: key.account.clone().into(),
    })
}

fn opened(entity: &Entity, sealer: &Sealer) -> Result<String> {
    let stored: Stored = serde_json::from_slice(&entity.body)?;
    let sealed = BASE64_STANDARD.decode(stored.sealed_secret)?;
    let secret = sealer
        .open(&owner(&entity.key), &sealed)
        .context("it was sealed with another key, or changed since")?;
    Ok(String::from_utf8(secret)?)
}

/// What a secret is bound to: moved to another key's entry it does not open.
fn owner(key: &Key) -> String {
    format!("{}/{}/{}", key.kind, key.account, key.id)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tollgate_store::{Options, Sqlite};

    use super::*;

    fn keys(folder: &Path, key_file: &Path) -> Result<RootKeys> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let store = Sqlite::open(folder, Options::default())?;
        let (clock, mut random) = (Clock::at(1), Random::from_os());
        runtime.block_on(async {
            let sealer = sealer(&store, key_file, &mut random).await?;
            root_keys(&store, &sealer, "123456789012", &clock, &mut random).await
        })
    }

    #[test]
    fn a_root_key_is_made_once_and_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let (data, key_file) = (
            folder.path().join("data"),
            folder.path().join("secrets.key"),
        );
        let first = keys(&data, &key_file).unwrap();
        assert!(first.are_new);
        let again = keys(&data, &key_file).unwrap();
        assert!(!again.are_new);
        assert_eq!(first.keys, again.keys);
        assert_eq!(first.keys[0].account, "123456789012");
        for file in fs::read_dir(&data).unwrap() {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            let secret = first.keys[0].secret.as_bytes();
            assert!(
                !bytes.windows(secret.len()).any(|window| window == secret),
                "the secret is nowhere in clear"
            );
        }
    }

    #[test]
    fn without_the_right_key_nothing_is_opened_and_nothing_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let (data, key_file) = (
            folder.path().join("data"),
            folder.path().join("secrets.key"),
        );
        keys(&data, &key_file).unwrap();
        fs::remove_file(&key_file).unwrap();
        let error = format!("{:#}", keys(&data, &key_file).unwrap_err());
        assert!(
            error.contains("secrets.key; that file is missing"),
            "{error}"
        );
        assert!(!key_file.exists());
        key_file::create(&key_file, &[1; KEY_BYTES]).unwrap();
        let error = format!("{:#}", keys(&data, &key_file).unwrap_err());
        assert!(error.contains("sealed with another key"), "{error}");
    }
}
