//! Spine Mini Services of the Personal Demographics Service: verify a number, find a number, read a
//! patient's details.
//!
//! Each is one synchronous exchange of Distribution Envelopes over SOAP 1.1. Requests and answers
//! are read and written in both directions, because a test server needs the other half.

mod patient;
mod person;
mod request;
mod response;
mod response_code;

pub use patient::{Patient, PostalAddress, Practice, Telecom};
pub use person::{BirthDate, BirthDateError, Gender, PersonName};
pub use request::{Criteria, Request};
pub use response::Response;
pub use response_code::{Course, ResponseCode};

use crate::itk::SERVICE_PREFIX;

const HL7: &str = "urn:hl7-org:v3";
const PROFILE_PREFIX: &str = "urn:nhs-en:profile:";
const NHS_NUMBER: &str = "2.16.840.1.113883.2.1.4.1";
const MESSAGE_CODES: &str = "2.16.840.1.113883.2.1.3.2.4.17.284";

/// The services, each with one kind of request and of answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// Is this number this person's?
    VerifyNhsNumber,
    /// Which number has this person?
    GetNhsNumber,
    /// Who has this number?
    GetPatientDetailsByNhsNumber,
    /// Who is this person?
    GetPatientDetailsBySearch,
}

impl Service {
    pub const ALL: [Self; 4] = [
        Self::VerifyNhsNumber,
        Self::GetNhsNumber,
        Self::GetPatientDetailsByNhsNumber,
        Self::GetPatientDetailsBySearch,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::VerifyNhsNumber => "verifyNHSNumber",
            Self::GetNhsNumber => "getNHSNumber",
            Self::GetPatientDetailsByNhsNumber => "getPatientDetailsByNHSNumber",
            Self::GetPatientDetailsBySearch => "getPatientDetailsBySearch",
        }
    }

    /// The service id: wsa:Action, SOAPAction and `itk:header/@service` of a request.
    pub fn action(self) -> String {
        format!("{SERVICE_PREFIX}{}-v1-0", self.name())
    }

    /// The same of an answer.
    pub fn response_action(self) -> String {
        format!("{}Response", self.action())
    }

    pub fn of(action: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.action() == action)
    }

    /// Whether the request names a number, rather than what a person is known by.
    pub fn by_number(self) -> bool {
        matches!(self, Self::VerifyNhsNumber | Self::GetPatientDetailsByNhsNumber)
    }

    /// The request's element, message code and last part of the profile.
    fn request_name(self) -> String {
        format!("{}Request-v1-0", self.name())
    }

    /// The answer's; both services of details answer alike.
    fn response_name(self) -> &'static str {
        match self {
            Self::VerifyNhsNumber => "verifyNHSNumberResponse-v1-0",
            Self::GetNhsNumber => "getNHSNumberResponse-v1-0",
            _ => "getPatientDetailsResponse-v1-0",
        }
    }
}

/// Why a message of these services cannot be read. No value is echoed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmspError {
    #[error("the message is not readable XML: {0}")]
    Xml(#[from] crate::xml::XmlError),
    #[error("the message is not {0}")]
    OtherMessage(&'static str),
    #[error("{0} is missing or not of its form")]
    Parameter(&'static str),
    #[error("the response code is none of PDS or of the mini services")]
    ResponseCode,
}
