//! Control 2: membership and agreement.

use super::{Asker, BREAK_GLASS, Denial, EntryView, Moment};
use crate::region::{Meeting, Region, Versioned};
use jiff::civil::Date;
use schemas::ods_code::OdsCode;

/// Whether an organisation's membership is in force.
pub fn is_member(region: &Region, ods: &OdsCode, today: Date) -> bool {
    region.membership(ods).is_some_and(|membership| membership.is_in_force(today))
}

/// Purposes for which an agreement may be asked: the asker's, and where the glass is broken the
/// profile's purposes of care, since nobody signs for emergencies apart.
fn purposes<'a>(region: &Region, asker: &Asker<'a>) -> Vec<&'a str> {
    let mut purposes = vec![asker.purpose];
    if asker.purpose == BREAK_GLASS {
        let policy = &region.policy;
        let is_care = |p: &&str| !policy.is_secondary(p) && !policy.is_after_death(p);
        purposes.extend(asker.profile.purposes.iter().map(String::as_str).filter(is_care));
    }
    purposes
}

/// Whether a purpose may pass on an agreement with these: a secondary one not beside care.
fn pure(region: &Region, asker: &Asker<'_>, versioned: &Versioned) -> bool {
    !region.policy.is_secondary(asker.purpose)
        || !region.policy.mixes(&versioned.agreement.purposes)
}

/// Whether an agreement is in force for an asker, its department and the publisher aside.
fn is_open(region: &Region, today: Date, asker: &Asker<'_>, versioned: &Versioned) -> bool {
    versioned.agreement.is_in_force(today)
        && region.is_consumer(&versioned.agreement, asker.organisation)
        && pure(region, asker, versioned)
}

/// Agreements in force that name the asker as consumer for its purpose and department.
pub fn agreements<'r>(
    region: &'r Region,
    today: Date,
    asker: &Asker<'_>,
) -> impl Iterator<Item = &'r Versioned> {
    let purposes = purposes(region, asker);
    let department = asker.department.as_deref();
    let meeting = Meeting { purposes: Some(&purposes), ..Meeting::of(asker.organisation) };
    region.meet(&meeting).filter(move |versioned| {
        is_open(region, today, asker, versioned)
            && versioned.agreement.is_for_department(department)
    })
}

/// Why no agreement covers an entry, and the one that came closest.
pub(super) struct Refused<'r> {
    pub denial: Denial,
    pub closest: Option<&'r Versioned>,
}

impl From<Denial> for Refused<'_> {
    fn from(denial: Denial) -> Self {
        Self { denial, closest: None }
    }
}

/// The agreement and version that covers publisher, type, role, department and confidentiality;
/// `own` for the documents of the asker and of those that it has inherited from.
pub(super) fn agreed<'r>(
    region: &'r Region,
    at: Moment,
    asker: &Asker<'_>,
    entry: &EntryView<'_>,
) -> Result<String, Refused<'r>> {
    let publisher = entry.publisher_ods.ok_or(Denial::UnknownPublisher)?;
    if is_own(region, at, asker, entry) {
        return Ok("own".to_owned());
    }
    if region.organisation(publisher).is_none() {
        return Err(Denial::UnknownPublisher.into());
    }
    let answers = region.answers_for(publisher, at.today);
    if !is_member(region, answers, at.today) {
        return Err(Denial::PublisherNotAMember.into());
    }
    nearest(region, at, asker, entry, [publisher, answers])
}

/// The first agreement that covers all, else the refusal that came closest to a permit: that is
/// the most useful to explain.
fn nearest<'r>(
    region: &'r Region,
    at: Moment,
    asker: &Asker<'_>,
    entry: &EntryView<'_>,
    publishers: [&OdsCode; 2],
) -> Result<String, Refused<'r>> {
    let purposes = purposes(region, asker);
    let between = Meeting {
        publishers: Some(publishers),
        purposes: Some(&purposes),
        ..Meeting::of(asker.organisation)
    };
    let open = |versioned: &&Versioned| {
        is_open(region, at.today, asker, versioned)
            && region.is_publisher(&versioned.agreement, publishers[0], at.today)
    };
    let mut closest: Option<(Denial, &Versioned)> = None;
    if entry.document_type.is_some() {
        let of_type = Meeting { document_type: entry.document_type, ..between };
        for versioned in region.meet(&Meeting { role: Some(asker.role), ..of_type }).filter(open) {
            let Some(denial) = uncovered(versioned, asker, entry) else {
                return Ok(versioned.reference());
            };
            if closest.is_none_or(|(known, _)| nearness(denial) > nearness(known)) {
                closest = Some((denial, versioned));
            }
        }
        let first = || region.meet(&of_type).find(open);
        closest = closest.or_else(|| Some((Denial::RoleNotCovered, first()?)));
    }
    let first = || region.meet(&between).find(open);
    match closest.or_else(|| Some((Denial::TypeNotCovered, first()?))) {
        Some((denial, versioned)) => Err(Refused { denial, closest: Some(versioned) }),
        None => Err(Denial::NoAgreement.into()),
    }
}

/// Whether the asker has published an entry, or answers for who has.
pub(super) fn is_own(
    region: &Region,
    at: Moment,
    asker: &Asker<'_>,
    entry: &EntryView<'_>,
) -> bool {
    entry.publisher_ods.is_some_and(|publisher| {
        publisher == asker.organisation
            || region.answers_for(publisher, at.today) == asker.organisation
    })
}

/// What of an agreement between the right parties does not cover an entry.
fn uncovered(versioned: &Versioned, asker: &Asker<'_>, entry: &EntryView<'_>) -> Option<Denial> {
    let agreement = &versioned.agreement;
    if !entry.document_type.is_some_and(|document_type| agreement.covers(document_type)) {
        Some(Denial::TypeNotCovered)
    } else if !agreement.roles.iter().any(|role| role == asker.role) {
        Some(Denial::RoleNotCovered)
    } else if !agreement.is_for_department(asker.department.as_deref()) {
        Some(Denial::DepartmentNotCovered)
    } else if !within(&agreement.confidentiality, entry.confidentiality) {
        Some(Denial::TooConfidential)
    } else {
        None
    }
}

fn nearness(denial: Denial) -> u8 {
    match denial {
        Denial::TypeNotCovered => 1,
        Denial::RoleNotCovered => 2,
        Denial::DepartmentNotCovered => 3,
        Denial::TooConfidential => 4,
        _ => 0,
    }
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
