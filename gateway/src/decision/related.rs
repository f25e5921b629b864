//! Control 3: why this organisation may look at this patient.

use super::{Asker, BREAK_GLASS, Basis, Denial, Moment, PatientFacts};
use crate::region::{Region, Relationship};

/// The strongest reason first: a glass counts as broken only where nothing else opens the record.
/// With the day after death relationships, flags and standing end; the glass does not, since a
/// death can be recorded of one who lives.
pub(super) fn related(
    region: &Region,
    at: Moment,
    asker: &Asker<'_>,
    patient: &PatientFacts,
) -> Result<Basis, Denial> {
    if region.policy.is_after_death(asker.purpose) {
        let dead = patient.died_on.is_some_and(|died_on| died_on <= at.today);
        return if dead { Ok(Basis::AfterDeath) } else { Err(Denial::NoRelationship) };
    }
    let over = patient.died_on.is_some_and(|died_on| died_on < at.today);
    if let Some(basis) = living(at, asker, patient).filter(|_| !over) {
        return Ok(basis);
    }
    match asker.purpose == BREAK_GLASS {
        true if breaks_glass(region, asker) => Ok(Basis::BreakGlass),
        true => Err(Denial::BreakGlassNotAllowed),
        false => Err(Denial::NoRelationship),
    }
}

fn living(at: Moment, asker: &Asker<'_>, patient: &PatientFacts) -> Option<Basis> {
    let own = |relationship: &&Relationship| {
        relationship.ods == *asker.organisation && relationship.is_current(at.today)
    };
    if let Some(relationship) = patient.relationships.iter().find(own) {
        return Some(Basis::Relationship(relationship.kind));
    }
    if asker.transactional.as_ref().is_some_and(|flag| at.now <= flag.until) {
        return Some(Basis::Transactional);
    }
    let standing = asker.profile.standing_urgent_care && asker.purpose == "urgent-care";
    standing.then_some(Basis::Standing)
}

/// Whether this user may break the glass: a role that the region names, a reason in words, and the
/// second factor where it is demanded.
pub(super) fn breaks_glass(region: &Region, asker: &Asker<'_>) -> bool {
    let policy = &region.policy.break_glass;
    let shown = asker.break_glass.as_ref().filter(|_| asker.purpose == BREAK_GLASS);
    shown.is_some_and(|shown| {
        policy.roles.iter().any(|role| role == asker.role)
            && !shown.reason.trim().is_empty()
            && (shown.second_factor || !policy.second_factor)
    })
}
