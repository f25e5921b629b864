//! What would have to change for a refusal to become a permit, in words for those who can change
//! it. No patient and no publisher is named: either may have to stay unknown to the reader.

use super::{Asker, Denial, EntryView};
use crate::region::Region;

/// One sentence. Who asks is not known where the refusal is about that.
pub fn remedy(
    denial: Denial,
    region: &Region,
    asker: Option<&Asker<'_>>,
    entry: Option<&EntryView<'_>>,
) -> String {
    let who = asker.map_or("the organisation".to_owned(), |asker| asker.organisation.to_string());
    let role = asker.map_or("the role".to_owned(), |asker| format!("the role {}", asker.role));
    let purpose = asker.map_or("the purpose", |asker| asker.purpose);
    let of_type = entry
        .and_then(|entry| entry.document_type)
        .map_or("a type that the region does not know".to_owned(), |of| of.name.clone());
    match denial {
        Denial::UnknownSystem => "the region's operator registers a profile for the system".into(),
        Denial::MayNotActFor => format!("the system's profile names {who} in acts_for, or a person of {who} asks"),
        Denial::UnknownOrganisation => format!("{who} joins the region"),
        Denial::NotAMember => format!("{who} signs the region's framework, or its membership is renewed or no longer suspended"),
        Denial::NoAssertion => "a person asks, with an assertion of who it is".into(),
        Denial::UnknownRole => format!("{role} gets a row in the region's table of roles"),
        Denial::PurposeNotAllowed => "the system's profile names the purpose".into(),
        Denial::TierNotCovered => format!("the tier of {role} reads documents of the type {of_type}"),
        Denial::NoAgreement => format!("an agreement between the publisher and {who} for {purpose} comes into force{}", alone(region, purpose)),
        Denial::UnknownPublisher => "the document's publisher is an organisation of the region".into(),
        Denial::PublisherNotAMember => "the publisher, or its successor if it has closed, is a member again".into(),
        Denial::TypeNotCovered => format!("the agreement is amended to cover the type {of_type}"),
        Denial::RoleNotCovered => format!("the agreement is amended to name {role}"),
        Denial::DepartmentNotCovered => "a department that the agreement names asks, or the agreement is amended".into(),
        Denial::TooConfidential => "the agreement's ceiling of confidentiality is raised".into(),
        Denial::Superseded => "an agreement covers the version that has replaced it".into(),
        Denial::NoRelationship if region.policy.is_after_death(purpose) => format!("the patient's death is on record: {purpose} opens with it"),
        Denial::NoRelationship => format!("{who} has a current relationship with the patient (a registration, referral or encounter), or the request carries the flag of an incident{}", glass(region, asker)),
        Denial::BreakGlassNotAllowed => "a role that may break the glass states a reason, with a second factor where the region demands one".into(),
        Denial::OtherPatient => "the request comes with an assertion about this patient".into(),
        Denial::LocalIdentifier => "the patient is traced to an NHS number, or the publisher addresses the document".into(),
        Denial::Preference => format!("the citizen changes the wish not to share it{}", over(region, asker)),
        Denial::NoConsent => format!("the citizen's consent to {purpose} is recorded"),
        Denial::Sealed => format!("{who} is taken into the seal, or it is opened{}", over(region, asker)),
        Denial::SealedAndLocked => format!("{who} is taken into the seal, or it is opened"),
    }
}

/// A secondary purpose needs an agreement of its own.
fn alone(region: &Region, purpose: &str) -> &'static str {
    if region.policy.is_secondary(purpose) { ", one that names no purpose of care" } else { "" }
}

fn may_break_glass(region: &Region, asker: Option<&Asker<'_>>) -> bool {
    asker.is_some_and(|asker| region.policy.break_glass.roles.iter().any(|role| role == asker.role))
}

fn glass(region: &Region, asker: Option<&Asker<'_>>) -> &'static str {
    if may_break_glass(region, asker) { "; in an emergency the glass may be broken" } else { "" }
}

fn over(region: &Region, asker: Option<&Asker<'_>>) -> &'static str {
    let over = region.policy.break_glass.over_preference && may_break_glass(region, asker);
    if over { "; in an emergency the glass may be broken" } else { "" }
}
