//! An import answers or refuses, and gives the same both times; binding ids to what was imported never fails, nor does exporting it,
//! which reads the same as JSON and as YAML.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_openapi::{
    BasePath, Documentation, Export, Extensions, Format, Imported, Options, export, import, to_yaml,
};

fuzz_target!(|document: &[u8]| {
    for base_path in [BasePath::Ignore, BasePath::Prepend, BasePath::Split] {
        let options = Options {
            base_path,
            ..Options::default()
        };
        let first = import(document, &options);
        assert_eq!(first, import(document, &options));
        if let Ok(mut imported) = first {
            imported.bind("abcdef1234", |part| part.name().to_owned());
            export_all_ways(&imported);
        }
    }
});

fn export_all_ways(imported: &Imported) {
    let definition = &imported.definition;
    for format in [Format::Swagger2, Format::OpenApi3] {
        let document = export(&Export {
            definition,
            format,
            extensions: Extensions::parse("apigateway,documentation").expect("names that exist"),
            host: "host",
            stage: "stage",
            version: "1",
            documentation: Some(Documentation {
                version: "1",
                parts: &definition.documentation_parts,
            }),
        });
        let options = Options::default();
        let json = import(document.to_string().as_bytes(), &options);
        let yaml = import(to_yaml(&document).as_bytes(), &options);
        assert_eq!(
            json.map_err(|it| it.message()),
            yaml.map_err(|it| it.message())
        );
    }
}
