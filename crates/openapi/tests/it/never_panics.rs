//! Whatever the bytes, an import answers or refuses.

use proptest::prelude::*;
use tollgate_model::rest::Definition;
use tollgate_openapi::{
    BasePath, Documentation, Export, Extensions, Format, Options, export, to_yaml,
};

use crate::files;

fn import_all_ways(document: &[u8]) {
    for base_path in [BasePath::Ignore, BasePath::Prepend, BasePath::Split] {
        let options = Options {
            base_path,
            ..Options::default()
        };
        if let Ok(mut imported) = tollgate_openapi::import(document, &options) {
            imported.bind("abc", |part| part.name().to_owned());
            export_all_ways(&imported.definition);
        }
    }
}

/// What was imported is exported, and as YAML it is the document that it is as JSON.
fn export_all_ways(definition: &Definition) {
    for format in [Format::Swagger2, Format::OpenApi3] {
        let document = export(&Export {
            definition,
            format,
            extensions: Extensions::parse("apigateway,documentation").unwrap(),
            host: "host",
            stage: "stage",
            version: "1",
            documentation: Some(Documentation {
                version: "1",
                parts: &definition.documentation_parts,
            }),
        });
        let options = Options::default();
        let json = tollgate_openapi::import(document.to_string().as_bytes(), &options);
        let yaml = tollgate_openapi::import(to_yaml(&document).as_bytes(), &options);
        assert_eq!(
            json.map_err(|it| it.message()),
            yaml.map_err(|it| it.message())
        );
    }
}

/// Any bytes that look a little like a document.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "openapi: 3.0.1\n",
        "swagger: '2.0'\n",
        "paths:\n",
        "  /a:\n",
        "  /{b}/c:\n",
        "    get:\n",
        "    $ref: '#/paths'\n",
        "      responses:\n",
        "        200: {}\n",
        "{",
        "}",
        "[",
        "]",
        "\"",
        ": ",
        "&a ",
        "*a",
        "<<: ",
        "- ",
        "\n",
        "\t",
        "null",
        "é",
        "      x-amazon-apigateway-integration:\n",
        "        type: mock\n",
        "components: {schemas: {a: {$ref: '#'}}}\n",
        "\u{0}",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn on_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        import_all_ways(&bytes);
    }

    #[test]
    fn on_noise(bytes in noise()) {
        import_all_ways(&bytes);
    }

    /// Real documents, with one value replaced by one of another type.
    #[test]
    fn on_damaged_documents(file in 0usize..1_000, at in 0usize..10_000, with in 0usize..6) {
        let files = files("inputs", &[".json"]);
        let text = std::fs::read_to_string(&files[file % files.len()]).unwrap();
        let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut left = at % count(&document);
        let with = [serde_json::json!(null), true.into(), 7.into(), "x".into(), serde_json::json!([{}]), serde_json::json!({"$ref": "#/paths"})][with].clone();
        replace(&mut document, &mut left, &with);
        import_all_ways(document.to_string().as_bytes());
    }

    /// Real documents, cut short.
    #[test]
    fn on_cut_documents(file in 0usize..1_000, at in 0usize..10_000) {
        let files = files("inputs", &[".json", ".yaml"]);
        let bytes = std::fs::read(&files[file % files.len()]).unwrap();
        import_all_ways(&bytes[..at % bytes.len()]);
    }
}

fn count(value: &serde_json::Value) -> usize {
    1 + match value {
        serde_json::Value::Array(items) => items.iter().map(count).sum(),
        serde_json::Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

fn replace(value: &mut serde_json::Value, left: &mut usize, with: &serde_json::Value) {
    if *left == 0 {
        *value = with.clone();
        *left = usize::MAX;
        return;
    }
    *left -= 1;
    match value {
        serde_json::Value::Array(items) => {
            items.iter_mut().for_each(|item| replace(item, left, with))
        }
        serde_json::Value::Object(members) => members
            .values_mut()
            .for_each(|member| replace(member, left, with)),
        _ => {}
    }
}
