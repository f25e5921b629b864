//! The notice to one organisation: a non-coded CDA with a text that a clinician reads and a system
//! can find its copy by. Pure.

use super::plan::{Affected, State};
use crate::store::recall::Incident;
use base64::Engine;
use schemas::code_set::CodeSets;
use schemas::dtm::Dtm;
use schemas::hl7::PatientId;
use schemas::ods_code::OdsCode;
use schemas::recall::{Reason, Withdrawn, WithdrawnDocument};
use schemas::xml::{attribute, text_element};
use uuid::Uuid;

/// The messageType of a non-coded CDA.
pub const MESSAGE_TYPE: &str = "POCD_MT010011GB02";
pub const PROFILE: &str = "urn:nhs-en:profile:NonCodedCDADocument-v2-1";
pub const INTERACTION: &str = "primaryRecipientNonCodedCDADocument-v2-0";
pub const SERVICE: &str = "SendCDADocument-v2-0";

/// A message about an incident, to one organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub incident: Uuid,
    pub destination: OdsCode,
    pub tracking_id: Uuid,
    pub payload_id: Uuid,
    /// The organisation that sends it.
    pub hub: OdsCode,
    /// The ClinicalDocument.
    pub payload: String,
}

/// How far the message with this tracking id is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    pub tracking_id: Uuid,
    pub state: State,
    pub detail: Option<String>,
}

impl Notice {
    pub(super) fn new(
        incident: &Incident,
        one: &Affected,
        code_sets: &CodeSets,
        hub: &OdsCode,
    ) -> Self {
        let withdrawn = &incident.withdrawn;
        let words = words(withdrawn, one, code_sets);
        Self {
            incident: withdrawn.id,
            destination: one.organisation.clone(),
            tracking_id: one.tracking_id,
            payload_id: one.payload_id,
            hub: hub.clone(),
            payload: clinical_document(withdrawn, one, hub, &words),
        }
    }
}

/// What happened, for a heading.
pub fn headline(reason: Reason) -> &'static str {
    match reason {
        Reason::WrongPatient => "Document filed under the wrong patient",
        Reason::Corrected => "Document replaced by a corrected version",
        Reason::MetadataUpdated => "Details of a document corrected",
        Reason::Deprecated => "Document no longer current",
        Reason::Removed => "Document withdrawn",
    }
}

fn what_to_do(reason: Reason) -> &'static str {
    match reason {
        Reason::WrongPatient => {
            "It may be about another person. Remove every copy from this patient's record, check what was decided on it, and act on your own incident procedure."
        }
        Reason::Corrected => {
            "Do not use your copy. Open the new version at the hub, and check what was decided on the old one."
        }
        Reason::MetadataUpdated => {
            "The document itself is unchanged. Look it up again at the hub, and correct how your copy is filed."
        }
        Reason::Deprecated => {
            "Do not use your copy. Look at the hub for what is current, and check what was decided on it."
        }
        Reason::Removed => {
            "Do not use your copy, and remove it from this patient's record. Check what was decided on it."
        }
    }
}

/// The text of the notice.
fn words(withdrawn: &Withdrawn, one: &Affected, code_sets: &CodeSets) -> String {
    let Withdrawn { reason, patient_id, at, by, .. } = withdrawn;
    let patient = match patient_id {
        PatientId::Nhs(number) => format!("NHS number {}", number.digits()),
        PatientId::Other(cx) => format!("Local identifier {}", cx.text()),
    };
    let mut text = format!(
        "{}\n\n{patient}\nTaken back on {} (UTC) by {by}\nReference {}\n",
        headline(*reason),
        time(at),
        withdrawn.id
    );
    for document in &withdrawn.documents {
        text.push_str(&lines(document, code_sets));
    }
    text.push_str(&format!("\nWhat to do\n{}\n\nWhy you are told\n", what_to_do(*reason)));
    for (count, what) in [(one.retrieved, "opened it"), (one.listed, "was shown it in an answer")] {
        if count > 0 {
            let times = if count == 1 { "once".to_owned() } else { format!("{count} times") };
            text.push_str(&format!("Your organisation {what} {times}.\n"));
        }
    }
    let addressed = if one.addressed { "It was addressed to your organisation.\n" } else { "" };
    let between = match (&one.first_at, &one.last_at) {
        (Some(first), Some(last)) => format!("First at {first}, last at {last}.\n"),
        _ => String::new(),
    };
    format!(
        "{text}{addressed}{between}\nAcknowledge this message when your copy has been dealt with.\n"
    )
}

fn lines(document: &WithdrawnDocument, code_sets: &CodeSets) -> String {
    let known = code_sets.document_type(&document.type_code, &document.practice_setting);
    let label = known.map_or(document.type_code.as_str(), |known| known.label.as_str());
    let publisher = document.publisher_ods.as_ref().map_or("not known", OdsCode::as_str);
    let written = document.creation_time.as_ref().map_or("not stated".to_owned(), time);
    let mut text = format!(
        "\nDocument {}\nType: {label}\nPublished by: {publisher}\nWritten: {written}\n",
        document.unique_id
    );
    if let Some(new) = &document.replaced_by {
        text.push_str(&format!("Replaced by: {new}\n"));
    }
    text
}

/// `2026-07-15 12:00`, as far as it is known.
fn time(at: &Dtm) -> String {
    let text = at.as_str();
    let part = |from: usize, to: usize| text.get(from..to);
    match (part(0, 4), part(4, 6), part(6, 8), part(8, 10), part(10, 12)) {
        (Some(y), Some(m), Some(d), Some(h), Some(min)) => format!("{y}-{m}-{d} {h}:{min}"),
        (Some(y), Some(m), Some(d), ..) => format!("{y}-{m}-{d}"),
        _ => text.to_owned(),
    }
}

const TEMPLATE: &str = "2.16.840.1.113883.2.1.3.2.4.18.2";
const CONTENT: &str = "2.16.840.1.113883.2.1.3.2.4.18.16";
const ORGANISATION: &str = "2.16.840.1.113883.2.1.3.2.4.19.1";

/// An empty element with two attributes.
fn pair(out: &mut String, name: &str, (a, x): (&str, &str), (b, y): (&str, &str)) {
    out.push('<');
    out.push_str(name);
    attribute(out, a, x);
    attribute(out, b, y);
    out.push_str("/>");
}

fn content(out: &mut String, template: &str) {
    pair(out, "npfitlc:contentId", ("root", CONTENT), ("extension", template));
}

fn template(out: &mut String, template: &str) {
    pair(out, "templateId", ("root", TEMPLATE), ("extension", template));
}

fn id(out: &mut String, root: &str, extension: &str) {
    pair(out, "id", ("root", root), ("extension", extension));
}

/// The wire form of a non-coded CDA (POCD_MT000002UK01).
fn clinical_document(withdrawn: &Withdrawn, one: &Affected, hub: &OdsCode, words: &str) -> String {
    let mut out = String::from(
        "<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:npfitlc=\"NPFIT:HL7:Localisation\" classCode=\"DOCCLIN\" moodCode=\"EVN\">",
    );
    let type_id = ("root", "2.16.840.1.113883.1.3");
    pair(&mut out, "typeId", type_id, ("extension", "POCD_HD000040"));
    let messages = ("root", "2.16.840.1.113883.2.1.3.2.4.18.17");
    pair(&mut out, "npfitlc:messageType", messages, ("extension", MESSAGE_TYPE));
    let document_id = one.payload_id.to_string().to_uppercase();
    let value = |out: &mut String, name: &str, key: &str, value: &str| {
        out.push('<');
        out.push_str(name);
        attribute(out, key, value);
        out.push_str("/>");
    };
    value(&mut out, "id", "root", &document_id);
    out.push_str("<code code=\"419891008\" codeSystem=\"2.16.840.1.113883.2.1.3.2.4.15\" displayName=\"Record artifact\"/>");
    text_element(&mut out, "title", headline(withdrawn.reason));
    let at = format!("{}+0000", withdrawn.at.first_second());
    value(&mut out, "effectiveTime", "value", &at);
    out.push_str("<confidentialityCode code=\"N\" codeSystem=\"2.16.840.1.113883.1.11.16926\" displayName=\"normal\"/>");
    value(&mut out, "setId", "root", &document_id);
    out.push_str("<versionNumber value=\"1\"/>");
    participants(&mut out, withdrawn, one, hub, &at);
    let text = base64::engine::general_purpose::STANDARD.encode(words);
    out.push_str("<component typeCode=\"COMP\" contextConductionInd=\"true\"><nonXMLBody classCode=\"DOCBODY\" moodCode=\"EVN\">");
    out.push_str(&format!("<text mediaType=\"text/plain\" representation=\"B64\">{text}</text>"));
    out.push_str("</nonXMLBody></component></ClinicalDocument>");
    out
}

/// recordTarget, author, custodian and informationRecipient, in the schema's order.
fn participants(out: &mut String, withdrawn: &Withdrawn, one: &Affected, hub: &OdsCode, at: &str) {
    out.push_str("<recordTarget typeCode=\"RCT\" contextControlCode=\"OP\">");
    content(out, "COCD_TP145201GB01#PatientRole");
    out.push_str("<patientRole classCode=\"PAT\">");
    template(out, "COCD_TP145201GB01#PatientRole");
    match &withdrawn.patient_id {
        PatientId::Nhs(number) => id(out, schemas::oid::NHS_NUMBER, &number.digits()),
        PatientId::Other(cx) => id(out, cx.authority.as_str(), &cx.id),
    }
    out.push_str(
        "</patientRole></recordTarget><author typeCode=\"AUT\" contextControlCode=\"OP\">",
    );
    content(out, "COCD_TP145207GB01#AssignedAuthorDevice");
    out.push_str("<functionCode code=\"OA\" codeSystem=\"2.16.840.1.113883.2.1.3.2.4.17.178\" displayName=\"Originating Author\"/>");
    out.push_str(&format!("<time value=\"{at}\"/><assignedAuthor classCode=\"ASSIGNED\">"));
    template(out, "COCD_TP145207GB01#AssignedAuthorDevice");
    out.push_str("<id nullFlavor=\"NI\"/><assignedAuthoringDevice classCode=\"DEV\" determinerCode=\"INSTANCE\">");
    template(out, "COCD_TP145207GB01#assignedAuthoringDevice");
    out.push_str("<manufacturerModelName>Document exchange hub</manufacturerModelName></assignedAuthoringDevice>");
    organisation(out, "representedOrganization", "COCD_TP145207GB01#representedOrganization", hub);
    out.push_str("</assignedAuthor></author><custodian typeCode=\"CST\">");
    content(out, "COCD_TP145018UK03#AssignedCustodian");
    out.push_str("<assignedCustodian classCode=\"ASSIGNED\">");
    template(out, "COCD_TP145018UK03#AssignedCustodian");
    let custodian = "COCD_TP145018UK03#representedCustodianOrganization";
    organisation(out, "representedCustodianOrganization", custodian, hub);
    out.push_str("</assignedCustodian></custodian><informationRecipient typeCode=\"PRCP\">");
    content(out, "COCD_TP145203GB03#IntendedRecipient");
    out.push_str("<intendedRecipient classCode=\"ASSIGNED\">");
    template(out, "COCD_TP145203GB03#IntendedRecipient");
    out.push_str("<id nullFlavor=\"NI\"/>");
    let to = &one.organisation;
    organisation(out, "receivedOrganization", "COCD_TP145203GB03#representedOrganization", to);
    out.push_str("</intendedRecipient></informationRecipient>");
}

fn organisation(out: &mut String, name: &str, of_template: &str, ods: &OdsCode) {
    out.push_str(&format!("<{name} classCode=\"ORG\" determinerCode=\"INSTANCE\">"));
    template(out, of_template);
    id(out, ORGANISATION, ods.as_str());
    text_element(out, "name", ods.as_str());
    out.push_str(&format!("</{name}>"));
}
