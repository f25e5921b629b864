//! The decision: four controls, each able to refuse, deny by default. Pure and total: the region's
//! snapshot, the day, who asks, what is known of the patient, one entry; nothing else.
//!
//! 1. identity and role, 2. agreement between publisher and consumer, 3. legitimate relationship,
//! 4. the citizen's preference.

mod denial;
mod facts;

pub use denial::{Control, Denial};
pub use facts::{
    Asker, Basis, BreakGlass, EntryView, Moment, PatientFacts, Permit, Seal, TransactionalFlag,
};

use crate::region::{PreferenceMode, Region, Relationship, Versioned, Wish};
use jiff::civil::Date;
use schemas::ods_code::OdsCode;

/// Whether an organisation's membership is in force.
pub fn is_member(region: &Region, ods: &OdsCode, today: Date) -> bool {
    region.membership(ods).is_some_and(|membership| membership.is_in_force(today))
}

/// Identity and standing: what can be refused aloud, before any look-up, because it does not
/// depend on the patient.
pub fn standing<'r>(
    region: &'r Region,
    at: Moment,
    system: &str,
    certificate_ods: &OdsCode,
    acting_for: &OdsCode,
) -> Result<Asker<'r>, Denial> {
    let profile = region.system(system, certificate_ods).ok_or(Denial::UnknownSystem)?;
    if *acting_for != profile.organisation && !profile.acts_for.contains(acting_for) {
        return Err(Denial::MayNotActFor);
    }
    let organisation = region.organisation(acting_for).ok_or(Denial::UnknownOrganisation)?;
    if !is_member(region, &organisation.ods, at.today) {
        return Err(Denial::NotAMember);
    }
    let purpose = profile.purposes.first().ok_or(Denial::NoAgreement)?;
    let asker = Asker::of_profile(profile, &organisation.ods, purpose);
    if agreements(region, at.today, &asker).next().is_none() {
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
    let department = asker.department.as_deref();
    region.agreements.iter().filter(move |versioned| {
        let agreement = &versioned.agreement;
        agreement.is_in_force(today)
            && agreement.purposes.iter().any(|p| p == purpose)
            && agreement.is_for_department(department)
            && region.is_consumer(agreement, organisation)
    })
}

/// One entry, for one asker. Controls are asked in order; the first that refuses gives the reason.
pub fn decide(
    region: &Region,
    at: Moment,
    asker: &Asker<'_>,
    patient: &PatientFacts,
    entry: &EntryView<'_>,
) -> Result<Permit, Denial> {
    if !is_member(region, asker.organisation, at.today) {
        return Err(Denial::NotAMember);
    }
    let agreement = agreed(region, at, asker, entry)?;
    let basis = related(at, asker, patient)?;
    shared(region, asker, patient, entry)?;
    Ok(Permit { agreement, basis, over_preference: false })
}

/// Whether one who may not see an entry may still be told that it exists: neither the relationship
/// nor the citizen's preference stands in the way, so what refuses is between organisations.
pub fn may_be_told(
    region: &Region,
    at: Moment,
    asker: &Asker<'_>,
    patient: &PatientFacts,
    entry: &EntryView<'_>,
) -> bool {
    related(at, asker, patient).is_ok() && shared(region, asker, patient, entry).is_ok()
}

/// One entry of a patient who has no number of the domain but a local identifier of the publisher's:
/// nothing is known of relationships or preferences, so until the patient is traced it is for its
/// publisher and for those whom the publisher has addressed.
pub fn decide_local(
    region: &Region,
    at: Moment,
    asker: &Asker<'_>,
    entry: &EntryView<'_>,
) -> Result<Permit, Denial> {
    if !is_member(region, asker.organisation, at.today) {
        return Err(Denial::NotAMember);
    }
    if entry.publisher_ods == Some(asker.organisation) {
        return Ok(Permit {
            agreement: "own".to_owned(),
            basis: Basis::Own,
            over_preference: false,
        });
    }
    if entry.recipients.contains(asker.organisation) {
        let agreement = "addressed".to_owned();
        return Ok(Permit { agreement, basis: Basis::Addressed, over_preference: false });
    }
    Err(Denial::LocalIdentifier)
}

/// The agreement that covers publisher, type, role and confidentiality.
fn agreed(
    region: &Region,
    at: Moment,
    asker: &Asker<'_>,
    entry: &EntryView<'_>,
) -> Result<String, Denial> {
    let publisher = entry.publisher_ods.ok_or(Denial::UnknownPublisher)?;
    // Since a merger the successor answers for what the closed organisation has published.
    let answers = region.answers_for(publisher, at.today);
    if publisher == asker.organisation || answers == asker.organisation {
        return Ok("own".to_owned());
    }
    if region.organisation(publisher).is_none() {
        return Err(Denial::UnknownPublisher);
    }
    if !is_member(region, answers, at.today) {
        return Err(Denial::PublisherNotAMember);
    }
    // The refusal that came closest to a permit is the most useful to explain.
    let mut closest = Denial::NoAgreement;
    for versioned in agreements(region, at.today, asker) {
        let agreement = &versioned.agreement;
        if !region.is_publisher(agreement, publisher, at.today) {
            continue;
        }
        let covered =
            entry.document_type.is_some_and(|document_type| agreement.covers(document_type));
        let role = agreement.roles.iter().any(|role| role == asker.role);
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

fn related(at: Moment, asker: &Asker<'_>, patient: &PatientFacts) -> Result<Basis, Denial> {
    let own = |relationship: &&Relationship| {
        relationship.ods == *asker.organisation && relationship.is_current(at.today)
    };
    if let Some(relationship) = patient.relationships.iter().find(own) {
        return Ok(Basis::Relationship(relationship.kind));
    }
    if asker.transactional.as_ref().is_some_and(|flag| at.now <= flag.until) {
        return Ok(Basis::Transactional);
    }
    if asker.profile.standing_urgent_care && asker.purpose == "urgent-care" {
        return Ok(Basis::Standing);
    }
    Err(Denial::NoRelationship)
}

fn shared(
    region: &Region,
    asker: &Asker<'_>,
    patient: &PatientFacts,
    entry: &EntryView<'_>,
) -> Result<(), Denial> {
    // An organisation keeps seeing what it wrote itself.
    if entry.publisher_ods == Some(asker.organisation) {
        return Ok(());
    }
    if region.policy.preference_for(asker.purpose) != PreferenceMode::Enforcing {
        return Ok(());
    }
    let refused = patient.preferences.iter().any(|preference| {
        let of_type = |selector: &crate::region::TypeSelector| {
            entry.document_type.is_none_or(|document_type| selector.matches(document_type))
        };
        preference.wish == Wish::DoNotShare
            && preference.document_type.as_ref().is_none_or(of_type)
            && preference.publisher.as_ref().is_none_or(|p| entry.publisher_ods == Some(p))
            && preference.consumer.as_ref().is_none_or(|c| c == asker.organisation)
    });
    if refused { Err(Denial::Preference) } else { Ok(()) }
}
