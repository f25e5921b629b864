//! Who asks, told aloud where the answer is no; and deciding over what a query found.

use crate::Gateway;
use crate::decision::{Asker, Denial, EntryView, PatientFacts, Permit, decide, standing};
use crate::region::Region;
use crate::store::GatewayError;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use node::audit::DecidedEntry;
use node::caller::Caller;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::metadata::FoundEntry;
use schemas::nhs_number::NhsNumber;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The region as it stands, on a day of the region's calendar.
pub(crate) struct Standing<'r> {
    pub region: &'r Region,
    pub today: Date,
    pub asker: Asker<'r>,
}

/// The day in the region: agreements begin and end at midnight there.
pub(crate) fn today(gateway: &Gateway) -> Date {
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    gateway.clock.now().to_zoned(zone).date()
}

/// Everything that can be refused before any look-up, with the code of the answering transaction.
pub(crate) fn stand<'r>(
    gateway: &Gateway,
    region: &'r Region,
    caller: &Caller,
    code: XdsErrorCode,
) -> Result<Standing<'r>, (Denial, XdsError)> {
    let today = today(gateway);
    let acting_for = caller.asked_for();
    match standing(region, today, &caller.system, &caller.organisation, acting_for) {
        Ok(asker) => Ok(Standing { region, today, asker }),
        Err(denial) => {
            let context = aloud(denial, region, caller);
            Err((denial, XdsError::new(code, context).at(denial.code())))
        }
    }
}

fn aloud(denial: Denial, region: &Region, caller: &Caller) -> String {
    let ods = caller.asked_for();
    let profile = region.system(&caller.system, &caller.organisation);
    let purpose = profile.and_then(|p| p.purposes.first()).map_or("any purpose", String::as_str);
    match denial {
        Denial::UnknownSystem => format!(
            "the system {:?} of {} is not registered with this gateway: ask the region's operator for a system profile",
            caller.system, caller.organisation
        ),
        Denial::MayNotActFor => format!(
            "the system {:?} of {} may not act for {ods}: its profile lists other organisations",
            caller.system, caller.organisation
        ),
        Denial::UnknownOrganisation => {
            format!("the organisation {ods} is not known in this region")
        }
        Denial::NotAMember => format!(
            "{ods} is connected but is not a member of the region's information-sharing framework: it must be signed before anything is shared"
        ),
        _ => format!("{ods} has no agreement in force for {purpose}: nothing can be shown to it"),
    }
}

pub(crate) fn unavailable(error: &GatewayError, code: XdsErrorCode) -> XdsError {
    tracing::error!(%error, "gateway cannot decide");
    XdsError::new(
        code,
        "the gateway cannot read its agreements just now, so it answers nothing; try again",
    )
}

/// What became of each found entry.
pub(crate) struct Decided {
    pub visible: Vec<(FoundEntry, Permit)>,
    pub decisions: Vec<DecidedEntry>,
}

/// Decides on every entry; facts of each patient are read once.
pub(crate) async fn decide_all(
    gateway: &Gateway,
    standing: &Standing<'_>,
    entries: Vec<FoundEntry>,
) -> Result<Decided, GatewayError> {
    let mut known: HashMap<NhsNumber, PatientFacts> = HashMap::new();
    let mut decided = Decided { visible: Vec::new(), decisions: Vec::new() };
    let nobody = PatientFacts::default();
    for entry in entries {
        let facts = &entry.facts;
        let patient = match facts.patient_id.nhs_number() {
            None => &nobody,
            Some(number) => match known.entry(number) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(gateway.store.patient_facts(number).await?),
            },
        };
        let document_type =
            gateway.code_sets.document_type(&facts.type_code, &facts.practice_setting);
        let view = EntryView {
            publisher_ods: facts.publisher_ods.as_ref(),
            document_type,
            confidentiality: &facts.confidentiality,
        };
        let decision = decide(standing.region, standing.today, &standing.asker, patient, &view);
        decided.decisions.push(DecidedEntry {
            unique_id: facts.unique_id.to_string(),
            patient_id: Some(facts.patient_id.text()),
            publisher_ods: facts
                .publisher_ods
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            type_code: facts.type_code.clone(),
            decision: decision.as_ref().err().map_or("permit", |denial| denial.code()).to_owned(),
            agreement: decision.as_ref().ok().map(|permit| permit.agreement().to_owned()),
        });
        if let Ok(permit) = decision {
            decided.visible.push((entry, permit));
        }
    }
    Ok(decided)
}
