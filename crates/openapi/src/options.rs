//! The parameters of an import: how `basePath` becomes resources, the endpoint type, whether warnings refuse, and the
//! values of the variables a definition may use.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api.html>

use std::borrow::Cow;

use crate::error::ImportError;

/// How one document is to be imported.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What to do with the base path of the document.
    pub base_path: BasePath,
    /// Endpoint types given with the call, as `EDGE`, `REGIONAL` or `PRIVATE`; empty when not given.
    pub endpoint_types: Vec<String>,
    /// `ignore=documentation`: documentation parts are left out without a word.
    pub ignore_documentation: bool,
    /// Whether warnings refuse the import; the operation's member `failonwarnings`.
    pub fail_on_warnings: bool,
    /// What stands for `${AWS::Region}` and its like.
    pub variables: Variables,
}

impl Options {
    /// Reads the free query parameters of ImportRestApi and PutRestApi. A parameter nobody knows is refused by name:
    /// AWS ignores it, and with it what the caller wanted.
    pub fn take_parameters<'p>(
        &mut self,
        parameters: impl IntoIterator<Item = (&'p str, &'p str)>,
    ) -> Result<(), ImportError> {
        for (name, value) in parameters {
            self.take_parameter(name, value)?;
        }
        Ok(())
    }

    fn take_parameter(&mut self, name: &str, value: &str) -> Result<(), ImportError> {
        match name {
            "basepath" => self.base_path = BasePath::parse(value)?,
            "endpointConfigurationTypes" => self.endpoint_types = endpoint_types(value)?,
            "ignore" if value == "documentation" => self.ignore_documentation = true,
            "failonwarnings" => self.fail_on_warnings = flag(name, value)?,
            _ => return Err(unknown(name, value)),
        }
        Ok(())
    }
}

/// What becomes of the base path `/a/b/c` over a path `/e`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BasePath {
    /// `/e`.
    #[default]
    Ignore,
    /// `/a/b/c/e`.
    Prepend,
    /// `/b/c/e`: the first part is left for a custom domain to add.
    Split,
}

impl BasePath {
    fn parse(value: &str) -> Result<Self, ImportError> {
        match value {
            "ignore" => Ok(Self::Ignore),
            "prepend" => Ok(Self::Prepend),
            "split" => Ok(Self::Split),
            _ => Err(unknown("basepath", value)),
        }
    }
}

fn endpoint_types(value: &str) -> Result<Vec<String>, ImportError> {
    let types = value.split(',').map(str::trim);
    let known = |name: &str| matches!(name, "EDGE" | "REGIONAL" | "PRIVATE");
    if !types.clone().all(known) {
        return Err(unknown("endpointConfigurationTypes", value));
    }
    Ok(types.map(str::to_owned).collect())
}

fn flag(name: &str, value: &str) -> Result<bool, ImportError> {
    value.parse().map_err(|_| unknown(name, value))
}

fn unknown(name: &str, value: &str) -> ImportError {
    ImportError::Parameter(format!(
        "Tollgate cannot honour the import parameter '{name}' with value '{value}'"
    ))
}

/// The values of the variables that API Gateway puts in place when a definition is imported.
#[derive(Clone, Debug)]
pub struct Variables {
    /// `${AWS::AccountId}`.
    pub account: String,
    /// `${AWS::Partition}`.
    pub partition: String,
    /// `${AWS::Region}`.
    pub region: String,
}

impl Default for Variables {
    fn default() -> Self {
        Self {
            account: "000000000000".to_owned(),
            partition: "aws".to_owned(),
            region: "us-east-1".to_owned(),
        }
    }
}

impl Variables {
    /// Puts the values in place in one text of the definition.
    pub(crate) fn resolve<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !text.contains("${AWS::") {
            return Cow::Borrowed(text);
        }
        let text = text.replace("${AWS::AccountId}", &self.account);
        let text = text.replace("${AWS::Partition}", &self.partition);
        Cow::Owned(text.replace("${AWS::Region}", &self.region))
    }
}
