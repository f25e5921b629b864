//! Membership: who may join, what new evidence makes of it, and its suspension by a person.

use super::Actor;
use super::evidence::days;
use super::state::Refusal;
use crate::region::{
    Evidence, EvidenceKind, Membership, Office, Organisation, Policy, Region, Suspension,
};
use jiff::civil::Date;

/// What a signature under the framework lacks; each says what to bring.
pub fn may_join(policy: &Policy, membership: &Membership, today: Date) -> Vec<String> {
    let evidence = &membership.evidence;
    let mut lacks = Vec::new();
    for kind in &policy.evidence.required {
        let Some(item) = evidence.item(*kind) else {
            lacks.push(format!("{kind} is missing"));
            continue;
        };
        if item.until.is_some_and(|until| days(today, until) < 0) {
            lacks.push(format!("{kind} has run out"));
        }
        if *kind == EvidenceKind::Dspt && !evidence.dspt_suffices() {
            lacks.push(format!(
                "dspt is {:?}: Standards Met or Exceeded, or Approaching Standards with the end of its plan",
                item.shown
            ));
        }
    }
    lacks
}

/// New evidence, as a member shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidenced {
    pub kind: EvidenceKind,
    /// The status, the number, or who holds the office.
    pub shown: String,
    pub until: Option<Date>,
    /// End of the improvement plan, with the toolkit's status Approaching Standards.
    pub plan_until: Option<Date>,
}

/// The evidence with an item replaced.
pub fn evidenced(evidence: &Evidence, new: Evidenced) -> Evidence {
    let mut evidence = evidence.clone();
    let Evidenced { kind, shown, until, plan_until } = new;
    let office = |name: String| match until {
        Some(until) => Office::Until { name, until },
        None => Office::Named(name),
    };
    match kind {
        EvidenceKind::Dspt => {
            evidence.dspt = Some(shown);
            evidence.dspt_until = until;
            evidence.dspt_plan_until = plan_until;
        }
        EvidenceKind::Ico => {
            evidence.ico = Some(shown);
            evidence.ico_until = until;
        }
        EvidenceKind::CaldicottGuardian => evidence.caldicott_guardian = office(shown),
        EvidenceKind::Siro => evidence.siro = office(shown),
        EvidenceKind::Dpo => evidence.dpo = office(shown),
    }
    evidence
}

/// The operator's office, or the organisation itself.
pub fn may_record(
    region: &Region,
    organisation: &Organisation,
    actor: &Actor,
) -> Result<(), Refusal> {
    let operator = region.policy.operator.as_ref().map(|operator| &operator.ods);
    if actor.organisation == organisation.ods || Some(&actor.organisation) == operator {
        return Ok(());
    }
    let who = operator.map_or(String::new(), |operator| format!(", or for {operator}"));
    Err(Refusal::Impossible(format!(
        "the membership of {} is for {} itself{who}: act --for one of them",
        organisation.ods, organisation.ods
    )))
}

/// Suspends a membership, with immediate effect.
pub fn suspend_member(
    region: &Region,
    organisation: &Organisation,
    actor: &Actor,
    suspension: Suspension,
) -> Result<Organisation, Refusal> {
    may_record(region, organisation, actor)?;
    let mut organisation = organisation.clone();
    let membership = member(&mut organisation)?;
    if membership.suspended {
        return Err(Refusal::NothingToChange("the membership is suspended already".to_owned()));
    }
    membership.suspended = true;
    membership.suspension = Some(suspension);
    Ok(organisation)
}

/// Ends a suspension: for whoever has suspended it, or the operator.
pub fn resume_member(
    region: &Region,
    organisation: &Organisation,
    actor: &Actor,
) -> Result<Organisation, Refusal> {
    may_record(region, organisation, actor)?;
    let mut organisation = organisation.clone();
    let operator = region.policy.operator.as_ref().map(|operator| operator.ods.clone());
    let membership = member(&mut organisation)?;
    if !membership.suspended {
        return Err(Refusal::NothingToChange("the membership is not suspended".to_owned()));
    }
    let by = membership.suspension.as_ref().map(|suspension| &suspension.signed.organisation);
    if by.is_some_and(|by| *by != actor.organisation)
        && operator != Some(actor.organisation.clone())
    {
        return Err(Refusal::Impossible(
            "who has suspended a membership resumes it, or the region's operator".to_owned(),
        ));
    }
    membership.suspended = false;
    membership.suspension = None;
    Ok(organisation)
}

fn member(organisation: &mut Organisation) -> Result<&mut Membership, Refusal> {
    let ods = organisation.ods.clone();
    organisation.membership.as_mut().ok_or(Refusal::NotAMember { actor: ods })
}
