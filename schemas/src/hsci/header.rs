//! A notice as the CDA header that says the same, so that one reader and one mapping serve both.

use super::kind::NoticeKind;
use super::notice::own_elements;
use crate::cda::{HL7, NPFIT};
use crate::itk::standalone;
use crate::oid;
use crate::xml::{Element, attribute, text_element};

/// The notice's identity, for the header to carry.
pub(super) struct Identity<'a> {
    pub kind: NoticeKind,
    pub message_type: Option<&'a str>,
    pub root: &'a str,
    pub extension: Option<&'a str>,
    pub given: &'a str,
}

/// `hl7:ClinicalDocument` with the notice's code, id and time, and whoever takes part: from the notice,
/// or else from the CDA that it embeds.
pub(super) fn written(notice: Element<'_>, identity: &Identity<'_>) -> String {
    let embedded = notice.descendants().find(|e| e.is(HL7, "ClinicalDocument"));
    let own = |name: &str| own_elements(notice).into_iter().find(|e| e.is(HL7, name));
    let of_cda = |name: &str| embedded.and_then(|cda| cda.child(HL7, name));
    let mut out = format!("<ClinicalDocument xmlns=\"{HL7}\" xmlns:npfitlc=\"{NPFIT}\">");
    out.push_str("<typeId root=\"2.16.840.1.113883.1.3\" extension=\"POCD_HD000040\"/>");
    if let Some(message_type) = identity.message_type {
        id(&mut out, "npfitlc:messageType", oid::CDA_MESSAGE_TYPE, Some(message_type));
    }
    id(&mut out, "id", identity.root, identity.extension);
    out.push_str("<code");
    attribute(&mut out, "code", identity.kind.code());
    attribute(&mut out, "codeSystem", oid::SNOMED_CT_UK);
    out.push_str("/>");
    let title = own("title").or(of_cda("title")).map(|e| e.trimmed()).filter(|t| !t.is_empty());
    text_element(&mut out, "title", title.unwrap_or(identity.kind.name()));
    out.push_str("<effectiveTime");
    attribute(&mut out, "value", identity.given);
    out.push_str("/>");
    let confidentiality = own("confidentialityCode").or(of_cda("confidentialityCode"));
    match confidentiality {
        Some(element) => out.push_str(&standalone(element)),
        None => out.push_str("<confidentialityCode code=\"N\"/>"),
    }
    for name in ["recordTarget", "author"] {
        out.extend(own(name).or(of_cda(name)).map(standalone));
    }
    out.push_str(&custodian(of_cda("custodian"), own("author")));
    out.push_str(&recipient(own("primaryInformationRecipient"), of_cda("informationRecipient")));
    out.extend(own("componentOf").or(of_cda("componentOf")).map(standalone));
    out.extend(of_cda("component").map(standalone));
    out.push_str("</ClinicalDocument>");
    out
}

fn id(out: &mut String, name: &str, root: &str, extension: Option<&str>) {
    out.push('<');
    out.push_str(name);
    attribute(out, "root", root);
    if let Some(extension) = extension {
        attribute(out, "extension", extension);
    }
    out.push_str("/>");
}

/// The CDA's, else the organisation that its author stands for.
fn custodian(embedded: Option<Element<'_>>, author: Option<Element<'_>>) -> String {
    if let Some(element) = embedded {
        return standalone(element);
    }
    let organisation =
        author.and_then(|a| a.descendants().find(|e| e.is(HL7, "representedOrganization")));
    let children = organisation.into_iter().flat_map(|o| o.children().map(standalone));
    let inside: String = children.collect();
    format!(
        "<custodian><assignedCustodian><representedCustodianOrganization>{inside}</representedCustodianOrganization></assignedCustodian></custodian>"
    )
}

/// Whom the notice is for, under the name that a CDA has for it.
fn recipient(own: Option<Element<'_>>, embedded: Option<Element<'_>>) -> String {
    match (own, embedded) {
        (Some(element), _) => {
            let inside: String = element.children().map(standalone).collect();
            format!("<informationRecipient typeCode=\"PRCP\">{inside}</informationRecipient>")
        }
        (None, Some(element)) => standalone(element),
        (None, None) => String::new(),
    }
}
