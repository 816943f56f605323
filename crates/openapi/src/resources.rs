//! The resource tree that the paths of a document make. A resource's provisional id is its path; the control plane
//! gives real ones. <https://docs.aws.amazon.com/apigateway/latest/api/API_Resource.html>

use std::collections::{HashMap, HashSet};

use tollgate_wire::apigateway::Resource;

/// What AWS answers for a path part it does not take; quoted by users, not in the recordings.
const ILLEGAL_PART: &str = "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end";
/// Bytes of one path. Every part of it becomes a resource that holds the path so far.
pub const PATH_BYTES_MAX: usize = 2_048;
/// Resources of one document. API Gateway's quota is 300 unless raised; this only bounds memory.
const RESOURCES_MAX: usize = 10_000;

/// Resources in the order in which the document needs them, a parent always before its children.
#[derive(Debug)]
pub(crate) struct Resources {
    resources: Vec<Resource>,
    paths: HashSet<String>,
    /// The one child of a path that is a variable.
    variables: HashMap<String, String>,
}

impl Resources {
    /// A tree with nothing but its root, as every API has.
    pub(crate) fn new() -> Self {
        let root = Resource {
            id: Some("/".to_owned()),
            path: Some("/".to_owned()),
            ..Resource::default()
        };
        Self {
            resources: vec![root],
            paths: HashSet::from(["/".to_owned()]),
            variables: HashMap::new(),
        }
    }

    pub(crate) fn into_list(self) -> Vec<Resource> {
        self.resources
    }

    /// Makes the resource of a path, with every resource above it, and gives its provisional id. The error is AWS's
    /// text, for the path that it is about.
    pub(crate) fn ensure(&mut self, parts: &[&str]) -> Result<String, String> {
        let bytes: usize = parts.iter().map(|part| part.len() + 1).sum();
        if bytes > PATH_BYTES_MAX {
            return Err(format!(
                "Unable to create resource: its path is longer than {PATH_BYTES_MAX} bytes"
            ));
        }
        let mut parent = "/".to_owned();
        for part in parts {
            let path = joined(&parent, part);
            if !self.paths.contains(&path) {
                let added = self.add(&parent, part, &path);
                added.map_err(|reason| refusal(&path, &reason))?;
            }
            parent = path;
        }
        Ok(parent)
    }

    fn add(&mut self, parent: &str, part: &str, path: &str) -> Result<(), String> {
        let variable = part.starts_with('{');
        check_path_part(part)?;
        if let Some(greedy) = parent
            .rsplit('/')
            .next()
            .filter(|above| above.ends_with("+}"))
        {
            return Err(format!(
                "Cannot create a child of a resource with a greedy path variable: {greedy}"
            ));
        }
        if let Some(sibling) = self.variables.get(parent).filter(|_| variable) {
            return Err(second_variable(sibling));
        }
        if self.resources.len() == RESOURCES_MAX {
            return Err(format!("more than {RESOURCES_MAX} resources"));
        }
        if variable {
            self.variables.insert(parent.to_owned(), part.to_owned());
        }
        self.paths.insert(path.to_owned());
        self.resources.push(Resource {
            id: Some(path.to_owned()),
            parent_id: Some(parent.to_owned()),
            path: Some(path.to_owned()),
            path_part: Some(part.to_owned()),
            ..Resource::default()
        });
        Ok(())
    }
}

fn refusal(path: &str, reason: &str) -> String {
    format!("Unable to create resource at path '{path}': {reason}")
}

fn second_variable(sibling: &str) -> String {
    format!(
        "A sibling ({sibling}) of this resource already has a variable path part -- only one is allowed"
    )
}

/// What an import answers for a variable at `path` where `sibling` is one already.
pub fn variable_taken(path: &str, sibling: &str) -> String {
    refusal(path, &second_variable(sibling))
}

fn joined(parent: &str, part: &str) -> String {
    if parent == "/" {
        format!("/{part}")
    } else {
        format!("{parent}/{part}")
    }
}

/// Holds a path part to the characters of the developer guide's list of limits: `A-Za-z0-9_-.,:`, and a whole part in
/// braces.
///
/// # Errors
/// AWS's text.
pub fn check_path_part(part: &str) -> Result<(), &'static str> {
    let name = variable_name(part).unwrap_or(part);
    let plain = |character: char| character.is_ascii_alphanumeric() || "_-.,:".contains(character);
    match !name.is_empty() && name.chars().all(plain) {
        true => Ok(()),
        false => Err(ILLEGAL_PART),
    }
}

/// The name of the variable that a path part is: `id` of `{id}`, `proxy` of `{proxy+}`.
pub(crate) fn variable_name(part: &str) -> Option<&str> {
    let inside = part.strip_prefix('{')?.strip_suffix('}')?;
    Some(inside.strip_suffix('+').unwrap_or(inside))
}
