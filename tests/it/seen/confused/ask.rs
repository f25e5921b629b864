//! Questions: right ones with a part that is another's, and wrong ones in every way that a parameter
//! can be wrong.

use super::world::{ASKERS, PATIENTS, World};
use schemas::query::ids;
use tests::message;

/// Numbers that come again with the same seed (xorshift).
pub struct Dice {
    state: u64,
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 }
    }

    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    fn below(&mut self, count: usize) -> usize {
        (self.next() >> 11) as usize % count
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn word(&mut self, all: &[&'static str]) -> &'static str {
        all[self.below(all.len())]
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

pub struct Question {
    pub asker: &'static str,
    pub acting_for: Option<&'static str>,
    pub retrieves: bool,
    pub envelope: String,
    /// The one patient that the query names, where it names one in the right place.
    pub patient: Option<String>,
}

/// What each stored query takes, by name without its dollar sign.
const QUERIES: [(&str, &[&str]); 14] = [
    (ids::FIND_DOCUMENTS, &["XDSDocumentEntryPatientId", "XDSDocumentEntryStatus"]),
    (
        ids::FIND_DOCUMENTS_BY_REFERENCE_ID,
        &["XDSDocumentEntryPatientId", "XDSDocumentEntryStatus", "XDSDocumentEntryReferenceIdList"],
    ),
    (ids::FIND_SUBMISSION_SETS, &["XDSSubmissionSetPatientId", "XDSSubmissionSetStatus"]),
    (ids::FIND_FOLDERS, &["XDSFolderPatientId", "XDSFolderStatus"]),
    (
        ids::GET_ALL,
        &["patientId", "XDSDocumentEntryStatus", "XDSSubmissionSetStatus", "XDSFolderStatus"],
    ),
    (ids::GET_DOCUMENTS, &["XDSDocumentEntryEntryUUID"]),
    (ids::GET_FOLDERS, &["XDSFolderEntryUUID"]),
    (ids::GET_ASSOCIATIONS, &["uuid"]),
    (ids::GET_DOCUMENTS_AND_ASSOCIATIONS, &["XDSDocumentEntryUniqueId"]),
    (ids::GET_SUBMISSION_SETS, &["uuid"]),
    (ids::GET_SUBMISSION_SET_AND_CONTENTS, &["XDSSubmissionSetEntryUUID"]),
    (ids::GET_FOLDER_AND_CONTENTS, &["XDSFolderEntryUUID"]),
    (ids::GET_FOLDERS_FOR_DOCUMENT, &["XDSDocumentEntryUniqueId"]),
    (ids::GET_RELATED_DOCUMENTS, &["XDSDocumentEntryEntryUUID", "AssociationTypes"]),
];

/// What is put beside them, or in their place.
const OTHERS: [&str; 24] = [
    "XDSDocumentEntryPatientId",
    "XDSDocumentEntryTypeCode",
    "XDSDocumentEntryClassCode",
    "XDSDocumentEntryEventCodeList",
    "XDSDocumentEntryConfidentialityCode",
    "XDSDocumentEntryFormatCode",
    "XDSDocumentEntryAuthorPerson",
    "XDSDocumentEntryCreationTimeFrom",
    "XDSDocumentEntryCreationTimeTo",
    "XDSDocumentEntryReferenceIdList",
    "XDSDocumentEntryType",
    "XDSDocumentEntryEntryUUID",
    "XDSDocumentEntryUniqueId",
    "XDSDocumentEntryLogicalID",
    "XDSSubmissionSetPatientId",
    "XDSSubmissionSetAuthorPerson",
    "XDSSubmissionSetSourceId",
    "XDSSubmissionSetUniqueId",
    "XDSFolderPatientId",
    "XDSFolderUniqueId",
    "patientId",
    "uuid",
    "homeCommunityId",
    "MetadataLevel",
];

const HOSTILE: [&str; 22] = [
    "%",
    "_",
    "*",
    "%%%%",
    "9%",
    "9997001___",
    "'",
    "''",
    "' OR '1'='1",
    "') OR ('1'='1",
    "'; DELETE FROM document_entry; --",
    "\\",
    "%' ESCAPE '\\",
    "\u{0}",
    "",
    " ",
    "NULL",
    "urn:uuid:",
    "urn:oid:1.2.3",
    "^^^&2.16.840.1.113883.2.1.4.1&ISO",
    "ZZP01",
    "９９９７００１０４４",
];

fn patient_id(number: &str) -> String {
    format!("{number}^^^&2.16.840.1.113883.2.1.4.1&ISO")
}

/// A value of the kind that a parameter's name asks for, of whichever patient or publisher.
fn fitting(world: &World, dice: &mut Dice, name: &str) -> String {
    let document = dice.of(&world.documents);
    match name {
        _ if name.ends_with("atientId") => patient_id(dice.word(&PATIENTS)),
        _ if name.ends_with("Status") => {
            let status = if dice.one_in(4) { "Deprecated" } else { "Approved" };
            format!("urn:oasis:names:tc:ebxml-regrep:StatusType:{status}")
        }
        "XDSDocumentEntryEntryUUID" | "XDSDocumentEntryLogicalID" => document.entry_uuid.clone(),
        "XDSDocumentEntryUniqueId" => document.unique_id.clone(),
        "uuid" => match dice.below(3) {
            0 => document.entry_uuid.clone(),
            1 => dice.of(&world.packages).clone(),
            _ => dice.of(&world.associations).clone(),
        },
        "AssociationTypes" => match dice.below(2) {
            0 => "urn:ihe:iti:2007:AssociationType:APND".to_owned(),
            _ => "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember".to_owned(),
        },
        "homeCommunityId" => "urn:oid:1.2.826.0.1.99999.1".to_owned(),
        "XDSDocumentEntryTypeCode" => "373942005^^2.16.840.1.113883.6.96".to_owned(),
        "XDSDocumentEntryConfidentialityCode" => "N^^2.16.840.1.113883.5.25".to_owned(),
        _ if name.contains("Time") => "2026".to_owned(),
        "MetadataLevel" => "2".to_owned(),
        _ if name.starts_with("XDSSubmissionSet") || name.starts_with("XDSFolder") => {
            dice.of(&world.packages).clone()
        }
        _ => "%".to_owned(),
    }
}

/// Anything, of anything.
fn any(world: &World, dice: &mut Dice) -> String {
    match dice.below(5) {
        0 => dice.word(&HOSTILE).to_owned(),
        1 => patient_id(dice.word(&PATIENTS)),
        2 => dice.of(&world.documents).unique_id.clone() + dice.word(&HOSTILE),
        3 => dice.of(&world.packages).clone(),
        _ => dice.of(&world.documents).entry_uuid.clone(),
    }
}

fn escaped(text: &str) -> String {
    let text: String = text.chars().filter(|c| *c != '\u{0}').collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// A value as it is spelled: quoted, in a list, bare, or with quotes of its own.
fn spelled(dice: &mut Dice, name: &str, values: &[String]) -> String {
    let quoted: Vec<String> =
        values.iter().map(|value| format!("'{}'", value.replace('\'', "''"))).collect();
    let is_list = !name.ends_with("atientId") && !name.contains("Time");
    match dice.below(20) {
        0 => values.join(","),
        1 => format!("({})", values.join("','")),
        2 => format!("'{}'", values.join("'")),
        _ if is_list => format!("({})", quoted.join(",")),
        _ => quoted.join(","),
    }
}

fn slot(name: &str, values: &[String]) -> String {
    let values: String =
        values.iter().map(|value| format!("<rim:Value>{}</rim:Value>", escaped(value))).collect();
    format!("<rim:Slot name=\"${name}\"><rim:ValueList>{values}</rim:ValueList></rim:Slot>")
}

/// One parameter; how often it goes wrong is about one in six.
fn parameter(world: &World, dice: &mut Dice, name: &str) -> String {
    let count = if dice.one_in(4) { 1 + dice.below(4) } else { 1 };
    let value = |dice: &mut Dice| match dice.one_in(8) {
        true => any(world, dice),
        false => fitting(world, dice, name),
    };
    let values: Vec<String> = (0..count).map(|_| value(dice)).collect();
    let spelled = spelled(dice, name, &values);
    // A parameter of several Values, as some clients write lists.
    let values = match dice.one_in(10) {
        true => vec![spelled, format!("('{}')", any(world, dice).replace('\'', "''"))],
        false => vec![spelled],
    };
    slot(name, &values)
}

/// Header blocks that name somebody else: nothing of them opens anything.
fn headers(dice: &mut Dice) -> String {
    let other = patient_id(dice.word(&PATIENTS)).replace('&', "&amp;");
    match dice.below(4) {
        0 => format!("<x:Patient xmlns:x=\"urn:x\">{other}</x:Patient>"),
        1 => format!(
            "<x:Assertion xmlns:x=\"urn:oasis:names:tc:SAML:2.0:assertion\"><x:Attribute Name=\"urn:oasis:names:tc:xacml:2.0:resource:resource-id\"><x:AttributeValue>{other}</x:AttributeValue></x:Attribute></x:Assertion>"
        ),
        _ => String::new(),
    }
}

fn envelope(headers: &str, action: &str, body: &str) -> String {
    let action = format!("<wsa:Action s:mustUnderstand=\"1\">{action}</wsa:Action>");
    message::envelope_with(&format!("{action}{headers}"), body)
}

pub fn question(world: &World, dice: &mut Dice) -> Question {
    let (asker, _) = dice.of(&ASKERS);
    let acting_for = dice.one_in(20).then(|| dice.of(&ASKERS).0).filter(|other| other != asker);
    if dice.one_in(4) {
        return retrieval(world, dice, asker, acting_for);
    }
    let (id, parameters) = dice.of(&QUERIES);
    let mut body = String::new();
    let mut patient = None;
    for name in *parameters {
        let name = if dice.one_in(12) { dice.word(&OTHERS) } else { name };
        let written = parameter(world, dice, name);
        patient = patient.or_else(|| named(&written, parameters[0]));
        body.push_str(&written);
    }
    for _ in 0..dice.below(6).saturating_sub(2) {
        let name = dice.word(&OTHERS);
        body.push_str(&parameter(world, dice, name));
    }
    let return_type = if dice.one_in(3) { "ObjectRef" } else { "LeafClass" };
    let home = match dice.below(6) {
        0 => " home=\"urn:oid:1.2.826.0.1.99999.1\"",
        1 => " home=\"urn:oid:9.9.9\"",
        _ => "",
    };
    let body = format!(
        "<query:AdhocQueryRequest xmlns:query=\"urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0\" xmlns:rim=\"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0\"><query:ResponseOption returnComposedObjects=\"true\" returnType=\"{return_type}\"/><rim:AdhocQuery id=\"{id}\"{home}>{body}</rim:AdhocQuery></query:AdhocQueryRequest>"
    );
    let headers = headers(dice);
    let envelope = envelope(&headers, "urn:ihe:iti:2007:RegistryStoredQuery", &body);
    Question { asker, acting_for, retrieves: false, envelope, patient }
}

/// The patient of a well-formed parameter that is the query's own.
fn named(written: &str, own: &str) -> Option<String> {
    let is_own = own.ends_with("atientId") && written.contains(&format!("\"${own}\""));
    let mut numbers = PATIENTS.iter().filter(|number| written.contains(**number));
    let (first, second) = (numbers.next()?, numbers.next());
    (is_own && second.is_none()).then(|| (*first).to_owned())
}

fn retrieval(
    world: &World,
    dice: &mut Dice,
    asker: &'static str,
    acting_for: Option<&'static str>,
) -> Question {
    let count = 1 + dice.below(4);
    let mut requests = String::new();
    for _ in 0..count {
        let home = match dice.below(5) {
            0 => "<xds:HomeCommunityId>urn:oid:9.9.9</xds:HomeCommunityId>",
            _ => "",
        };
        let repository = match dice.below(6) {
            0 => any(world, dice),
            1 => "1.2.826.0.1.99999.40.2".to_owned(),
            _ => "1.2.826.0.1.99999.40.1".to_owned(),
        };
        let document = match dice.below(5) {
            0 => any(world, dice),
            _ => dice.of(&world.documents).unique_id.clone(),
        };
        requests.push_str(&format!(
            "<xds:DocumentRequest>{home}<xds:RepositoryUniqueId>{}</xds:RepositoryUniqueId><xds:DocumentUniqueId>{}</xds:DocumentUniqueId></xds:DocumentRequest>",
            escaped(&repository),
            escaped(&document)
        ));
    }
    let body = format!(
        "<xds:RetrieveDocumentSetRequest xmlns:xds=\"urn:ihe:iti:xds-b:2007\">{requests}</xds:RetrieveDocumentSetRequest>"
    );
    let headers = headers(dice);
    let envelope = envelope(&headers, "urn:ihe:iti:2007:RetrieveDocumentSet", &body);
    Question { asker, acting_for, retrieves: true, envelope, patient: None }
}
