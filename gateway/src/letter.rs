//! A letter of the hub's own to an organisation, about one patient: a non-coded CDA with a text that a
//! clinician reads. Pure.

use base64::Engine;
use schemas::dtm::Dtm;
use schemas::hl7::PatientId;
use schemas::ods_code::OdsCode;
use schemas::xml::{attribute, text_element};
use uuid::Uuid;

/// The messageType of a non-coded CDA.
const MESSAGE_TYPE: &str = "POCD_MT010011GB02";

pub(crate) struct Letter<'l> {
    pub title: &'l str,
    pub patient: &'l PatientId,
    pub at: &'l Dtm,
    pub payload_id: Uuid,
    pub to: &'l OdsCode,
    /// The organisation that sends it.
    pub hub: &'l OdsCode,
    pub words: &'l str,
}

impl Letter<'_> {
    /// The ClinicalDocument.
    pub(crate) fn write(&self) -> String {
        clinical_document(self)
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
fn clinical_document(letter: &Letter<'_>) -> String {
    let mut out = String::from(
        "<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:npfitlc=\"NPFIT:HL7:Localisation\" classCode=\"DOCCLIN\" moodCode=\"EVN\">",
    );
    let type_id = ("root", "2.16.840.1.113883.1.3");
    pair(&mut out, "typeId", type_id, ("extension", "POCD_HD000040"));
    let messages = ("root", "2.16.840.1.113883.2.1.3.2.4.18.17");
    pair(&mut out, "npfitlc:messageType", messages, ("extension", MESSAGE_TYPE));
    let document_id = letter.payload_id.to_string().to_uppercase();
    let value = |out: &mut String, name: &str, key: &str, value: &str| {
        out.push('<');
        out.push_str(name);
        attribute(out, key, value);
        out.push_str("/>");
    };
    value(&mut out, "id", "root", &document_id);
    out.push_str("<code code=\"419891008\" codeSystem=\"2.16.840.1.113883.2.1.3.2.4.15\" displayName=\"Record artifact\"/>");
    text_element(&mut out, "title", letter.title);
    let at = format!("{}+0000", letter.at.first_second());
    value(&mut out, "effectiveTime", "value", &at);
    out.push_str("<confidentialityCode code=\"N\" codeSystem=\"2.16.840.1.113883.1.11.16926\" displayName=\"normal\"/>");
    value(&mut out, "setId", "root", &document_id);
    out.push_str("<versionNumber value=\"1\"/>");
    participants(&mut out, letter, &at);
    let text = base64::engine::general_purpose::STANDARD.encode(letter.words);
    out.push_str("<component typeCode=\"COMP\" contextConductionInd=\"true\"><nonXMLBody classCode=\"DOCBODY\" moodCode=\"EVN\">");
    out.push_str(&format!("<text mediaType=\"text/plain\" representation=\"B64\">{text}</text>"));
    out.push_str("</nonXMLBody></component></ClinicalDocument>");
    out
}

/// recordTarget, author, custodian and informationRecipient, in the schema's order.
fn participants(out: &mut String, letter: &Letter<'_>, at: &str) {
    let Letter { patient, to, hub, .. } = letter;
    out.push_str("<recordTarget typeCode=\"RCT\" contextControlCode=\"OP\">");
    content(out, "COCD_TP145201GB01#PatientRole");
    out.push_str("<patientRole classCode=\"PAT\">");
    template(out, "COCD_TP145201GB01#PatientRole");
    match patient {
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
