//! The rules said once more, over the rows of a case. Nothing of the gateway is used here.

use super::case::{ALL, Agreement, BY_KIND, GROUP, LISTED, ORGANISATIONS, Question, Wish, World};
use super::made::{DEPARTMENTS, PURPOSES, ROLES, SHOWN_ROLES};

#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Permit {
        agreement: String,
        basis: &'static str,
        over_preference: bool,
        broke_glass: bool,
        index_only: bool,
    },
    Stands {
        role: String,
        purpose: String,
        department: Option<String>,
    },
    Denied(&'static str),
}

impl Answer {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Permit { basis, .. } => basis,
            Self::Stands { .. } => "stands",
            Self::Denied(code) => code,
        }
    }
}

/// Every outcome that the cases have to reach.
pub const WORDS: &[&str] = &[
    "decide encounter",
    "decide transactional",
    "decide standing",
    "decide after-death",
    "decide break-glass",
    "decide not-a-member",
    "decide unknown-role",
    "decide tier-not-covered",
    "decide unknown-publisher",
    "decide publisher-not-a-member",
    "decide no-agreement",
    "decide type-not-covered",
    "decide role-not-covered",
    "decide department-not-covered",
    "decide too-confidential",
    "decide no-relationship",
    "decide break-glass-not-allowed",
    "decide no-consent",
    "decide sealed",
    "decide sealed-and-locked",
    "decide preference",
    "local own",
    "local addressed",
    "local local-identifier",
    "standing stands",
    "standing unknown-system",
    "standing may-not-act-for",
    "standing unknown-organisation",
    "standing not-a-member",
    "standing no-assertion",
    "standing unknown-role",
    "standing purpose-not-allowed",
    "standing break-glass-not-allowed",
    "standing no-agreement",
];

const URGENT: usize = 1;
const GLASS: usize = 2;
const RESEARCH: usize = 3;
const PLANNING: usize = 4;
const CORONER: usize = 5;
/// The levels of confidentiality by their place, as ranks; the last is no level.
const RANKS: [usize; 6] = [3, 4, 5, 0, 1, 9];

pub fn answers(world: &World, question: &Question) -> [Answer; 3] {
    let decided = decided(world, question).unwrap_or_else(Answer::Denied);
    let local = local(world, question).unwrap_or_else(Answer::Denied);
    let stands = stands(world, question).unwrap_or_else(Answer::Denied);
    [decided, local, stands]
}

fn covers_today(from: i64, until: Option<i64>) -> bool {
    from <= 0 && until.is_none_or(|until| until >= 0)
}

fn member(world: &World, n: usize) -> bool {
    match world.organisations.get(n).and_then(|organisation| organisation.member) {
        Some((from, until, suspended)) => !suspended && covers_today(from, until),
        None => false,
    }
}

/// Whoever holds what an organisation has published.
fn holder(world: &World, n: usize) -> usize {
    let Some(organisation) = world.organisations.get(n) else { return n };
    match organisation.successor {
        None => n,
        Some((to, Some(from))) if from <= 0 => holder(world, to),
        Some((_, Some(_))) => n,
        Some((to, None)) => match organisation.member {
            Some((_, Some(last), _)) if last >= 0 => n,
            _ => holder(world, to),
        },
    }
}

fn in_party(world: &World, party: usize, n: usize) -> bool {
    (party == BY_KIND && n < 2) || (party == LISTED && world.listed.contains(&n)) || party == n
}

fn in_types(types: &[usize], document_type: usize) -> bool {
    types.contains(&ALL)
        || types.contains(&document_type)
        || (types.contains(&GROUP) && document_type != 2)
}

fn secondary(purpose: usize) -> bool {
    purpose == RESEARCH || purpose == PLANNING
}

/// Whether the role may read the type, and whether of the index only.
fn tier(world: &World, question: &Question) -> Result<bool, &'static str> {
    let Some(tiers) = &world.tiers else { return Ok(false) };
    let tier = tiers.get(question.role).ok_or("unknown-role")?;
    let (types, index_only) = tier.as_ref().ok_or("tier-not-covered")?;
    let reads = match question.document_type {
        Some(document_type) => in_types(types, document_type),
        None => types.contains(&ALL),
    };
    if reads { Ok(*index_only) } else { Err("tier-not-covered") }
}

fn may_break_glass(world: &World, question: &Question, role: usize) -> bool {
    let policy = &world.policy;
    match question.glass {
        Some((reason, second)) => {
            reason && (second || !policy.second_factor) && policy.glass_roles.contains(&role)
        }
        None => false,
    }
}

/// Whether an agreement is one for this consumer and purpose today.
fn open(world: &World, agreement: &Agreement, consumer: usize, purpose: usize) -> bool {
    let named = agreement.purposes.contains(&purpose)
        || (purpose == GLASS
            && world.profile.purposes.iter().any(|of_profile| {
                let care = !secondary(*of_profile) && *of_profile != CORONER;
                care && agreement.purposes.contains(of_profile)
            }));
    let mixed = agreement.purposes.iter().any(|purpose| !secondary(*purpose));
    agreement.state == 0
        && covers_today(agreement.period.0, agreement.period.1)
        && consumer < ORGANISATIONS + 1
        && agreement.consumers.iter().any(|party| in_party(world, *party, consumer))
        && !agreement.out.contains(&consumer)
        && named
        && !(secondary(purpose) && mixed)
}

fn for_department(agreement: &Agreement, department: Option<usize>) -> bool {
    agreement.departments.is_empty()
        || department.is_some_and(|department| agreement.departments.contains(&department))
}

fn agreed(world: &World, question: &Question) -> Result<String, &'static str> {
    let publisher = question.publisher.ok_or("unknown-publisher")?;
    let holder = holder(world, publisher);
    if question.asker == publisher || question.asker == holder {
        return Ok("own".to_owned());
    }
    if publisher >= ORGANISATIONS {
        return Err("unknown-publisher");
    }
    if !member(world, holder) {
        return Err("publisher-not-a-member");
    }
    // Each row gets as far as it gets; the farthest is the answer.
    let mut farthest = 0;
    for (n, agreement) in world.agreements.iter().enumerate() {
        let offered = agreement
            .publishers
            .iter()
            .any(|party| in_party(world, *party, publisher) || in_party(world, *party, holder));
        let out = agreement.out.contains(&publisher) || agreement.out.contains(&holder);
        if !open(world, agreement, question.asker, question.purpose) || !offered || out {
            continue;
        }
        let ceiling = RANKS[agreement.ceiling];
        let steps = [
            question.document_type.is_some_and(|document| in_types(&agreement.types, document)),
            agreement.roles.contains(&question.role),
            for_department(agreement, question.department),
            question.confidentiality.iter().all(|level| RANKS[*level] <= ceiling),
        ];
        match steps.iter().position(|passed| !passed) {
            None => return Ok(format!("{n}#1")),
            Some(step) => farthest = farthest.max(step + 1),
        }
    }
    Err([
        "no-agreement",
        "type-not-covered",
        "role-not-covered",
        "department-not-covered",
        "too-confidential",
    ][farthest])
}

fn related(world: &World, question: &Question) -> Result<&'static str, &'static str> {
    if question.purpose == CORONER {
        let dead = question.died.is_some_and(|died| died <= 0);
        return if dead { Ok("after-death") } else { Err("no-relationship") };
    }
    let alive = question.died.is_none_or(|died| died >= 0);
    let related = question
        .relationships
        .iter()
        .any(|(who, from, until)| *who == question.asker && covers_today(*from, *until));
    let flagged = question.flag.is_some_and(|minutes| minutes >= 0);
    if alive && related {
        Ok("encounter")
    } else if alive && flagged {
        Ok("transactional")
    } else if alive && world.profile.standing && question.purpose == URGENT {
        Ok("standing")
    } else if question.purpose != GLASS {
        Err("no-relationship")
    } else if may_break_glass(world, question, question.role) {
        Ok("break-glass")
    } else {
        Err("break-glass-not-allowed")
    }
}

fn meant(world: &World, question: &Question, wish: &Wish) -> bool {
    let of_type = match (wish.of_type, question.document_type) {
        (None | Some(ALL), _) => true,
        (Some(selector), Some(document_type)) => in_types(&[selector], document_type),
        (Some(_), None) => !wish.share,
    };
    let from = match (wish.publisher, question.publisher) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(named), Some(is)) => named == is || (!wish.share && named == holder(world, is)),
    };
    let to = match wish.consumer {
        None => true,
        Some(named) => {
            named == question.asker || (!wish.share && holder(world, named) == question.asker)
        }
    };
    of_type && from && to
}

/// Both speak of this entry: whether the first is an exception to the second.
fn is_exception(share: &Wish, to: &Wish) -> bool {
    let kind = |selector: Option<usize>| match selector {
        None | Some(ALL) => "any",
        Some(GROUP) => "group",
        Some(_) => "name",
    };
    let wider_type = matches!(
        (kind(to.of_type), kind(share.of_type)),
        ("any", "group") | ("any", "name") | ("group", "name")
    );
    let same_type = kind(to.of_type) == kind(share.of_type);
    let wider = |to: Option<usize>, share: Option<usize>| to.is_none() && share.is_some();
    let same = |to: Option<usize>, share: Option<usize>| to.is_some() == share.is_some();
    let (publishers, consumers) = ((to.publisher, share.publisher), (to.consumer, share.consumer));
    let nowhere_wider = (wider_type || same_type)
        && (wider(publishers.0, publishers.1) || same(publishers.0, publishers.1))
        && (wider(consumers.0, consumers.1) || same(consumers.0, consumers.1));
    let somewhere_narrower =
        wider_type || wider(publishers.0, publishers.1) || wider(consumers.0, consumers.1);
    nowhere_wider && (somewhere_narrower || share.day > to.day)
}

/// Whether something was against it, and whether the glass was broken over that.
fn shared(world: &World, question: &Question) -> Result<(bool, bool), &'static str> {
    let own = question
        .publisher
        .is_some_and(|from| from == question.asker || holder(world, from) == question.asker);
    if own {
        return Ok((false, false));
    }
    let purpose = question.purpose;
    if world.policy.consent.contains(&purpose) && !question.consents.contains(&purpose) {
        return Err("no-consent");
    }
    let glass = purpose == GLASS
        && world.policy.glass_over
        && may_break_glass(world, question, question.role);
    let mut sealed = false;
    for seal in &question.seals {
        if seal.entry == 0 && !seal.open_to.contains(&question.asker) {
            if seal.locked {
                return Err("sealed-and-locked");
            }
            sealed = true;
        }
    }
    if sealed && !glass {
        return Err("sealed");
    }
    let wishes: Vec<&Wish> =
        question.wishes.iter().filter(|wish| meant(world, question, wish)).collect();
    let mut unwanted = false;
    for wish in wishes.iter().filter(|wish| !wish.share) {
        let mut excepted = false;
        for share in wishes.iter().filter(|wish| wish.share) {
            excepted |= is_exception(share, wish);
        }
        unwanted |= !excepted;
    }
    match (unwanted, world.policy.modes[purpose]) {
        (true, 2) if !glass => Err("preference"),
        (true, 2) => Ok((true, true)),
        (true, 1) => Ok((true, sealed)),
        _ => Ok((sealed, sealed)),
    }
}

fn decided(world: &World, question: &Question) -> Result<Answer, &'static str> {
    if !member(world, question.asker) {
        return Err("not-a-member");
    }
    let index_only = tier(world, question)?;
    let agreement = agreed(world, question)?;
    let basis = related(world, question)?;
    let (over_preference, broken) = shared(world, question)?;
    let broke_glass = broken || basis == "break-glass";
    Ok(Answer::Permit { agreement, basis, over_preference, broke_glass, index_only })
}

fn local(world: &World, question: &Question) -> Result<Answer, &'static str> {
    if !member(world, question.asker) {
        return Err("not-a-member");
    }
    let index_only = tier(world, question)?;
    let basis = match question.publisher {
        Some(publisher) if publisher == question.asker => "own",
        _ if question.recipients.contains(&question.asker) => "addressed",
        _ => return Err("local-identifier"),
    };
    Ok(Answer::Permit {
        agreement: basis.to_owned(),
        basis,
        over_preference: false,
        broke_glass: false,
        index_only,
    })
}

fn stands(world: &World, question: &Question) -> Result<Answer, &'static str> {
    let profile = &world.profile;
    if !question.registered || question.certificate != profile.organisation {
        return Err("unknown-system");
    }
    let who = question.asker;
    if who != profile.organisation && !profile.acts_for.contains(&who) {
        return Err("may-not-act-for");
    }
    if who >= ORGANISATIONS {
        return Err("unknown-organisation");
    }
    if !member(world, who) {
        return Err("not-a-member");
    }
    if question.shown_organisation.is_some_and(|shown| shown != who) {
        return Err("may-not-act-for");
    }
    if profile.assertion_required && question.shown_role.is_none() {
        return Err("no-assertion");
    }
    let role = role(world, question).ok_or("unknown-role")?;
    let purpose = match question.shown_purpose {
        Some(shown) => profile.purposes.contains(&shown).then_some(shown),
        None => profile.purposes.first().copied(),
    };
    let purpose = purpose.ok_or("purpose-not-allowed")?;
    if purpose == GLASS && !may_break_glass(world, question, role) {
        return Err("break-glass-not-allowed");
    }
    let department = question.department.or(profile.department);
    let agreed = world.agreements.iter().any(|agreement| {
        open(world, agreement, who, purpose) && for_department(agreement, department)
    });
    if !agreed {
        return Err("no-agreement");
    }
    Ok(Answer::Stands {
        role: ROLES[role].to_owned(),
        purpose: PURPOSES[purpose].to_owned(),
        department: department.map(|n| DEPARTMENTS[n].to_owned()),
    })
}

/// With a table the row that is meant; without one a word that agreements or the profile use.
fn role(world: &World, question: &Question) -> Option<usize> {
    let profile = world.profile.role;
    if world.tiers.is_some() {
        return match question.shown_role {
            Some(shown) => SHOWN_ROLES[shown].1,
            None => (profile < ROLES.len() - 1).then_some(profile),
        };
    }
    let Some(shown) = question.shown_role else { return Some(profile) };
    let word = ROLES.iter().position(|word| *word == SHOWN_ROLES[shown].0)?;
    let used = word == profile || world.agreements.iter().any(|a| a.roles.contains(&word));
    used.then_some(word)
}
