//! The transactional flag of a request: for some hours it is a legitimate relationship, for the
//! organisation that named the event first. Its life begins once and is not renewed.

use crate::Gateway;
use crate::asking::{Inquiry, Judged, Standing, unavailable};
use crate::decision::{Basis, TransactionalFlag};
use crate::region::Policy;
use jiff::Timestamp;
use node::audit::AuditEvent;
use node::caller::UserAssertion;
use node::endpoint::SoapRequest;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use schemas::transactional::{Transactional, TransactionalError};
use std::collections::BTreeMap;

/// For how many patients one event opens anything: a multiple casualty incident, not a list.
pub const PATIENTS_MAX: i64 = 100;

/// A flag that is named.
#[derive(Clone, Debug)]
pub struct Opening {
    pub ods: OdsCode,
    pub flag: Transactional,
    /// Where the request is about one.
    pub patient: Option<NhsNumber>,
    /// Milliseconds since 1970.
    pub at: i64,
    pub until: i64,
    pub system: String,
    pub user: Option<String>,
}

/// What is known of a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    pub opened_at: i64,
    pub until: i64,
    pub patients: i64,
    /// It was used for the patient before, or the request is about none.
    pub knows_patient: bool,
}

/// Why a flag opens nothing. Said aloud: none of it depends on what the hub knows of the patient.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlagRefusal {
    #[error(transparent)]
    Unreadable(#[from] TransactionalError),
    #[error(
        "the header and the assertion name two different events: send one of them, or the same"
    )]
    Two,
    #[error("the kind {0:?} of the transactional flag is none of this region's: {1}")]
    Kind(String, String),
    #[error(
        "the Reference of the transactional flag holds the patient's number: it is the number of the event, not of a person"
    )]
    NamesPatient,
    #[error(
        "the transactional flag was first used more than {0} hours ago and has ended: a new event has a number of its own"
    )]
    Ended(u32),
    #[error(
        "the transactional flag was used for {PATIENTS_MAX} patients already: one event opens no more"
    )]
    TooMany,
}

/// The flag of a request: from its header, or from what was asserted of the user.
pub fn named(
    header: Result<Option<Transactional>, TransactionalError>,
    asserted: Option<(&str, &str)>,
) -> Result<Option<Transactional>, FlagRefusal> {
    let asserted = asserted.map(|(kind, reference)| Transactional::new(kind, reference));
    match (header?, asserted.transpose()?) {
        (Some(one), Some(other)) if one != other => Err(FlagRefusal::Two),
        (one, other) => Ok(one.or(other)),
    }
}

/// How many hours a flag lasts, if it may be used for this patient at all.
pub fn hours(
    policy: &Policy,
    flag: &Transactional,
    patient: Option<NhsNumber>,
) -> Result<u32, FlagRefusal> {
    if patient.is_some_and(|patient| flag.holds(&patient.digits())) {
        return Err(FlagRefusal::NamesPatient);
    }
    policy.transactional_hours.get(&flag.kind).copied().ok_or_else(|| {
        let known: Vec<&str> = policy.transactional_hours.keys().map(String::as_str).collect();
        let known = if known.is_empty() { "it has none".to_owned() } else { known.join(", ") };
        FlagRefusal::Kind(flag.kind.clone(), known)
    })
}

/// Whether a flag that is known still opens something.
pub fn lives(opened: &Opened, now: i64, hours: u32) -> Result<(), FlagRefusal> {
    if now > opened.until {
        return Err(FlagRefusal::Ended(hours));
    }
    if opened.patients >= PATIENTS_MAX && !opened.knows_patient {
        return Err(FlagRefusal::TooMany);
    }
    Ok(())
}

/// Gives the asker what its request's flag opens, and puts the flag on record.
pub(crate) async fn attach(
    gateway: &Gateway,
    request: &SoapRequest<'_>,
    standing: &mut Standing<'_>,
    patient: Option<NhsNumber>,
    code: XdsErrorCode,
    audit: &mut AuditEvent,
) -> Result<(), XdsError> {
    let refused =
        |refusal: FlagRefusal| XdsError::new(code, refusal.to_string()).at("Transactional");
    let header = request.envelope.header;
    let header = header.map_or(Ok(None), Transactional::read);
    let Some(flag) = named(header, asserted(request)).map_err(refused)? else { return Ok(()) };
    let hours = hours(&standing.region.policy, &flag, patient).map_err(refused)?;
    let busy = |error| unavailable(&error, code);
    let now = standing.at.now.as_millisecond();
    let ods = standing.asker.organisation.clone();
    let known = gateway.store.flag(ods.clone(), flag.clone(), patient).await.map_err(busy)?;
    if let Some(known) = &known {
        lives(known, now, hours).map_err(refused)?;
    }
    let opened = match known.filter(|known| known.knows_patient) {
        Some(known) => known,
        None => {
            let opening = Opening {
                ods,
                flag: flag.clone(),
                patient,
                at: now,
                until: now + i64::from(hours) * 3_600_000,
                system: request.caller.system.clone(),
                user: user(request),
            };
            gateway.store.keep_flag(opening).await.map_err(busy)?
        }
    };
    let until = Timestamp::from_millisecond(opened.until).unwrap_or(Timestamp::MIN);
    let Transactional { kind, reference } = flag;
    audit.reasons.push(format!("transactional flag {kind} {reference} until {until}"));
    standing.asker.transactional = Some(TransactionalFlag { kind, reference, until });
    Ok(())
}

/// Puts on record for whom a flag has opened something, also where the request named no patient.
pub(crate) async fn used(inquiry: &Inquiry<'_>, judged: &[Judged]) -> Result<(), XdsError> {
    let Standing { region, at, asker, .. } = &inquiry.standing;
    let Some(TransactionalFlag { kind, reference, until }) = &asker.transactional else {
        return Ok(());
    };
    let by_flag = |one: &&Judged| {
        one.outcome.as_ref().is_ok_and(|permit| permit.basis() == Basis::Transactional)
    };
    let numbers = judged.iter().filter(by_flag);
    let numbers = numbers.filter_map(|one| one.entry.facts.patient_id.nhs_number());
    let patients: BTreeMap<i64, NhsNumber> = numbers.map(|number| (number.key(), number)).collect();
    let flag = Transactional { kind: kind.clone(), reference: reference.clone() };
    let refused = |refusal: FlagRefusal| {
        XdsError::new(XdsErrorCode::Registry, refusal.to_string()).at("Transactional")
    };
    let busy = |error| unavailable(&error, inquiry.busy);
    let store = &inquiry.gateway.store;
    for patient in patients.into_values() {
        let hours = hours(&region.policy, &flag, Some(patient)).map_err(refused)?;
        let ods = asker.organisation.clone();
        let known = store.flag(ods.clone(), flag.clone(), Some(patient)).await.map_err(busy)?;
        if let Some(known) = &known {
            lives(known, at.now.as_millisecond(), hours).map_err(refused)?;
        }
        if known.is_none_or(|known| !known.knows_patient) {
            let opening = Opening {
                ods,
                flag: flag.clone(),
                patient: Some(patient),
                at: at.now.as_millisecond(),
                until: until.as_millisecond(),
                system: asker.profile.name.clone(),
                user: None,
            };
            store.keep_flag(opening).await.map_err(busy)?;
        }
    }
    Ok(())
}

/// Kind and reference, as a verified assertion names them.
fn asserted<'r>(request: &SoapRequest<'r>) -> Option<(&'r str, &'r str)> {
    let flag = request.caller.user.as_ref()?.transactional.as_ref()?;
    Some((&flag.kind, &flag.reference))
}

/// The user, as a verified assertion names them.
fn user(request: &SoapRequest<'_>) -> Option<String> {
    request.caller.user.as_ref().map(UserAssertion::user_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flag(kind: &str, reference: &str) -> Transactional {
        Transactional::new(kind, reference).unwrap()
    }

    fn policy() -> Policy {
        let hours = [("111-case".to_owned(), 4), ("ambulance-incident".to_owned(), 12)];
        Policy { transactional_hours: hours.into(), ..Policy::default() }
    }

    #[test]
    fn a_kind_that_is_not_the_regions_is_refused_with_those_that_are() {
        assert_eq!(hours(&policy(), &flag("111-case", "C1"), None), Ok(4));
        let refused = hours(&policy(), &flag("curiosity", "C1"), None).unwrap_err();
        assert!(refused.to_string().contains("111-case, ambulance-incident"), "{refused}");
    }

    #[test]
    fn a_reference_is_no_patient_identifier() {
        let patient = NhsNumber::parse("9990000018").unwrap();
        let named = flag("111-case", "999-000-0018");
        assert_eq!(hours(&policy(), &named, Some(patient)), Err(FlagRefusal::NamesPatient));
    }

    #[test]
    fn header_and_assertion_name_the_same_event_or_the_request_is_refused() {
        let header = || Ok(Some(flag("111-case", "C1")));
        assert_eq!(named(header(), Some(("111-case", "C1"))), Ok(Some(flag("111-case", "C1"))));
        assert_eq!(named(header(), Some(("111-case", "C2"))), Err(FlagRefusal::Two));
        assert_eq!(named(Ok(None), Some(("111-case", "C2"))), Ok(Some(flag("111-case", "C2"))));
        assert_eq!(named(Ok(None), None), Ok(None));
        let unreadable = named(Ok(None), Some(("111 case", "C2")));
        assert_eq!(unreadable, Err(FlagRefusal::Unreadable(TransactionalError::Kind)));
    }

    #[test]
    fn a_flag_ends_with_its_hours_and_opens_only_so_many_patients() {
        let opened = Opened { opened_at: 0, until: 1_000, patients: 1, knows_patient: false };
        assert_eq!(lives(&opened, 1_000, 4), Ok(()));
        assert_eq!(lives(&opened, 1_001, 4), Err(FlagRefusal::Ended(4)));
        let full = Opened { patients: PATIENTS_MAX, ..opened };
        assert_eq!(lives(&full, 1, 4), Err(FlagRefusal::TooMany));
        assert_eq!(lives(&Opened { knows_patient: true, ..full }, 1, 4), Ok(()));
    }
}
