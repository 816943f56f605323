//! Which file each operation and each shape belongs to: a file per resource, so that they stay readable.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};

use super::Resources;
use super::model::{Kind, Model, Operation};

/// Resources by the literal segments of an operation's URI.
pub(crate) const APIGATEWAY: &[(&str, &str)] = &[
    ("account", "account"),
    ("apikeys", "api_keys"),
    ("clientcertificates", "client_certificates"),
    (
        "domainnameaccessassociations",
        "domain_name_access_associations",
    ),
    ("domainnames", "domain_names"),
    ("domainnames/basepathmappings", "base_path_mappings"),
    (
        "rejectdomainnameaccessassociations",
        "domain_name_access_associations",
    ),
    ("restapis", "rest_apis"),
    ("restapis/authorizers", "authorizers"),
    ("restapis/deployments", "deployments"),
    ("restapis/documentation/parts", "documentation_parts"),
    ("restapis/documentation/versions", "documentation_versions"),
    ("restapis/gatewayresponses", "gateway_responses"),
    ("restapis/models", "models"),
    ("restapis/models/default_template", "models"),
    ("restapis/requestvalidators", "request_validators"),
    ("restapis/resources", "resources"),
    ("restapis/resources/methods", "methods"),
    ("restapis/resources/methods/integration", "integrations"),
    (
        "restapis/resources/methods/integration/responses",
        "integration_responses",
    ),
    ("restapis/resources/methods/responses", "method_responses"),
    ("restapis/stages", "stages"),
    ("restapis/stages/cache/authorizers", "stages"),
    ("restapis/stages/cache/data", "stages"),
    ("restapis/stages/exports", "exports"),
    ("restapis/stages/sdks", "sdks"),
    ("sdktypes", "sdks"),
    ("tags", "tags"),
    ("usageplans", "usage_plans"),
    ("usageplans/keys", "usage_plan_keys"),
    ("usageplans/keys/usage", "usage"),
    ("usageplans/usage", "usage"),
    ("vpclinks", "vpc_links"),
];

/// What several resources share.
const SHARED: &str = "shared";
/// Shapes that are no structures: what is demanded of texts, and what lists and maps hold.
pub(crate) const VALUES: &str = "values";

/// Operations and shapes by file.
pub(crate) struct Layout {
    /// Indexes of operations by file.
    pub(crate) operations: BTreeMap<String, Vec<usize>>,
    /// The file of each shape that an operation reaches.
    pub(crate) file_of: BTreeMap<String, String>,
}

/// Lays a model out.
pub(crate) fn lay_out(model: &Model, resources: &Resources) -> Result<Layout> {
    let mut operations: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut owners = Owners::default();
    for (index, operation) in model.all_operations.iter().enumerate() {
        let file = file_of(operation, resources)?;
        operations.entry(file.to_owned()).or_default().push(index);
        for reference in [&operation.input, &operation.output].into_iter().flatten() {
            owners
                .direct
                .entry(reference.shape.clone())
                .or_default()
                .insert(file.to_owned());
            owners.reach(model, &reference.shape, file)?;
        }
    }
    Ok(Layout {
        operations,
        file_of: owners.files(model)?,
    })
}

fn file_of(operation: &Operation, resources: &Resources) -> Result<&'static str> {
    let name = operation.name.as_str();
    let found = match resources {
        Resources::Uris(files) => {
            let key = literals(&operation.http.request_uri);
            let mut files = files.iter();
            files.find(|(known, _)| *known == key).map(|(_, file)| file)
        }
        Resources::Names(files) => {
            let mut files = files.iter();
            files
                .find(|(_, names)| names.contains(&name))
                .map(|(file, _)| file)
        }
    };
    found
        .copied()
        .with_context(|| format!("no file is named for {name}"))
}

/// The segments of a URI's path that are no labels.
fn literals(uri: &str) -> String {
    let path = uri.split('?').next().unwrap_or_default();
    let literals: Vec<_> = path
        .split('/')
        .filter(|part| !part.is_empty() && !part.starts_with('{'))
        .collect();
    literals.join("/")
}

/// The files whose operations use a shape: at once, or through other shapes.
#[derive(Default)]
struct Owners {
    direct: BTreeMap<String, BTreeSet<String>>,
    any: BTreeMap<String, BTreeSet<String>>,
}

impl Owners {
    fn reach(&mut self, model: &Model, name: &str, file: &str) -> Result<()> {
        if !self
            .any
            .entry(name.to_owned())
            .or_default()
            .insert(file.to_owned())
        {
            return Ok(());
        }
        let shape = model.shape(name)?;
        let members = shape.all_members.iter().map(|(_, reference)| reference);
        let parts = members.chain(&shape.member).chain(&shape.value);
        parts
            .into_iter()
            .try_for_each(|reference| self.reach(model, &reference.shape, file))
    }

    /// A structure belongs to the resource whose operations take or give it, else to the only one that uses it.
    fn files(&self, model: &Model) -> Result<BTreeMap<String, String>> {
        let only = |files: &BTreeSet<String>| match files.len() {
            1 => files.first().cloned(),
            _ => None,
        };
        let mut files = BTreeMap::new();
        for (name, any) in &self.any {
            let file = match model.shape(name)?.kind {
                Kind::Structure => {
                    let direct = self.direct.get(name).and_then(only);
                    direct
                        .or_else(|| only(any))
                        .unwrap_or_else(|| SHARED.to_owned())
                }
                _ => VALUES.to_owned(),
            };
            files.insert(name.clone(), file);
        }
        Ok(files)
    }
}
