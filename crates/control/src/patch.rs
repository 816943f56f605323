//! Patch operations: one mechanism, driven by one declarative table per resource. A row says which path it is, which
//! operations it takes and how it sets a member; the table says in which of AWS's families of text all else is refused.
//! <https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html>
//!
//! Operations are applied in order to a copy, which is kept only when all of them hold.

use tollgate_wire::Map;
use tollgate_wire::apigateway::PatchOperation;

use crate::error::ApiError;

/// What UpdateX may do to the shape `T`.
pub(crate) struct Table<T: 'static> {
    /// How this resource refuses.
    pub(crate) refusals: Refusals,
    /// The first row whose path matches is taken.
    pub(crate) rows: &'static [Row<T>],
}

/// One path of a table.
pub(crate) struct Row<T> {
    /// Segments after slashes; one in braces matches any and is captured.
    pub(crate) path: &'static str,
    /// The operations it takes.
    pub(crate) ops: &'static [Op],
    member: Member<T>,
    check: Option<Check<T>>,
    refusal: Option<&'static str>,
}

type Check<T> = fn(&T, &str) -> Result<(), ApiError>;

/// How a row sets what it stands for.
pub(crate) enum Member<T> {
    /// A text; an absent or empty value removes it.
    Text(fn(&mut T) -> &mut Option<String>),
    /// A truth; recorded: every value but `true` is false.
    Flag(fn(&mut T) -> &mut Option<bool>),
    /// An entry of a map of texts, by the last segment.
    TextEntry(fn(&mut T) -> &mut Option<Map<Option<String>>>, Absent),
    /// An entry of a map of truths, by the last segment.
    FlagEntry(fn(&mut T) -> &mut Option<Map<bool>>, Absent),
    /// An element of a list of texts, by the last segment.
    Element(fn(&mut T) -> &mut Option<Vec<String>>),
    /// Anything else.
    Own(fn(&mut T, &Edit<'_>) -> Result<(), ApiError>),
}

/// What to do about a map's entry that is not there.
#[derive(Clone, Copy)]
pub(crate) enum Absent {
    /// Neither removed nor replaced: 404 with this text.
    Refused(&'static str),
    /// Not removed, with this text, but replacing puts it. A guess where nothing is recorded.
    Put(&'static str),
}

/// Recorded for parameters of method responses and gateway responses.
pub(crate) const NO_SUCH_PARAMETER: &str = "Invalid parameter name specified";
/// Recorded for models of method responses.
pub(crate) const NO_SUCH_CONTENT_TYPE: &str = "Content-Type specified was not found";

/// AWS's families of refusals; the texts differ by resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusals {
    /// `Invalid patch path /x`, for a known path that does not take the operation too.
    Path,
    /// `Invalid patch path /x`, but a known path says which operations it takes.
    PathOrOperation,
    /// Names the operation and, for replace, every path.
    Listed,
    /// Names the operation and every path that takes it, what they capture between angle brackets.
    ListedEach,
    /// UpdateStage's own, where every unknown path is taken for a method setting.
    Stage,
}

/// What is done to a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Add,
    Copy,
    Move,
    Remove,
    Replace,
    Test,
}

/// What most members take.
pub(crate) const REPLACE: &[Op] = &[Op::Replace];
/// What is only ever taken away whole.
pub(crate) const REMOVE: &[Op] = &[Op::Remove];
/// What parts of something take that is taken away whole.
pub(crate) const ADD_REPLACE: &[Op] = &[Op::Add, Op::Replace];
/// What lists take whose elements stand for themselves.
pub(crate) const ADD_REMOVE: &[Op] = &[Op::Add, Op::Remove];
/// What maps take.
pub(crate) const ADD_REPLACE_REMOVE: &[Op] = &[Op::Add, Op::Replace, Op::Remove];

impl Op {
    fn of(text: Option<&str>) -> Option<Self> {
        Some(match text? {
            "add" => Self::Add,
            "copy" => Self::Copy,
            "move" => Self::Move,
            "remove" => Self::Remove,
            "replace" => Self::Replace,
            "test" => Self::Test,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Copy => "copy",
            Self::Move => "move",
            Self::Remove => "remove",
            Self::Replace => "replace",
            Self::Test => "test",
        }
    }
}

/// One operation as a row sees it.
pub(crate) struct Edit<'a> {
    /// What to do.
    pub(crate) op: Op,
    /// The whole path as it came.
    pub(crate) path: &'a str,
    /// The new value.
    pub(crate) value: Option<&'a str>,
    /// Where `copy` takes it from.
    pub(crate) from: Option<&'a str>,
    captured: Vec<&'a str>,
}

impl Edit<'_> {
    /// The n-th captured segment, unescaped.
    pub(crate) fn captured(&self, index: usize) -> String {
        unescape(self.captured_raw(index))
    }

    /// The n-th captured segment as it came, `~1` kept.
    pub(crate) fn captured_raw(&self, index: usize) -> &str {
        self.captured.get(index).copied().unwrap_or_default()
    }

    /// The value as a truth; recorded: whatever is not `true` is false.
    pub(crate) fn flag(&self) -> bool {
        self.value
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The value; an empty one is none.
    pub(crate) fn text(&self) -> Option<String> {
        self.value
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
    }
}

impl<T> Row<T> {
    pub(crate) const fn new(path: &'static str, ops: &'static [Op], member: Member<T>) -> Self {
        Self {
            path,
            ops,
            member,
            check: None,
            refusal: None,
        }
    }

    /// With what a new value must satisfy; an absent one is checked as an empty one.
    pub(crate) const fn checked(
        path: &'static str,
        ops: &'static [Op],
        member: Member<T>,
        check: Check<T>,
    ) -> Self {
        Self {
            path,
            ops,
            member,
            check: Some(check),
            refusal: None,
        }
    }

    /// AWS's own text for an operation that this path does not take.
    pub(crate) const fn refusing_operations_with(mut self, text: &'static str) -> Self {
        self.refusal = Some(text);
        self
    }

    fn apply(&self, to: &mut T, edit: &Edit<'_>) -> Result<(), ApiError> {
        if let (Some(check), true) = (self.check, edit.op != Op::Remove) {
            check(to, edit.value.unwrap_or_default())?;
        }
        let is_removed = edit.op == Op::Remove;
        match &self.member {
            Member::Text(of) => *of(to) = edit.text().filter(|_| !is_removed),
            Member::Flag(of) => *of(to) = Some(edit.flag() && !is_removed),
            Member::TextEntry(of, absent) => put_entry(of(to), *absent, edit, edit.text())?,
            Member::FlagEntry(of, absent) => put_entry(of(to), *absent, edit, edit.flag())?,
            Member::Element(of) => element(of(to), edit),
            Member::Own(set) => set(to, edit)?,
        }
        Ok(())
    }
}

/// Recorded: a map that loses its last entry is omitted from the answer.
pub(crate) fn put_entry<V>(
    map: &mut Option<Map<V>>,
    absent: Absent,
    edit: &Edit<'_>,
    value: V,
) -> Result<(), ApiError> {
    let name = edit.captured(edit.captured.len().saturating_sub(1));
    let is_there = map.as_ref().is_some_and(|map| map.contains_key(&name));
    match (edit.op, absent) {
        (Op::Remove, Absent::Put(text) | Absent::Refused(text))
        | (Op::Replace, Absent::Refused(text))
            if !is_there =>
        {
            return Err(ApiError::not_found(text));
        }
        (Op::Remove, _) => {
            map.as_mut().and_then(|map| map.shift_remove(&name));
        }
        _ => {
            map.get_or_insert_default().insert(name, value);
        }
    }
    if map.as_ref().is_some_and(Map::is_empty) {
        *map = None;
    }
    Ok(())
}

/// Recorded on `/binaryMediaTypes`: the segment is the element, `-` no place; add needs no value; a replaced element
/// leaves its place and the new one goes to the end.
pub(crate) fn element(list: &mut Option<Vec<String>>, edit: &Edit<'_>) {
    let named = edit.captured(edit.captured.len().saturating_sub(1));
    let elements = list.get_or_insert_default();
    elements.retain(|element| *element != named);
    match edit.op {
        Op::Remove => {}
        Op::Replace => {
            let new = edit.text().unwrap_or(named);
            elements.retain(|element| *element != new);
            elements.push(new);
        }
        _ => elements.push(named),
    }
    if elements.is_empty() {
        *list = None;
    }
}

/// Lists are searched for each operation, so that many of them would take long together.
const OPERATIONS_MAX: usize = 5_000;

impl<T: Clone> Table<T> {
    /// `to` after all of `operations`.
    ///
    /// # Errors
    /// The first operation that does not hold.
    pub(crate) fn apply(
        &self,
        to: &T,
        operations: Option<&[PatchOperation]>,
    ) -> Result<T, ApiError> {
        let operations = operations.unwrap_or_default();
        if operations.len() > OPERATIONS_MAX {
            return Err(ApiError::bad_request(format!(
                "Tollgate takes at most {OPERATIONS_MAX} patch operations at once"
            )));
        }
        let mut changed = to.clone();
        for operation in operations {
            self.apply_one(&mut changed, operation)?;
        }
        Ok(changed)
    }

    fn apply_one(&self, to: &mut T, operation: &PatchOperation) -> Result<(), ApiError> {
        let Some(path) = operation.path.as_deref() else {
            return Err(ApiError::bad_request("Invalid patch path null"));
        };
        // The model lets `op` be absent; what AWS answers then is not recorded.
        let Some(op) = Op::of(operation.op.as_deref()) else {
            return Err(ApiError::bad_request("Invalid patch operation specified"));
        };
        let found = self
            .rows
            .iter()
            .find_map(|row| Some((row, capture(row.path, path)?)));
        let Some((row, captured)) = found else {
            return Err(self.refuse(None, op, path, operation));
        };
        if !row.ops.contains(&op) {
            return Err(self.refuse(Some(row), op, path, operation));
        }
        let edit = Edit {
            op,
            path,
            value: operation.value.as_deref(),
            from: operation.from.as_deref(),
            captured,
        };
        row.apply(to, &edit)
    }

    fn refuse(
        &self,
        row: Option<&Row<T>>,
        op: Op,
        path: &str,
        operation: &PatchOperation,
    ) -> ApiError {
        let own = row.and_then(|row| row.refusal).map(str::to_owned);
        ApiError::bad_request(own.unwrap_or_else(|| match (self.refusals, row) {
            (Refusals::PathOrOperation, Some(row)) => {
                let names: Vec<_> = row.ops.iter().map(|op| op.name()).collect();
                format!(
                    "Invalid patch operation specified. Must be one of: [{}]",
                    names.join(", ")
                )
            }
            (Refusals::Path | Refusals::PathOrOperation, _) => format!("Invalid patch path {path}"),
            (Refusals::Listed, _) => self.refuse_listed(op, path),
            (Refusals::ListedEach, _) => self.refuse_listed_each(op, path),
            (Refusals::Stage, _) => refuse_on_stage(op, path, operation.from.as_deref()),
        }))
    }

    fn refuse_listed_each(&self, op: Op, path: &str) -> String {
        let start = format!(
            "Invalid patch path  '{path}' specified for op '{}'.",
            op.name()
        );
        let takers = self.rows.iter().filter(|row| row.ops.contains(&op));
        let paths: Vec<_> = takers
            .map(|row| row.path.replace('{', "<").replace('}', ">"))
            .collect();
        match paths.is_empty() {
            true => format!("{start} Please choose supported operations"),
            false => format!("{start} Must be one of: [{}]", paths.join(", ")),
        }
    }

    fn refuse_listed(&self, op: Op, path: &str) -> String {
        let start = format!(
            "Invalid patch path  '{path}' specified for op '{}'.",
            op.name()
        );
        match op {
            Op::Replace => {
                let paths: Vec<_> = self.rows.iter().map(|row| row.path).collect();
                format!("{start} Must be one of: [{}]", paths.join(", "))
            }
            _ => format!("{start} Please choose supported operations"),
        }
    }
}

/// The captured segments if `path` is one that `pattern` describes.
fn capture<'a>(pattern: &str, path: &'a str) -> Option<Vec<&'a str>> {
    let mut captured = Vec::new();
    let mut segments = path.strip_prefix('/')?.split('/');
    for expected in pattern.split('/').skip(1) {
        let segment = segments.next()?;
        match expected.starts_with('{') {
            true => captured.push(segment),
            false if expected == segment => {}
            false => return None,
        }
    }
    segments.next().is_none().then_some(captured)
}

/// JSON Pointer's escapes, `~1` for a slash and `~0` for a tilde.
fn unescape(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

pub(crate) fn refuse_on_stage(op: Op, path: &str, from: Option<&str>) -> String {
    match op {
        Op::Remove => format!(
            "Cannot remove method setting {} because there is no method setting for this method ",
            path.strip_prefix('/').unwrap_or(path)
        ),
        Op::Copy => format!(
            "Invalid copy operation with path: {path} and from {}. Valid copy:path are [/deploymentId, /variables] and \
             valid copy:from are [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]",
            from.unwrap_or("null")
        ),
        _ if path.starts_with("/accessLogSettings") => {
            "Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, \
             /accessLogSettings/format]"
                .to_owned()
        }
        Op::Add => format!("Invalid add operation with path: {path}"),
        _ => format!("Invalid method setting path: {path}. Must be one of: [{STAGE_PATHS}]"),
    }
}

/// Recorded; the missing commas are AWS's.
const STAGE_PATHS: &str = "/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, \
/accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, \
/{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace, \
/{resourcePath}/{httpMethod}/logging/loglevel, \
/{resourcePath}/{httpMethod}/throttling/burstLimit/{resourcePath}/{httpMethod}/throttling/rateLimit\
/{resourcePath}/{httpMethod}/caching/ttlInSeconds, /{resourcePath}/{httpMethod}/caching/enabled, \
/{resourcePath}/{httpMethod}/caching/dataEncrypted, \
/{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, \
/{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, /*/*/metrics/enabled, \
/*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit /*/*/throttling/rateLimit \
/*/*/caching/ttlInSeconds, /*/*/caching/enabled, /*/*/caching/dataEncrypted, \
/*/*/caching/requireAuthorizationForCacheControl, /*/*/caching/unauthorizedCacheControlHeaderStrategy, \
/variables/{variable_name}, /tracingEnabled";
