//! What is answered: a code, and with it a number or a patient, or nobody.

use super::{HL7, MESSAGE_CODES, PROFILE_PREFIX, Patient, ResponseCode, Service, SmspError};
use crate::itk::{self, DistributionEnvelope, Handling, ItkAddress, OutgoingPayload, upper};
use crate::nhs_number::NhsNumber;
use crate::xml::{Document, Element, Limits, attribute};
use uuid::Uuid;

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub id: Uuid,
    /// The service that was asked.
    pub service: Service,
    pub code: ResponseCode,
    /// verifyNHSNumber: whether the number is this person's.
    pub valid: Option<bool>,
    pub patient: Option<Patient>,
}

impl Response {
    /// An answer without a patient.
    pub fn without_patient(id: Uuid, service: Service, code: ResponseCode) -> Self {
        Self { id, service, code, valid: None, patient: None }
    }

    /// The number that may be trusted: on success only, and a verified one only if it is valid. It
    /// may be another than was asked about.
    pub fn trusted_number(&self) -> Option<NhsNumber> {
        let verified = self.service != Service::VerifyNhsNumber || self.valid == Some(true);
        let trusted = self.code == ResponseCode::Success && verified;
        self.patient.as_ref().filter(|_| trusted)?.nhs_number
    }

    /// Reads the Distribution Envelope that came back. It is matched by its connection alone:
    /// services use one trackingid for every answer.
    pub fn read(envelope: &str, asked: Service) -> Result<Self, SmspError> {
        let document = Document::parse(envelope, &Limits::default())?;
        let root = document.root();
        let payload = root.path(itk::NAMESPACE, &["payloads", "payload"]);
        let message = payload.and_then(|payload| payload.children().next()).unwrap_or(root);
        Self::read_message(message, asked)
    }

    fn read_message(message: Element<'_>, asked: Service) -> Result<Self, SmspError> {
        if !message.is(HL7, asked.response_name()) {
            return Err(SmspError::OtherMessage(asked.response_name()));
        }
        let code = message.child(HL7, "value").and_then(|value| value.attr("code"));
        let code = code.and_then(ResponseCode::of).ok_or(SmspError::ResponseCode)?;
        let id = message.child(HL7, "id").and_then(|id| id.attr("root")).unwrap_or_default();
        let identifier = message.path(HL7, &["component", "validIdentifier"]);
        let valid = identifier.and_then(|e| e.child(HL7, "value")).and_then(|e| e.attr("value"));
        let patient = identifier.unwrap_or(message).path(HL7, &["subject", "patient"]);
        Ok(Self {
            id: Uuid::try_parse(id.trim()).unwrap_or_default(),
            service: asked,
            code,
            valid: valid.map(|value| matches!(value.trim(), "true" | "1")),
            patient: patient.map(Patient::read),
        })
    }

    /// The payload.
    pub fn write(&self) -> String {
        let name = self.service.response_name();
        let mut out = format!("<{name} xmlns=\"{HL7}\" moodCode=\"EVN\" classCode=\"OBS\"><id");
        attribute(&mut out, "root", &upper(self.id));
        out.push_str("/><code");
        attribute(&mut out, "codeSystem", MESSAGE_CODES);
        attribute(&mut out, "code", name);
        out.push_str("/><value");
        attribute(&mut out, "codeSystem", ResponseCode::CODE_SYSTEM);
        attribute(&mut out, "code", self.code.code());
        out.push_str("/>");
        if let Some(valid) = self.valid {
            out.push_str("<component typeCode=\"COMP\"><validIdentifier moodCode=\"EVN\" classCode=\"OBS\"><code codeSystem=\"2.16.840.1.113883.2.1.3.2.4.17.287\" code=\"VI\"/><value");
            attribute(&mut out, "value", &valid.to_string());
            out.push_str("/>");
        }
        if let Some(patient) = &self.patient {
            out.push_str("<subject typeCode=\"SBJ\">");
            patient.write(&mut out);
            out.push_str("</subject>");
        }
        if self.valid.is_some() {
            out.push_str("</validIdentifier></component>");
        }
        out.push_str(&format!("</{name}>"));
        out
    }

    /// The envelope in which it goes back.
    pub fn envelope(
        &self,
        tracking_id: Uuid,
        payload_id: Uuid,
        from: ItkAddress,
    ) -> DistributionEnvelope {
        let profile = format!("{PROFILE_PREFIX}{}", self.service.response_name());
        DistributionEnvelope {
            service: self.service.response_action(),
            tracking_id,
            addresses: Vec::new(),
            audit_identities: vec![from],
            sender_address: None,
            handling: Handling::default(),
            payloads: vec![OutgoingPayload::xml(payload_id, Some(&profile), self.write())],
        }
    }
}

#[cfg(test)]
mod tests;
