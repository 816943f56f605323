//! A request with the definition that it ran on: all that its answer depends on, in one value.

use tollgate_model::rest::{Definition, StoredDeployment};
use tollgate_store::{ContentHash, Key, Kind, Store, StoreError};

use super::Recorder;
use super::deleted::Frozen;
use super::kept::{Kept, KeptBody, Ran};
use super::redaction::{Redaction, Secrets};
use super::rerun::Answer;
use crate::callers::Identified;
use crate::gateway::Settings;
use crate::limits::Limits;

/// A request and what it ran on.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The request.
    pub kept: Kept,
    /// What was deployed; nothing where no stage was found.
    pub definition: Option<Definition>,
    /// Domains of APIs beside those that are always known.
    pub domains: Vec<String>,
    /// The gateway's limits.
    pub limits: Limits,
    /// What was answered.
    pub answer: Option<Answer>,
    /// What of it is hidden, in words.
    pub hidden: Vec<String>,
}

/// Why a kept request cannot be had with its definition.
#[derive(Debug, thiserror::Error)]
pub enum Unrecorded {
    /// The deployment that it ran on was deleted, and so much after it that it is not remembered.
    #[error(
        "deployment {deployment} of API {api}, which request {request} ran on, was deleted and is remembered no more \
         ([recorder] deleted_deployments_bytes_max bounds what is)"
    )]
    NoDeployment {
        /// The request's id.
        request: String,
        /// The API's id.
        api: String,
        /// The deployment's id.
        deployment: String,
    },
    /// What is stored of it cannot be read.
    #[error("the deployment cannot be read: {0}")]
    Unreadable(String),
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Recording {
    /// A kept request with its definition out of the store, as a gateway of these settings and domains answered it.
    ///
    /// # Errors
    /// When the definition is neither stored nor remembered any more.
    pub async fn of(
        kept: Kept,
        store: &dyn Store,
        settings: &Settings,
        domains: &[String],
    ) -> Result<Self, Unrecorded> {
        let definition = match &kept.ran {
            Some(ran) => Some(definition(&kept, ran, store, settings.recorder.as_deref()).await?),
            None => None,
        };
        Ok(Self {
            kept,
            definition,
            domains: domains.to_vec(),
            limits: settings.limits.clone(),
            answer: None,
            hidden: Vec::new(),
        })
    }

    /// What of it never leaves.
    pub(super) fn secrets(&self, redaction: &Redaction) -> Secrets {
        let mut secrets = Secrets::default();
        let kept = &self.kept;
        let answered = kept
            .outcomes
            .iter()
            .filter_map(|it| it.result.as_ref().ok());
        let own = kept.headers.iter().map(|(name, value)| (&**name, &**value));
        let theirs = answered.clone().flat_map(|it| it.headers.iter());
        for (name, value) in own.chain(theirs) {
            redaction.note_header(name, value, &mut secrets);
        }
        redaction.note_target(&kept.target, &mut secrets);
        if let KeptBody::Whole(body) = &kept.body {
            redaction.note_body(body, &mut secrets);
        }
        for answered in answered {
            redaction.note_body(&answered.body, &mut secrets);
        }
        for (name, value) in self.answer.iter().flat_map(|answer| &answer.headers) {
            redaction.note_header(name, value, &mut secrets);
        }
        if let Some(answer) = &self.answer {
            redaction.note_body(&answer.body, &mut secrets);
        }
        for (name, value) in self.mapped_literals() {
            redaction.note_header(name, value.as_bytes(), &mut secrets);
        }
        secrets
    }

    /// The recording as it may leave.
    pub fn redacted(mut self, redaction: &Redaction) -> Self {
        let redaction = &redaction.with_headers(self.identity_headers());
        let mut secrets = self.secrets(redaction);
        let kept = &mut self.kept;
        kept.target = redaction.target(&kept.target, &secrets);
        for (name, value) in &mut kept.headers {
            *value = redaction.header(name, value, &secrets);
        }
        if let KeptBody::Whole(body) = &mut kept.body {
            *body = redaction.body(body, &mut secrets).into();
        }
        for answered in kept
            .outcomes
            .iter_mut()
            .filter_map(|it| it.result.as_mut().ok())
        {
            answered.body = redaction.body(&answered.body, &mut secrets).into();
            answered.headers = hidden_headers(&answered.headers, redaction, &secrets);
        }
        kept.reason = kept.reason.take().map(|it| secrets.hide(&it).into_owned());
        if let Some(Identified::Refused(refused)) = kept.identified.as_deref_mut() {
            refused.message = secrets.hide(&refused.message).into_owned();
            refused.reason = secrets.hide(&refused.reason).into_owned();
        }
        if let Some(answer) = &mut self.answer {
            for (name, value) in &mut answer.headers {
                *value = redaction.header(name, value, &secrets);
            }
            answer.body = redaction.body(&answer.body, &mut secrets).into();
            answer.reason = answer
                .reason
                .take()
                .map(|it| secrets.hide(&it).into_owned());
        }
        self.hide_literals(redaction);
        self.hidden = secrets.places;
        self
    }

    /// The headers that authorizers take credentials from, whatever they are called.
    pub(super) fn identity_headers(&self) -> impl Iterator<Item = &str> {
        let authorizers = self.definition.iter().flat_map(|it| &it.authorizers);
        let sources = authorizers.filter_map(|it| it.identity_source.as_deref());
        let sources = sources.flat_map(|it| it.split(','));
        sources.filter_map(|it| it.trim().strip_prefix("method.request.header."))
    }

    /// The texts that the definition's mappings put into headers as they stand: `'secret'`.
    fn mapped_literals(&self) -> impl Iterator<Item = (&str, &str)> {
        let methods = self.definition.iter().flat_map(|it| &it.methods);
        let integrations = methods.filter_map(|it| it.method.method_integration.as_ref());
        let rows = integrations.flat_map(|it| it.request_parameters.iter().flatten());
        rows.filter_map(|(to, from)| Some((header_of(to)?, literal(from.as_deref()?)?)))
    }

    fn hide_literals(&mut self, redaction: &Redaction) {
        let methods = self.definition.iter_mut().flat_map(|it| &mut it.methods);
        let integrations = methods.filter_map(|it| it.method.method_integration.as_mut());
        for (to, from) in integrations.flat_map(|it| it.request_parameters.iter_mut().flatten()) {
            let is_hidden = header_of(to).is_some_and(|name| redaction.hides_header(name));
            if is_hidden && from.as_deref().and_then(literal).is_some() {
                *from = Some(format!("'{}'", super::redaction::HIDDEN));
            }
        }
    }
}

fn header_of(destination: &str) -> Option<&str> {
    destination.strip_prefix("integration.request.header.")
}

fn literal(source: &str) -> Option<&str> {
    source.strip_prefix('\'')?.strip_suffix('\'')
}

fn hidden_headers(
    headers: &tollgate_http::Headers,
    redaction: &Redaction,
    secrets: &Secrets,
) -> tollgate_http::Headers {
    let mut hidden = tollgate_http::Headers::new();
    for (name, value) in headers.iter() {
        // The name came valid, and so is what stands for a value.
        let _ = hidden.push(name, &redaction.header(name, value, secrets));
    }
    hidden
}

/// What a request ran on: out of the store, or as it was before it was deleted.
async fn definition(
    kept: &Kept,
    ran: &Ran,
    store: &dyn Store,
    recorder: Option<&Recorder>,
) -> Result<Definition, Unrecorded> {
    let frozen = match stored(ran, store).await? {
        Some(frozen) => Some(frozen),
        None => recorder.and_then(|recorder| recorder.find_deleted(&ran.hash)),
    };
    let frozen = frozen.ok_or_else(|| Unrecorded::NoDeployment {
        request: kept.arrival.request_id().to_owned(),
        api: ran.api.id.to_string(),
        deployment: ran.settings.deployment_id.clone(),
    })?;
    Definition::thaw(&frozen.manifest, &frozen.contents)
        .map_err(|error| Unrecorded::Unreadable(error.to_string()))
}

/// What the store has of it; nothing if it was deleted, perhaps between two reads.
async fn stored(ran: &Ran, store: &dyn Store) -> Result<Option<Frozen>, Unrecorded> {
    let key = Key {
        account: ran.api.account.clone(),
        region: ran.api.region.clone(),
        kind: Kind::Deployment,
        parent: ran.api.id.clone(),
        id: ran.settings.deployment_id.as_str().into(),
    };
    let Some(entity) = store.get(&key).await? else {
        return Ok(None);
    };
    let StoredDeployment { manifest, .. } = StoredDeployment::from_json(&entity.body)
        .map_err(|error| Unrecorded::Unreadable(error.to_string()))?;
    if manifest.hash() != ran.hash {
        return Ok(None);
    }
    let hashes = manifest.parts.iter().map(|part| ContentHash(part.hash));
    match store.contents(hashes.collect()).await {
        Err(StoreError::MissingContent { .. }) => Ok(None),
        contents => Ok(Some(Frozen {
            manifest,
            contents: contents?,
        })),
    }
}
