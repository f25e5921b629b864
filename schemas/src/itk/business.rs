//! The business acknowledgement: whether the receiver's application took what the envelope brought.
//!
//! HL7 v3 `BusinessResponseMessage` (MCCI_MT020000GB02). Senders swap the names of the participants
//! and their order, so they are read by typeCode.

use super::address::{AddressKind, ItkAddress};
use super::compose::{DistributionEnvelope, Handling, OutgoingPayload, upper};
use super::{INTERACTION_PREFIX, SERVICE_PREFIX};
use crate::dtm::Dtm;
use crate::ods_code::OdsCode;
use crate::xml::{Element, attribute, text_element};
use uuid::Uuid;

/// The interaction of every business acknowledgement's envelope.
pub const BUSINESS_ACK: &str = "ITKBusinessAcknowledgement-v1-0";
const SERVICE: &str = "SendBusinessAck-v1-0";
const PROFILE: &str = "urn:nhs-en:profile:ITKBusinessAcknowledgement-v1-0";
const HL7: &str = "urn:hl7-org:v3";
const INTERACTIONS: &str = "2.16.840.1.113883.2.1.3.2.4.12";
const TEMPLATES: &str = "2.16.840.1.113883.2.1.3.2.4.18.2";

/// How an application answers; codes of HL7's AcknowledgementType.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcknowledgementType {
    /// AA: taken.
    Accept,
    /// AE: an error; may help to send again after a fix.
    Error,
    /// AR: refused.
    Reject,
}

impl AcknowledgementType {
    pub fn code(self) -> &'static str {
        match self {
            Self::Accept => "AA",
            Self::Error => "AE",
            Self::Reject => "AR",
        }
    }

    /// An unknown code is no acceptance.
    fn of(code: &str) -> Self {
        match code {
            "AA" => Self::Accept,
            "AR" => Self::Reject,
            _ => Self::Error,
        }
    }
}

/// The system that answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorDevice {
    /// Its name at its organisation.
    pub system: String,
    pub manufacturer_model_name: String,
    pub software_name: String,
    pub organisation: OdsCode,
    pub organisation_name: String,
}

/// A `BusinessResponseMessage`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusinessResponse {
    pub id: String,
    /// Absent where it cannot be read; without a zone it is British wall time.
    pub creation_time: Option<Dtm>,
    /// The interaction of what is acknowledged, without its URN prefix.
    pub interaction: Option<String>,
    pub acknowledgement: AcknowledgementType,
    /// The trackingid of what is acknowledged, upper case.
    pub tracking_id_ref: String,
    /// For each manifest item its id, as in the manifest.
    pub items: Vec<(String, AcknowledgementType)>,
    /// Who gets this message: the original's sender.
    pub receiver: Option<String>,
    /// Who sends this message.
    pub sender: Option<String>,
    /// Present in what is written; not read.
    pub author: Option<AuthorDevice>,
}

impl BusinessResponse {
    /// Everything was accepted: one item that was not makes the whole negative.
    pub fn is_positive(&self) -> bool {
        let accept = AcknowledgementType::Accept;
        self.acknowledgement == accept && self.items.iter().all(|(_, code)| *code == accept)
    }

    /// Reads one, leniently.
    pub fn read(element: Element<'_>) -> Option<Self> {
        if !element.is(HL7, "BusinessResponseMessage") {
            return None;
        }
        let child = |name: &str| element.child(HL7, name);
        let root = |e: Element<'_>| e.attr("root").unwrap_or_default().trim().to_owned();
        let code = |e: Element<'_>| AcknowledgementType::of(e.attr("typeCode").unwrap_or_default());
        let conveyed = |e: Element<'_>| e.path(HL7, &["conveyingTransmission", "id"]).map(root);
        let participant = |code: &str| {
            let mut all = element.children();
            let found = all.find(|e| {
                e.local().starts_with("communicationFunction") && e.attr("typeCode") == Some(code)
            });
            let id = found.and_then(|e| e.path(HL7, &["entity", "id"]));
            id.and_then(|id| id.attr("extension")).map(|uri| uri.trim().to_owned())
        };
        let overall = child("acknowledgedBy3");
        let interaction = child("interactionId").and_then(|e| e.attr("extension")).map(str::trim);
        let creation = child("creationTime").and_then(|e| e.attr("value"));
        Some(Self {
            id: child("id").map(root).unwrap_or_default(),
            creation_time: creation.and_then(|text| Dtm::from_cda(text.trim()).ok()),
            interaction: interaction
                .map(|name| name.strip_prefix(INTERACTION_PREFIX).unwrap_or(name).to_owned()),
            acknowledgement: overall.map_or(AcknowledgementType::Error, code),
            tracking_id_ref: overall.and_then(conveyed).unwrap_or_default().to_ascii_uppercase(),
            items: element
                .children_named(HL7, "acknowledgedBy2")
                .take(64)
                .map(|e| (conveyed(e).unwrap_or_default(), code(e)))
                .collect(),
            receiver: participant("RCV"),
            sender: participant("SND"),
            author: None,
        })
    }

    /// The message, in the element order of the samples: the items come last.
    pub fn write(&self) -> String {
        let mut out = format!("<hl7:BusinessResponseMessage xmlns:hl7=\"{HL7}\">");
        id(&mut out, &self.id, None);
        if let Some(time) = &self.creation_time {
            out.push_str("<hl7:creationTime");
            attribute(&mut out, "value", &format!("{}+00", time.as_str()));
            out.push_str("/>");
        }
        out.push_str("<hl7:interactionId");
        match &self.interaction {
            Some(name) => {
                attribute(&mut out, "root", INTERACTIONS);
                attribute(&mut out, "extension", &format!("{INTERACTION_PREFIX}{name}"));
            }
            None => attribute(&mut out, "nullFlavor", "NA"),
        }
        out.push_str("/>");
        acknowledged(&mut out, "acknowledgedBy3", &self.tracking_id_ref, self.acknowledgement);
        participant(&mut out, "communicationFunction1", "RCV", self.receiver.as_deref());
        participant(&mut out, "communicationFunction", "SND", self.sender.as_deref());
        if let Some(author) = &self.author {
            author.write(&mut out);
        }
        for (item, code) in &self.items {
            acknowledged(&mut out, "acknowledgedBy2", item, *code);
        }
        out.push_str("</hl7:BusinessResponseMessage>");
        out
    }

    /// The envelope in which it goes to the original's senderAddress.
    pub fn envelope(
        &self,
        tracking_id: Uuid,
        payload_id: Uuid,
        to: ItkAddress,
        from: ItkAddress,
        identity: ItkAddress,
    ) -> DistributionEnvelope {
        DistributionEnvelope {
            service: format!("{SERVICE_PREFIX}{SERVICE}"),
            tracking_id,
            addresses: vec![to],
            audit_identities: vec![identity],
            sender_address: Some(from),
            handling: Handling::interaction(BUSINESS_ACK),
            payloads: vec![OutgoingPayload::xml(payload_id, Some(PROFILE), self.write())],
        }
    }

    /// A message of its own id and time.
    pub fn new(
        message_id: Uuid,
        now: jiff::Timestamp,
        acknowledgement: AcknowledgementType,
        tracking_id_ref: &str,
    ) -> Self {
        Self {
            id: upper(message_id),
            creation_time: Some(Dtm::from_timestamp(now)),
            interaction: None,
            acknowledgement,
            tracking_id_ref: tracking_id_ref.to_owned(),
            items: Vec::new(),
            receiver: None,
            sender: None,
            author: None,
        }
    }
}

fn id(out: &mut String, root: &str, extension: Option<&str>) {
    out.push_str("<hl7:id");
    attribute(out, "root", root);
    if let Some(extension) = extension {
        attribute(out, "extension", extension);
    }
    out.push_str("/>");
}

fn acknowledged(out: &mut String, name: &str, of: &str, code: AcknowledgementType) {
    out.push_str(&format!("<hl7:{name} typeCode=\"{}\"><hl7:conveyingTransmission>", code.code()));
    id(out, of, None);
    out.push_str(&format!("</hl7:conveyingTransmission></hl7:{name}>"));
}

fn participant(out: &mut String, name: &str, code: &str, uri: Option<&str>) {
    let Some(uri) = uri else { return };
    out.push_str(&format!(
        "<hl7:{name} typeCode=\"{code}\"><hl7:entity classCode=\"ENT\" determinerCode=\"INSTANCE\">"
    ));
    id(out, AddressKind::Address.oid(), Some(uri));
    out.push_str(&format!("</hl7:entity></hl7:{name}>"));
}

fn template(out: &mut String, part: &str) {
    let extension = format!("COCD_TP145207GB01#{part}");
    out.push_str("<hl7:templateId");
    attribute(out, "root", TEMPLATES);
    attribute(out, "extension", &extension);
    out.push_str("/>");
}

impl AuthorDevice {
    /// `controlActEvent1` with template COCD_TP145207GB01.
    fn write(&self, out: &mut String) {
        out.push_str("<hl7:controlActEvent1 classCode=\"CACT\" moodCode=\"EVN\"><hl7:author typeCode=\"AUT\" contextControlCode=\"OP\"><hl7:COCD_TP145207GB01.AssignedAuthorDevice classCode=\"ASSIGNED\"><hl7:id");
        attribute(out, "root", "2.16.840.1.113883.2.1.3.2.4.18.24");
        attribute(out, "extension", &self.system);
        let authority = format!("{}:{}", self.organisation, self.organisation_name);
        attribute(out, "assigningAuthorityName", &authority);
        out.push_str("/>");
        template(out, "AssignedAuthorDevice");
        out.push_str("<hl7:assignedAuthoringDevice classCode=\"DEV\" determinerCode=\"INSTANCE\">");
        text_element(out, "hl7:manufacturerModelName", &self.manufacturer_model_name);
        text_element(out, "hl7:softwareName", &self.software_name);
        template(out, "assignedAuthoringDevice");
        out.push_str("</hl7:assignedAuthoringDevice><hl7:representedOrganization classCode=\"ORG\" determinerCode=\"INSTANCE\">");
        id(out, "2.16.840.1.113883.2.1.3.2.4.19.1", Some(self.organisation.as_str()));
        text_element(out, "hl7:name", &self.organisation_name);
        template(out, "representedOrganization");
        out.push_str("</hl7:representedOrganization></hl7:COCD_TP145207GB01.AssignedAuthorDevice></hl7:author></hl7:controlActEvent1>");
    }
}
