//! The kinds of client libraries that AWS generates, with what each must be told. Tollgate generates none: GetSdk is
//! refused by name. <https://docs.aws.amazon.com/apigateway/latest/api/API_SdkType.html>

use tollgate_wire::apigateway::{
    GetSdkType, GetSdkTypeRequest, GetSdkTypes, GetSdkTypesRequest, SdkConfigurationProperty,
    SdkType, SdkTypes,
};

use crate::error::ApiError;
use crate::operations::Operations;
use crate::paging::Page;
use crate::session::Session;

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<GetSdkType, _>(get);
    on.serve::<GetSdkTypes, _>(list);
}

/// Guess: the text on an unknown one.
async fn get(_: Session, input: GetSdkTypeRequest) -> Result<SdkType, ApiError> {
    let id = input.id.as_deref().unwrap_or_default();
    let known = TYPES.iter().find(|known| known.id == id);
    known
        .map(shown)
        .ok_or_else(|| ApiError::not_found("Invalid SDK type identifier specified"))
}

async fn list(_: Session, input: GetSdkTypesRequest) -> Result<SdkTypes, ApiError> {
    let list = "sdktypes".to_owned();
    let page = Page::of(list, input.position.as_deref(), input.limit)?;
    let (types, position) = page.cut(TYPES.iter().collect(), |known| known.id);
    Ok(SdkTypes {
        position,
        items: Some(types.into_iter().map(shown).collect()),
    })
}

struct Known {
    id: &'static str,
    name: &'static str,
    properties: &'static [&'static str],
}

fn shown(known: &Known) -> SdkType {
    let properties = known
        .properties
        .iter()
        .map(|name| SdkConfigurationProperty {
            name: Some((*name).to_owned()),
            friendly_name: Some((*name).to_owned()),
            required: Some(true),
            ..SdkConfigurationProperty::default()
        });
    SdkType {
        id: Some(known.id.to_owned()),
        friendly_name: Some(known.name.to_owned()),
        description: None,
        configuration_properties: Some(properties.collect()),
    }
}

/// The ids and what must be told of each: GetSdk's reference, by id. Guess: the names that people read.
const TYPES: [Known; 6] = [
    Known {
        id: "android",
        name: "Android",
        properties: &["groupId", "artifactId", "artifactVersion", "invokerPackage"],
    },
    Known {
        id: "java",
        name: "Java SDK",
        properties: &["serviceName", "javaPackageName"],
    },
    Known {
        id: "javascript",
        name: "JavaScript",
        properties: &[],
    },
    Known {
        id: "objectivec",
        name: "iOS (Objective-C)",
        properties: &["classPrefix"],
    },
    Known {
        id: "ruby",
        name: "Ruby",
        properties: &["service.name"],
    },
    Known {
        id: "swift",
        name: "iOS (Swift)",
        properties: &["classPrefix"],
    },
];
