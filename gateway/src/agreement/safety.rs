//! From which impact on direct care a person answers for clinical safety.

use super::sights::{Sights, changes};
use crate::region::Policy;
use schemas::ods_code::OdsCode;
use serde::Serialize;
use std::collections::BTreeSet;

/// What direct care would lose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Impact {
    /// Consumers that lose something.
    pub consumers: BTreeSet<OdsCode>,
    /// How many have something at all.
    pub of_consumers: usize,
    pub publishers: BTreeSet<OdsCode>,
    /// `*`, `group:` names and names.
    pub document_types: BTreeSet<String>,
}

pub fn impact(before: &Sights, after: &Sights, policy: &Policy) -> Impact {
    let care = |purpose: &str| !policy.is_secondary(purpose);
    let mut impact = Impact { of_consumers: before.consumers(&care).len(), ..Impact::default() };
    let lost = changes(before, after).into_iter().filter(|c| !c.more && care(&c.purpose));
    for change in lost {
        impact.consumers.extend(change.consumers);
        impact.publishers.extend(change.publishers);
        impact.document_types.extend(change.document_types);
    }
    if impact.document_types.contains("*") {
        impact.document_types = BTreeSet::from(["*".to_owned()]);
    }
    impact
}

impl Impact {
    pub fn is_none(&self) -> bool {
        self.consumers.is_empty()
    }

    /// Whether the region asks for a clinical-safety approval.
    pub fn needs_clinical_safety(&self, policy: &Policy) -> bool {
        let at = &policy.clinical_safety;
        let count = self.consumers.len();
        let many = count >= at.consumers as usize;
        let share = count * 100 >= at.share_percent as usize * self.of_consumers;
        // A share says something of a region that has several consumers.
        count > 0 && (many || (count > 1 && share))
    }

    /// `9 of 12 consumers lose group:discharge of 5 publishers for direct care`.
    pub fn sentence(&self) -> String {
        let types: Vec<&str> = self.document_types.iter().map(String::as_str).collect();
        format!(
            "{} of {} consumers ({}) would lose {} of {} for direct care",
            self.consumers.len(),
            self.of_consumers,
            joined(&self.consumers),
            types.join(", "),
            joined(&self.publishers)
        )
    }
}

fn joined(codes: &BTreeSet<OdsCode>) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<&str> = codes.iter().take(SHOWN).map(OdsCode::as_str).collect();
    match codes.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
