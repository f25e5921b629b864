//! Practice, visit and death in an ADT message: PD1, PV1, PID-29 and PID-30. What of them cannot be
//! read is not said: it is no reason to refuse who the patient is.

use super::adt::AdtEvent;
use super::message::{Message, Segment};
use crate::dtm::Dtm;
use crate::ods_code::OdsCode;
use crate::pix::{Encounter, EncounterStep, Particulars, Vital};

/// PV1-36 of a patient who has died (HL7 table 0112): expired; at home, in a facility, elsewhere.
const EXPIRED: [&str; 4] = ["20", "40", "41", "42"];

/// Longest number of a visit that is kept.
const VISIT_MAX: usize = 64;

pub(super) fn read(message: &Message, event: AdtEvent) -> Particulars {
    Particulars {
        practice: practice(message),
        encounter: encounter(message, event),
        vital: vital(message, event),
    }
}

fn first<'m>(message: &'m Message, name: &'m str) -> Option<&'m Segment> {
    message.segments(name).next()
}

/// The code of the practice: in PD1-3 (XON) the organisation identifier, the id number or, from
/// older systems, the name; in PD1-4 (XCN) the id, where it is an organisation's.
fn practice(message: &Message) -> Option<OdsCode> {
    let pd1 = first(message, "PD1")?;
    let facility = message.repetitions(pd1.field(3)).next().unwrap_or_default();
    let provider = message.repetitions(pd1.field(4)).next().unwrap_or_default();
    let places = [(facility, 10), (facility, 3), (facility, 1), (provider, 1)];
    places.into_iter().find_map(|(text, n)| OdsCode::parse(&message.component(text, n)).ok())
}

fn time(message: &Message, segment: Option<&Segment>, n: usize) -> Option<Dtm> {
    let text = message.component(segment?.field(n), 1);
    // Fractions and zones: the day is what counts, in the region's own time.
    let digits: String = text.chars().take_while(char::is_ascii_digit).take(14).collect();
    Dtm::parse(&digits).ok()
}

fn encounter(message: &Message, event: AdtEvent) -> Option<Encounter> {
    let pv1 = first(message, "PV1");
    let discharged = pv1.is_some_and(|pv1| filled(pv1.field(45)));
    let step = match event {
        AdtEvent::Admit | AdtEvent::Register => EncounterStep::Begins,
        AdtEvent::Update if pv1.is_some() && !discharged => EncounterStep::GoesOn,
        AdtEvent::Discharge => EncounterStep::Ends,
        AdtEvent::CancelAdmit => EncounterStep::Cancelled,
        AdtEvent::CancelDischarge => EncounterStep::EndCancelled,
        _ => return None,
    };
    let evn = first(message, "EVN");
    let occurred = || time(message, evn, 6).or_else(|| time(message, evn, 2));
    let at = match step {
        EncounterStep::Begins | EncounterStep::GoesOn => time(message, pv1, 44),
        EncounterStep::Ends => time(message, pv1, 45),
        _ => None,
    };
    let visit = pv1.map(|pv1| message.component(pv1.field(19), 1));
    let plain = |text: &String| {
        filled(text) && text.len() <= VISIT_MAX && !text.chars().any(char::is_control)
    };
    Some(Encounter { step, visit: visit.filter(plain), at: at.or_else(occurred) })
}

fn filled(text: &str) -> bool {
    !text.is_empty() && text != "\"\""
}

fn vital(message: &Message, event: AdtEvent) -> Option<Vital> {
    if event == AdtEvent::Merge {
        return None;
    }
    let pid = first(message, "PID")?;
    let pv1 = first(message, "PV1");
    let expired = event == AdtEvent::Discharge
        && pv1.is_some_and(|pv1| EXPIRED.contains(&message.component(pv1.field(36), 1).as_str()));
    let died_at = time(message, Some(pid), 29);
    match pid.field(30) {
        "N" if died_at.is_none() && !expired => Some(Vital::Lives),
        "Y" => Some(Vital::Died(died_at.or_else(|| time(message, pv1, 45)))),
        _ if died_at.is_some() => Some(Vital::Died(died_at)),
        _ if expired => Some(Vital::Died(time(message, pv1, 45))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::Limits;
    use super::*;

    fn said(event: AdtEvent, rest: &str) -> Particulars {
        let text = format!("MSH|^~\\&|PAS|RXN\rEVN|{}|20260715093000\r{rest}\r", event.code());
        read(&Message::read(text.as_bytes(), &Limits::default()).unwrap(), event)
    }

    #[test]
    fn the_practice_is_read_wherever_senders_put_its_code() {
        for pd1 in [
            "PD1|||THE SURGERY^^ZZP01",
            "PD1|||THE SURGERY^L^^^^^^^^ZZP01",
            "PD1|||ZZP01",
            "PD1||||ZZP01^Sample^A",
        ] {
            let practice = said(AdtEvent::UpdatePerson, pd1).practice;
            assert_eq!(practice.unwrap().as_str(), "ZZP01", "{pd1}");
        }
        for pd1 in ["PD1|||\"\"", "PD1", "PID|1"] {
            assert_eq!(said(AdtEvent::UpdatePerson, pd1).practice, None, "{pd1}");
        }
    }

    #[test]
    fn a_visit_begins_goes_on_ends_and_is_cancelled() {
        let visit = format!("PID|1\rPV1||I{}V77", "|".repeat(17));
        for (event, step) in [
            (AdtEvent::Admit, Some(EncounterStep::Begins)),
            (AdtEvent::Register, Some(EncounterStep::Begins)),
            (AdtEvent::Update, Some(EncounterStep::GoesOn)),
            (AdtEvent::Discharge, Some(EncounterStep::Ends)),
            (AdtEvent::CancelAdmit, Some(EncounterStep::Cancelled)),
            (AdtEvent::CancelDischarge, Some(EncounterStep::EndCancelled)),
            (AdtEvent::Transfer, None),
            (AdtEvent::PreAdmit, None),
            (AdtEvent::UpdatePerson, None),
        ] {
            let found = said(event, &visit).encounter;
            assert_eq!(found.as_ref().map(|encounter| encounter.step), step, "{event:?}");
            if let Some(encounter) = found {
                assert_eq!(encounter.visit.as_deref(), Some("V77"));
                assert_eq!(encounter.at.unwrap().as_str(), "20260715093000");
            }
        }
        let discharged = format!("PID|1\rPV1||I{}20260714", "|".repeat(43));
        assert_eq!(said(AdtEvent::Update, &discharged).encounter, None, "the visit is over");
        assert_eq!(said(AdtEvent::Update, "PID|1").encounter, None, "no visit at all");
    }

    #[test]
    fn a_death_is_read_from_the_patient_or_from_the_discharge() {
        let pid =
            |died: &str, indicator: &str| format!("PID|1{}{died}|{indicator}", "|".repeat(28));
        let day = |text: &str| Vital::Died(Some(Dtm::parse(text).unwrap()));
        let vital = |event, rest: &str| said(event, rest).vital;
        assert_eq!(vital(AdtEvent::Update, &pid("20260714", "Y")), Some(day("20260714")));
        assert_eq!(vital(AdtEvent::Update, &pid("20260714", "")), Some(day("20260714")));
        assert_eq!(vital(AdtEvent::Update, &pid("", "Y")), Some(Vital::Died(None)));
        assert_eq!(vital(AdtEvent::Update, &pid("", "N")), Some(Vital::Lives));
        assert_eq!(vital(AdtEvent::Update, &pid("", "")), None);
        let expired = format!("PID|1\rPV1||I{}20{}20260713", "|".repeat(34), "|".repeat(9));
        assert_eq!(vital(AdtEvent::Discharge, &expired), Some(day("20260713")));
        assert_eq!(vital(AdtEvent::Admit, &expired), None);
    }
}
