//! PDS FHIR: reading and searching Patients.

use super::{Heard, Known, Said, Spoken};
use serde_json::{Value, json};

const FHIR: &str = "application/fhir+json";

pub(super) fn answer(heard: &Heard, spoken: &Spoken) -> Said {
    let Some((_, asked)) = heard.target.split_once("/Patient") else {
        return outcome(404, "RESOURCE_NOT_FOUND");
    };
    if heard.header("x-request-id").is_empty() {
        return outcome(400, "INVALID_REQUEST");
    }
    match asked.split_once('?') {
        Some((_, query)) => search(query, spoken),
        None => read(asked.trim_start_matches('/'), spoken),
    }
}

fn outcome(status: u16, code: &str) -> Said {
    (status, FHIR, issue(code).to_string())
}

fn issue(code: &str) -> Value {
    json!({
        "resourceType": "OperationOutcome",
        "issue": [{
            "severity": "error",
            "code": "processing",
            "details": { "coding": [{
                "system": "https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode",
                "code": code,
            }] },
        }],
    })
}

fn read(number: &str, spoken: &Spoken) -> Said {
    match spoken.people.iter().find(|known| known.is(number)) {
        None => outcome(404, "RESOURCE_NOT_FOUND"),
        Some(known) if known.invalidated => outcome(404, "INVALIDATED_RESOURCE"),
        Some(known) => (200, FHIR, patient(known).to_string()),
    }
}

fn search(query: &str, spoken: &Spoken) -> Said {
    let value = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(other, _)| *other == name).map(|(_, value)| decoded(value))
    };
    let (Some(family), Some(birth), Some(gender)) =
        (value("family"), value("birthdate"), value("gender"))
    else {
        return outcome(400, "MISSING_VALUE");
    };
    let birth = birth.trim_start_matches("eq").replace('-', "");
    let sex = if gender == "male" { "1" } else { "2" };
    let (given, postcode) = (value("given"), value("address-postalcode"));
    let fits = |known: &&Known| {
        known.fits((&family, &birth, sex), (given.as_deref(), postcode.as_deref()))
    };
    let found: Vec<&Known> = spoken.people.iter().filter(fits).collect();
    match found[..] {
        [] => (
            200,
            FHIR,
            json!({ "resourceType": "Bundle", "type": "searchset", "total": 0 }).to_string(),
        ),
        [one] => {
            let entry = json!([{ "search": { "score": 1 }, "resource": patient(one) }]);
            let bundle = json!({ "resourceType": "Bundle", "type": "searchset", "total": 1, "entry": entry });
            (200, FHIR, bundle.to_string())
        }
        _ => outcome(200, "TOO_MANY_MATCHES"),
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = hex.filter(|_| *first == b'%').and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn patient(known: &Known) -> Value {
    let born = &known.birth_date;
    let mut patient = json!({
        "resourceType": "Patient",
        "id": known.number,
        "identifier": [{ "system": "https://fhir.nhs.uk/Id/nhs-number", "value": known.number }],
        "meta": { "versionId": "1", "security": [{
            "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
            "code": known.sensitivity,
        }] },
        "name": [{
            "use": "usual",
            "family": known.family,
            "given": [known.given],
            "prefix": [known.prefix],
        }],
        "gender": if known.sex == "1" { "male" } else { "female" },
        "birthDate": format!("{}-{}-{}", &born[..4], &born[4..6], &born[6..]),
    });
    if known.sensitivity == "U" {
        patient["address"] =
            json!([{ "use": "home", "line": [known.line], "postalCode": known.postcode }]);
        patient["generalPractitioner"] =
            json!([{ "type": "Organization", "identifier": { "value": known.practice } }]);
    }
    patient
}
