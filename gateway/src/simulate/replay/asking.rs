//! A questioner of the past before a region, and its verdict on an entry.

use super::super::count::Numbers;
use super::super::question::Questioner;
use crate::decision::{
    Asker, BreakGlass, Denial, EntryView, Moment, PatientFacts, Shown, TransactionalFlag, decide,
    decide_local, standing,
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

/// How an entry is asked for.
#[derive(Clone, Copy)]
pub(super) struct How {
    /// The patient has no number of the domain.
    pub local: bool,
    /// The document is to be handed out.
    pub opening: bool,
}

/// What can be refused before any look-up. A person's role and purpose are those on record; a system
/// that asked for itself asks as its profile has it, so that a draft that changes the profile counts.
pub(super) fn stand<'a>(
    region: &'a Region,
    at: Moment,
    asker: &Questioner,
) -> Result<Asker<'a>, Denial> {
    let asserted = |word: &Option<String>| word.clone().filter(|_| asker.asserted);
    let shown = Shown {
        role: asserted(&asker.role),
        purpose: asserted(&asker.purpose),
        organisation: None,
        department: asserted(&asker.department),
        transactional: asker.transactional.then(|| TransactionalFlag {
            kind: String::new(),
            reference: String::new(),
            until: at.now,
        }),
        break_glass: asker
            .break_glass
            .clone()
            .map(|reason| BreakGlass { reason, second_factor: true }),
    };
    standing(region, at, &asker.system, &asker.organisation, &asker.acting_for, &shown)
}

pub(super) fn verdict(
    region: &Region,
    at: Moment,
    asker: Result<&Asker<'_>, &Denial>,
    facts: &PatientFacts,
    view: &EntryView<'_>,
    how: How,
    words: &mut Numbers<String>,
) -> Verdict {
    let asker = match asker {
        Ok(asker) => asker,
        Err(denial) => return Verdict::Denied(*denial),
    };
    let decided = if how.local {
        decide_local(region, at, asker, view)
    } else {
        decide(region, at, asker, facts, view)
    };
    match decided {
        // To list is not to hand out.
        Ok(permit) if how.opening && permit.is_index_only() => {
            Verdict::Denied(Denial::TierNotCovered)
        }
        Ok(permit) => Verdict::Permit(words.of(&permit.agreement().to_owned())),
        Err(denial) => Verdict::Denied(denial),
    }
}
