//! A questioner of the past before a region, and its verdict on an entry.

use super::super::count::Numbers;
use super::super::question::Questioner;
use crate::decision::{
    Asker, BreakGlass, Denial, EntryView, Moment, PatientFacts, TransactionalFlag, agreements,
    decide, decide_local, is_member,
};
use crate::region::Region;

/// What came out; agreements by their number among the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Permit(u32),
    Denied(Denial),
}

impl Verdict {
    pub fn permits(self) -> bool {
        matches!(self, Self::Permit(_))
    }
}

/// What can be refused before any look-up. Role and purpose are those on record; where they were
/// those of the system's profile as it stands, a draft that changes the profile changes them.
pub(super) fn stand<'a>(
    region: &'a Region,
    standing: &'a Region,
    at: Moment,
    asker: &'a Questioner,
) -> Result<Asker<'a>, Denial> {
    let (system, by) = (asker.system.as_str(), &asker.organisation);
    let profile = region.system(system, by).ok_or(Denial::UnknownSystem)?;
    let before = standing.system(system, by);
    if asker.acting_for != profile.organisation && !profile.acts_for.contains(&asker.acting_for) {
        return Err(Denial::MayNotActFor);
    }
    let organisation = region.organisation(&asker.acting_for).ok_or(Denial::UnknownOrganisation)?;
    if !is_member(region, &organisation.ods, at.today) {
        return Err(Denial::NotAMember);
    }
    let own = before.and_then(|before| before.purposes.first());
    let stated = asker.purpose.as_ref().filter(|purpose| own != Some(purpose));
    let purpose = stated.or(profile.purposes.first()).ok_or(Denial::NoAgreement)?;
    if !profile.purposes.contains(purpose) {
        return Err(Denial::PurposeNotAllowed);
    }
    let mut standing_there = Asker::of_profile(profile, &organisation.ods, purpose);
    let own = before.map(|before| &before.role);
    if let Some(role) = asker.role.as_ref().filter(|role| own != Some(role)) {
        standing_there.role = role;
    }
    standing_there.department.clone_from(&asker.department);
    standing_there.transactional = asker.transactional.then(|| TransactionalFlag {
        kind: String::new(),
        reference: String::new(),
        until: at.now,
    });
    standing_there.break_glass =
        asker.break_glass.clone().map(|reason| BreakGlass { reason, second_factor: true });
    if agreements(region, at.today, &standing_there).next().is_none() {
        return Err(Denial::NoAgreement);
    }
    Ok(standing_there)
}

pub(super) fn verdict(
    region: &Region,
    at: Moment,
    asker: Result<&Asker<'_>, &Denial>,
    facts: &PatientFacts,
    view: &EntryView<'_>,
    local: bool,
    words: &mut Numbers<String>,
) -> Verdict {
    let asker = match asker {
        Ok(asker) => asker,
        Err(denial) => return Verdict::Denied(*denial),
    };
    let decided = if local {
        decide_local(region, at, asker, view)
    } else {
        decide(region, at, asker, facts, view)
    };
    match decided {
        Ok(permit) => Verdict::Permit(words.of(&permit.agreement().to_owned())),
        Err(denial) => Verdict::Denied(denial),
    }
}
