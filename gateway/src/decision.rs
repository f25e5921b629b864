//! The decision: four controls, each able to refuse, deny by default. Pure and total: the region's
//! snapshot, the moment, who asks, what is known of the patient, one entry; nothing else.
//!
//! 1. Identity and role. The organisation is a member at that moment, and the role's tier reads
//!    documents of the type. Without a role table every role reads what agreements say.
//! 2. Agreement. One in force names both organisations (a closed publisher's documents are its
//!    successor's), the purpose, the type, the role, the department where it names any, and a
//!    ceiling that no confidentialityCode is above. A secondary purpose passes only where the
//!    agreement names nothing else. An organisation's own documents need none.
//! 3. Legitimate relationship. A current one, a transactional flag within its hours, the system's
//!    standing flag, a broken glass; after death those purposes that need none.
//! 4. The citizen's preference: consent where the purpose demands it, seals, wishes.
//!
//! Breaking the glass stands in for the third and, where the region says so, for wishes and seals
//! that are not locked; never for the first two.

mod agreed;
mod denial;
mod explain;
mod facts;
mod matrix;
mod related;
mod remedy;
mod shared;
mod standing;

pub use agreed::{agreements, is_member};
pub use denial::{Control, Denial};
pub use explain::{Explanation, Finding, explain};
pub use facts::{
    Asker, Basis, BreakGlass, EntryView, Moment, PatientFacts, Permit, Seal, TransactionalFlag,
};
pub use matrix::{Cell, Grant, matrix, matrix_of};
pub use remedy::remedy;
pub use standing::{BREAK_GLASS, Shown, standing};

use crate::region::{Region, Tier};
use schemas::code_set::DocumentType;

/// One entry, for one asker. Controls are asked in order; the first that refuses gives the reason.
pub fn decide(
    region: &Region,
    at: Moment,
    asker: &Asker<'_>,
    patient: &PatientFacts,
    entry: &EntryView<'_>,
) -> Result<Permit, Denial> {
    let index_only = identified(region, at, asker, entry.document_type)?;
    let agreement = agreed::agreed(region, at, asker, entry).map_err(|refused| refused.denial)?;
    let basis = related::related(region, at, asker, patient)?;
    let shared = shared::shared(region, at, asker, patient, entry)?;
    Ok(Permit {
        agreement,
        basis,
        over_preference: shared.over_preference,
        broke_glass: basis == Basis::BreakGlass || shared.broke_glass,
        index_only,
    })
}

/// Whether one who may not see an entry may still be told that it exists: neither the asker's role
/// nor the relationship nor the citizen's preference stands in the way, so what refuses is between
/// organisations.
pub fn may_be_told(
    region: &Region,
    at: Moment,
    asker: &Asker<'_>,
    patient: &PatientFacts,
    entry: &EntryView<'_>,
) -> bool {
    identified(region, at, asker, entry.document_type).is_ok()
        && related::related(region, at, asker, patient).is_ok()
        && shared::shared(region, at, asker, patient, entry).is_ok()
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
    let index_only = identified(region, at, asker, entry.document_type)?;
    let (agreement, basis) = if entry.publisher_ods == Some(asker.organisation) {
        ("own", Basis::Own)
    } else if entry.recipients.contains(asker.organisation) {
        ("addressed", Basis::Addressed)
    } else {
        return Err(Denial::LocalIdentifier);
    };
    let agreement = agreement.to_owned();
    Ok(Permit { agreement, basis, over_preference: false, broke_glass: false, index_only })
}

/// Control 1. Gives whether the tier lists entries only.
fn identified(
    region: &Region,
    at: Moment,
    asker: &Asker<'_>,
    document_type: Option<&DocumentType>,
) -> Result<bool, Denial> {
    if !is_member(region, asker.organisation, at.today) {
        return Err(Denial::NotAMember);
    }
    let Some(tier) = tier_of(region, asker.role)? else { return Ok(false) };
    if tier.covers_any(document_type) { Ok(tier.index_only) } else { Err(Denial::TierNotCovered) }
}

/// The tier of a role word; none where the region has no role table.
fn tier_of<'r>(region: &'r Region, role: &str) -> Result<Option<&'r Tier>, Denial> {
    if region.roles.is_empty() {
        return Ok(None);
    }
    let role = region.role_named(role).ok_or(Denial::UnknownRole)?;
    region.tier(&role.tier).map(Some).ok_or(Denial::TierNotCovered)
}

/// Whether a role reads documents of a type at all, agreements aside.
pub fn tier_reads(region: &Region, role: &str, document_type: &DocumentType) -> bool {
    tier_of(region, role).is_ok_and(|tier| tier.is_none_or(|tier| tier.covers(document_type)))
}
