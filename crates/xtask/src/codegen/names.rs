//! AWS's names as Rust writes them.

/// `restApiId` as `rest_api_id`, `providerARNs` as `provider_arns`; what Rust reserves gets an underscore.
pub(crate) fn field(name: &str) -> String {
    let snake = snake(name);
    match snake.as_str() {
        "type" | "match" | "ref" | "use" | "where" | "in" | "mod" | "move" | "enum" | "default"
        | "self" => snake + "_",
        _ => snake,
    }
}

/// `RestApi` as `REST_API`.
pub(crate) fn constant(name: &str) -> String {
    snake(name).to_ascii_uppercase()
}

fn snake(name: &str) -> String {
    let characters: Vec<char> = name.replace("ARNs", "Arns").chars().collect();
    let mut out = String::new();
    for (at, character) in characters.iter().enumerate() {
        if at > 0 && starts_word(&characters, at) {
            out.push('_');
        }
        out.push(character.to_ascii_lowercase());
    }
    out
}

/// A capital after a small letter, or the last of several capitals when a small letter follows.
fn starts_word(characters: &[char], at: usize) -> bool {
    let before = characters[at - 1];
    let is_followed_by_small = characters.get(at + 1).is_some_and(char::is_ascii_lowercase);
    characters[at].is_ascii_uppercase() && (!before.is_ascii_uppercase() || is_followed_by_small)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_words() {
        for (name, expected) in [
            ("restApiId", "rest_api_id"),
            ("providerARNs", "provider_arns"),
            ("ListOfARNs", "list_of_arns"),
            ("type", "type_"),
            ("vpcEndpointIds", "vpc_endpoint_ids"),
            ("jwtIssuerURLPrefix", "jwt_issuer_url_prefix"),
            ("item", "item"),
        ] {
            assert_eq!(field(name), expected);
        }
    }
}
