//! Authors, authenticators and recipients as XCN, XON and XTN.

use super::coding::Coding;
use super::{MappingContext, local_authority};
use crate::cda::header::{CdaHeader, Identifier, Person, Recipient, RecipientKind, Telecom};
use crate::cda::job_role::{RoleName, role_name};
use crate::cda::slot;
use crate::cda::warning::{CdaWarning, note};
use crate::hl7::{Xcn, Xon, component};
use crate::metadata::Author;
use crate::oid::{self, Oid};
use crate::wire::Slot;

/// Characters of a name part, so that the whole fits its 256.
const NAME_MAX: usize = 60;
const ORGANISATION_MAX: usize = 120;

fn cut(text: &str, most: usize) -> String {
    component(text).chars().take(most).collect::<String>().trim_end().to_owned()
}

fn assigned(id: &Identifier, context: &MappingContext<'_>) -> Option<(String, Oid)> {
    let value = cut(id.extension.as_deref()?, NAME_MAX);
    (!value.is_empty()).then_some((value, local_authority(context, id)?))
}

/// XCN of a person: the SDS user id where there is one, else another id, else the name alone.
pub(super) fn xcn(person: &Person, context: &MappingContext<'_>) -> Option<Xcn> {
    let user = person.ids.iter().find(|id| id.root == oid::SDS_USER && id.extension.is_some());
    let others = || person.ids.iter().find_map(|id| assigned(id, context));
    let id = user.and_then(|id| assigned(id, context)).or_else(others);
    let part = |text: &str| cut(text, NAME_MAX);
    let (family, given, prefix) = (part(&person.family), part(&person.given), part(&person.prefix));
    let text = match id {
        Some((id, root)) => format!("{id}^{family}^{given}^^^{prefix}^^^&{root}&ISO"),
        None => format!("^{family}^{given}^^^{prefix}").trim_end_matches('^').to_owned(),
    };
    Xcn::parse(&text).ok()
}

fn xon(name: Option<&str>, id: Option<&Identifier>, context: &MappingContext<'_>) -> Option<Xon> {
    let name = cut(name.unwrap_or_default(), ORGANISATION_MAX);
    let text = match id.and_then(|id| assigned(id, context)) {
        Some((code, root)) => {
            let name = if name.is_empty() { code.clone() } else { name };
            format!("{name}^^^^^&{root}&ISO^^^^{code}")
        }
        None => name,
    };
    Xon::parse(&text).ok()
}

fn institution(person: &Person, context: &MappingContext<'_>) -> Option<Xon> {
    let organisation = &person.organisation;
    xon(organisation.name.as_deref(), organisation.id.as_ref(), context)
}

/// `XON|XCN`, either of them empty, not both.
pub(super) fn xon_xcn(person: &Person, context: &MappingContext<'_>) -> Option<String> {
    let organisation = institution(person, context);
    let person = xcn(person, context);
    match (organisation, person) {
        (None, None) => None,
        (Some(xon), None) => Some(xon.as_str().to_owned()),
        (xon, Some(xcn)) => {
            Some(format!("{}|{}", xon.as_ref().map_or("", Xon::as_str), xcn.as_str()))
        }
    }
}

/// XTN of `tel:`, `fax:` or `mailto:`; anything else says nothing that XDS has a form for.
fn xtn(telecom: &Telecom) -> Option<String> {
    let (scheme, address) = telecom.value.split_once(':')?;
    let address = cut(address, NAME_MAX);
    if address.is_empty() {
        return None;
    }
    let usage = if telecom.usage.starts_with('H') { "PRN" } else { "WPN" };
    match scheme.to_ascii_lowercase().as_str() {
        "mailto" => Some(format!("^NET^Internet^{address}")),
        "tel" => Some(format!("^{usage}^PH^^^^^^^^^{address}")),
        "fax" | "x-text-fax" => Some(format!("^{usage}^FX^^^^^^^^^{address}")),
        _ => None,
    }
}

/// The author; `None` where neither person, institution nor address is known.
pub(super) fn author(
    header: &CdaHeader,
    coding: &Coding<'_>,
    context: &MappingContext<'_>,
    warnings: &mut Vec<CdaWarning>,
) -> Option<Author> {
    let person = header.author.as_ref()?;
    let custodian = &header.custodian;
    let institution = institution(person, context)
        .or_else(|| xon(custodian.name.as_deref(), custodian.id.as_ref(), context));
    let role = person.role.as_ref().map(|role| match Oid::parse(&role.system) {
        Ok(system) => format!("{}^^^&{system}&ISO", component(&role.code)),
        Err(_) => component(&role.code),
    });
    let specialty = format!("{}^^^&{}&ISO", coding.practice_setting, oid::SNOMED_CT);
    let author = Author {
        person: xcn(person, context),
        institution: institution.into_iter().collect(),
        role: role.into_iter().collect(),
        specialty: vec![specialty],
        telecommunication: person.telecom.iter().filter_map(xtn).collect(),
        extra: role_names(person, warnings),
    };
    let named = author.person.is_some()
        || !author.institution.is_empty()
        || !author.telecommunication.is_empty();
    named.then_some(author)
}

/// The vocabulary's name of the role, and the document's own where it says another: a code is
/// believed before its display, and neither decides what anybody may see.
fn role_names(person: &Person, warnings: &mut Vec<CdaWarning>) -> Vec<Slot> {
    let Some(role) = &person.role else { return Vec::new() };
    let received = role.display.as_deref().map(component).filter(|name| !name.is_empty());
    match role_name(&role.code, &role.system) {
        RoleName::Known(name) => {
            let other = received.filter(|received| !received.eq_ignore_ascii_case(name));
            if other.is_some() {
                note(warnings, CdaWarning::RoleDisplayDiffers);
            }
            let other = other.map(|other| Slot::one(slot::RECEIVED_AUTHOR_ROLE, other));
            [Slot::one(slot::AUTHOR_ROLE, name)].into_iter().chain(other).collect()
        }
        unknown => {
            if unknown == RoleName::Unknown {
                note(warnings, CdaWarning::RoleUnknown);
            }
            received.map(|name| Slot::one(slot::RECEIVED_AUTHOR_ROLE, name)).into_iter().collect()
        }
    }
}

/// Says that the legalAuthenticator is an authenticator of an NHS document, which has no other.
pub(super) fn authenticator_slot(header: &CdaHeader) -> Option<Slot> {
    let stands = header.authenticator.is_some() && header.nhs_authenticator;
    stands.then(|| Slot::one(slot::AUTHENTICATOR, "authenticator"))
}

pub(super) fn recipient_slots(
    header: &CdaHeader,
    context: &MappingContext<'_>,
) -> impl Iterator<Item = Slot> + use<> {
    let of_kind = |kind: RecipientKind, name: &str| {
        let wanted = |recipient: &&Recipient| recipient.kind == kind;
        let recipients = header.recipients.iter().filter(wanted);
        let values: Vec<String> =
            recipients.filter_map(|recipient| xon_xcn(&recipient.person, context)).collect();
        (!values.is_empty()).then(|| Slot { name: name.to_owned(), values })
    };
    let primary = of_kind(RecipientKind::Primary, slot::RECIPIENT);
    primary.into_iter().chain(of_kind(RecipientKind::Copy, slot::COPY_RECIPIENT))
}
