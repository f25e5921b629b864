//! The standing flag is the exception: who has it, how often it was the only ground, and a sample of
//! its uses for a person to look at. Pure.

use crate::region::{Policy, Region, SystemProfile};
use node::audit::AuditRecord;
use schemas::ods_code::OdsCode;
use std::collections::BTreeSet;

/// The word for it in audit records.
pub const STANDING: &str = "standing";

/// An answer in which entries were permitted on the standing flag alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Its place in the gateway's audit chain.
    pub seq: i64,
    /// RFC 3339.
    pub at: String,
    pub system: String,
    pub organisation: String,
    pub transaction: String,
    pub entries: usize,
    pub patients: usize,
}

/// The uses of standing flags among records, in their order.
pub fn uses(records: &[AuditRecord]) -> Vec<Use> {
    records.iter().filter_map(of_record).collect()
}

fn of_record(record: &AuditRecord) -> Option<Use> {
    let event = &record.event;
    let on_it = |relationship: &Option<String>| relationship.as_deref() == Some(STANDING);
    let entries: Vec<_> =
        event.decisions.iter().filter(|decided| on_it(&decided.relationship)).collect();
    let patients: BTreeSet<_> = entries.iter().map(|decided| &decided.patient_id).collect();
    (!entries.is_empty()).then(|| Use {
        seq: record.seq,
        at: event.at.clone(),
        system: event.system.clone().unwrap_or_default(),
        organisation: event.acting_for.clone().unwrap_or_default(),
        transaction: event.kind_name().to_owned(),
        entries: entries.len(),
        patients: patients.len(),
    })
}

/// A sample of so many: the same for the same seed, and no choice of whoever draws it.
pub fn sample(uses: &[Use], count: usize, seed: u64) -> Vec<Use> {
    let mut shuffled: Vec<(u64, &Use)> =
        uses.iter().map(|one| (mixed(seed, one.seq), one)).collect();
    shuffled.sort_by_key(|(key, one)| (*key, one.seq));
    let mut taken: Vec<Use> =
        shuffled.into_iter().take(count).map(|(_, one)| one.clone()).collect();
    taken.sort_by_key(|one| one.seq);
    taken
}

/// splitmix64 of a place in the chain.
fn mixed(seed: u64, seq: i64) -> u64 {
    let mut z = seed ^ (seq as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Systems that may ask for any patient without a flag.
pub fn holders(region: &Region) -> Vec<&SystemProfile> {
    region.systems.iter().filter(|system| system.standing_urgent_care).collect()
}

/// What could take the flag's place.
pub(crate) fn instead(policy: &Policy) -> String {
    let kinds: Vec<&str> = policy.transactional_hours.keys().map(String::as_str).collect();
    match kinds[..] {
        [] => "the policy names no transactional flag that could take its place".to_owned(),
        _ => format!("a transactional flag ({}) is narrower", kinds.join(", ")),
    }
}

/// What should be looked at, one line for each system that has the flag.
pub fn gaps(region: &Region, uses: &[Use]) -> Vec<String> {
    holders(region)
        .into_iter()
        .map(|system| {
            let of_system = |one: &&Use| one.system == system.name && is_for(one, system);
            let count = uses.iter().filter(of_system).count();
            let instead = instead(&region.policy);
            format!(
                "{} of {} has the standing flag, used in {count} answers: {instead}",
                system.name, system.organisation
            )
        })
        .collect()
}

fn is_for(one: &Use, system: &SystemProfile) -> bool {
    let is = |ods: &OdsCode| one.organisation == ods.as_str();
    is(&system.organisation) || system.acts_for.iter().any(is)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(seq: i64) -> Use {
        Use {
            seq,
            at: String::new(),
            system: "rx7-integration".to_owned(),
            organisation: "RX7".to_owned(),
            transaction: "ITI-18".to_owned(),
            entries: 1,
            patients: 1,
        }
    }

    #[test]
    fn a_sample_is_the_same_for_the_same_seed_and_reaches_over_everything() {
        let uses: Vec<Use> = (1..=1_000).map(used).collect();
        let drawn = sample(&uses, 20, 7);
        assert_eq!(drawn, sample(&uses, 20, 7));
        assert_ne!(drawn, sample(&uses, 20, 8));
        assert_eq!(drawn.len(), 20);
        assert!(drawn.windows(2).all(|pair| pair[0].seq < pair[1].seq));
        assert!(drawn[0].seq < 500 && drawn[19].seq > 500, "{drawn:?}");
        assert_eq!(sample(&uses, 5_000, 7).len(), 1_000);
    }
}
