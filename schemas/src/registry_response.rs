//! rs:RegistryResponse (ITI TF-3 4.2.4): the answer of ITI-41 and ITI-42, and part of others.

use crate::error::{Severity, XdsError, XdsErrorCode};
use crate::wire::RS;
use crate::xml::{Element, attribute};

/// Success may carry warnings; PartialSuccess belongs to queries and retrievals only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseStatus {
    Success,
    PartialSuccess,
    Failure,
}

impl ResponseStatus {
    pub fn urn(self) -> &'static str {
        match self {
            Self::Success => "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success",
            Self::PartialSuccess => "urn:ihe:iti:2007:ResponseStatusType:PartialSuccess",
            Self::Failure => "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Success, Self::PartialSuccess, Self::Failure].into_iter().find(|s| s.urn() == text)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::PartialSuccess => "PartialSuccess",
            Self::Failure => "Failure",
        }
    }
}

/// No error: Success. Errors with results: PartialSuccess. Errors alone: Failure.
pub fn status_of(errors: &[XdsError], has_results: bool) -> ResponseStatus {
    match (errors.iter().any(XdsError::is_error), has_results) {
        (false, _) => ResponseStatus::Success,
        (true, true) => ResponseStatus::PartialSuccess,
        (true, false) => ResponseStatus::Failure,
    }
}

/// Appends `rs:RegistryErrorList`, nothing where there is none. The `rs` prefix must be bound.
pub fn write_errors(out: &mut String, errors: &[XdsError]) {
    let Some(highest) = errors.iter().map(|error| error.severity).max() else { return };
    out.push_str("<rs:RegistryErrorList");
    attribute(out, "highestSeverity", highest.urn());
    out.push('>');
    for error in errors {
        out.push_str("<rs:RegistryError");
        attribute(out, "errorCode", error.code.as_str());
        attribute(out, "codeContext", &error.context);
        if !error.location.is_empty() {
            attribute(out, "location", &error.location);
        }
        attribute(out, "severity", error.severity.urn());
        out.push_str("/>");
    }
    out.push_str("</rs:RegistryErrorList>");
}

/// Writes `rs:RegistryResponse` of a transaction that succeeds or fails as a whole.
pub fn write(errors: &[XdsError]) -> String {
    write_with_status(errors, status_of(errors, false))
}

pub fn write_with_status(errors: &[XdsError], status: ResponseStatus) -> String {
    let mut out = format!("<rs:RegistryResponse xmlns:rs=\"{RS}\"");
    attribute(&mut out, "status", status.urn());
    out.push('>');
    write_errors(&mut out, errors);
    out.push_str("</rs:RegistryResponse>");
    out
}

/// Reads the errors of a response element; an unknown code is kept as the general one.
pub fn read_errors(response: Element<'_>) -> Vec<XdsError> {
    let list = response.child(RS, "RegistryErrorList");
    let errors = list.into_iter().flat_map(|list| list.children_named(RS, "RegistryError"));
    let read = |error: Element<'_>| {
        let text = |name: &str| error.attr(name).unwrap_or_default().to_owned();
        let code = XdsErrorCode::parse(&text("errorCode")).unwrap_or(XdsErrorCode::Registry);
        let warning = error.attr("severity").is_some_and(|severity| severity.ends_with("Warning"));
        let severity = if warning { Severity::Warning } else { Severity::Error };
        XdsError { code, context: text("codeContext"), location: text("location"), severity }
    };
    errors.map(read).collect()
}

/// Reads `rs:RegistryResponse`: its status and its errors.
pub fn read(response: Element<'_>) -> Option<(ResponseStatus, Vec<XdsError>)> {
    let status = ResponseStatus::parse(response.attr("status")?)?;
    Some((status, read_errors(response)))
}
