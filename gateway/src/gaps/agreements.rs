//! Tier 2: agreements that wait for a person.

use super::{Gap, GapKind, SOON_DAYS, days};
use crate::region::{Agreement, AgreementState, Region};
use jiff::civil::Date;

pub(super) fn find(region: &Region, today: Date, gaps: &mut Vec<Gap>) {
    for versioned in &region.agreements {
        let reference = versioned.reference();
        let agreement = &versioned.agreement;
        gaps.extend(undecided(&reference, agreement, today));
        gaps.extend(amendment(&reference, agreement, today));
        gaps.extend(review(&reference, agreement, today));
        gaps.extend(ending(&reference, agreement, today));
        gaps.extend(suspended(&reference, agreement, today));
    }
}

fn parties(parties: &[String]) -> String {
    if parties.is_empty() { "nobody".to_owned() } else { parties.join(", ") }
}

/// Requested, offered, or agreed by some of the publishers only.
fn undecided(reference: &str, agreement: &Agreement, today: Date) -> Option<Gap> {
    let age = |on: Option<Date>| on.map(|on| days(on, today));
    let requested = agreement.request.as_ref().map(|request| request.signed.on);
    let offered = agreement.offer.as_ref().map(|offer| offer.on);
    let waiting = match agreement.state {
        AgreementState::Agreed | AgreementState::Requested => &agreement.awaiting,
        _ => &Vec::new(),
    };
    if agreement.state == AgreementState::Offered {
        let what = format!("{}: offered by {}", agreement.title, parties(&agreement.publishers));
        let id = &agreement.id;
        let next =
            format!("a consumer requests it (`watling agreement request {id}`), or withdraw it");
        return Some(Gap::new(GapKind::OfferUnanswered, reference, what, next).since(age(offered)));
    }
    if agreement.state != AgreementState::Requested && waiting.is_empty() {
        return None;
    }
    let who = if waiting.is_empty() { &agreement.publishers } else { waiting };
    let what = format!(
        "{}: {} asked, {} has not decided",
        agreement.title,
        parties(&agreement.consumers),
        parties(who)
    );
    let id = &agreement.id;
    let next = format!("{} decides: `watling agreement approve {id}`, or refuse", parties(who));
    Some(Gap::new(GapKind::RequestedUndecided, reference, what, next).since(age(requested)))
}

fn amendment(reference: &str, agreement: &Agreement, today: Date) -> Option<Gap> {
    let amendment = agreement.amendment.as_ref()?;
    let decided = |party: &&String| amendment.decisions.iter().any(|d| d.party == **party);
    let open: Vec<String> =
        amendment.needs.iter().filter(|party| !decided(party)).cloned().collect();
    let what = format!("{}: an amendment waits for {}", agreement.title, parties(&open));
    let id = &agreement.id;
    let next = format!("{} decides: `watling agreement approve {id}`, or refuse", parties(&open));
    let gap = Gap::new(GapKind::AmendmentUndecided, reference, what, next);
    Some(gap.since(Some(days(amendment.asked.on, today))))
}

fn review(reference: &str, agreement: &Agreement, today: Date) -> Option<Gap> {
    let by = agreement.review_by.filter(|_| agreement.is_in_force(today))?;
    let over = days(by, today);
    if over < -SOON_DAYS {
        return None;
    }
    let when = if over > 0 { "was due for review" } else { "is due for review" };
    let what = format!("{} {when} on {by}; it stays in force", agreement.title);
    let id = &agreement.id;
    let next = format!("review it, then `watling agreement amend {id} --review-by DAY`");
    Some(Gap::new(GapKind::ReviewDue, reference, what, next).since(Some(over)))
}

fn ending(reference: &str, agreement: &Agreement, today: Date) -> Option<Gap> {
    let ends = agreement.ends.filter(|_| agreement.state == AgreementState::Agreed)?;
    let over = days(ends, today);
    if over.abs() > SOON_DAYS {
        return None;
    }
    let when = if over > 0 { "ended" } else { "ends" };
    let what = format!("{} {when} on {ends}: nothing flows after that day", agreement.title);
    let id = &agreement.id;
    let next = format!(
        "see what is missed without it (`watling agreement simulate`), then `watling agreement amend {id} --ends DAY`, or let it end"
    );
    Some(Gap::new(GapKind::Ending, reference, what, next).since(Some(over)))
}

fn suspended(reference: &str, agreement: &Agreement, today: Date) -> Option<Gap> {
    if agreement.state != AgreementState::Suspended {
        return None;
    }
    let suspension = agreement.suspension.as_ref();
    let why = suspension.map_or("no reason is on record", |suspension| &suspension.reason);
    let what = format!("{}: {why}", agreement.title);
    let since = suspension.map(|suspension| days(suspension.signed.on, today));
    let id = &agreement.id;
    let next = format!("`watling agreement resume {id}`, or withdraw it");
    Some(Gap::new(GapKind::Suspended, reference, what, next).since(since))
}
