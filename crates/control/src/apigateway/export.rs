//! GetExport: what a stage serves as an OpenAPI document.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetExport.html>

use bytes::Bytes;
use time::OffsetDateTime;
use time::macros::format_description;
use tollgate_model::arn::partition_of;
use tollgate_openapi::{Documentation, Export, Extensions, Format, to_yaml};
use tollgate_store::{Key, Kind};
use tollgate_wire::apigateway::{
    DocumentationPart, DocumentationParts, DocumentationVersion, ExportResponse, GetExport,
    GetExportRequest, RestApi, Stage,
};
use tollgate_wire::{Map, json};

use super::{deployments, stages};
use crate::error::ApiError;
use crate::operations::Operations;
use crate::session::{Session, Stored};

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<GetExport, _>(get);
}

async fn get(on: Session, input: GetExportRequest) -> Result<ExportResponse, ApiError> {
    let name = input.export_type.as_deref().unwrap_or_default();
    let format = Format::from_name(name).ok_or_else(|| unknown_type(name))?;
    let extensions = extensions(input.parameters.as_ref())?;
    let is_yaml = is_yaml(input.accepts.as_deref().unwrap_or_default());
    let (api, stage) = stages::find(
        &on,
        input.rest_api_id.as_deref(),
        input.stage_name.as_deref(),
    )
    .await?;
    let deployment_id = stage.it.deployment_id.as_deref().unwrap_or_default();
    let definition = deployments::definition(&on, &api.key, deployment_id).await?;
    let written = match extensions.documentation {
        true => documentation(&on, &api.key, &stage.it).await?,
        false => None,
    };
    let version = version(&definition.api);
    let (host, stage_name) = (host(&on, &api), stage.id().to_owned());
    let filename = filename(name, &version, is_yaml);
    // Large definitions take a while to write: not on the threads that answer.
    let body = tokio::task::spawn_blocking(move || {
        let document = tollgate_openapi::export(&Export {
            definition: &definition,
            format,
            extensions,
            host: &host,
            stage: &stage_name,
            version: &version,
            documentation: written
                .as_ref()
                .map(|(version, parts)| Documentation { version, parts }),
        });
        match is_yaml {
            true => to_yaml(&document),
            false => format!("{document:#}"),
        }
    });
    Ok(ExportResponse {
        // Recorded.
        content_type: Some("application/octet-stream".to_owned()),
        content_disposition: Some(format!("attachment; filename=\"{filename}\"")),
        body: Some(Bytes::from(body.await.map_err(ApiError::internal)?)),
    })
}

/// Guess: the text is ours.
fn unknown_type(name: &str) -> ApiError {
    ApiError::bad_request(format!(
        "Invalid export type specified: {name}. Valid values are swagger, oas30"
    ))
}

/// What the free query parameters ask for. One that nobody knows is refused by name, as with imports.
fn extensions(parameters: Option<&Map<Option<String>>>) -> Result<Extensions, ApiError> {
    let mut extensions = Extensions::default();
    for (name, value) in parameters.into_iter().flatten() {
        let value = value.as_deref().unwrap_or_default();
        let parsed = match name.as_str() {
            "extensions" => Extensions::parse(value).map_err(|unknown| (name, unknown)),
            _ => Err((name, value)),
        };
        extensions = parsed.map_err(|(name, value)| {
            ApiError::bad_request(format!(
                "Tollgate cannot honour the export parameter '{name}' with value '{value}'"
            ))
        })?;
    }
    Ok(extensions)
}

/// Guess: whatever else a caller accepts, it gets JSON.
fn is_yaml(accepts: &str) -> bool {
    let mut accepts = accepts.split(',').filter_map(|it| it.split(';').next());
    accepts.any(|it| it.trim().eq_ignore_ascii_case("application/yaml"))
}

/// The documentation that the stage shows: that of its version, none without one.
async fn documentation(
    on: &Session,
    api: &Key,
    stage: &Stage,
) -> Result<Option<(String, Vec<DocumentationPart>)>, ApiError> {
    let Some(name) = stage.documentation_version.clone() else {
        return Ok(None);
    };
    let key = api.child(Kind::DocumentationVersion, &name);
    let Some(version) = on.find::<DocumentationVersion>(&key).await? else {
        return Ok(None);
    };
    let mut parts = Vec::new();
    for content in on.shared.store.contents(version.contents).await? {
        let held: DocumentationParts =
            json::from_slice(content.as_ref()).map_err(ApiError::internal)?;
        parts.extend(held.items.unwrap_or_default());
    }
    Ok(Some((name, parts)))
}

/// Recorded: an API without a version has the time of its creation for one.
fn version(api: &RestApi) -> String {
    let said = api.version.clone().filter(|version| !version.is_empty());
    said.unwrap_or_else(|| {
        let ms = api.created_date.map_or(0, |created| created.ms());
        let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
        let time = OffsetDateTime::from_unix_timestamp(ms.div_euclid(1000)).ok();
        time.and_then(|time| time.format(format).ok())
            .unwrap_or_default()
    })
}

/// Recorded for `aws`.
fn host(on: &Session, api: &Stored<RestApi>) -> String {
    let region = &on.caller.region;
    let domain = match partition_of(region) {
        "aws-cn" => "amazonaws.com.cn",
        _ => "amazonaws.com",
    };
    format!("{}.execute-api.{region}.{domain}", api.id())
}

/// Recorded. A version is the caller's text: what would end the name, or the header, is left out of it.
fn filename(kind: &str, version: &str, is_yaml: bool) -> String {
    let ending = if is_yaml { "yaml" } else { "json" };
    let kept = |it: &char| !matches!(it, '"' | '\\' | '/') && (' '..='~').contains(it);
    let version: String = version.chars().filter(kept).collect();
    format!("{kind}_{version}.{ending}")
}
