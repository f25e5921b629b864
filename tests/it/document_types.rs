//! Document types: a synthetic document of each travels by ITK, becomes the entry that the table says,
//! and is found by its readers.

mod by_configuration;
mod care_act;
mod check;
mod publish;
mod schema;
mod travels;

use hub::serve::Role;
use serde::Deserialize;
use tests::message::{self, Itk};
use tests::{Answer, TestHub};

const SNOMED: &str = "2.16.840.1.113883.6.96";

/// One document type, its synthetic document and the entry that comes of it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// Name of the document type, and of the file without its ending.
    file: String,
    publisher: String,
    patient: String,
    /// An organisation that may read it.
    reader: String,
    /// Of the manifest.
    profile: String,
    #[serde(default)]
    interaction: String,
    #[serde(rename = "type")]
    type_code: String,
    /// Other codes by which it is found.
    also: Vec<String>,
    class: String,
    setting: String,
    facility: String,
    format: String,
    /// `code^^scheme`, in order.
    events: Vec<String>,
    title: String,
    creation: String,
    #[serde(default)]
    start: String,
    #[serde(default)]
    stop: String,
    #[serde(default = "normal")]
    confidentiality: String,
}

fn normal() -> String {
    "N".to_owned()
}

#[derive(Deserialize)]
struct Table {
    row: Vec<Row>,
}

fn table() -> Vec<Row> {
    let table: Table = toml::from_str(include_str!("document_types/table.toml")).unwrap();
    table.row
}

fn row(file: &str) -> Row {
    table().into_iter().find(|row| row.file == file).unwrap()
}

/// A document of `fixtures/documents`.
fn document(file: &str) -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let path = root.join("fixtures").join("documents").join(format!("{file}.xml"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The ITK message that carries a document of a row.
fn message_of(row: &Row, document: &str) -> String {
    let inline = document.split_once("?>").map_or(document, |(_, rest)| rest).trim();
    let itk = Itk {
        identity: format!("urn:nhs-uk:identity:ods:{}", row.publisher),
        interaction: row.interaction.clone(),
        manifest_attributes: format!(
            "mimetype=\"text/xml\" profileid=\"{}\" base64=\"false\" compressed=\"false\" encrypted=\"false\"",
            row.profile
        ),
        payload: inline.to_owned(),
        ..Itk::discharge(&row.patient, "3F2504E0-4F89-41D3-9A0C-0305E82C3301")
    };
    let own = format!("senderAddress uri=\"urn:nhs-uk:addressing:ods:{}\"", row.publisher);
    let mut sent = itk.message();
    if row.interaction.is_empty() {
        let none = between(
            &sent,
            "senderAddress uri=\"urn:nhs-uk:addressing:ods:RXN\"/>",
            "</itk:header>",
        );
        assert!(none.starts_with("<itk:handlingSpecification>"), "{none}");
        sent = sent.replace(&none.to_owned(), "");
    }
    sent.replace("senderAddress uri=\"urn:nhs-uk:addressing:ods:RXN\"", &own)
}

/// Sends a document by ITK as its publisher; it must be accepted.
fn send(hub: &TestHub, row: &Row, document: &str) -> Answer {
    let request =
        hub.request(&row.publisher, hub.itk_url()).content_type("text/xml; charset=UTF-8");
    let answer = request.post(message_of(row, document));
    assert!(answer.status == 200 && answer.contains("OK:"), "{}: {}", row.file, answer.text());
    answer
}

/// What a reader finds of a patient.
fn find(hub: &TestHub, reader: &str, patient: &str, more: &str) -> Answer {
    let query = message::find_documents(patient, "LeafClass", more);
    let found = hub.request(reader, hub.url(Role::Gateway)).soap(&query);
    assert_eq!(found.xds_status(), "Success", "{}", found.text());
    found
}

/// The entries of an answer whose title is this one, as XML.
fn entries(found: &Answer, title: &str) -> Vec<String> {
    let text = found.plain();
    let objects = text
        .split("<rim:ExtrinsicObject")
        .skip(1)
        .map(|rest| rest.split("</rim:ExtrinsicObject>").next().unwrap_or_default().to_owned());
    let titled = |entry: &String| {
        let head = entry.split("<rim:Classification").next().unwrap_or_default();
        head.contains(&format!("value=\"{title}\""))
    };
    objects.filter(titled).collect()
}

fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let rest = text.split_once(from).map_or("", |(_, rest)| rest);
    rest.split(to).next().unwrap_or_default()
}

/// The values of an entry's slot.
fn slot_values(entry: &str, name: &str) -> Vec<String> {
    let slot = between(entry, &format!("<rim:Slot name=\"{name}\">"), "</rim:Slot>");
    let values = slot.split("<rim:Value>").skip(1);
    values.map(|value| value.split('<').next().unwrap_or_default().to_owned()).collect()
}

/// The codes of an entry's classification, `code^^scheme`.
fn codes(entry: &str, scheme: &str) -> Vec<String> {
    let all = entry.split("<rim:Classification ").skip(1);
    let all = all.filter(|c| c.contains(&format!("classificationScheme=\"{scheme}\"")));
    let code = |c: &str| {
        let code = between(c, "nodeRepresentation=\"", "\"");
        format!("{code}^^{}", between(c, "<rim:Value>", "</rim:Value>"))
    };
    all.map(code).collect()
}
