//! `watling agreement offer|request|approve|refuse|amend|suspend|resume|withdraw|clone`: each makes
//! the next version, or says who may and how.

use super::args::{
    ActorArgs, AmendArgs, CloneArgs, DecideArgs, OfferArgs, ReasonedArgs, RequestArgs, SuspendArgs,
    TermsArgs, WithdrawArgs,
};
use super::desk::{Desk, Done, actor};
use super::membership;
use crate::cli::Ended;
use gateway::agreement::{Action, Changes, act};
use gateway::region::{Agreement, AgreementState, Dpia, Region, RegionFile, problems};
use jiff::civil::Date;

/// Takes an action on an agreement and keeps what comes of it.
async fn take(
    desk: &Desk,
    agreement: &Agreement,
    action: Action,
    by: &ActorArgs,
    json: bool,
) -> Result<Ended, String> {
    let actor = actor(by);
    let acted = act(desk.region(), agreement, &action, &actor, desk.today());
    let acted = acted.map_err(|refusal| refusal.to_string())?;
    let approval = match &action {
        Action::Suspend { clinical_safety_approval, .. } => clinical_safety_approval.as_deref(),
        _ => None,
    };
    let what = acted.what;
    let (action, reason) = (action.name(), action.reason());
    keep(desk, acted.agreement, Done { action, what, reason, actor: &actor, approval, json }).await
}

/// Refuses what a file would be refused for, then keeps it.
async fn keep(desk: &Desk, agreement: Agreement, done: Done<'_>) -> Result<Ended, String> {
    let file = RegionFile { agreement: vec![agreement.clone()], ..RegionFile::default() };
    let problems = problems(&file, desk.region(), &desk.code_sets);
    if !problems.is_empty() {
        return Err(problems.join("\n"));
    }
    desk.keep(agreement, done).await
}

fn put<T>(value: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *value = given;
    }
}

fn put_list<T>(list: &mut Vec<T>, given: Vec<T>) {
    if !given.is_empty() {
        *list = given;
    }
}

fn terms(mut agreement: Agreement, terms: TermsArgs) -> Agreement {
    put(&mut agreement.title, terms.title);
    put_list(&mut agreement.document_types, terms.types);
    put_list(&mut agreement.purposes, terms.purposes);
    put_list(&mut agreement.roles, terms.roles);
    put_list(&mut agreement.departments, terms.departments);
    put_list(&mut agreement.conditions, terms.conditions);
    put(&mut agreement.confidentiality, terms.confidentiality);
    put(&mut agreement.legal_basis, terms.legal_basis);
    put(&mut agreement.starts, terms.starts);
    agreement.ends = terms.ends.or(agreement.ends);
    agreement.review_by = terms.review_by.or(agreement.review_by);
    agreement
}

fn draft(id: &str, today: Date) -> Agreement {
    Agreement {
        id: id.to_owned(),
        title: id.to_owned(),
        state: AgreementState::Draft,
        starts: today,
        ..Agreement::default()
    }
}

fn known<'r>(region: &'r Region, id: &str) -> Option<&'r Agreement> {
    let mut agreements = region.agreements.iter().map(|versioned| &versioned.agreement);
    agreements.find(|agreement| agreement.id == id)
}

/// Terms are those of a new agreement or a draft; of another they are changed by `amend`.
fn may_write(
    known: Option<&Agreement>,
    terms: &TermsArgs,
    parties: &[String],
) -> Result<(), String> {
    let written = !terms.types.is_empty()
        || !terms.purposes.is_empty()
        || !terms.roles.is_empty()
        || !parties.is_empty();
    match known {
        Some(known) if known.state != AgreementState::Draft && written => Err(format!(
            "{} is there already and {}: its terms are changed by `watling agreement amend`",
            known.id,
            known.state.name()
        )),
        _ => Ok(()),
    }
}

pub(super) async fn offer(desk: &Desk, args: OfferArgs) -> Result<Ended, String> {
    let known = known(desk.region(), &args.id);
    may_write(known, &args.terms, &args.to)?;
    let mut agreement = known.cloned().unwrap_or_else(|| draft(&args.id, desk.today()));
    if agreement.state == AgreementState::Draft {
        if agreement.publishers.is_empty() {
            agreement.publishers = vec![args.actor.for_ods.to_string()];
        }
        put_list(&mut agreement.consumers, args.to);
        agreement = terms(agreement, args.terms);
    }
    take(desk, &agreement, Action::Offer, &args.actor, args.json).await
}

pub(super) async fn request(desk: &Desk, args: RequestArgs) -> Result<Ended, String> {
    let known = known(desk.region(), &args.id);
    may_write(known, &args.terms, &args.from)?;
    let legal_basis = args.terms.legal_basis.clone();
    let mut agreement = known.cloned().unwrap_or_else(|| draft(&args.id, desk.today()));
    if agreement.state == AgreementState::Draft {
        if agreement.consumers.is_empty() {
            agreement.consumers = vec![args.actor.for_ods.to_string()];
        }
        put_list(&mut agreement.publishers, args.from);
        agreement = terms(agreement, args.terms);
    }
    let dpia = args.dpia.zip(args.residual_risk);
    let on = Some(desk.today());
    let dpia = dpia.map(|(reference, residual_risk)| Dpia { reference, residual_risk, on });
    let action = Action::Request { justification: args.justification, legal_basis, dpia };
    take(desk, &agreement, action, &args.actor, args.json).await
}

pub(super) async fn approve(desk: &Desk, args: DecideArgs) -> Result<Ended, String> {
    let agreement = &desk.agreement(&args.id)?.agreement;
    let action = Action::Approve { reason: args.reason.unwrap_or_default() };
    take(desk, agreement, action, &args.actor, args.json).await
}

pub(super) async fn refuse(desk: &Desk, args: ReasonedArgs) -> Result<Ended, String> {
    let agreement = &desk.agreement(&args.id)?.agreement;
    take(desk, agreement, Action::Refuse { reason: args.reason }, &args.actor, args.json).await
}

pub(super) async fn amend(desk: &Desk, args: AmendArgs) -> Result<Ended, String> {
    let agreement = &desk.agreement(&args.id)?.agreement;
    let changes = Changes {
        add_types: args.add_type,
        remove_types: args.remove_type,
        add_publishers: args.add_publisher,
        add_consumers: args.add_consumer,
        remove_parties: args.remove_party,
        review_by: args.review_by,
        ends: args.ends,
        reason: args.reason.unwrap_or_default(),
    };
    let actor = actor(&args.actor);
    let action = Action::Amend(changes);
    let acted = act(desk.region(), agreement, &action, &actor, desk.today());
    let acted = acted.map_err(|refusal| refusal.to_string())?;
    let done = Done {
        action: action.name(),
        what: acted.what,
        reason: action.reason(),
        actor: &actor,
        approval: args.safety.clinical_safety_approval.as_deref(),
        json: args.json,
    };
    keep(desk, acted.agreement, done).await
}

pub(super) async fn suspend(desk: &Desk, args: SuspendArgs) -> Result<Ended, String> {
    if args.membership {
        return membership::suspend(desk, args).await;
    }
    let agreement = &desk.agreement(&args.id)?.agreement;
    let action = Action::Suspend {
        reason: args.reason,
        clinical_safety_approval: args.safety.clinical_safety_approval,
    };
    take(desk, agreement, action, &args.actor, args.json).await
}

pub(super) async fn resume(desk: &Desk, args: SuspendArgs) -> Result<Ended, String> {
    if args.membership {
        return membership::resume(desk, args).await;
    }
    let agreement = &desk.agreement(&args.id)?.agreement;
    take(desk, agreement, Action::Resume { reason: args.reason }, &args.actor, args.json).await
}

pub(super) async fn withdraw(desk: &Desk, args: WithdrawArgs) -> Result<Ended, String> {
    let agreement = &desk.agreement(&args.id)?.agreement;
    let actor = actor(&args.actor);
    let action = Action::Withdraw { reason: args.reason };
    let acted = act(desk.region(), agreement, &action, &actor, desk.today());
    let acted = acted.map_err(|refusal| refusal.to_string())?;
    let done = Done {
        action: action.name(),
        what: acted.what,
        reason: action.reason(),
        actor: &actor,
        approval: args.safety.clinical_safety_approval.as_deref(),
        json: args.json,
    };
    // An agreement that nobody publishes under any more is kept as it is: withdrawn.
    desk.keep(acted.agreement, done).await
}

pub(super) async fn clone(desk: &Desk, args: CloneArgs) -> Result<Ended, String> {
    let pattern = &desk.agreement(&args.template)?.agreement;
    if known(desk.region(), &args.id).is_some() {
        return Err(format!("there is an agreement {} already", args.id));
    }
    if desk.region().organisation(&args.actor.for_ods).is_none() {
        return Err(format!("{} is no organisation of this region", args.actor.for_ods));
    }
    let mut agreement = Agreement {
        publishers: pattern.publishers.clone(),
        consumers: pattern.consumers.clone(),
        title: pattern.title.clone(),
        document_types: pattern.document_types.clone(),
        purposes: pattern.purposes.clone(),
        roles: pattern.roles.clone(),
        departments: pattern.departments.clone(),
        conditions: pattern.conditions.clone(),
        confidentiality: pattern.confidentiality.clone(),
        legal_basis: pattern.legal_basis.clone(),
        template: Some(pattern.id.clone()),
        ..draft(&args.id, desk.today())
    };
    put_list(&mut agreement.publishers, args.publisher);
    put_list(&mut agreement.consumers, args.consumer);
    let agreement = terms(agreement, args.terms);
    let actor = actor(&args.actor);
    let what = format!("draft made from {}", pattern.id);
    let done =
        Done { action: "clone", what, reason: "", actor: &actor, approval: None, json: args.json };
    keep(desk, agreement, done).await
}
