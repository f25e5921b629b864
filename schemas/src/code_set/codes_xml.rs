//! `codes.xml` of the NIST and Gazelle test beds: an affinity domain's code sets as others write
//! them, so that a test bed and this hub can use one file.

use super::{
    ATTRIBUTES, AttributeCodes, CodeSets, CodeSystem, CodedValue, MIME_TYPE, MimeTypes, Mode,
};
use crate::xml::{Document, Element, Limits, XmlError};

/// The largest `codes.xml` that is read, in bytes; those of test beds have a few hundred kilobytes.
pub const BYTES_MAX: usize = 16 * 1024 * 1024;
const CODES_MAX: usize = 50_000;

#[derive(Debug, thiserror::Error)]
pub enum CodesXmlError {
    #[error("the file has more than {BYTES_MAX} bytes")]
    TooLarge,
    #[error(transparent)]
    Xml(#[from] XmlError),
    #[error("the root element is {0}, not Codes")]
    Root(String),
    #[error("there are more than {CODES_MAX} codes")]
    TooMany,
    #[error("CodeType {0:?} has a Code without its attribute {1}")]
    Attribute(String, &'static str),
    #[error("no CodeType is one of the affinity domain's attributes ({})", ATTRIBUTES.join(", "))]
    Empty,
}

/// What was read, and what in the file means nothing here.
#[derive(Debug)]
pub struct Imported {
    pub code_sets: CodeSets,
    pub ignored: Vec<String>,
}

impl CodeSets {
    /// Reads `codes.xml`. Its codes take the place of `self`'s, each attribute strict; the domain
    /// of patients, the document types and known code systems stay `self`'s. An attribute that the
    /// file does not have is not checked.
    pub fn with_codes_xml(&self, text: &str, version: &str) -> Result<Imported, CodesXmlError> {
        if text.len() > BYTES_MAX {
            return Err(CodesXmlError::TooLarge);
        }
        let limits = Limits { depth: 8, ..Limits::default() };
        let document = Document::parse(text, &limits)?;
        let root = document.root();
        if root.local() != "Codes" {
            return Err(CodesXmlError::Root(root.local().to_owned()));
        }
        let mut imported = Imported {
            code_sets: Self {
                version: version.to_owned(),
                attribute: std::collections::BTreeMap::new(),
                mime_type: MimeTypes { mode: Mode::Off, codes: Vec::new() },
                ..self.clone()
            },
            ignored: Vec::new(),
        };
        let mut left = CODES_MAX;
        for element in root.children() {
            imported.element(&element, &mut left)?;
        }
        let sets = &imported.code_sets;
        if sets.attribute.is_empty() && sets.mime_type.codes.is_empty() {
            return Err(CodesXmlError::Empty);
        }
        Ok(imported)
    }
}

impl Imported {
    fn element(&mut self, element: &Element<'_>, left: &mut usize) -> Result<(), CodesXmlError> {
        let name = element.attr("name").unwrap_or_default();
        if element.local() != "CodeType" {
            let id = element.attr("id").map(|id| format!(" {id}")).unwrap_or_default();
            self.ignored.push(format!("{}{id}", element.local()));
            return Ok(());
        }
        let codes: Vec<_> = element.children().filter(|child| child.local() == "Code").collect();
        *left = left.checked_sub(codes.len()).ok_or(CodesXmlError::TooMany)?;
        let needed = |code: &Element<'_>, attribute: &'static str| {
            let missing = || CodesXmlError::Attribute(name.to_owned(), attribute);
            code.attr(attribute).map(str::to_owned).ok_or_else(missing)
        };
        if name == MIME_TYPE {
            self.code_sets.mime_type.mode = Mode::Strict;
            for code in codes {
                let mime_type = needed(&code, "code")?.to_ascii_lowercase();
                self.code_sets.mime_type.codes.push(mime_type);
            }
            return Ok(());
        }
        if !ATTRIBUTES.contains(&name) {
            self.ignored.push(format!("CodeType {name:?}"));
            return Ok(());
        }
        let mut read = Vec::new();
        for code in codes {
            let value = CodedValue {
                code: needed(&code, "code")?,
                scheme: needed(&code, "codingScheme")?,
                display: code.attr("display").unwrap_or_default().to_owned(),
                until: None,
            };
            self.system(&value.scheme, code.attr("system"));
            read.push(value);
        }
        let attribute: &mut AttributeCodes =
            self.code_sets.attribute.entry(name.to_owned()).or_default();
        attribute.codes.extend(read);
        Ok(())
    }

    /// A code system that the file gives a FHIR address, where it is not known yet.
    fn system(&mut self, scheme: &str, fhir: Option<&str>) {
        let known = |system: &CodeSystem| {
            system.oid == scheme || system.aliases.iter().any(|alias| alias == scheme)
        };
        let Some(fhir) = fhir.filter(|_| !self.code_sets.system.iter().any(known)) else { return };
        self.code_sets.system.push(CodeSystem {
            oid: scheme.to_owned(),
            name: fhir.to_owned(),
            fhir: Some(fhir.to_owned()),
            aliases: Vec::new(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn native() -> CodeSets {
        let confidentiality = CodeSystem {
            oid: "2.16.840.1.113883.5.25".to_owned(),
            name: "HL7 Confidentiality".to_owned(),
            fhir: None,
            aliases: Vec::new(),
        };
        CodeSets {
            version: "1".to_owned(),
            domain: "2.16.840.1.113883.2.1.4.1".to_owned(),
            default_type: None,
            system: vec![confidentiality],
            attribute: [("classCode".to_owned(), AttributeCodes::default())].into(),
            mime_type: MimeTypes::default(),
            mapping: Default::default(),
            document_type: Vec::new(),
        }
    }

    fn read(inside: &str) -> Result<Imported, CodesXmlError> {
        native().with_codes_xml(&format!("<Codes>{inside}</Codes>"), "codes.xml")
    }

    const NORMAL: &str = "<CodeType name='confidentialityCode' classScheme='urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f'><Code code='N' display='normal' codingScheme='2.16.840.1.113883.5.25' system='urn:x'/><Code code='U' codingScheme='9.9' system='urn:y'/></CodeType>";

    #[test]
    fn the_codes_of_the_file_take_the_place_of_our_own() {
        let more = "<CodeType name='mimeType'><Code code='Application/PDF' ext='pdf'/></CodeType><AssigningAuthority id='&amp;1.3.6.1&amp;ISO'/><CodeType name='sopClass'><Code code='1'/></CodeType>";
        let Imported { code_sets, ignored } = read(&format!("{NORMAL}{more}")).unwrap();
        assert_eq!(code_sets.attribute.keys().collect::<Vec<_>>(), ["confidentialityCode"]);
        let codes = &code_sets.attribute["confidentialityCode"];
        assert_eq!((codes.mode, codes.codes.len()), (Mode::Strict, 2));
        assert_eq!(code_sets.mime_type.codes, ["application/pdf"]);
        assert_eq!(code_sets.version, "codes.xml");
        assert_eq!(code_sets.domain, native().domain);
        let of = |oid: &str| code_sets.system.iter().find(|s| s.oid == oid).unwrap().fhir.clone();
        assert_eq!(of("9.9").as_deref(), Some("urn:y"));
        assert_eq!(of("2.16.840.1.113883.5.25"), None, "the hub knows that one already");
        assert_eq!(ignored, ["AssigningAuthority &1.3.6.1&ISO", "CodeType \"sopClass\""]);
    }

    #[test]
    fn a_file_that_is_no_codes_xml_is_refused_with_its_reason() {
        let sets = native();
        for (text, reason) in [
            ("<Other/>", "the root element is Other"),
            ("<Codes/>", "no CodeType"),
            ("<!DOCTYPE Codes [<!ENTITY a 'b'>]><Codes>&a;</Codes>", "document type declaration"),
            (
                "<Codes><CodeType name='classCode'><Code code='1'/></CodeType></Codes>",
                "codingScheme",
            ),
            ("<Codes><CodeType name='mimeType'><Code/></CodeType></Codes>", "attribute code"),
            ("<Codes><a><a><a><a><a><a><a><a/></a></a></a></a></a></a></a></Codes>", "depth"),
        ] {
            let error = sets.with_codes_xml(text, "x").unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn a_file_of_too_many_codes_is_refused() {
        let codes = "<Code code='1' codingScheme='2'/>".repeat(CODES_MAX + 1);
        let error = read(&format!("<CodeType name='classCode'>{codes}</CodeType>")).unwrap_err();
        assert!(matches!(error, CodesXmlError::TooMany));
        let long = " ".repeat(BYTES_MAX);
        assert!(matches!(read(&long), Err(CodesXmlError::TooLarge)));
    }
}
