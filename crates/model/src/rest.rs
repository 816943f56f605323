//! A REST API as one value: what an import makes, what a deployment freezes and what the gateway compiles.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html>
//!
//! Frozen, a definition is a list of contents named by their hashes, so that deployments share what did not change
//! between them.

use serde::{Deserialize, Serialize};
use tollgate_wire::apigateway::{
    Authorizer, DocumentationPart, GatewayResponse, Method, Model, RequestValidator, Resource,
    RestApi,
};
use tollgate_wire::{Shape, json};

/// A REST API with everything that decides how it answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Definition {
    /// The API's own members.
    pub api: RestApi,
    /// The resource tree, the root included; a resource's methods are in `methods`.
    pub resources: Vec<Resource>,
    /// The methods, each with its integration and responses.
    pub methods: Vec<MethodOf>,
    /// The models that methods name, and those that these refer to.
    pub models: Vec<Model>,
    /// The request validators that methods name.
    pub validators: Vec<RequestValidator>,
    /// The customised gateway responses.
    pub gateway_responses: Vec<GatewayResponse>,
    /// The authorizers that methods name.
    pub authorizers: Vec<Authorizer>,
    /// What is written about the API and its parts. It decides nothing of an answer and is never frozen: documentation
    /// has versions of its own.
    pub documentation_parts: Vec<DocumentationPart>,
}

/// A method and where it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MethodOf {
    /// The id of its resource.
    pub resource_id: String,
    /// The method, with its integration and responses.
    pub method: Method,
}

/// A deployment as it is stored: what froze, by name, and the only thing that may change of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredDeployment {
    /// The deployment's description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it froze.
    pub manifest: Manifest,
}

/// The contents of a frozen definition, in the definition's order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// One entry for each part of the definition; equal parts have equal hashes.
    pub parts: Vec<Part>,
}

/// One part of a frozen definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// The id of the resource that a method belongs to; nothing for all other parts. It is not part of the content, so
    /// that equal methods of many resources (every CORS preflight) are stored once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    /// The BLAKE3 hash of the content.
    #[serde(with = "hex_hash")]
    pub hash: [u8; 32],
}

/// What a part of a definition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PartKind {
    /// The API's own members.
    Api,
    /// A resource.
    Resource,
    /// A method with its integration and responses.
    Method,
    /// A model.
    Model,
    /// A request validator.
    Validator,
    /// A customised gateway response.
    GatewayResponse,
    /// An authorizer.
    Authorizer,
}

/// A stored definition that cannot be read back.
#[derive(Debug, thiserror::Error)]
pub enum ThawError {
    /// Not every content came.
    #[error("the deployment names {named} contents, {given} came")]
    Missing {
        /// How many the manifest names.
        named: usize,
        /// How many came.
        given: usize,
    },
    /// A content is not what the manifest says it is.
    #[error("content {at} ({kind:?}) cannot be read: {reason}")]
    Unreadable {
        /// Its place in the manifest.
        at: usize,
        /// What it should be.
        kind: PartKind,
        /// Why.
        reason: String,
    },
}

/// The hash of a part, and its bytes.
pub type Content = ([u8; 32], Vec<u8>);

impl Definition {
    /// Freezes the definition: the manifest, and the content of each of its parts with its hash, in the same order.
    pub fn freeze(&self) -> (Manifest, Vec<Content>) {
        let mut frozen = Frozen::default();
        frozen.add(PartKind::Api, None, &self.api);
        for resource in &self.resources {
            frozen.add(PartKind::Resource, None, resource);
        }
        for it in &self.methods {
            frozen.add(PartKind::Method, Some(it.resource_id.clone()), &it.method);
        }
        for model in &self.models {
            frozen.add(PartKind::Model, None, model);
        }
        for validator in &self.validators {
            frozen.add(PartKind::Validator, None, validator);
        }
        for response in &self.gateway_responses {
            frozen.add(PartKind::GatewayResponse, None, response);
        }
        for authorizer in &self.authorizers {
            frozen.add(PartKind::Authorizer, None, authorizer);
        }
        (frozen.manifest, frozen.contents)
    }

    /// Reads a definition back out of the contents that its manifest names, in the manifest's order.
    ///
    /// # Errors
    /// When a content is missing or is no shape of its kind: the store is damaged, or a newer version wrote it.
    pub fn thaw(manifest: &Manifest, contents: &[impl AsRef<[u8]>]) -> Result<Self, ThawError> {
        if manifest.parts.len() != contents.len() {
            return Err(ThawError::Missing {
                named: manifest.parts.len(),
                given: contents.len(),
            });
        }
        let mut definition = Self::default();
        for (at, (part, content)) in manifest.parts.iter().zip(contents).enumerate() {
            let taken = definition.take(part, content.as_ref());
            taken.map_err(|reason| ThawError::Unreadable {
                at,
                kind: part.kind,
                reason,
            })?;
        }
        Ok(definition)
    }

    fn take(&mut self, part: &Part, content: &[u8]) -> Result<(), String> {
        match part.kind {
            PartKind::Api => self.api = read(content)?,
            PartKind::Resource => self.resources.push(read(content)?),
            PartKind::Method => self.methods.push(MethodOf {
                resource_id: part.resource_id.clone().unwrap_or_default(),
                method: read(content)?,
            }),
            PartKind::Model => self.models.push(read(content)?),
            PartKind::Validator => self.validators.push(read(content)?),
            PartKind::GatewayResponse => self.gateway_responses.push(read(content)?),
            PartKind::Authorizer => self.authorizers.push(read(content)?),
        }
        Ok(())
    }
}

impl Manifest {
    /// The name of what is frozen: two deployments with the same name answer alike.
    pub fn hash(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        for part in &self.parts {
            hasher.update(&[part.kind as u8]);
            // An id never holds a zero byte, so the end of it is certain.
            hasher.update(part.resource_id.as_deref().unwrap_or_default().as_bytes());
            hasher.update(&[0]);
            hasher.update(&part.hash);
        }
        *hasher.finalize().as_bytes()
    }
}

impl StoredDeployment {
    /// As it is stored.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("text, lists and enums always have a JSON form")
    }

    /// As it was stored.
    ///
    /// # Errors
    /// When the bytes are not what [`StoredDeployment::to_json`] writes.
    pub fn from_json(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }
}

#[derive(Default)]
struct Frozen {
    manifest: Manifest,
    contents: Vec<Content>,
}

impl Frozen {
    fn add<T: Shape>(&mut self, kind: PartKind, resource_id: Option<String>, shape: &T) {
        let bytes = json::to_vec(shape);
        let hash = *blake3::hash(&bytes).as_bytes();
        self.manifest.parts.push(Part {
            kind,
            resource_id,
            hash,
        });
        self.contents.push((hash, bytes));
    }
}

fn read<T: Shape>(content: &[u8]) -> Result<T, String> {
    json::from_slice(content).map_err(|error| error.to_string())
}

/// Hashes as people read them.
mod hex_hash {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(hash: &[u8; 32], out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&blake3::Hash::from_bytes(*hash).to_hex())
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<[u8; 32], D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
        let hash = blake3::Hash::from_hex(&*text).map_err(D::Error::custom)?;
        Ok(*hash.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition() -> Definition {
        let method = |resource_id: &str| MethodOf {
            resource_id: resource_id.to_owned(),
            method: Method {
                http_method: Some("OPTIONS".to_owned()),
                ..Method::default()
            },
        };
        Definition {
            api: RestApi {
                name: Some("pets".to_owned()),
                ..RestApi::default()
            },
            resources: vec![Resource {
                id: Some("abc".to_owned()),
                path: Some("/".to_owned()),
                ..Resource::default()
            }],
            methods: vec![method("abc"), method("def")],
            models: vec![Model::default()],
            validators: vec![RequestValidator::default()],
            gateway_responses: vec![GatewayResponse::default()],
            authorizers: vec![Authorizer::default()],
            documentation_parts: Vec::new(),
        }
    }

    fn contents(frozen: Vec<([u8; 32], Vec<u8>)>) -> Vec<Vec<u8>> {
        frozen.into_iter().map(|(_, bytes)| bytes).collect()
    }

    #[test]
    fn what_is_frozen_thaws_to_the_same() {
        let (manifest, frozen) = definition().freeze();
        let stored = StoredDeployment {
            description: Some("first".to_owned()),
            manifest,
        };
        let stored = StoredDeployment::from_json(&stored.to_json()).expect("own form");
        let thawed =
            Definition::thaw(&stored.manifest, &contents(frozen)).expect("all contents are there");
        assert_eq!(thawed, definition());
    }

    #[test]
    fn equal_methods_of_two_resources_are_one_content() {
        let (manifest, _) = definition().freeze();
        let mut methods = manifest
            .parts
            .iter()
            .filter(|part| part.kind == PartKind::Method);
        assert_eq!(
            methods.next().map(|part| part.hash),
            methods.next().map(|part| part.hash)
        );
    }

    #[test]
    fn definitions_that_differ_have_different_names() {
        let mut other = definition();
        other.methods[1].resource_id = "ghi".to_owned();
        assert_ne!(definition().freeze().0.hash(), other.freeze().0.hash());
        assert_eq!(
            definition().freeze().0.hash(),
            definition().freeze().0.hash()
        );
    }

    #[test]
    fn damage_is_told_by_place() {
        let (manifest, frozen) = definition().freeze();
        let mut contents = contents(frozen);
        contents[1] = b"{".to_vec();
        let error = Definition::thaw(&manifest, &contents).expect_err("a content is cut short");
        assert!(
            error
                .to_string()
                .starts_with("content 1 (Resource) cannot be read"),
            "{error}"
        );
        contents.pop();
        let error = Definition::thaw(&manifest, &contents).expect_err("a content is gone");
        assert_eq!(error.to_string(), "the deployment names 8 contents, 7 came");
    }
}
