//! The same document gives the same entry, whatever road it comes by: byte for byte where it must.
//!
//! Each road leads into a hub of its own with the same clock, and the entries are compared as the
//! registry gives them, whole. What differs, and why:
//!
//! * identifiers of objects (entryUUID and those of its classifications): the registry draws them;
//! * by ITK, eventCodeList has the interaction and formatCode the manifest's profile: only an envelope
//!   says either.

use super::*;
use base64::Engine;
use flate2::Compression;
use flate2::write::GzEncoder;
use hub::client::publish::Publisher;
use hub::serve::Role;
use schemas::described::Description;
use schemas::nhs_number::NhsNumber;
use std::io::Write;
use tests::message::{Itk, scheme};

const DOCUMENT: &str = "3F2504E0-4F89-41D3-9A0C-0305E82C3301";

/// What leads into a hub that watches a folder of the trust.
struct Road {
    hub: TestHub,
    folder: tempfile::TempDir,
}

impl Road {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let hub = TestHub::with(|options| watch(options, folder.path(), "RXN"));
        Self { hub, folder }
    }

    fn itk(&self, payload: String, attributes: &str) {
        let itk = Itk::discharge(PATIENT, DOCUMENT);
        let manifest_attributes =
            itk.manifest_attributes.replace("base64=\"false\" compressed=\"false\"", attributes);
        let message = Itk { payload, manifest_attributes, ..itk }.message();
        let request = self.hub.request("RXN", self.hub.itk_url()).content_type("text/xml");
        let answer = request.post(message);
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    fn publish(&self, name: &str, bytes: &[u8], described: Option<&Description>) {
        let publisher = Publisher::new(&self.hub.target("RXN")).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let published = runtime.block_on(publisher.publish(name, bytes.to_vec(), described));
        assert_eq!(published.status, "published", "{:?}", published.errors);
    }

    /// ITI-41 with the document inline, the metadata as `watling publish` puts them together.
    fn inline(&self, bytes: &[u8]) {
        use schemas::submission::assemble::{Part, SOURCE_BRANCH, SetParts, assemble};
        let config = hub::config::HubSection::default();
        let code_sets = hub::fixtures::code_sets().unwrap();
        let publisher = schemas::ods_code::OdsCode::parse("RXN").unwrap();
        let header =
            schemas::cda::CdaHeader::read(bytes, &schemas::xml::Limits::default()).unwrap();
        let context = schemas::cda::MappingContext {
            code_sets: &code_sets,
            oid_root: &config.oid_root,
            publisher: &publisher,
            profile_id: None,
            interaction: None,
            mime_type: "text/xml",
        };
        let entry = schemas::cda::map(&header, &context).unwrap().entry;
        let set = SetParts {
            unique_id: schemas::oid::Oid::parse("1.2.826.0.1.99999.30.77").unwrap(),
            source_id: publisher.oid_under(&config.oid_root, SOURCE_BRANCH),
            submission_time: self.hub.clock().dtm(),
            author: Vec::new(),
            intended_recipient: Vec::new(),
            title: None,
            content_type_code: entry.class_code.clone(),
            patient_id: entry.patient_id.clone(),
        };
        let metadata = assemble(set, vec![Part::New(Box::new(entry))]).write();
        let body = format!(
            "<xds:ProvideAndRegisterDocumentSetRequest xmlns:xds=\"urn:ihe:iti:xds-b:2007\">{metadata}<xds:Document id=\"Document01\">{}</xds:Document></xds:ProvideAndRegisterDocumentSetRequest>",
            base64(bytes)
        );
        let action = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b";
        let url = self.hub.url(Role::Repository);
        let answer = self.hub.request("RXN", url).soap(&message::envelope(action, &body));
        assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    }

    fn drop(&self, name: &str, bytes: &[u8]) {
        let (unfinished, receipt) = (format!("{name}.part"), format!("sent/{name}.receipt.json"));
        std::fs::write(self.folder.path().join(&unfinished), bytes).unwrap();
        std::fs::rename(self.folder.path().join(unfinished), self.folder.path().join(name))
            .unwrap();
        if !name.ends_with(".toml") {
            eventually(name, || self.folder.path().join(&receipt).exists());
        }
    }

    fn upload(&self, fields: &[(&str, &str)], name: &str, bytes: &[u8]) {
        let (content_type, body) = super::upload::form(fields, name, bytes);
        let request = self.hub.request("RXN", self.hub.door("upload"));
        let answer = request.content_type(&content_type).post(body);
        assert_eq!(answer.status, 201, "{}", answer.text());
    }

    /// The entry as the registry has it, objects by their order instead of their identifiers.
    fn entry(&self) -> String {
        let found = entries(&self.hub, PATIENT).text();
        assert_eq!(found.matches("<rim:ExtrinsicObject").count(), 1, "{found}");
        let start = found.find("<rim:ExtrinsicObject").unwrap();
        let end = found.find("</rim:ExtrinsicObject>").unwrap();
        let mut entry = found[start..end].to_owned();
        let own: Vec<String> = identifiers(&entry);
        for (n, id) in own.iter().enumerate() {
            entry = entry.replace(id.as_str(), &format!("object-{n}"));
        }
        entry
    }

    /// What a reader gets.
    fn bytes(&self) -> Vec<u8> {
        let entry = self.entry();
        let unique_id = entry.split("XDSDocumentEntry.uniqueId").next().unwrap();
        let unique_id =
            unique_id.rsplit("value=\"").find(|part| part.starts_with("2.25.")).unwrap();
        let unique_id = unique_id.split('"').next().unwrap();
        let connection = self.hub.target("ZZP01").connect("gateway").unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let fetched = runtime.block_on(hub::client::get::get(&connection, unique_id));
        let copy = self.folder.path().join(".copy");
        fetched.expect("the practice reads it").write_to(&copy).unwrap();
        std::fs::read(copy).unwrap()
    }
}

/// Identifiers of the entry and of its parts.
fn identifiers(entry: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in entry.split(" id=\"").skip(1) {
        let id = part.split('"').next().unwrap_or_default().to_owned();
        if id.starts_with("urn:uuid:") && !found.contains(&id) {
            found.push(id);
        }
    }
    found
}

/// Without the classifications of a scheme.
fn without(entry: &str, schemes: &[&str]) -> String {
    let mut out = String::new();
    let mut rest = entry;
    while let Some(at) = rest.find("<rim:Classification ") {
        let end = rest[at..].find("</rim:Classification>").unwrap() + "</rim:Classification>".len();
        let classification = &rest[at..at + end];
        out.push_str(&rest[..at]);
        if !schemes.iter().any(|scheme| classification.contains(scheme)) {
            let id = classification.split(" id=\"").nth(1).and_then(|rest| rest.split('"').next());
            out.push_str(&classification.replace(id.unwrap_or_default(), "classification"));
        }
        rest = &rest[at + end..];
    }
    out + rest
}

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

type Way<'a> = (&'a str, Box<dyn Fn(&Road) + 'a>);

#[test]
fn a_cda_gives_the_same_entry_and_bytes_by_every_road() {
    let cda = message::cda(PATIENT, DOCUMENT);
    let bytes = cda.as_bytes();
    let plain = "base64=\"false\" compressed=\"false\"";
    let ways: Vec<Way<'_>> = vec![
        ("publish, ITI-41 with MTOM", Box::new(|road| road.publish("d.xml", bytes, None))),
        ("ITI-41 inline", Box::new(|road| road.inline(bytes))),
        ("folder", Box::new(|road| road.drop("d.xml", bytes))),
        ("upload", Box::new(|road| road.upload(&[], "d.xml", bytes))),
        ("ITK", Box::new(|road| road.itk(cda.clone(), plain))),
        (
            "ITK, base64",
            Box::new(|road| road.itk(base64(bytes), "base64=\"true\" compressed=\"false\"")),
        ),
        (
            "ITK, gzip",
            Box::new(|road| road.itk(base64(&gzip(bytes)), "base64=\"true\" compressed=\"true\"")),
        ),
    ];
    let of_envelopes = [scheme::EVENT_CODE_LIST, scheme::FORMAT_CODE];
    let mut first: Option<(String, String)> = None;
    for (name, send) in ways {
        let road = Road::new();
        send(&road);
        assert_eq!(road.bytes(), bytes, "{name}: byte for byte");
        let whole = without(&road.entry(), &[]);
        let common = without(&road.entry(), &of_envelopes);
        let (first_whole, first_common) =
            first.get_or_insert_with(|| (whole.clone(), common.clone()));
        assert_eq!(*first_common, common, "{name}");
        if name.starts_with("ITK") {
            assert!(whole.contains("primaryRecipientDischargeReport-v1-0"), "{name}: {whole}");
        } else {
            assert_eq!(*first_whole, whole, "{name}: nothing differs at all");
        }
    }
}

#[test]
fn a_described_document_gives_the_same_entry_and_bytes_by_every_road() {
    let described = Description {
        family_name: Some("SYNTHETIC".to_owned()),
        given_name: Some("Testina".to_owned()),
        birth_date: jiff::civil::Date::new(1948, 3, 9).ok(),
        title: Some("Day therapy".to_owned()),
        event: schemas::dtm::Dtm::parse("202607140930").ok(),
        written: schemas::dtm::Dtm::parse("20260714").ok(),
        ..Description::new("outpatient-letter", NhsNumber::parse(PATIENT).unwrap())
    };
    let text = format!("{DESCRIPTION}written = \"2026-07-14\"\n");
    let table: toml::Table = text.parse().unwrap();
    let fields: Vec<(&str, &str)> =
        table.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    let ways: Vec<Way<'_>> = vec![
        ("publish", Box::new(|road| road.publish("l.pdf", PDF, Some(&described)))),
        (
            "folder",
            Box::new(|road| {
                road.drop("l.toml", text.as_bytes());
                road.drop("l.pdf", PDF);
            }),
        ),
        ("upload", Box::new(|road| road.upload(&fields, "letter.pdf", PDF))),
    ];
    let mut first: Option<String> = None;
    for (name, send) in ways {
        let road = Road::new();
        send(&road);
        assert_eq!(road.bytes(), PDF, "{name}: byte for byte");
        let entry = without(&road.entry(), &[]);
        assert_eq!(*first.get_or_insert_with(|| entry.clone()), entry, "{name}");
    }
}

#[test]
fn a_declaration_before_the_document_stays_wherever_bytes_are_sent_as_they_are() {
    let file = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n",
        message::cda(PATIENT, DOCUMENT)
    );
    let bytes = file.as_bytes();
    let ways: Vec<Way<'_>> = vec![
        ("publish", Box::new(|road| road.publish("d.xml", bytes, None))),
        ("folder", Box::new(|road| road.drop("d.xml", bytes))),
        ("upload", Box::new(|road| road.upload(&[], "d.xml", bytes))),
        (
            "ITK, base64",
            Box::new(|road| road.itk(base64(bytes), "base64=\"true\" compressed=\"false\"")),
        ),
    ];
    for (name, send) in ways {
        let road = Road::new();
        send(&road);
        assert_eq!(road.bytes(), bytes, "{name}");
    }
    // Inside an envelope there is no place for it: the element's octets are the document.
    let road = Road::new();
    road.itk(message::cda(PATIENT, DOCUMENT), "base64=\"false\" compressed=\"false\"");
    assert_eq!(road.bytes(), message::cda(PATIENT, DOCUMENT).as_bytes());
}
