//! The document of an import. It is kept until the import is over, so that a fault found after it was read can be told
//! with its line, column and JSON pointer.

use bytes::Bytes;
use tollgate_openapi::{
    Fault, INVALID_INPUT, ImportError, Imported, Options, Problem, Subject, locate,
};

use super::honour;
use crate::apigateway::stages;
use crate::error::{ApiError, DocumentFault};
use crate::runtime::Refusal;
use crate::session::Session;

/// A document and how it is to be read.
#[derive(Clone)]
pub(in crate::apigateway) struct Source {
    body: Bytes,
    options: Options,
}

/// A fault of the definition that AWS tells by itself, without the frame around the problems of an import.
pub(super) struct ApiFault(Fault);

impl ApiFault {
    /// `error` is about the member of the API that stands at `pointer`.
    pub(super) fn of(pointer: &'static str) -> impl FnOnce(ApiError) -> Self {
        move |error| {
            Self(Fault {
                subject: Subject::Api(pointer),
                text: error.message,
            })
        }
    }
}

impl Source {
    pub(in crate::apigateway) fn new(body: Option<Bytes>, options: Options) -> Self {
        let body = body.unwrap_or_default();
        Self { body, options }
    }

    /// Reads the document.
    pub(super) async fn imported(&self, on: &Session) -> Result<Imported, ApiError> {
        let imported = self.read(on, tollgate_openapi::import).await?;
        imported.map_err(refused)
    }

    /// Reads a document away from the threads that answer: a large one takes a while, and many times its size of
    /// memory, so that only a few are read at once.
    pub(in crate::apigateway) async fn read<T: Send + 'static>(
        &self,
        on: &Session,
        read: impl FnOnce(&[u8], &Options) -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let _turn = on.shared.imports.wait().await;
        let source = self.clone();
        let read = tokio::task::spawn_blocking(move || read(&source.body, &source.options));
        read.await.map_err(ApiError::internal)
    }

    /// What was found wrong with the definition, together and in AWS's frame.
    pub(super) async fn refuse(&self, on: &Session, faults: Vec<Fault>) -> Result<(), ApiError> {
        match faults.is_empty() {
            true => Ok(()),
            false => Err(refused(ImportError::Problems(
                self.located(on, faults).await?,
            ))),
        }
    }

    /// The refusal of one fault by itself: its text to the caller, its place to the operator.
    pub(super) async fn refusal(&self, on: &Session, fault: ApiFault) -> ApiError {
        self.first(on, vec![fault.0]).await
    }

    /// The refusal of the first of some faults.
    pub(in crate::apigateway) async fn first(&self, on: &Session, faults: Vec<Fault>) -> ApiError {
        match self.located(on, faults).await.as_deref() {
            Ok([problem, ..]) => ApiError::bad_request(&problem.text)
                .because(problem)
                .about(vec![fault_of(problem)]),
            Ok([]) => ApiError::internal("no fault to tell"),
            Err(error) => error.clone(),
        }
    }

    /// The refusal of settings that the gateway does not honour, with the places that they have in the document.
    pub(super) async fn not_honoured(&self, on: &Session, refusals: &[Refusal]) -> ApiError {
        let error = ApiError::bad_request(stages::cannot_honour(refusals));
        let faults = refusals.iter().take(FAULTS_TOLD_MAX).map(honour::fault);
        match self.located(on, faults.collect()).await {
            Ok(problems) => error.about(problems.iter().map(fault_of).collect()),
            Err(error) => error,
        }
    }

    async fn located(&self, on: &Session, faults: Vec<Fault>) -> Result<Vec<Problem>, ApiError> {
        let locate = move |body: &[u8], options: &Options| locate(body, options, faults);
        self.read(on, locate).await
    }
}

pub(super) fn refused(error: ImportError) -> ApiError {
    let faults = faults_of(&error);
    let refusal = ApiError::bad_request(error.message()).because(error.detail());
    refusal.about(faults)
}

fn faults_of(error: &ImportError) -> Vec<DocumentFault> {
    match error {
        ImportError::Unreadable(unreadable) => vec![DocumentFault {
            position: unreadable.position,
            text: format!("{INVALID_INPUT} {}", unreadable.reason),
        }],
        ImportError::Problems(problems) | ImportError::Warnings(problems) => problems
            .iter()
            .take(FAULTS_TOLD_MAX)
            .map(fault_of)
            .collect(),
        ImportError::Parameter(_) => Vec::new(),
    }
}

fn fault_of(problem: &Problem) -> DocumentFault {
    let pointer = match problem.pointer.as_str() {
        "" => String::new(),
        pointer => format!(" (at {pointer})"),
    };
    DocumentFault {
        position: problem.position,
        text: format!("{}{pointer}", problem.text),
    }
}

const FAULTS_TOLD_MAX: usize = 100;
