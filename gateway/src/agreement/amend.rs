//! Amendments: what takes away holds at once, what adds waits for those whom it concerns. Until
//! they have signed, the agreement stands as it was.

use super::parts::Parts;
use super::state::{Acted, Refusal, decision, not_in_this_state, not_yours, sign, undecided};
use crate::region::{
    Agreement, AgreementState as State, Amendment, DecidesFor, Region, TypeSelector, Verdict,
};
use jiff::civil::Date;

/// What an amendment changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    pub add_types: Vec<TypeSelector>,
    pub remove_types: Vec<TypeSelector>,
    pub add_publishers: Vec<String>,
    pub add_consumers: Vec<String>,
    /// Publishers or consumers.
    pub remove_parties: Vec<String>,
    pub review_by: Option<Date>,
    pub ends: Option<Date>,
    pub reason: String,
}

impl Changes {
    fn takes_away(&self, agreement: &Agreement) -> bool {
        !self.remove_types.is_empty() || self.earlier(agreement)
    }

    fn earlier(&self, agreement: &Agreement) -> bool {
        self.ends.is_some_and(|to| agreement.ends.is_none_or(|ends| to < ends))
    }

    fn later(&self, agreement: &Agreement) -> Option<Date> {
        self.ends.filter(|to| agreement.ends.is_some_and(|ends| ends < *to))
    }
}

pub(super) fn amend(parts: &Parts<'_>, changes: &Changes, today: Date) -> Result<Acted, Refusal> {
    let mut agreement = parts.agreement.clone();
    if matches!(agreement.state, State::Refused | State::Withdrawn) {
        return Err(not_in_this_state(&agreement, today, "amended"));
    }
    if let Some(pending) = &agreement.amendment {
        return Err(Refusal::AmendmentPending(open(parts.region, pending).join(", ")));
    }
    may(parts, changes, today)?;
    take_away(&mut agreement, changes)?;
    let bound = matches!(agreement.state, State::Agreed | State::Suspended);
    let what = match bound {
        true => add_by_signature(parts, &mut agreement, changes, today),
        false => {
            let added = proposed(parts, changes, &agreement, today);
            extend(&mut agreement, &added);
            // Who approved has approved other terms.
            agreement.decisions.clear();
            "amended before it is decided".to_owned()
        }
    };
    if agreement == *parts.agreement {
        return Err(Refusal::NothingToChange("the agreement says so already".to_owned()));
    }
    Ok(Acted { agreement, what })
}

/// Who may propose: a party or the operator; what takes away from others is for who stands alone on
/// its side, or the operator.
fn may(parts: &Parts<'_>, changes: &Changes, today: Date) -> Result<(), Refusal> {
    let agreement = parts.agreement;
    let party = parts.is_publisher() || parts.is_consumer();
    if parts.is_operator() || (agreement.state == State::Draft && party) {
        return Ok(());
    }
    let everyone = || [&agreement.publishers[..], &agreement.consumers[..]].concat();
    if !party || agreement.state == State::Template {
        return Err(not_yours(parts, "parties", &everyone()));
    }
    let own = |party: &String| party.eq_ignore_ascii_case(parts.actor.organisation.as_str());
    let of_others = !changes.remove_parties.iter().all(own);
    if (changes.takes_away(agreement) || of_others) && !parts.is_sole(today) {
        return Err(Refusal::Impossible(format!(
            "{} is one of several parties of {}, so it cannot take away from the others: withdraw or suspend its own part, or let the region's operator amend",
            parts.actor.organisation, agreement.id
        )));
    }
    Ok(())
}

fn take_away(agreement: &mut Agreement, changes: &Changes) -> Result<(), Refusal> {
    for selector in &changes.remove_types {
        let before = agreement.document_types.len();
        agreement.document_types.retain(|known| known != selector);
        if agreement.document_types.len() == before {
            return Err(Refusal::Impossible(format!(
                "{} does not name {selector}; it names {}",
                agreement.id,
                Vec::from_iter(agreement.document_types.iter().map(ToString::to_string)).join(", ")
            )));
        }
    }
    for party in &changes.remove_parties {
        let lists = [&mut agreement.publishers, &mut agreement.awaiting, &mut agreement.consumers];
        let mut found = false;
        for list in lists {
            let before = list.len();
            list.retain(|known| !known.eq_ignore_ascii_case(party));
            found |= list.len() < before;
        }
        if !found {
            return Err(Refusal::Impossible(format!("{party} is no party of {}", agreement.id)));
        }
    }
    if agreement.state != State::Template {
        let emptied = [
            (agreement.document_types.is_empty(), "document type"),
            (agreement.publishers.is_empty() && agreement.awaiting.is_empty(), "publisher"),
            (agreement.consumers.is_empty(), "consumer"),
        ];
        if let Some((_, what)) = emptied.iter().find(|(empty, _)| *empty) {
            return Err(Refusal::Impossible(format!(
                "{} would have no {what} left: withdraw it instead",
                agreement.id
            )));
        }
    }
    if changes.earlier(agreement) {
        agreement.ends = changes.ends;
    }
    agreement.review_by = changes.review_by.or(agreement.review_by);
    Ok(())
}

/// What is to be added, without what is there.
fn proposed(parts: &Parts<'_>, changes: &Changes, agreement: &Agreement, today: Date) -> Amendment {
    let is_new = |known: &[&[String]], party: &&String| {
        !known.concat().iter().any(|known| known.eq_ignore_ascii_case(party))
    };
    let publishers = [&agreement.publishers[..], &agreement.awaiting[..]];
    let consumers = [&agreement.consumers[..]];
    let types = changes.add_types.iter().filter(|t| !agreement.document_types.contains(t));
    Amendment {
        add_types: types.cloned().collect(),
        add_publishers: changes
            .add_publishers
            .iter()
            .filter(|party| is_new(&publishers, party))
            .cloned()
            .collect(),
        add_consumers: changes
            .add_consumers
            .iter()
            .filter(|party| is_new(&consumers, party))
            .cloned()
            .collect(),
        ends: changes.later(agreement),
        asked: parts.actor.signs(today),
        needs: Vec::new(),
        decisions: Vec::new(),
    }
}

fn add_by_signature(
    parts: &Parts<'_>,
    agreement: &mut Agreement,
    changes: &Changes,
    today: Date,
) -> String {
    let mut amendment = proposed(parts, changes, agreement, today);
    let region = parts.region;
    if region.policy.amend_without_signing_again {
        // A publisher that is added signs for itself; for the others nothing has changed.
        agreement.awaiting.append(&mut amendment.add_publishers);
        amendment.needs = concerned(region, agreement, &amendment);
    } else {
        let added = &amendment.add_publishers;
        amendment.needs = signatories(region, [&agreement.publishers[..], added].concat());
    }
    if is_empty(&amendment) {
        return match agreement.awaiting.is_empty() {
            true => "amended".to_owned(),
            false => format!("amended; {} to decide for itself", agreement.awaiting.join(", ")),
        };
    }
    let what =
        format!("proposed; it stands as it was until signed by {}", amendment.needs.join(", "));
    agreement.amendment = Some(amendment);
    what
}

fn is_empty(amendment: &Amendment) -> bool {
    amendment.add_types.is_empty()
        && amendment.add_publishers.is_empty()
        && amendment.add_consumers.is_empty()
        && amendment.ends.is_none()
}

/// Publishers for whom an amendment changes something: new readers and a later end concern all, new
/// types those that offer them.
fn concerned(region: &Region, agreement: &Agreement, amendment: &Amendment) -> Vec<String> {
    let all = signatories(region, agreement.publishers.clone());
    if !amendment.add_consumers.is_empty() || amendment.ends.is_some() {
        return all;
    }
    let offers = |party: &&String| {
        region.meant_by(party).filter_map(|ods| region.organisation(ods)).any(|organisation| {
            organisation.publishes.is_empty()
                || organisation.publishes.iter().any(|offered| {
                    amendment.add_types.iter().any(|added| may_overlap(offered, added))
                })
        })
    };
    let concerned: Vec<String> = all.iter().filter(offers).cloned().collect();
    if concerned.is_empty() { all } else { concerned }
}

/// Whether two selectors can mean one document type; a name and a group always can.
fn may_overlap(a: &TypeSelector, b: &TypeSelector) -> bool {
    match (a, b) {
        (TypeSelector::Name(a), TypeSelector::Name(b))
        | (TypeSelector::Group(a), TypeSelector::Group(b)) => a == b,
        _ => true,
    }
}

/// Who signs for parties: a group as such where the operator decides for it, else each member.
fn signatories(region: &Region, parties: Vec<String>) -> Vec<String> {
    let operator = region.policy.operator.as_ref().map(|operator| operator.decides_for);
    let as_group = !matches!(operator.unwrap_or_default(), DecidesFor::Nobody);
    let mut found: Vec<String> = Vec::new();
    for party in parties {
        let meant: Vec<String> = match party.starts_with("group:") && !as_group {
            true => region
                .meant_by(&party)
                .filter(|ods| region.membership(ods).is_some())
                .map(ToString::to_string)
                .collect(),
            false => vec![party],
        };
        let new: Vec<String> = meant.into_iter().filter(|party| !found.contains(party)).collect();
        found.extend(new);
    }
    found
}

/// Signatures that are missing.
fn open(region: &Region, amendment: &Amendment) -> Vec<String> {
    let complete = |party: &String| {
        let approved = amendment
            .decisions
            .iter()
            .filter(|decision| decision.party == *party && decision.verdict == Verdict::Approved);
        approved.count() >= region.policy.approvers()
    };
    amendment.needs.iter().filter(|party| !complete(party)).cloned().collect()
}

fn extend(agreement: &mut Agreement, amendment: &Amendment) {
    agreement.document_types.extend(amendment.add_types.iter().cloned());
    agreement.publishers.extend(amendment.add_publishers.iter().cloned());
    agreement.consumers.extend(amendment.add_consumers.iter().cloned());
    agreement.ends = amendment.ends.or(agreement.ends);
}

pub(super) fn approve(parts: &Parts<'_>, reason: &str, today: Date) -> Result<Acted, Refusal> {
    let mut agreement = parts.agreement.clone();
    let Some(mut amendment) = agreement.amendment.take() else {
        return Err(not_yours(parts, "publishers", undecided(&agreement)));
    };
    let open_parties = open(parts.region, &amendment);
    let signs = parts.signs_for(&open_parties);
    let signs: Vec<_> = signs.iter().filter(|signs| !signs.own_part_of_a_group()).collect();
    if signs.is_empty() {
        return Err(not_yours(parts, "publishers that have to sign the amendment", &open_parties));
    }
    for signs in signs {
        let decision = decision(parts, &signs.party, Verdict::Approved, reason, today);
        sign(parts.region, &mut amendment.decisions, decision)?;
    }
    let left = open(parts.region, &amendment);
    let what = match left.is_empty() {
        true => {
            extend(&mut agreement, &amendment);
            agreement.decisions.append(&mut amendment.decisions);
            "the amendment is in force".to_owned()
        }
        false => {
            agreement.amendment = Some(amendment);
            format!("signed; the amendment waits for {}", left.join(", "))
        }
    };
    Ok(Acted { agreement, what })
}

/// One refusal ends a proposal; what stood goes on.
pub(super) fn refuse(parts: &Parts<'_>, reason: &str, today: Date) -> Result<Acted, Refusal> {
    let mut agreement = parts.agreement.clone();
    let Some(amendment) = agreement.amendment.take() else {
        return Err(not_yours(parts, "publishers", undecided(&agreement)));
    };
    let signs = parts.signs_for(&amendment.needs);
    let Some(signs) = signs.iter().find(|signs| !signs.own_part_of_a_group()) else {
        return Err(not_yours(parts, "publishers that have to sign", &amendment.needs));
    };
    agreement.decisions.push(decision(parts, &signs.party, Verdict::Refused, reason, today));
    let what = "the amendment is refused; the agreement stands as it was".to_owned();
    Ok(Acted { agreement, what })
}
