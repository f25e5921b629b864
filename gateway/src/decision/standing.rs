//! Identity and standing: what can be refused aloud, before any look-up, because it does not
//! depend on the patient.

use super::{Asker, BreakGlass, Denial, Moment, TransactionalFlag, agreements, is_member, related};
use crate::region::{Region, SystemProfile};
use schemas::ods_code::OdsCode;

/// The purpose of one who breaks the glass. A system's profile has to name it too.
pub const BREAK_GLASS: &str = "break-glass";

/// What was shown beside the certificate: a verified assertion's attributes. Nothing, where a
/// system asks for itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// SDS job role (`R1070`, `S8000:G8000:R8000`) or a region's word; present with an assertion.
    pub role: Option<String>,
    /// The region's word.
    pub purpose: Option<String>,
    /// The organisation of the person; an assertion that names none is of the asking one.
    pub organisation: Option<OdsCode>,
    pub department: Option<String>,
    /// With the hour at which it ends, which is for whoever keeps flags to know.
    pub transactional: Option<TransactionalFlag>,
    pub break_glass: Option<BreakGlass>,
}

impl Shown {
    /// Whether a person was asserted.
    pub fn is_asserted(&self) -> bool {
        self.role.is_some()
    }
}

/// Who asks, as far as that can be known without the patient.
pub fn standing<'r>(
    region: &'r Region,
    at: Moment,
    system: &str,
    certificate_ods: &OdsCode,
    acting_for: &OdsCode,
    shown: &Shown,
) -> Result<Asker<'r>, Denial> {
    let profile = region.system(system, certificate_ods).ok_or(Denial::UnknownSystem)?;
    if *acting_for != profile.organisation && !profile.acts_for.contains(acting_for) {
        return Err(Denial::MayNotActFor);
    }
    let organisation = region.organisation(acting_for).ok_or(Denial::UnknownOrganisation)?;
    if !is_member(region, &organisation.ods, at.today) {
        return Err(Denial::NotAMember);
    }
    if shown.organisation.as_ref().is_some_and(|of| of != acting_for) {
        return Err(Denial::MayNotActFor);
    }
    if profile.assertion_required && !shown.is_asserted() {
        return Err(Denial::NoAssertion);
    }
    let asker = Asker {
        role: role(region, profile, shown).ok_or(Denial::UnknownRole)?,
        department: shown.department.clone().or_else(|| profile.department.clone()),
        transactional: shown.transactional.clone(),
        break_glass: shown.break_glass.clone(),
        ..Asker::of_profile(profile, &organisation.ods, purpose(profile, shown)?)
    };
    if asker.purpose == BREAK_GLASS && !related::breaks_glass(region, &asker) {
        return Err(Denial::BreakGlassNotAllowed);
    }
    if agreements(region, at.today, &asker).next().is_none() {
        return Err(Denial::NoAgreement);
    }
    Ok(asker)
}

/// The region's word for the role that was shown, else for the profile's. Without a table it has to
/// be a word that the region uses.
fn role<'r>(region: &'r Region, profile: &'r SystemProfile, shown: &Shown) -> Option<&'r str> {
    let word = shown.role.as_ref().unwrap_or(&profile.role);
    if region.roles.is_empty() {
        return region.role_word(word);
    }
    region.role(word).map(|role| role.name.as_str())
}

fn purpose<'r>(profile: &'r SystemProfile, shown: &Shown) -> Result<&'r str, Denial> {
    let mut allowed = profile.purposes.iter();
    let purpose = match &shown.purpose {
        Some(purpose) => allowed.find(|allowed| *allowed == purpose),
        None => allowed.next(),
    };
    purpose.map(String::as_str).ok_or(Denial::PurposeNotAllowed)
}
