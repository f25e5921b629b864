//! Consent.provision: each may narrow the one that it stands in, and says the opposite of it.

use super::fhir::{coded, coding_of, ods};
use super::json::{At, Fields};
use super::{About, ConsentError, Documents, RULES_MAX, Rule};
use crate::ods_code::OdsCode;
use jiff::civil::Date;

const SNOMED: &str = "http://snomed.info/sct";
const RESOURCE: &str = "http://hl7.org/fhir/resource-types";
const REASON: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
const DEPTH_MAX: usize = 4;

/// What the provisions around one have narrowed.
#[derive(Clone, Default)]
pub(super) struct Within {
    permit: Option<bool>,
    documents: Vec<Documents>,
    publishers: Vec<OdsCode>,
    consumers: Vec<OdsCode>,
    starts: Option<Date>,
    ends: Option<Date>,
    depth: usize,
}

const PROVISION: [&str; 8] =
    ["id", "type", "period", "actor", "purpose", "class", "code", "provision"];

/// The rules of a provision and of those inside it.
pub(super) fn rules(
    at: &At<'_>,
    base: Option<bool>,
    outer: &Within,
) -> Result<Vec<Rule>, ConsentError> {
    if outer.depth == DEPTH_MAX {
        return Err(ConsentError::Together(at.path.clone(), "it stands four deep already"));
    }
    let fields = at.fields(&PROVISION)?;
    let within = narrowed(&fields, base, outer)?;
    let Some(permit) = within.permit else {
        return Err(ConsentError::Missing(format!("{}.type", at.path)));
    };
    if outer.permit == Some(permit) && outer.depth > 0 {
        return fields.need("type")?.wrong("the opposite of the provision around it");
    }
    let mut rules = match fields.items("purpose")? {
        purposes if purposes.is_empty() => sharing(&within, permit),
        purposes => of_purposes(at, &fields, &purposes, &within, permit)?,
    };
    for inner in fields.items("provision")? {
        rules.extend(self::rules(&inner, None, &within)?);
        if rules.len() > RULES_MAX {
            return Err(ConsentError::Rules);
        }
    }
    if rules.len() > RULES_MAX { Err(ConsentError::Rules) } else { Ok(rules) }
}

fn narrowed(
    fields: &Fields<'_>,
    base: Option<bool>,
    outer: &Within,
) -> Result<Within, ConsentError> {
    let mut within = Within { depth: outer.depth + 1, ..outer.clone() };
    within.permit = match fields.get("type") {
        None => base,
        Some(at) => match at.text()? {
            "permit" => Some(true),
            "deny" => Some(false),
            _ => return at.wrong("permit or deny"),
        },
    };
    if let Some(period) = fields.get("period") {
        let days = period.fields(&["start", "end"])?;
        within.starts = days.get("start").map(|at| day(&at)).transpose()?.or(outer.starts);
        within.ends = days.get("end").map(|at| day(&at)).transpose()?.or(outer.ends);
    }
    let documents = documents(fields)?;
    if !documents.is_empty() {
        within.documents = documents;
    }
    let (publishers, consumers) = actors(fields)?;
    if !publishers.is_empty() {
        within.publishers = publishers;
    }
    if !consumers.is_empty() {
        within.consumers = consumers;
    }
    Ok(within)
}

fn day(at: &At<'_>) -> Result<Date, ConsentError> {
    let text = at.text()?;
    let date = text.parse().ok().filter(|_| text.len() == 10);
    date.map_or_else(|| at.wrong("a day, 2026-07-15: wishes hold for whole days"), Ok)
}

fn documents(fields: &Fields<'_>) -> Result<Vec<Documents>, ConsentError> {
    let mut documents = Vec::new();
    for class in fields.items("class")? {
        documents.push(match coding_of(&class)? {
            (RESOURCE, "DocumentReference" | "Composition") => Documents::Any,
            (SNOMED, code) => Documents::Class(code.to_owned()),
            _ => return class.wrong("DocumentReference, or a SNOMED CT code of a document class"),
        });
    }
    let classes = documents.len();
    for code in fields.items("code")? {
        match coded(&code, SNOMED)? {
            Some(snomed) => documents.push(Documents::Type(snomed.to_owned())),
            None => return code.wrong("a SNOMED CT code of a document type"),
        }
    }
    // Each type is in its class already: the narrower of both is meant.
    if documents.len() > classes {
        documents.retain(|one| matches!(one, Documents::Type(_)));
    }
    Ok(documents)
}

/// Publishers and consumers.
fn actors(fields: &Fields<'_>) -> Result<(Vec<OdsCode>, Vec<OdsCode>), ConsentError> {
    let (mut publishers, mut consumers) = (Vec::new(), Vec::new());
    for actor in fields.items("actor")? {
        let actor = actor.fields(&["id", "role", "reference"])?;
        let role = actor.need("role")?;
        let who = ods(&actor.need("reference")?)?;
        match coded(&role, PARTICIPATION)? {
            Some("IRCP" | "PRCP") => consumers.push(who),
            Some("AUT" | "CST" | "INF") => publishers.push(who),
            _ => {
                return role
                    .wrong("IRCP or PRCP for who receives, AUT, CST or INF for whose it is");
            }
        }
    }
    Ok((publishers, consumers))
}

/// Every combination; nothing named is anything.
fn sharing(within: &Within, permit: bool) -> Vec<Rule> {
    let any = |list: &[OdsCode]| -> Vec<Option<OdsCode>> {
        if list.is_empty() { vec![None] } else { list.iter().cloned().map(Some).collect() }
    };
    let documents = match within.documents.is_empty() {
        true => vec![Documents::Any],
        false => within.documents.clone(),
    };
    let mut rules = Vec::new();
    for publisher in any(&within.publishers) {
        for consumer in any(&within.consumers) {
            for documents in &documents {
                let (publisher, consumer) = (publisher.clone(), consumer.clone());
                let about = About::Sharing { documents: documents.clone(), publisher, consumer };
                rules.push(Rule { permit, about, starts: within.starts, ends: within.ends });
                if rules.len() > RULES_MAX {
                    return rules;
                }
            }
        }
    }
    rules
}

/// Consent to a purpose is for all of it.
fn of_purposes(
    at: &At<'_>,
    fields: &Fields<'_>,
    purposes: &[At<'_>],
    within: &Within,
    permit: bool,
) -> Result<Vec<Rule>, ConsentError> {
    let alone = within.documents.is_empty()
        && within.publishers.is_empty()
        && within.consumers.is_empty()
        && fields.get("provision").is_none();
    if !alone {
        let why = "consent to a purpose is kept for all documents and everyone, without exceptions";
        return Err(ConsentError::Together(format!("{}.purpose", at.path), why));
    }
    let rule = |purpose: &At<'_>| match coding_of(purpose)? {
        (REASON, code) => {
            let about = About::Purpose(code.to_owned());
            Ok(Rule { permit, about, starts: within.starts, ends: within.ends })
        }
        _ => purpose.wrong("a code of v3-ActReason"),
    };
    purposes.iter().map(rule).collect()
}
