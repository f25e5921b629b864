//! The decision: four controls, each able to refuse, deny by default. Pure and total: the region's
//! snapshot, the day, who asks, what is known of the patient, one entry; nothing else.
//!
//! 1. identity and role, 2. agreement between publisher and consumer, 3. legitimate relationship,
//! 4. the citizen's preference.

use crate::region::{Preference, Region, Relationship, SystemProfile, Versioned};
use jiff::civil::Date;
use schemas::code_set::DocumentType;
use schemas::ods_code::OdsCode;

/// A known system, acting for an organisation that its profile allows.
#[derive(Clone, Debug)]
pub struct Asker<'r> {
    pub profile: &'r SystemProfile,
    pub organisation: &'r OdsCode,
    pub purpose: &'r str,
}

/// What the gateway knows of a patient and this consumer.
#[derive(Clone, Debug, Default)]
pub struct PatientFacts {
    pub relationships: Vec<Relationship>,
    pub preferences: Vec<Preference>,
}

/// What is decided on.
#[derive(Clone, Copy, Debug)]
pub struct EntryView<'e> {
    pub publisher_ods: Option<&'e OdsCode>,
    /// `None` where the region does not know the type.
    pub document_type: Option<&'e DocumentType>,
    /// Every confidentialityCode of the entry.
    pub confidentiality: &'e [String],
    /// Organisations that the document was addressed to.
    pub recipients: &'e [OdsCode],
}

/// Why not. The word is the reason code in audit records and explanations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Denial {
    UnknownSystem,
    MayNotActFor,
    UnknownOrganisation,
    NotAMember,
    NoAgreement,
    UnknownPublisher,
    PublisherNotAMember,
    TypeNotCovered,
    RoleNotCovered,
    TooConfidential,
    NoRelationship,
    Preference,
    /// The entry itself may be seen, but not what has replaced it.
    Superseded,
    LocalIdentifier,
}

impl Denial {
    pub fn code(self) -> &'static str {
        match self {
            Self::UnknownSystem => "unknown-system",
            Self::MayNotActFor => "may-not-act-for",
            Self::UnknownOrganisation => "unknown-organisation",
            Self::NotAMember => "not-a-member",
            Self::NoAgreement => "no-agreement",
            Self::UnknownPublisher => "unknown-publisher",
            Self::PublisherNotAMember => "publisher-not-a-member",
            Self::TypeNotCovered => "type-not-covered",
            Self::RoleNotCovered => "role-not-covered",
            Self::TooConfidential => "too-confidential",
            Self::NoRelationship => "no-relationship",
            Self::Preference => "preference",
            Self::Superseded => "superseded",
            Self::LocalIdentifier => "local-identifier",
        }
    }
}

/// Leave to see one entry: only [`decide`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    /// Agreement and version, or `own` for an organisation's own documents.
    agreement: String,
}

impl Permit {
    pub fn agreement(&self) -> &str {
        &self.agreement
    }
}

/// Whether an organisation's membership is in force.
pub fn is_member(region: &Region, ods: &OdsCode, today: Date) -> bool {
    let organisation = region.organisation(ods);
    let membership = organisation.and_then(|organisation| organisation.membership.as_ref());
    membership.is_some_and(|membership| {
        !membership.suspended
            && membership.signed_on <= today
            && membership.until.is_none_or(|until| today <= until)
    })
}

/// Identity and standing: what can be refused aloud, before any look-up, because it does not
/// depend on the patient.
pub fn standing<'r>(
    region: &'r Region,
    today: Date,
    system: &str,
    certificate_ods: &OdsCode,
    acting_for: &OdsCode,
) -> Result<Asker<'r>, Denial> {
    let profile = region.system(system, certificate_ods).ok_or(Denial::UnknownSystem)?;
    if *acting_for != profile.organisation && !profile.acts_for.contains(acting_for) {
        return Err(Denial::MayNotActFor);
    }
    let organisation = region.organisation(acting_for).ok_or(Denial::UnknownOrganisation)?;
    if !is_member(region, &organisation.ods, today) {
        return Err(Denial::NotAMember);
    }
    let purpose = profile.purposes.first().ok_or(Denial::NoAgreement)?;
    let asker = Asker { profile, organisation: &organisation.ods, purpose };
    if agreements(region, today, &asker).next().is_none() {
        return Err(Denial::NoAgreement);
    }
    Ok(asker)
}

/// Agreements in force that name the asker as consumer for its purpose.
pub fn agreements<'r>(
    region: &'r Region,
    today: Date,
    asker: &Asker<'r>,
) -> impl Iterator<Item = &'r Versioned> {
    let (organisation, purpose) = (asker.organisation, asker.purpose);
    region.agreements.iter().filter(move |versioned| {
        let agreement = &versioned.agreement;
        agreement.is_in_force(today)
            && agreement.purposes.iter().any(|p| p == purpose)
            && agreement.consumers.iter().any(|party| region.is_party(party, organisation))
    })
}

/// One entry, for one asker. Controls are asked in order; the first that refuses gives the reason.
pub fn decide(
    region: &Region,
    today: Date,
    asker: &Asker<'_>,
    patient: &PatientFacts,
    entry: &EntryView<'_>,
) -> Result<Permit, Denial> {
    if !is_member(region, asker.organisation, today) {
        return Err(Denial::NotAMember);
    }
    let agreement = agreed(region, today, asker, entry)?;
    related(today, asker, patient)?;
    shared(asker, patient, entry)?;
    Ok(Permit { agreement })
}

/// Whether one who may not see an entry may still be told that it exists: neither the relationship
/// nor the citizen's preference stands in the way, so what refuses is between organisations.
pub fn may_be_told(
    today: Date,
    asker: &Asker<'_>,
    patient: &PatientFacts,
    entry: &EntryView<'_>,
) -> bool {
    related(today, asker, patient).is_ok() && shared(asker, patient, entry).is_ok()
}

/// One entry of a patient who has no number of the domain but a local identifier of the publisher's:
/// nothing is known of relationships or preferences, so until the patient is traced it is for its
/// publisher and for those whom the publisher has addressed.
pub fn decide_local(
    region: &Region,
    today: Date,
    asker: &Asker<'_>,
    entry: &EntryView<'_>,
) -> Result<Permit, Denial> {
    if !is_member(region, asker.organisation, today) {
        return Err(Denial::NotAMember);
    }
    if entry.publisher_ods == Some(asker.organisation) {
        return Ok(Permit { agreement: "own".to_owned() });
    }
    if entry.recipients.contains(asker.organisation) {
        return Ok(Permit { agreement: "addressed".to_owned() });
    }
    Err(Denial::LocalIdentifier)
}

/// The agreement that covers publisher, type, role and confidentiality.
fn agreed(
    region: &Region,
    today: Date,
    asker: &Asker<'_>,
    entry: &EntryView<'_>,
) -> Result<String, Denial> {
    let publisher = entry.publisher_ods.ok_or(Denial::UnknownPublisher)?;
    if publisher == asker.organisation {
        return Ok("own".to_owned());
    }
    if region.organisation(publisher).is_none() {
        return Err(Denial::UnknownPublisher);
    }
    if !is_member(region, publisher, today) {
        return Err(Denial::PublisherNotAMember);
    }
    // The refusal that came closest to a permit is the most useful to explain.
    let mut closest = Denial::NoAgreement;
    for versioned in agreements(region, today, asker) {
        let agreement = &versioned.agreement;
        if !agreement.publishers.iter().any(|party| region.is_party(party, publisher)) {
            continue;
        }
        let covered =
            entry.document_type.is_some_and(|document_type| agreement.covers(document_type));
        let role = agreement.roles.contains(&asker.profile.role);
        match (covered, role, within(&agreement.confidentiality, entry.confidentiality)) {
            (true, true, true) => return Ok(versioned.reference()),
            (true, true, false) => closest = Denial::TooConfidential,
            (true, false, _) if closest != Denial::TooConfidential => {
                closest = Denial::RoleNotCovered
            }
            (false, ..) if closest == Denial::NoAgreement => closest = Denial::TypeNotCovered,
            _ => {}
        }
    }
    Err(closest)
}

/// Whether every code is at or below the ceiling; an unknown code is above all.
fn within(ceiling: &str, codes: &[String]) -> bool {
    let rank = |code: &str| match code {
        "U" => 0,
        "L" => 1,
        "M" => 2,
        "N" => 3,
        "R" => 4,
        "V" => 5,
        _ => 6,
    };
    let ceiling = rank(ceiling).min(5);
    codes.iter().all(|code| rank(code) <= ceiling)
}

fn related(today: Date, asker: &Asker<'_>, patient: &PatientFacts) -> Result<(), Denial> {
    if asker.profile.standing_urgent_care && asker.purpose == "urgent-care" {
        return Ok(());
    }
    let own = |relationship: &&Relationship| {
        relationship.ods == *asker.organisation && relationship.is_current(today)
    };
    if patient.relationships.iter().any(|relationship| own(&relationship)) {
        return Ok(());
    }
    Err(Denial::NoRelationship)
}

fn shared(asker: &Asker<'_>, patient: &PatientFacts, entry: &EntryView<'_>) -> Result<(), Denial> {
    // An organisation keeps seeing what it wrote itself.
    if entry.publisher_ods == Some(asker.organisation) {
        return Ok(());
    }
    let refused = patient.preferences.iter().any(|preference| {
        let of_type = |selector: &crate::region::TypeSelector| {
            entry.document_type.is_none_or(|document_type| selector.matches(document_type))
        };
        preference.document_type.as_ref().is_none_or(of_type)
            && preference.publisher.as_ref().is_none_or(|p| entry.publisher_ods == Some(p))
            && preference.consumer.as_ref().is_none_or(|c| c == asker.organisation)
    });
    if refused { Err(Denial::Preference) } else { Ok(()) }
}
