//! What is left undone in a region: between what is connected, signed, offered, asked for and used.
//! Pure: a region, its document types and a day.

mod agreements;
mod members;
mod sharing;
#[cfg(test)]
mod tests;
mod words;

use crate::region::Region;
use crate::relationship::standing;
use jiff::civil::Date;
use schemas::code_set::CodeSets;
use serde::Serialize;

/// Days before a review or an end at which it is said.
pub const SOON_DAYS: i64 = 90;

/// In the order in which they matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// Its system is registered, its membership is not in force.
    ConnectedUnsigned,
    /// A publisher has not decided.
    RequestedUndecided,
    /// An amendment waits for signatures.
    AmendmentUndecided,
    /// Compliance evidence has run out, will soon, or was never shown.
    Evidence,
    ReviewDue,
    /// In force no longer, or soon.
    Ending,
    /// Held back until a person resumes it.
    Suspended,
    /// A member with a system that reads, to which no agreement in force shows anything.
    SeesNothing,
    /// A member with a system that publishes, of whom no agreement in force shows anything.
    SharesWithNobody,
    /// Document types that an organisation offers and no agreement in force shows to anybody.
    OfferedUnused,
    /// An offer that nobody has asked for.
    OfferUnanswered,
    /// An agreement names a group in which there is no member.
    EmptyGroup,
    /// A system may ask for any patient without naming an event.
    StandingFlag,
    /// A role that nothing uses, or that is used and stands in no table.
    Role,
    /// A tier that no role is in, or that a role names and is not there.
    Tier,
}

impl GapKind {
    /// As a heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::ConnectedUnsigned => "Connected, not signed",
            Self::RequestedUndecided => "Requested, not decided",
            Self::AmendmentUndecided => "Amendments that wait for a signature",
            Self::Evidence => "Evidence that runs out or is missing",
            Self::ReviewDue => "Due for review",
            Self::Ending => "Ended, or ending soon",
            Self::Suspended => "Suspended",
            Self::SeesNothing => "Members that see nothing",
            Self::SharesWithNobody => "Publishing, shared with nobody",
            Self::OfferedUnused => "Offered, shown to nobody",
            Self::OfferUnanswered => "Offered, not asked for",
            Self::EmptyGroup => "Groups without a member",
            Self::StandingFlag => "Systems that may ask for any patient",
            Self::Role => "Roles",
            Self::Tier => "Tiers",
        }
    }
}

/// One thing that is left undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    pub kind: GapKind,
    /// An agreement's reference, an organisation's code, a role, a tier.
    pub about: String,
    pub what: String,
    /// Since how many days it waits or is over; negative: it comes in so many.
    pub days: Option<i64>,
    /// What to do next.
    pub next: String,
}

impl Gap {
    fn new(kind: GapKind, about: impl Into<String>, what: String, next: impl Into<String>) -> Self {
        Self { kind, about: about.into(), what, days: None, next: next.into() }
    }

    fn since(self, days: Option<i64>) -> Self {
        Self { days, ..self }
    }
}

/// Everything, the most pressing first.
pub fn gaps(region: &Region, code_sets: &CodeSets, today: Date) -> Vec<Gap> {
    let mut gaps = Vec::new();
    members::find(region, today, &mut gaps);
    agreements::find(region, today, &mut gaps);
    sharing::find(region, code_sets, today, &mut gaps);
    words::find(region, today, &mut gaps);
    gaps.extend(standing::holders(region).into_iter().map(|system| {
        let what = format!(
            "{} has the standing flag: {}",
            system.name,
            standing::instead(&region.policy)
        );
        let next = "have it name its events and take the flag away; until then `watling report standing --sample 20`";
        Gap::new(GapKind::StandingFlag, system.organisation.as_str(), what, next)
    }));
    gaps.sort_by_cached_key(|gap| {
        let oldest = std::cmp::Reverse(gap.days);
        (gap.kind, oldest, gap.about.clone(), gap.what.clone())
    });
    gaps
}

/// Days from one to the other, negative where it is earlier.
fn days(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}
