//! The infrastructure acknowledgement: whether an envelope could be processed at all.

use super::address::{AddressKind, ItkAddress};
use super::compose::{DistributionEnvelope, Handling, OutgoingPayload, date_time, upper};
use super::distribution_error::{DISTRIBUTION_ERRORS, DistributionErrorCode};
use super::{NAMESPACE, SERVICE_PREFIX};
use crate::xml::{Element, attribute, text_element};
use uuid::Uuid;

/// The interaction of every infrastructure acknowledgement.
pub const INFRASTRUCTURE_ACK: &str = "ITKInfrastructureAcknowledgement-v1-0";
const SERVICE: &str = "SendInfrastructureAck-v1-0";
/// Errors that are read from one acknowledgement.
const ERRORS_MAX: usize = 100;

/// `@result`; only the first two are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InfrastructureResult {
    Ok,
    Failure,
    /// What others write; negative.
    Other(String),
}

/// `itk:InfrastructureResponse` (GenericInfrastructureResponse-v1-0).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InfrastructureResponse {
    pub result: InfrastructureResult,
    /// Absent where it cannot be read.
    pub timestamp: Option<jiff::Timestamp>,
    /// The trackingid of what is acknowledged, upper case.
    pub tracking_id_ref: String,
    /// Its service.
    pub service_ref: String,
    /// One to four.
    pub reporting_identities: Vec<ItkAddress>,
    /// At least one where the result is not OK; as received from others, so codes may be foreign.
    pub errors: Vec<ErrorInfo>,
}

/// One error of a negative acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorInfo {
    /// A UUID; others also write URNs.
    pub id: String,
    pub code_system: String,
    pub code: String,
    pub text: String,
    pub diagnostic: Option<String>,
}

impl ErrorInfo {
    /// An error of the hub's own; the diagnostic names element and rule, never a patient.
    pub fn new(id: Uuid, code: DistributionErrorCode, diagnostic: impl Into<String>) -> Self {
        Self {
            id: upper(id),
            code_system: DISTRIBUTION_ERRORS.to_owned(),
            code: code.code().to_owned(),
            text: code.text().to_owned(),
            diagnostic: Some(diagnostic.into()),
        }
    }

    /// The code of the vocabulary, where it is one.
    pub fn distribution_error(&self) -> Option<DistributionErrorCode> {
        let own = self.code_system == DISTRIBUTION_ERRORS;
        DistributionErrorCode::of(&self.code).filter(|_| own)
    }

    fn read(element: Element<'_>) -> Self {
        let text = |name: &str| element.child(NAMESPACE, name).map(|e| e.trimmed().to_owned());
        let code = element.child(NAMESPACE, "ErrorCode");
        let system = code.and_then(|code| code.attr("codeSystem")).map(|oid| oid.trim().to_owned());
        Self {
            id: text("ErrorID").unwrap_or_default(),
            code_system: system.unwrap_or_else(|| super::fault::TOOLKIT_ERRORS.to_owned()),
            code: text("ErrorCode").unwrap_or_default(),
            text: text("ErrorText").unwrap_or_default(),
            diagnostic: text("ErrorDiagnosticText").filter(|text| !text.is_empty()),
        }
    }

    fn write(&self, out: &mut String) {
        out.push_str("<itk:errorInfo>");
        text_element(out, "itk:ErrorID", &self.id);
        out.push_str("<itk:ErrorCode");
        attribute(out, "codeSystem", &self.code_system);
        out.push('>');
        crate::xml::escape_into(out, &self.code);
        out.push_str("</itk:ErrorCode>");
        text_element(out, "itk:ErrorText", &self.text);
        if let Some(diagnostic) = &self.diagnostic {
            text_element(out, "itk:ErrorDiagnosticText", diagnostic);
        }
        out.push_str("</itk:errorInfo>");
    }
}

impl InfrastructureResponse {
    pub fn is_positive(&self) -> bool {
        self.result == InfrastructureResult::Ok
    }

    /// Reads one, leniently: anything but `OK` is negative, foreign codes are kept as they are.
    pub fn read(element: Element<'_>) -> Option<Self> {
        if !element.is(NAMESPACE, "InfrastructureResponse") {
            return None;
        }
        let attr = |name: &str| element.attr(name).map(str::trim).unwrap_or_default();
        let identities = element.child(NAMESPACE, "reportingIdentity");
        let identities = identities.into_iter().flat_map(|e| e.children_named(NAMESPACE, "id"));
        let errors = element.child(NAMESPACE, "errors");
        let errors = errors.into_iter().flat_map(|e| e.children_named(NAMESPACE, "errorInfo"));
        Some(Self {
            result: match attr("result") {
                "OK" => InfrastructureResult::Ok,
                "Failure" => InfrastructureResult::Failure,
                other => InfrastructureResult::Other(other.to_owned()),
            },
            timestamp: super::security::date_time(attr("timestamp")).map(|time| time.at),
            tracking_id_ref: attr("trackingIdRef").to_ascii_uppercase(),
            service_ref: attr("serviceRef").to_owned(),
            reporting_identities: identities
                .take(4)
                .filter_map(|id| ItkAddress::read(id, AddressKind::Identity))
                .collect(),
            errors: errors.take(ERRORS_MAX).map(ErrorInfo::read).collect(),
        })
    }

    pub fn write(&self) -> String {
        let mut out = format!("<itk:InfrastructureResponse xmlns:itk=\"{NAMESPACE}\"");
        attribute(&mut out, "result", if self.is_positive() { "OK" } else { "Failure" });
        let timestamp = self.timestamp.unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        attribute(&mut out, "timestamp", &date_time(timestamp));
        attribute(&mut out, "trackingIdRef", &self.tracking_id_ref);
        attribute(&mut out, "serviceRef", &self.service_ref);
        out.push_str("><itk:reportingIdentity>");
        for identity in &self.reporting_identities {
            identity.write(&mut out, "itk:id", &AddressKind::Identity);
        }
        out.push_str("</itk:reportingIdentity><itk:errors>");
        self.errors.iter().for_each(|error| error.write(&mut out));
        out.push_str("</itk:errors></itk:InfrastructureResponse>");
        out
    }

    /// The envelope in which it goes to the original's senderAddress. It asks for no
    /// acknowledgement, and its payload has no profile.
    pub fn envelope(
        &self,
        tracking_id: Uuid,
        payload_id: Uuid,
        to: ItkAddress,
        from: ItkAddress,
    ) -> DistributionEnvelope {
        DistributionEnvelope {
            service: format!("{SERVICE_PREFIX}{SERVICE}"),
            tracking_id,
            addresses: vec![to],
            audit_identities: self.reporting_identities.clone(),
            sender_address: Some(from),
            handling: Handling::interaction(INFRASTRUCTURE_ACK),
            payloads: vec![OutgoingPayload::xml(payload_id, None, self.write())],
        }
    }
}
