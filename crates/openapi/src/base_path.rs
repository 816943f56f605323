//! The base path of a document: Swagger's `basePath`, or OpenAPI's server variable of that name, or else the path of
//! the first server's URL. Recorded with and without a variable, and with a slash at the end.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-basePath.html>

use crate::document::{Dialect, Node};
use crate::notes::Notes;
use crate::options::BasePath;

/// The parts that go before every path of the document.
pub(crate) fn parts(
    root: &Node<'_>,
    dialect: Dialect,
    treatment: BasePath,
    notes: &mut Notes,
) -> Vec<String> {
    if treatment == BasePath::Ignore {
        return Vec::new();
    }
    let declared = match dialect {
        Dialect::Swagger2 => notes.text_of(root, "basePath"),
        Dialect::OpenApi3 => of_servers(root, notes),
    };
    let parts = declared.as_deref().unwrap_or_default().split('/');
    let parts = parts.filter(|part| !part.is_empty()).map(str::to_owned);
    parts
        .skip(usize::from(treatment == BasePath::Split))
        .collect()
}

fn of_servers(root: &Node<'_>, notes: &mut Notes) -> Option<String> {
    let servers = notes.list_of(root, "servers")?;
    let variable = servers
        .iter()
        .find_map(|server| default_of(server, "basePath"));
    if variable.is_some() {
        return variable;
    }
    let server = servers.first()?;
    let url = notes.text_of(server, "url")?;
    Some(path_of(&filled(&url, server)).to_owned())
}

fn default_of(server: &Node<'_>, variable: &str) -> Option<String> {
    server
        .get("variables")?
        .get(variable)?
        .get("default")?
        .text()
}

/// The URL with the defaults of its variables in place, each put in once.
fn filled(url: &str, server: &Node<'_>) -> String {
    let mut pieces = url.split('{');
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once('}') {
            Some((variable, rest)) => {
                filled.push_str(&default_of(server, variable).unwrap_or_default());
                filled.push_str(rest);
            }
            None => filled.push_str(piece),
        }
    }
    filled
}

/// The path of an absolute URL, or of a relative one.
fn path_of(url: &str) -> &str {
    let after_scheme = url.split_once("://").map(|(_, rest)| rest);
    let path = match after_scheme {
        Some(rest) => rest.find('/').map_or("", |at| &rest[at..]),
        None => url,
    };
    path.split(['?', '#']).next().unwrap_or_default()
}
