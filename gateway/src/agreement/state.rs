//! The state machine: an agreement, an action and who acts give the next version or a refusal.
//!
//! draft, offered, requested -> agreed (one person or two for each publisher) -> suspended <->
//! resumed -> withdrawn; refused where no publisher is left. Whether an agreed one has started or
//! ended is a matter of its dates.

#[cfg(test)]
mod tests;

use super::Actor;
use super::amend::{self, Changes};
use super::parts::{Parts, Signs};
use crate::region::{
    Agreement, AgreementState as State, Decision, Dpia, Exception, Outside, Region, Request,
    ResidualRisk, Standing, Suspension, Verdict, mixed_purposes,
};
use jiff::civil::Date;
use schemas::ods_code::OdsCode;

/// What an actor does to an agreement.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Offer,
    Request { justification: String, legal_basis: Option<String>, dpia: Option<Dpia> },
    Approve { reason: String },
    Refuse { reason: String },
    Suspend { reason: String, clinical_safety_approval: Option<String> },
    Resume { reason: String },
    Amend(Changes),
    Withdraw { reason: String },
}

impl Action {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Offer => "offer",
            Self::Request { .. } => "request",
            Self::Approve { .. } => "approve",
            Self::Refuse { .. } => "refuse",
            Self::Suspend { .. } => "suspend",
            Self::Resume { .. } => "resume",
            Self::Amend(_) => "amend",
            Self::Withdraw { .. } => "withdraw",
        }
    }

    /// Why, in the actor's words.
    pub fn reason(&self) -> &str {
        match self {
            Self::Offer => "",
            Self::Request { justification, .. } => justification,
            Self::Approve { reason }
            | Self::Refuse { reason }
            | Self::Suspend { reason, .. }
            | Self::Resume { reason }
            | Self::Withdraw { reason } => reason,
            Self::Amend(changes) => &changes.reason,
        }
    }
}

/// The next version, and what came of the action in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Acted {
    pub agreement: Agreement,
    pub what: String,
}

/// Why an action is not taken; each says what to do instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("an agreement that is {standing} cannot be {past}: {instead}")]
    NotInThisState { standing: &'static str, past: &'static str, instead: &'static str },
    #[error(
        "{actor} is no organisation of this region: add it by `watling agreement apply`, or name another with --for"
    )]
    UnknownOrganisation { actor: OdsCode },
    #[error("{actor} is not a member: the framework is signed first (`watling agreement join`)")]
    NotAMember { actor: OdsCode },
    #[error("{actor} is not among the {side} of {id}, so this is not for it to decide: {who}")]
    NotYours { actor: OdsCode, id: String, side: &'static str, who: String },
    #[error(
        "{by} has approved for {party} already: the second approval is for another person (two_person_approval)"
    )]
    SamePerson { by: String, party: String },
    #[error(
        "the residual risk of the DPIA {reference} is high: lower it and request again, or ask the ICO first (UK GDPR Article 36)"
    )]
    HighRisk { reference: String },
    #[error("{0}")]
    Mixed(String),
    #[error(
        "an amendment waits for {0}: approve it or refuse it (`watling agreement approve|refuse`) before another is proposed"
    )]
    AmendmentPending(String),
    #[error("nothing would change: {0}")]
    NothingToChange(String),
    #[error("{0}")]
    Impossible(String),
}

/// Takes an action; the agreement that is given is the newest version.
pub fn act(
    region: &Region,
    agreement: &Agreement,
    action: &Action,
    actor: &Actor,
    today: Date,
) -> Result<Acted, Refusal> {
    if region.organisation(&actor.organisation).is_none() {
        return Err(Refusal::UnknownOrganisation { actor: actor.organisation.clone() });
    }
    let parts = Parts { region, agreement, actor };
    match action {
        Action::Offer => offer(&parts, today),
        Action::Request { justification, legal_basis, dpia } => {
            let acted = request(&parts, justification, today)?;
            let mut agreement = acted.agreement;
            agreement.dpia = dpia.clone().or(agreement.dpia);
            agreement.legal_basis = legal_basis.clone().unwrap_or(agreement.legal_basis);
            Ok(Acted { agreement, ..acted })
        }
        Action::Approve { reason } => approve(&parts, reason, today),
        Action::Refuse { reason } => refuse(&parts, reason, today),
        Action::Suspend { reason, clinical_safety_approval } => {
            suspend(&parts, reason, clinical_safety_approval.clone(), today)
        }
        Action::Resume { reason } => resume(&parts, reason, today),
        Action::Amend(changes) => amend::amend(&parts, changes, today),
        Action::Withdraw { reason } => withdraw(&parts, reason, today),
    }
}

pub(super) fn not_in_this_state(agreement: &Agreement, today: Date, past: &'static str) -> Refusal {
    let standing = agreement.standing(today);
    let instead = match standing {
        Standing::Is(State::Template) => "clone it (`watling agreement clone`)",
        Standing::Is(State::Draft) => "it is offered or requested first",
        Standing::Is(State::Offered) => {
            "a consumer requests it first (`watling agreement request`)"
        }
        Standing::Is(State::Requested) => {
            "its publishers decide on it (`watling agreement approve`)"
        }
        Standing::Is(State::Refused) => "a consumer may request it again",
        Standing::Is(State::Suspended) => "it is resumed first (`watling agreement resume`)",
        Standing::Is(State::Withdrawn) => {
            "that is final; make a new one (`watling agreement clone`)"
        }
        Standing::Ended => "amend its end (`watling agreement amend --ends`)",
        _ => "nobody has to decide on anything in it",
    };
    Refusal::NotInThisState { standing: standing.name(), past, instead }
}

fn member(parts: &Parts<'_>, today: Date) -> Result<(), Refusal> {
    let actor = &parts.actor.organisation;
    let member = parts.region.membership(actor).is_some_and(|of| of.is_in_force(today));
    if member { Ok(()) } else { Err(Refusal::NotAMember { actor: actor.clone() }) }
}

pub(super) fn not_yours(parts: &Parts<'_>, side: &'static str, parties: &[String]) -> Refusal {
    let who = match parties {
        [] => "there are none".to_owned(),
        parties => format!("that is for {}", parties.join(", ")),
    };
    let actor = parts.actor.organisation.clone();
    Refusal::NotYours { actor, id: parts.agreement.id.clone(), side, who }
}

fn unmixed(parts: &Parts<'_>) -> Result<(), Refusal> {
    mixed_purposes(parts.agreement, &parts.region.policy)
        .map_or(Ok(()), |mixed| Err(Refusal::Mixed(mixed)))
}

fn offer(parts: &Parts<'_>, today: Date) -> Result<Acted, Refusal> {
    let mut agreement = parts.agreement.clone();
    if agreement.state != State::Draft {
        return Err(not_in_this_state(&agreement, today, "offered"));
    }
    member(parts, today)?;
    unmixed(parts)?;
    if !parts.is_publisher() {
        return Err(not_yours(parts, "publishers", &agreement.publishers));
    }
    agreement.offer = Some(parts.actor.signs(today));
    agreement.state = State::Offered;
    Ok(Acted { agreement, what: "offered: a consumer may request it".to_owned() })
}

fn request(parts: &Parts<'_>, justification: &str, today: Date) -> Result<Acted, Refusal> {
    let mut agreement = parts.agreement.clone();
    if !matches!(agreement.state, State::Draft | State::Offered | State::Refused) {
        return Err(not_in_this_state(&agreement, today, "requested"));
    }
    member(parts, today)?;
    unmixed(parts)?;
    if !parts.is_consumer() {
        return Err(not_yours(parts, "consumers", &agreement.consumers));
    }
    let signed = parts.actor.signs(today);
    agreement.request = Some(Request { signed, justification: justification.to_owned() });
    agreement.state = State::Requested;
    agreement.exceptions.retain(|exception| exception.is != Outside::Refused);
    agreement.decisions.clear();
    let what = format!("requested: {} to decide", agreement.publishers.join(", "));
    Ok(Acted { agreement, what })
}

/// The parties that have still to decide on the agreement itself.
pub(super) fn undecided(agreement: &Agreement) -> &[String] {
    match agreement.state {
        State::Requested => &agreement.publishers,
        State::Agreed | State::Suspended => &agreement.awaiting,
        _ => &[],
    }
}

fn decidable(parts: &Parts<'_>, today: Date, past: &'static str) -> Result<(), Refusal> {
    let agreement = parts.agreement;
    let over = agreement.standing(today) == Standing::Ended;
    let open = !undecided(agreement).is_empty() && !over;
    if !open && agreement.amendment.is_none() {
        return Err(not_in_this_state(agreement, today, past));
    }
    member(parts, today)
}

fn approve(parts: &Parts<'_>, reason: &str, today: Date) -> Result<Acted, Refusal> {
    decidable(parts, today, "approved")?;
    unmixed(parts)?;
    let mut agreement = parts.agreement.clone();
    if let Some(dpia) = agreement.dpia.as_ref().filter(|d| d.residual_risk == ResidualRisk::High) {
        return Err(Refusal::HighRisk { reference: dpia.reference.clone() });
    }
    let signs = parts.signs_for(undecided(&agreement));
    if signs.is_empty() {
        return amend::approve(parts, reason, today);
    }
    let mut said = Vec::new();
    for signs in &signs {
        let decision = decision(parts, &signs.for_whom, Verdict::Approved, reason, today);
        let complete = sign(parts.region, &mut agreement.decisions, decision)?;
        if complete {
            take_in(&mut agreement, signs, today);
        }
        said.push(if complete {
            format!("approved for {}", signs.for_whom)
        } else {
            format!("approved for {} by one person; it waits for a second", signs.for_whom)
        });
    }
    if !agreement.awaiting.is_empty() {
        said.push(format!("{} still to decide", agreement.awaiting.join(", ")));
    }
    Ok(Acted { agreement, what: said.join("; ") })
}

pub(super) fn decision(
    parts: &Parts<'_>,
    party: &str,
    verdict: Verdict,
    reason: &str,
    today: Date,
) -> Decision {
    let signed = parts.actor.signs(today);
    Decision { party: party.to_owned(), verdict, signed, reason: reason.to_owned() }
}

/// Adds an approval; whether its party has all that it takes.
pub(super) fn sign(
    region: &Region,
    decisions: &mut Vec<Decision>,
    decision: Decision,
) -> Result<bool, Refusal> {
    let party = decision.party.clone();
    let of_party = |known: &&Decision| known.party == party && known.verdict == Verdict::Approved;
    let mut known = decisions.iter().filter(of_party);
    if known.any(|known| known.signed.is_same_person(&decision.signed)) {
        return Err(Refusal::SamePerson { by: decision.signed.by, party });
    }
    decisions.push(decision);
    Ok(decisions.iter().filter(of_party).count() >= region.policy.approvers())
}

/// A party has decided: what it publishes flows.
fn take_in(agreement: &mut Agreement, signs: &Signs, today: Date) {
    if agreement.state == State::Requested {
        agreement.awaiting = std::mem::take(&mut agreement.publishers);
        agreement.state = State::Agreed;
        agreement.agreed_on = agreement.agreed_on.or(Some(today));
    }
    agreement.awaiting.retain(|party| *party != signs.for_whom);
    if !agreement.publishers.contains(&signs.for_whom) {
        agreement.publishers.push(signs.for_whom.clone());
    }
}

fn refuse(parts: &Parts<'_>, reason: &str, today: Date) -> Result<Acted, Refusal> {
    decidable(parts, today, "refused")?;
    let mut agreement = parts.agreement.clone();
    let signs = parts.signs_for(undecided(&agreement));
    if signs.is_empty() {
        return amend::refuse(parts, reason, today);
    }
    let requested = agreement.state == State::Requested;
    for signs in &signs {
        let refusal = decision(parts, &signs.for_whom, Verdict::Refused, reason, today);
        agreement.decisions.push(refusal);
        if signs.own_part_of_a_group() {
            out(&mut agreement, parts, Outside::Refused, reason, today);
        }
    }
    let is_left = |party: &String| {
        !signs.iter().any(|signs| signs.party == *party && !signs.own_part_of_a_group())
    };
    let left: Vec<String> = undecided(&agreement).iter().filter(|p| is_left(p)).cloned().collect();
    match requested {
        true if left.is_empty() => agreement.state = State::Refused,
        true => agreement.publishers = left,
        false => agreement.awaiting = left,
    }
    let whom: Vec<&str> = signs.iter().map(|signs| signs.for_whom.as_str()).collect();
    Ok(Acted { agreement, what: format!("refused for {}", whom.join(", ")) })
}

fn out(agreement: &mut Agreement, parts: &Parts<'_>, is: Outside, reason: &str, today: Date) {
    let ods = parts.actor.organisation.clone();
    agreement.exceptions.retain(|exception| exception.ods != ods);
    let signed = parts.actor.signs(today);
    agreement.exceptions.push(Exception { ods, is, signed, reason: reason.to_owned() });
}

fn a_party(parts: &Parts<'_>) -> Result<(), Refusal> {
    if parts.is_operator() || parts.is_publisher() || parts.is_consumer() {
        return Ok(());
    }
    let agreement = parts.agreement;
    let lists = [&agreement.publishers[..], &agreement.awaiting[..], &agreement.consumers[..]];
    Err(not_yours(parts, "parties", &lists.concat()))
}

fn suspend(
    parts: &Parts<'_>,
    reason: &str,
    clinical_safety_approval: Option<String>,
    today: Date,
) -> Result<Acted, Refusal> {
    let mut agreement = parts.agreement.clone();
    if !matches!(agreement.standing(today), Standing::InForce | Standing::NotStarted) {
        return Err(not_in_this_state(&agreement, today, "suspended"));
    }
    a_party(parts)?;
    let actor = &parts.actor.organisation;
    if parts.is_operator() || parts.is_sole(today) {
        let signed = parts.actor.signs(today);
        agreement.suspension =
            Some(Suspension { signed, reason: reason.to_owned(), clinical_safety_approval });
        agreement.state = State::Suspended;
        return Ok(Acted { agreement, what: "suspended as a whole".to_owned() });
    }
    if agreement.exceptions.iter().any(|exception| exception.ods == *actor) {
        return Err(Refusal::NothingToChange(format!("{actor} is out already")));
    }
    out(&mut agreement, parts, Outside::Suspended, reason, today);
    Ok(Acted { agreement, what: format!("suspended for {actor}; the others go on") })
}

fn resume(parts: &Parts<'_>, _reason: &str, today: Date) -> Result<Acted, Refusal> {
    let mut agreement = parts.agreement.clone();
    let actor = &parts.actor.organisation;
    let own = |exception: &Exception| exception.ods == *actor && exception.is == Outside::Suspended;
    if agreement.exceptions.iter().any(own) {
        agreement.exceptions.retain(|exception| !own(exception));
        return Ok(Acted { agreement, what: format!("resumed for {actor}") });
    }
    if agreement.state != State::Suspended {
        return Err(not_in_this_state(&agreement, today, "resumed"));
    }
    let by = agreement.suspension.as_ref().map(|suspension| &suspension.signed.organisation);
    // One that came suspended by file has nobody's name on it: a publisher may resume it.
    let may = by.map_or_else(|| parts.is_publisher(), |by| by == actor);
    if !may && !parts.is_operator() {
        let who: Vec<String> = by.into_iter().map(ToString::to_string).collect();
        return Err(not_yours(parts, "organisations that suspended", &who));
    }
    agreement.suspension = None;
    agreement.state = State::Agreed;
    Ok(Acted { agreement, what: "resumed".to_owned() })
}

fn withdraw(parts: &Parts<'_>, reason: &str, today: Date) -> Result<Acted, Refusal> {
    let mut agreement = parts.agreement.clone();
    let over = agreement.standing(today) == Standing::Ended;
    let closed = matches!(agreement.state, State::Template | State::Refused | State::Withdrawn);
    if over || closed {
        return Err(not_in_this_state(&agreement, today, "withdrawn"));
    }
    a_party(parts)?;
    let bound = matches!(agreement.state, State::Agreed | State::Suspended);
    if !bound || parts.is_operator() || parts.is_sole(today) {
        agreement.state = State::Withdrawn;
        agreement.amendment = None;
        return Ok(Acted { agreement, what: "withdrawn as a whole".to_owned() });
    }
    let actor = parts.actor.organisation.clone();
    let named = |party: &String| party.eq_ignore_ascii_case(actor.as_str());
    agreement.publishers.retain(|party| !named(party));
    agreement.awaiting.retain(|party| !named(party));
    agreement.consumers.retain(|party| !named(party));
    let lists = [&agreement.publishers[..], &agreement.awaiting[..], &agreement.consumers[..]];
    if lists.concat().iter().any(|party| parts.region.is_party(party, &actor)) {
        out(&mut agreement, parts, Outside::Withdrawn, reason, today);
    } else {
        agreement.exceptions.retain(|exception| exception.ods != actor);
    }
    Ok(Acted { agreement, what: format!("withdrawn for {actor}; the others go on") })
}
