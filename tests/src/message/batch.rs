//! Submissions of many documents (ITI-42), all in one Folder of their patient.

use super::{Provide, scheme};
use schemas::metadata::ids::folder;
use std::ops::Range;
use uuid::Uuid;

/// One patient's documents, by number. Ids are the same in every run.
#[derive(Clone, Copy, Debug)]
pub struct Numbered {
    pub nhs_number: &'static str,
}

/// Kinds of objects in their UUIDs.
#[derive(Clone, Copy)]
pub enum Kind {
    Entry = 1,
    Folder = 2,
    /// SubmissionSet to document.
    Submitted = 3,
    /// Folder to document.
    Filed = 4,
    /// SubmissionSet to the membership in the Folder.
    FiledBy = 5,
}

/// A document among this many is a discharge summary with an event of its own.
pub const RARE: u64 = 100;

impl Numbered {
    pub fn id(self, kind: Kind, n: u64) -> String {
        let patient: u128 = self.nhs_number.parse().expect("a number");
        let id = (patient << 64) | ((kind as u128) << 60) | u128::from(n);
        format!("urn:uuid:{}", Uuid::from_u128(id))
    }

    pub fn unique_id(self, n: u64) -> String {
        format!("1.2.826.0.1.99999.21.{}.{n}", self.nhs_number)
    }

    fn letter(self, n: u64) -> Provide {
        let snomed = "2.16.840.1.113883.6.96";
        let rare = n % RARE == 7;
        let (kind, class) = match rare {
            true => ("373942005", "422735006"),
            false => ("823681000000100", "823651000000106"),
        };
        let created = format!("{}{:02}{:02}", 2016 + n % 10, 1 + n / 10 % 12, 1 + n / 120 % 28);
        let reference =
            format!("REF{n}^^^&amp;1.2.826.0.1.99999.90.1&amp;ISO^urn:ihe:iti:xds:2013:order");
        let event = if rare { "792871000000101" } else { "11429006" };
        Provide { unique_id: self.unique_id(n), ..Provide::letter(0) }
            .patient(self.nhs_number)
            .code(scheme::TYPE_CODE, kind, snomed)
            .code(scheme::CLASS_CODE, class, snomed)
            .code(scheme::EVENT_CODE_LIST, event, snomed)
            .slot("creationTime", &[&created])
            .slot("urn:ihe:iti:xds:2013:referenceIdList", &[&reference])
    }

    /// As the repository registers it: complete, and stamped with its publisher.
    fn stored(self, n: u64) -> Provide {
        self.letter(n)
            .slot("hash", &["da39a3ee5e6b4b0d3255bfef95601890afd80709"])
            .slot("size", &["1000"])
            .slot("repositoryUniqueId", &["1.2.826.0.1.99999.40.1"])
            .slot("urn:watling:publisherOds", &["RXN"])
    }

    fn entry(self, n: u64, letter: &Provide) -> String {
        let id = self.id(Kind::Entry, n);
        let text = letter.metadata();
        let author = format!(
            "<rim:Classification id=\"author-{n}\" classificationScheme=\"{}\" classifiedObject=\"{id}\" nodeRepresentation=\"\"><rim:Slot name=\"authorPerson\"><rim:ValueList><rim:Value>9{n}^Smith{}^Anna^^^Dr</rim:Value></rim:ValueList></rim:Slot></rim:Classification><rim:ExternalIdentifier ",
            scheme::AUTHOR,
            n % (10 * RARE)
        );
        let entry = between(&text, "<rim:ExtrinsicObject", "</rim:ExtrinsicObject>");
        let named =
            entry.replace("Document01-urn:uuid:", &format!("{n}-")).replace("Document01", &id);
        named.replacen("<rim:ExternalIdentifier ", &author, 1)
    }

    fn folder(self) -> String {
        let id = self.id(Kind::Folder, 0);
        let patient = &self.letter(0).patient;
        let identifier = |scheme: &str, name: &str, value: &str| {
            format!(
                "<rim:ExternalIdentifier id=\"{id}-{name}\" registryObject=\"{id}\" identificationScheme=\"{scheme}\" value=\"{value}\"><rim:Name><rim:LocalizedString value=\"XDSFolder.{name}\"/></rim:Name></rim:ExternalIdentifier>"
            )
        };
        let code = Provide::classification(
            &id,
            folder::CODE_LIST,
            "422735006",
            "2.16.840.1.113883.6.96",
            "Summary",
        );
        format!(
            "<rim:RegistryPackage id=\"{id}\"><rim:Name><rim:LocalizedString value=\"All letters\"/></rim:Name>{code}<rim:Classification id=\"folder-marker\" classifiedObject=\"{id}\" classificationNode=\"{}\"/>{}{}</rim:RegistryPackage>",
            folder::MARKER,
            identifier(folder::PATIENT_ID, "patientId", patient),
            identifier(folder::UNIQUE_ID, "uniqueId", &format!("{}.1", self.unique_id(0))),
        )
    }

    /// Document `n` as a member of the Folder, with the SubmissionSet's hold on that membership.
    pub fn filed(self, n: u64) -> String {
        let (filed, entry) = (self.id(Kind::Filed, n), self.id(Kind::Entry, n));
        association(&filed, "HasMember", &self.id(Kind::Folder, 0), &entry, "")
            + &association(&self.id(Kind::FiledBy, n), "HasMember", "SubmissionSet01", &filed, "")
    }

    /// `lcm:RemoveObjectsRequest`: a document with its memberships, the Folder and the rest stay.
    pub fn removal(self, n: u64) -> String {
        let kinds = [Kind::Entry, Kind::Submitted, Kind::Filed, Kind::FiledBy];
        let ids = kinds.map(|kind| format!("<rim:ObjectRef id=\"{}\"/>", self.id(kind, n)));
        format!(
            "<lcm:RemoveObjectsRequest xmlns:lcm=\"urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0\" xmlns:rim=\"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0\"><rim:ObjectRefList>{}</rim:ObjectRefList></lcm:RemoveObjectsRequest>",
            ids.concat()
        )
    }

    /// Document `n`, brought by the SubmissionSet.
    pub fn brought(self, n: u64) -> String {
        let (id, entry) = (self.id(Kind::Submitted, n), self.id(Kind::Entry, n));
        self.entry(n, &self.stored(n))
            + &association(&id, "HasMember", "SubmissionSet01", &entry, "Original")
    }

    /// Document `n` as a publisher provides it.
    pub fn provided(self, n: u64) -> String {
        let entry = self.id(Kind::Entry, n);
        self.entry(n, &self.letter(n))
            + &association(&format!("as{n}"), "HasMember", "SubmissionSet01", &entry, "Original")
    }

    /// `lcm:SubmitObjectsRequest` as a publisher sends it: SubmissionSet number `set` with these
    /// objects.
    pub fn provision(self, set: u64, objects: &str) -> String {
        let unique_id = format!("1.2.826.0.1.99999.31.{}.{set}", self.nhs_number);
        let text = Provide { set_unique_id: unique_id, ..self.letter(0) }.metadata();
        let package = between(&text, "<rim:RegistryPackage", "</rim:RegistryPackage>");
        let (start, _) = text.split_once("<rim:ExtrinsicObject").expect("metadata");
        format!("{start}{package}{objects}</rim:RegistryObjectList></lcm:SubmitObjectsRequest>")
    }

    /// The same as the repository sends it, stamped.
    pub fn submission(self, set: u64, objects: &str) -> String {
        let stamp = super::slot("urn:watling:publisherOds", "RXN");
        let time = "<rim:Slot name=\"submissionTime\">";
        self.provision(set, objects).replacen(time, &(stamp + time), 1)
    }

    /// The first SubmissionSet makes the Folder; the documents of each are in it.
    pub fn batch(self, set: u64, documents: Range<u64>) -> String {
        let mut objects = String::new();
        if set == 0 {
            let id = self.id(Kind::Submitted, u64::from(u32::MAX));
            objects += &self.folder();
            objects +=
                &association(&id, "HasMember", "SubmissionSet01", &self.id(Kind::Folder, 0), "");
        }
        for n in documents {
            objects += &(self.brought(n) + &self.filed(n));
        }
        self.submission(set, &objects)
    }
}

/// The first element of the text that begins and ends so.
fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let from = text.find(start).expect("it begins");
    let to = from + text[from..].find(end).expect("it ends") + end.len();
    &text[from..to]
}

/// An Association of a type of the standard or of IHE; `status` is the SubmissionSetStatus.
pub fn association(id: &str, kind: &str, source: &str, target: &str, status: &str) -> String {
    let family = match kind {
        "HasMember" => "urn:oasis:names:tc:ebxml-regrep:AssociationType",
        _ => "urn:ihe:iti:2007:AssociationType",
    };
    let status = match status {
        "" => String::new(),
        status => super::slot("SubmissionSetStatus", status),
    };
    format!(
        "<rim:Association id=\"{id}\" associationType=\"{family}:{kind}\" sourceObject=\"{source}\" targetObject=\"{target}\">{status}</rim:Association>"
    )
}
