//! Why an entry may or may not be seen: all four controls, also those that a decision would not
//! have come to.

use super::{
    Asker, Basis, Control, Denial, EntryView, Moment, PatientFacts, Permit, agreed, decide,
    identified, related, remedy, shared,
};
use crate::region::Region;

/// What one control found. An agreement's reference can tell who the publisher is: where that is
/// protected, it is for the writer of the page to leave it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub control: Control,
    /// `None`: it passes.
    pub denial: Option<Denial>,
    /// Of the second control: the agreement and version that permits, or that came closest.
    pub agreement: Option<String>,
    /// Of the third control.
    pub basis: Option<Basis>,
    /// Of the fourth: it passes although a wish or a seal is against it.
    pub over_preference: bool,
    /// What would have to change, where it refuses.
    pub remedy: Option<String>,
}

/// One entry for one asker, with what was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// In the controls' order.
    pub findings: [Finding; 4],
    pub outcome: Result<Permit, Denial>,
}

/// Walks all controls. The first that refuses is the reason of the decision.
pub fn explain(
    region: &Region,
    at: Moment,
    asker: &Asker<'_>,
    patient: &PatientFacts,
    entry: &EntryView<'_>,
) -> Explanation {
    let finding = |control, denial: Option<Denial>| Finding {
        control,
        denial,
        agreement: None,
        basis: None,
        over_preference: false,
        remedy: denial.map(|denial| remedy(denial, region, Some(asker), Some(entry))),
    };
    let identified = identified(region, at, asker, entry.document_type);
    let (agreement, refused) = match agreed::agreed(region, at, asker, entry) {
        Ok(agreement) => (Some(agreement), None),
        Err(refused) => (refused.closest.map(|closest| closest.reference()), Some(refused.denial)),
    };
    let related = related::related(region, at, asker, patient);
    let shared = shared::shared(region, at, asker, patient, entry);
    Explanation {
        findings: [
            finding(Control::IdentityAndRole, identified.err()),
            Finding { agreement, ..finding(Control::Agreement, refused) },
            Finding { basis: related.ok(), ..finding(Control::Relationship, related.err()) },
            Finding {
                over_preference: shared.as_ref().is_ok_and(|shared| shared.over_preference),
                ..finding(Control::Preference, shared.as_ref().err().copied())
            },
        ],
        outcome: decide(region, at, asker, patient, entry),
    }
}
