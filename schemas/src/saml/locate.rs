//! Where the one assertion of an envelope stands, with everything beside it that could be taken for
//! it refused (ITI TF-2 3.40.4.1.2; wrapping attacks move the signed element elsewhere).

use super::{ASSERTION_BYTES_MAX, SAML2, SamlProblem};
use crate::soap::{WSSE, WSU};
use crate::xml::Element;
use std::collections::HashSet;

const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// SAML 1.x and whatever else the family names.
const FAMILY: &str = "urn:oasis:names:tc:SAML";

/// The assertion of an envelope; `None` where no element of it has to do with SAML.
pub fn locate<'d>(
    envelope: Element<'d>,
    header: Option<Element<'d>>,
) -> Result<Option<Element<'d>>, SamlProblem> {
    let (mut found, mut looks_like_one) = (None, false);
    for element in envelope.descendants().filter(|e| e.namespace().starts_with(FAMILY)) {
        match (element.namespace(), element.local()) {
            (_, "EncryptedAssertion" | "EncryptedID" | "EncryptedAttribute") => {
                return Err(SamlProblem::Encrypted);
            }
            (SAML2, "Assertion") if found.is_some() => return Err(SamlProblem::SeveralAssertions),
            (SAML2, "Assertion") => found = Some(element),
            (_, "Assertion") => return Err(SamlProblem::Version),
            (_, local) => looks_like_one |= local.contains("Assertion"),
        }
    }
    if found.is_none() && looks_like_one {
        return Err(SamlProblem::Misplaced);
    }
    let securities: Vec<Element<'d>> =
        header.iter().flat_map(|header| header.children_named(WSSE, "Security")).collect();
    let Some(assertion) = found else { return Ok(None) };
    let [security] = securities[..] else {
        let none = securities.is_empty();
        return Err(if none {
            SamlProblem::Misplaced
        } else {
            SamlProblem::SeveralSecurityHeaders
        });
    };
    if security.children().all(|child| child.span() != assertion.span()) {
        return Err(SamlProblem::Misplaced);
    }
    // Every `<` of an attribute value is refused by the reader: these can only be markup.
    let source = assertion.source();
    if source.len() > ASSERTION_BYTES_MAX {
        return Err(SamlProblem::TooLarge);
    }
    if source.contains("<!") || source.contains("<?") {
        return Err(SamlProblem::Markup);
    }
    unique_ids(envelope)?;
    Ok(Some(assertion))
}

/// Attributes that some stack takes for an ID; ebRIM's lower-case `id` is none, but may not look
/// like one of them.
fn unique_ids(envelope: Element<'_>) -> Result<(), SamlProblem> {
    let mut ids = HashSet::new();
    let mut others = Vec::new();
    for element in envelope.descendants() {
        for (uri, local, value) in element.attributes() {
            let id = match (uri, local) {
                (WSU, _) | (XML, "id") => local.eq_ignore_ascii_case("id"),
                ("", "ID" | "Id" | "iD" | "AssertionID") => true,
                ("", "id") => {
                    others.push(value);
                    false
                }
                _ => false,
            };
            if id && !ids.insert(value) {
                return Err(SamlProblem::DuplicateId);
            }
        }
    }
    match others.iter().any(|other| ids.contains(other)) {
        true => Err(SamlProblem::DuplicateId),
        false => Ok(()),
    }
}
