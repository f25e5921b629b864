//! `watling agreement join|evidence`, and the suspension of a membership.

use super::args::{EvidenceArgs, JoinArgs, SuspendArgs};
use super::desk::{Desk, Done, actor};
use crate::cli::Ended;
use gateway::agreement::{
    Actor, Evidenced, evidenced, may_join, may_record, resume_member, suspend_member,
};
use gateway::region::{
    Evidence, EvidenceKind, Membership, Organisation, OrganisationKind, Signatory, Suspension,
};
use schemas::ods_code::OdsCode;

fn organisation<'d>(desk: &'d Desk, ods: &OdsCode) -> Result<&'d Organisation, String> {
    desk.region().organisation(ods).ok_or_else(|| {
        format!("{ods} is no organisation of this region (join it with --name and --kind)")
    })
}

pub(super) async fn join(desk: &Desk, args: JoinArgs) -> Result<Ended, String> {
    let actor = actor(&args.actor);
    let mut joining = match (&args.name, args.kind) {
        (Some(name), Some(kind)) if desk.region().organisation(&args.ods).is_none() => {
            Organisation::named(args.ods.clone(), name, kind)
        }
        _ => organisation(desk, &args.ods)?.clone(),
    };
    may_record(desk.region(), &joining, &actor).map_err(|refusal| refusal.to_string())?;
    if joining.membership.as_ref().is_some_and(|of| of.is_in_force(desk.today())) {
        return Err(format!("{} is a member already", joining.ods));
    }
    let membership = membership(desk, &args);
    let lacks = match joining.kind {
        // A supplier acts for others and holds no records of its own.
        OrganisationKind::Supplier => Vec::new(),
        _ => may_join(&desk.region().policy, &membership, desk.today()),
    };
    if !lacks.is_empty() {
        return Err(format!("{} cannot join yet: {}", joining.ods, lacks.join("; ")));
    }
    if !args.publishes.is_empty() {
        joining.publishes.clone_from(&args.publishes);
    }
    joining.membership = Some(membership);
    let what = format!("signed the framework on {} by {}", signed_on(desk, &args), args.office);
    let done =
        Done { action: "join", what, reason: "", actor: &actor, approval: None, json: args.json };
    desk.keep_organisation(joining, done).await
}

fn signed_on(desk: &Desk, args: &JoinArgs) -> jiff::civil::Date {
    args.signed_on.unwrap_or_else(|| desk.today())
}

fn membership(desk: &Desk, args: &JoinArgs) -> Membership {
    let office = |name: &Option<String>, kind| {
        let shown = name.clone()?;
        Some(Evidenced { kind, shown, until: None, plan_until: None })
    };
    let dspt = args.dspt.clone().map(|shown| Evidenced {
        kind: EvidenceKind::Dspt,
        shown,
        until: args.dspt_until,
        plan_until: args.dspt_plan_until,
    });
    let ico = args.ico.clone().map(|shown| Evidenced {
        kind: EvidenceKind::Ico,
        shown,
        until: args.ico_until,
        plan_until: None,
    });
    let shown = [
        dspt,
        ico,
        office(&args.caldicott_guardian, EvidenceKind::CaldicottGuardian),
        office(&args.siro, EvidenceKind::Siro),
        office(&args.dpo, EvidenceKind::Dpo),
    ];
    let evidence = shown.into_iter().flatten();
    Membership {
        signed_on: signed_on(desk, args),
        signed_by: args.office.clone(),
        signatory: Some(args.actor.by.clone()),
        evidence: evidence.fold(Evidence::default(), |known, new| evidenced(&known, new)),
        ..Membership::default()
    }
}

pub(super) async fn evidence(desk: &Desk, args: EvidenceArgs) -> Result<Ended, String> {
    let actor = actor(&args.actor);
    let mut organisation = organisation(desk, &args.ods)?.clone();
    may_record(desk.region(), &organisation, &actor).map_err(|refusal| refusal.to_string())?;
    let membership = organisation.membership.as_mut();
    let membership = membership.ok_or_else(|| {
        format!("{} is not a member: its evidence comes with `watling agreement join`", args.ods)
    })?;
    let new = Evidenced {
        kind: args.kind,
        shown: args.shown.clone(),
        until: args.until,
        plan_until: args.plan_until,
    };
    membership.evidence = evidenced(&membership.evidence, new);
    let until = args.until.map_or(String::new(), |until| format!(" until {until}"));
    let what = format!("evidence {}: {}{until}", args.kind, args.shown);
    let (action, json) = ("evidence", args.json);
    let done = Done { action, what, reason: "", actor: &actor, approval: None, json };
    desk.keep_organisation(organisation, done).await
}

/// The organisation, who acts, and what is said of it.
fn of_member<'d>(desk: &'d Desk, args: &SuspendArgs) -> Result<(&'d Organisation, Actor), String> {
    let ods = OdsCode::parse(&args.id).map_err(|error| error.to_string())?;
    Ok((organisation(desk, &ods)?, actor(&args.actor)))
}

pub(super) async fn suspend(desk: &Desk, args: SuspendArgs) -> Result<Ended, String> {
    let (organisation, actor) = of_member(desk, &args)?;
    let approval = args.safety.clinical_safety_approval.clone();
    let suspension = Suspension {
        signed: Signatory {
            by: actor.by.clone(),
            organisation: actor.organisation.clone(),
            on: desk.today(),
        },
        reason: args.reason.clone(),
        clinical_safety_approval: approval.clone(),
    };
    let suspended = suspend_member(desk.region(), organisation, &actor, suspension);
    let suspended = suspended.map_err(|refusal| refusal.to_string())?;
    let done = Done {
        action: "suspend",
        what: "membership suspended".to_owned(),
        reason: &args.reason,
        actor: &actor,
        approval: approval.as_deref(),
        json: args.json,
    };
    desk.keep_organisation(suspended, done).await
}

pub(super) async fn resume(desk: &Desk, args: SuspendArgs) -> Result<Ended, String> {
    let (organisation, actor) = of_member(desk, &args)?;
    let resumed = resume_member(desk.region(), organisation, &actor);
    let resumed = resumed.map_err(|refusal| refusal.to_string())?;
    let done = Done {
        action: "resume",
        what: "membership resumed".to_owned(),
        reason: &args.reason,
        actor: &actor,
        approval: None,
        json: args.json,
    };
    desk.keep_organisation(resumed, done).await
}
