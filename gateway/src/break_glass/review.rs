//! The review of a use by the viewing organisation's privacy officer. Pure.

use super::{OpenedEntry, Said};
use crate::region::RelationshipKind;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use serde::Serialize;

/// What a privacy officer says of a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Justified,
    NotJustified,
    /// It is with somebody else, and stays open until one of the other two is said.
    Escalated,
}

impl Outcome {
    pub const ALL: [Self; 3] = [Self::Justified, Self::NotJustified, Self::Escalated];

    pub fn name(self) -> &'static str {
        match self {
            Self::Justified => "justified",
            Self::NotJustified => "not-justified",
            Self::Escalated => "escalated",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == text)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Milliseconds since 1970.
    pub at: i64,
    pub reviewer: String,
    pub outcome: Outcome,
    pub note: String,
}

/// A use as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    pub id: i64,
    pub organisation: OdsCode,
    pub actor: String,
    pub patient: NhsNumber,
    /// Milliseconds since 1970, both.
    pub at: i64,
    pub until: i64,
    pub second_factor: bool,
    pub said: Said,
    pub entries: Vec<OpenedEntry>,
    /// Oldest first.
    pub reviews: Vec<Review>,
    /// A relationship of the organisation with the patient that held then, or followed.
    pub followed: Option<RelationshipKind>,
}

const DAY: i64 = 86_400_000;

impl Use {
    /// What was said last.
    pub fn outcome(&self) -> Option<Outcome> {
        self.reviews.last().map(|review| review.outcome)
    }

    /// Whether somebody has still to decide.
    pub fn is_open(&self) -> bool {
        matches!(self.outcome(), None | Some(Outcome::Escalated))
    }

    /// Whole days since it happened.
    pub fn age_days(&self, now: i64) -> i64 {
        (now - self.at).max(0) / DAY
    }

    pub fn is_overdue(&self, now: i64, review_days: u32) -> bool {
        self.is_open() && self.age_days(now) > i64::from(review_days)
    }
}

/// What needs a look first comes first: open ones, among them those that nothing followed, among
/// those the oldest.
pub fn order(uses: &mut [Use]) {
    uses.sort_by_key(|one| (!one.is_open(), one.followed.is_some(), one.at, one.id));
}

/// How many uses of an organisation stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    pub uses: u64,
    pub open: u64,
    /// Open, and nothing followed.
    pub unfollowed: u64,
    /// Open for more than the region's days.
    pub overdue: u64,
    pub escalated: u64,
    pub justified: u64,
    pub not_justified: u64,
    /// Days since the oldest open one.
    pub oldest_days: Option<i64>,
}

/// Counts by what is given.
pub fn count<'u>(uses: impl IntoIterator<Item = &'u Use>, now: i64, review_days: u32) -> Counts {
    let mut counts = Counts::default();
    for one in uses {
        counts.uses += 1;
        counts.open += u64::from(one.is_open());
        counts.unfollowed += u64::from(one.is_open() && one.followed.is_none());
        counts.overdue += u64::from(one.is_overdue(now, review_days));
        match one.outcome() {
            Some(Outcome::Justified) => counts.justified += 1,
            Some(Outcome::NotJustified) => counts.not_justified += 1,
            Some(Outcome::Escalated) => counts.escalated += 1,
            None => {}
        }
        if one.is_open() {
            counts.oldest_days = counts.oldest_days.max(Some(one.age_days(now)));
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(id: i64, days_ago: i64, followed: bool, outcomes: &[Outcome]) -> Use {
        let review = |outcome: &Outcome| Review {
            at: 0,
            reviewer: String::new(),
            outcome: *outcome,
            note: String::new(),
        };
        Use {
            id,
            organisation: OdsCode::parse("RX7").unwrap(),
            actor: "system".to_owned(),
            patient: NhsNumber::parse("9990000018").unwrap(),
            at: (100 - days_ago) * DAY,
            until: 0,
            second_factor: false,
            said: Said {
                system: String::new(),
                user: None,
                role: String::new(),
                reason: String::new(),
            },
            entries: Vec::new(),
            reviews: outcomes.iter().map(review).collect(),
            followed: followed.then_some(RelationshipKind::Encounter),
        }
    }

    fn some() -> Vec<Use> {
        use Outcome::{Escalated, Justified, NotJustified};
        vec![
            one(1, 9, true, &[]),
            one(2, 2, false, &[]),
            one(3, 8, false, &[Escalated]),
            one(4, 30, false, &[Justified]),
            one(5, 1, false, &[Escalated, NotJustified]),
        ]
    }

    #[test]
    fn open_uses_that_nothing_followed_come_first_and_the_oldest_of_them_first() {
        let mut uses = some();
        order(&mut uses);
        assert_eq!(uses.iter().map(|one| one.id).collect::<Vec<_>>(), [3, 2, 1, 4, 5]);
    }

    #[test]
    fn an_escalated_use_stays_open_until_it_is_decided_and_ages() {
        let counts = count(&some(), 100 * DAY, 7);
        assert_eq!((counts.uses, counts.open, counts.unfollowed), (5, 3, 2));
        assert_eq!((counts.overdue, counts.oldest_days), (2, Some(9)));
        assert_eq!((counts.escalated, counts.justified, counts.not_justified), (1, 1, 1));
        assert_eq!(count([], 0, 7), Counts::default());
        assert!(!one(1, 7, false, &[]).is_overdue(100 * DAY, 7), "on its last day it is not");
    }
}
