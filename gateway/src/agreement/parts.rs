//! Which part of an agreement is an actor's: the parties it may decide for.

use super::Actor;
use crate::region::{Agreement, DecidesFor, Region};
use jiff::civil::Date;
use schemas::ods_code::OdsCode;

/// An actor before an agreement.
pub(super) struct Parts<'a> {
    pub region: &'a Region,
    pub agreement: &'a Agreement,
    pub actor: &'a Actor,
}

/// A party of a list that an actor decides on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Signs {
    /// As it stands in the list.
    pub party: String,
    /// For whom the decision counts: the party, or of a group the actor's organisation alone.
    pub for_whom: String,
}

impl Signs {
    pub fn own_part_of_a_group(&self) -> bool {
        self.party != self.for_whom
    }
}

impl Parts<'_> {
    fn ods(&self) -> &OdsCode {
        &self.actor.organisation
    }

    pub fn is_operator(&self) -> bool {
        self.region.policy.operator.as_ref().is_some_and(|operator| operator.ods == *self.ods())
    }

    /// Whether the framework lets the operator's office decide for a party.
    fn operator_decides_for(&self, party: &str) -> bool {
        let decides_for = self.region.policy.operator.as_ref().map(|operator| operator.decides_for);
        self.is_operator()
            && match decides_for.unwrap_or_default() {
                DecidesFor::Nobody => false,
                DecidesFor::Groups => party.starts_with("group:"),
                DecidesFor::Everybody => true,
            }
    }

    /// Of a list of publisher parties, those that the actor signs for.
    pub fn signs_for(&self, parties: &[String]) -> Vec<Signs> {
        let signs = |party: &String| {
            let is_named = party.eq_ignore_ascii_case(self.ods().as_str());
            let for_whom = if is_named || self.operator_decides_for(party) {
                party.clone()
            } else if self.region.is_party(party, self.ods()) {
                self.ods().to_string()
            } else {
                return None;
            };
            Some(Signs { party: party.clone(), for_whom })
        };
        parties.iter().filter_map(signs).collect()
    }

    pub fn is_publisher(&self) -> bool {
        let parties = [&self.agreement.publishers[..], &self.agreement.awaiting[..]].concat();
        !self.signs_for(&parties).is_empty()
    }

    pub fn is_consumer(&self) -> bool {
        !self.signs_for(&self.agreement.consumers).is_empty()
    }

    /// Whether nothing would be left of a side without the actor's organisation.
    pub fn is_sole(&self, today: Date) -> bool {
        let agreement = self.agreement;
        let alone = |parties: &[String]| {
            let mut meant = parties.iter().flat_map(|party| self.region.meant_by(party));
            let is_out = |ods: &OdsCode| agreement.exceptions.iter().any(|e| e.ods == *ods);
            let mut found = false;
            let others = meant.any(|ods| {
                found |= ods == self.ods();
                ods != self.ods()
                    && !is_out(ods)
                    && self.region.membership(ods).is_some_and(|of| of.is_in_force(today))
            });
            found && !others
        };
        alone(&agreement.publishers) || alone(&agreement.consumers)
    }
}
