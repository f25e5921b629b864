//! NHS Interoperability Toolkit: the message on the wire, its answer and its faults.
//!
//! Base: ITK 2.x web service, Distribution Envelope v1 and v2. The order of checks is fixed, so
//! that a doubly bad message has one answer.

mod fault;
mod message;
mod payload;

pub use fault::{ItkErrorCode, ItkFault};
pub use message::{ItkMessage, Manifested, ReadContext};
pub use payload::{DecodeLimits, standalone};

pub const NAMESPACE: &str = "urn:nhs-itk:ns:201005";
pub const SERVICE_PREFIX: &str = "urn:nhs-itk:services:201005:";
pub const INTERACTION_PREFIX: &str = "urn:nhs-itk:interaction:";

/// The synchronous answer, `OK:<trackingid>`.
pub fn simple_response(tracking_id: &str) -> String {
    let mut out = format!("<itk:SimpleMessageResponse xmlns:itk=\"{NAMESPACE}\">");
    crate::xml::escape_into(&mut out, &format!("OK:{tracking_id}"));
    out.push_str("</itk:SimpleMessageResponse>");
    out
}

/// The ODS code of an ITK address or identity, `urn:nhs-uk:addressing:ods:RHM:team1:A`; `None`
/// where the naming authority is not ODS.
pub fn ods_of(uri: &str) -> Option<crate::ods_code::OdsCode> {
    let rest = uri.strip_prefix("urn:nhs-uk:")?;
    let rest = rest.strip_prefix("addressing:").or_else(|| rest.strip_prefix("identity:"))?;
    let (authority, rest) = rest.split_once(':')?;
    if !authority.eq_ignore_ascii_case("ods") {
        return None;
    }
    crate::ods_code::OdsCode::parse(rest.split(':').next()?).ok()
}
