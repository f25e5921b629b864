//! The rules, pure: what is known and what is asked give a change or a refusal
//! (ITI TF-2 3.8.4.2.3, 3.44.4.2.3; parting and freezing are the hub's own).

use crate::KnownPatients;
use crate::store::identity::{
    Chain, Effect, Expected, KnownPair, KnownPatient, MergeMessage, OwnedEntry, PatientStatus,
    StandingMerge,
};
use schemas::hl7::PatientId;

/// Why nothing is changed. No text repeats an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(
        "the sender is no patient identity source of this registry ([registry] patient_identity_sources)"
    )]
    NotASource,
    #[error(
        "this patient identity source may not merge ([registry] patient_identity_sources, merges = true)"
    )]
    MayNotMerge,
    #[error("a synthetic NHS number (999 range) is not accepted by a live hub")]
    Synthetic,
    #[error("the surviving and the subsumed identifier are the same")]
    SameIdentifier,
    #[error("the subsumed identifier is not known here: add it before merging it")]
    SubsumedUnknown,
    #[error("the surviving identifier is not known here: add it before merging into it")]
    SurvivingUnknown,
    #[error("the subsumed identifier was merged before")]
    AlreadySubsumed,
    #[error("the surviving identifier was itself merged into another one: merge into that")]
    SurvivingSubsumed,
    #[error(
        "this message was applied before and its merge was undone by hand: ask the hub's operator"
    )]
    Undone,
    /// One is frozen, or the two must never be linked: nobody is told which.
    #[error("one of the identifiers is closed to merging here: ask the hub's operator")]
    Closed,
    #[error("the identifier is not merged into another one")]
    NotMerged,
    #[error("the identifier was merged into another one: freeze the surviving one")]
    FreezeSurvivor,
    #[error("the identifier is not frozen")]
    NotFrozen,
    #[error("no entry has this entryUUID")]
    NoSuchEntry,
    #[error("entries are split off a frozen number only: freeze it first")]
    SplitOffFrozenOnly,
    #[error("the entry would go to an identifier that is merged, frozen, or the same patient's")]
    SplitToOther,
    #[error("the entry was not split off")]
    NotSplitOff,
}

/// What is to be done: with no effects there is nothing to do, and that is right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    pub expected: Vec<Expected>,
    pub effects: Vec<Effect>,
}

impl Decision {
    fn of(expected: Vec<Expected>, effect: Effect) -> Self {
        Self { expected, effects: vec![effect] }
    }

    pub fn is_nothing(&self) -> bool {
        self.effects.is_empty()
    }
}

/// A patient is named by a feed, or by hand. Several messages for one patient are normal.
pub fn add(known: &KnownPatient) -> Decision {
    match known.status() {
        PatientStatus::Unknown | PatientStatus::Known => {
            Decision::of(vec![known.expected()], Effect::Activate(known.id.clone()))
        }
        // A frozen one may have come by a document only.
        PatientStatus::Frozen | PatientStatus::Active | PatientStatus::Subsumed => {
            Decision::default()
        }
    }
}

/// An operator's word: it stands beside that of PDS, and either is enough to mask.
pub fn withhold(known: &KnownPatient, withheld: bool) -> Decision {
    if known.withheld == withheld {
        return Decision::default();
    }
    let effect = Effect::Withhold { patient: known.id.clone(), withheld };
    Decision::of(vec![known.expected()], effect)
}

/// The surviving identifier takes the subsumed one over.
pub fn merge(
    pair: &KnownPair,
    message: &MergeMessage,
    patients: KnownPatients,
) -> Result<Decision, Refusal> {
    let KnownPair { subsumed, surviving, .. } = pair;
    if subsumed.id == surviving.id {
        return Err(Refusal::SameIdentifier);
    }
    // Before any other reason: a refusal must not tell, nor a list keep, that these two are a pair.
    let frozen = |known: &KnownPatient| known.status() == PatientStatus::Frozen;
    if pair.do_not_link || frozen(subsumed) || frozen(surviving) {
        return Err(Refusal::Closed);
    }
    let again =
        |merge: &StandingMerge| merge.surviving == surviving.id && merge.message == *message;
    if pair.standing.as_ref().is_some_and(again) {
        return Ok(Decision::default());
    }
    if pair.undone {
        return Err(Refusal::Undone);
    }
    match (subsumed.status(), surviving.status()) {
        (PatientStatus::Subsumed, _) => return Err(Refusal::AlreadySubsumed),
        (PatientStatus::Unknown, _) => return Err(Refusal::SubsumedUnknown),
        (_, PatientStatus::Subsumed) => return Err(Refusal::SurvivingSubsumed),
        (_, PatientStatus::Unknown) if patients == KnownPatients::Feed => {
            return Err(Refusal::SurvivingUnknown);
        }
        _ => {}
    }
    let merge = StandingMerge {
        subsumed: subsumed.id.clone(),
        surviving: surviving.id.clone(),
        message: message.clone(),
    };
    Ok(Decision::of(vec![subsumed.expected(), surviving.expected()], Effect::Merge(merge)))
}

/// Everyone who leads to a patient by the merges that stand.
fn led_to(merges: &[StandingMerge], top: &PatientId) -> Vec<PatientId> {
    let mut found: Vec<PatientId> = Vec::new();
    let mut waiting = vec![top.clone()];
    while let Some(next) = waiting.pop() {
        for merge in merges.iter().filter(|merge| merge.surviving == next) {
            if !found.contains(&merge.subsumed) {
                found.push(merge.subsumed.clone());
                waiting.push(merge.subsumed.clone());
            }
        }
    }
    found
}

fn parting(chain: &Chain, subsumed: &PatientId, forget: bool) -> Option<Effect> {
    let merged = chain.merges.iter().any(|merge| merge.subsumed == *subsumed);
    let effect = || Effect::Unmerge {
        subsumed: subsumed.clone(),
        with: led_to(&chain.merges, subsumed),
        forget,
    };
    merged.then(effect)
}

fn touched(chain: &Chain, patient: &PatientId) -> Vec<Expected> {
    let mut expected = vec![chain.survivor.expected()];
    let own = chain.subsumed.iter().find(|known| known.id == *patient);
    expected.extend(own.map(KnownPatient::expected));
    expected
}

/// A merge is undone: exactly what belonged to the subsumed identifier is its own again, and who was
/// merged into it before still is.
pub fn unmerge(chain: &Chain, subsumed: &PatientId) -> Result<Decision, Refusal> {
    let effect = parting(chain, subsumed, false).ok_or(Refusal::NotMerged)?;
    Ok(Decision::of(touched(chain, subsumed), effect))
}

/// Two people share the number.
pub fn freeze(known: &KnownPatient) -> Result<Decision, Refusal> {
    match known.status() {
        PatientStatus::Subsumed => Err(Refusal::FreezeSurvivor),
        PatientStatus::Frozen => Ok(Decision::default()),
        _ => Ok(Decision::of(vec![known.expected()], Effect::Freeze(known.id.clone()))),
    }
}

/// The number is one person's again.
pub fn unfreeze(known: &KnownPatient) -> Result<Decision, Refusal> {
    if known.status() != PatientStatus::Frozen {
        return Err(Refusal::NotFrozen);
    }
    Ok(Decision::of(vec![known.expected()], Effect::Unfreeze(known.id.clone())))
}

/// The two must never be linked: what links them now is undone and forgotten.
pub fn protect(
    one: &Chain,
    first: &PatientId,
    other: &Chain,
    second: &PatientId,
) -> Result<Decision, Refusal> {
    if first == second {
        return Err(Refusal::SameIdentifier);
    }
    let mut decision = Decision { expected: touched(one, first), effects: Vec::new() };
    for expected in touched(other, second) {
        if !decision.expected.contains(&expected) {
            decision.expected.push(expected);
        }
    }
    if one.holds(second) {
        // Parting the first parts the two, unless the second leads to it.
        let below = led_to(&one.merges, first).contains(second);
        let part = if below { second } else { first };
        let linked = parting(one, part, true).or_else(|| parting(one, second, true));
        decision.effects.extend(linked);
    }
    decision.effects.push(Effect::Protect(first.clone(), second.clone()));
    Ok(decision)
}

/// The two may be linked again.
pub fn unprotect(first: &KnownPatient, second: &KnownPatient) -> Decision {
    let expected = vec![first.expected(), second.expected()];
    Decision::of(expected, Effect::Unprotect(first.id.clone(), second.id.clone()))
}

/// An entry is taken off a shared number.
pub fn split(
    entry: &OwnedEntry,
    chain: &Chain,
    to: &KnownPatient,
    patients: KnownPatients,
) -> Result<Decision, Refusal> {
    if chain.survivor.status() != PatientStatus::Frozen {
        return Err(Refusal::SplitOffFrozenOnly);
    }
    let unknown = to.status() == PatientStatus::Unknown && patients == KnownPatients::Feed;
    match to.status() {
        _ if chain.holds(&to.id) => Err(Refusal::SplitToOther),
        PatientStatus::Subsumed | PatientStatus::Frozen => Err(Refusal::SplitToOther),
        _ if unknown => Err(Refusal::SurvivingUnknown),
        _ => {
            let mut expected = touched(chain, &entry.owner.id);
            expected.push(to.expected());
            let effect = Effect::SplitOff { entry: entry.entry_uuid, to: to.id.clone() };
            Ok(Decision::of(expected, effect))
        }
    }
}

/// It goes back to the number that it was taken off.
pub fn give_back(entry: &OwnedEntry) -> Result<Decision, Refusal> {
    let before = entry.split_off.as_ref().ok_or(Refusal::NotSplitOff)?;
    let expected = vec![entry.owner.expected(), before.expected()];
    Ok(Decision::of(expected, Effect::GiveBack { entry: entry.entry_uuid }))
}
