//! What real senders get wrong: accepted with a warning where the meaning is safe, in silence where
//! nothing is lost, and refused where it is not.

use super::super::super::{CdaError, CdaHeader, Remedy, attachments};
use super::*;
use crate::xml::XmlError;

type Change = fn(String) -> String;

fn moved(document: String, name: &str, before: &str) -> String {
    let start = document.find(&format!("<{name}")).unwrap();
    let close = format!("</{name}>");
    let rest = &document[start..];
    let short = rest.find("/>").filter(|end| *end < rest.find('>').unwrap());
    let end = start + short.map_or_else(|| rest.find(&close).unwrap() + close.len(), |end| end + 2);
    let element = document[start..end].to_owned();
    let document = format!("{}{}", &document[..start], &document[end..]);
    document.replacen(before, &format!("{element}{before}"), 1)
}

/// Each deviation, what it is warned of, and whether the entry is the same as without it.
const DEVIATIONS: [(&str, Change, Option<CdaWarning>, bool); 22] = [
    (
        "header children out of order",
        |d| moved(d, "title", "<recordTarget"),
        Some(CdaWarning::HeaderOrder),
        true,
    ),
    (
        "custodian before author",
        |d| moved(d, "custodian", "<author"),
        Some(CdaWarning::HeaderOrder),
        true,
    ),
    (
        "several templateIds",
        |d| {
            d.replacen(
                "<patientRole classCode=\"PAT\">",
                "<patientRole><templateId root=\"1\"/><templateId root=\"2\"/>",
                1,
            )
        },
        Some(CdaWarning::SeveralTemplateIds),
        true,
    ),
    (
        "empty attribute",
        |d| d.replacen("displayName=\"very restricted\"", "displayName=\"\"", 1),
        Some(CdaWarning::EmptyAttribute),
        true,
    ),
    (
        "no npfitlc:contentId or recipientRoleCode",
        |d| {
            d.replace("<n:recipientRoleCode code=\"NR0260\" codeSystem=\"2.16.840.1.113883.2.1.3.2.4.17.124\"/>", "")
        },
        None,
        true,
    ),
    (
        "typeId missing",
        |d| d.replace("<typeId root=\"2.16.840.1.113883.1.3\" extension=\"POCD_HD000040\"/>", ""),
        None,
        true,
    ),
    (
        "lower-case UUIDs",
        |d| {
            d.replace(
                "5C0B1A52-3D44-4D0F-9E0B-8F2E4B7A1C01",
                "5c0b1a52-3d44-4d0f-9e0b-8f2e4b7a1c01",
            )
        },
        None,
        false,
    ),
    ("lower-case setId", |d| d.replace(sample::SET, &sample::SET.to_lowercase()), None, true),
    (
        "code without displayName",
        |d| d.replace(" displayName=\"Discharge from Inpatient Care\"", ""),
        None,
        true,
    ),
    (
        "displayName in another case",
        |d| d.replace("very restricted", "Very Restricted"),
        None,
        true,
    ),
    (
        "mediaType on the title",
        |d| d.replace("<title>", "<title mediaType=\"text/plain\">"),
        None,
        true,
    ),
    (
        "white space around values",
        |d| d.replace("\"20260714153000+01\"", "\" 20260714153000+01 \""),
        None,
        true,
    ),
    (
        "prefixes declared again",
        |d| {
            d.replacen(
                "<recordTarget ",
                "<recordTarget xmlns:n=\"NPFIT:HL7:Localisation\" xmlns:x=\"urn:hl7-org:v3\" ",
                1,
            )
        },
        None,
        true,
    ),
    (
        "HL7 by a prefix of its own",
        |d| {
            let d = d.replace("<n:", "\u{1}").replace("</", "\u{2}").replace('<', "<h:");
            d.replace('\u{1}', "<n:").replace('\u{2}', "</h:").replace("xmlns=", "xmlns:h=")
        },
        None,
        true,
    ),
    (
        "unknown elements",
        |d| d.replace("<custodian", "<x:y xmlns:x=\"urn:x\"><x:z/></x:y><custodian"),
        None,
        true,
    ),
    (
        "attributes of types",
        |d| {
            d.replace("<birthTime ", "<birthTime xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"TS\" ")
        },
        None,
        true,
    ),
    (
        "ids that occur twice",
        |d| {
            d.replace("8D7E9C77-5E4B-4B0E-8E3A-2C5C7E9B6D21\"/>", "8D7E9C77-5E4B-4B0E-8E3A-2C5C7E9B6D21\"/><id root=\"8D7E9C77-5E4B-4B0E-8E3A-2C5C7E9B6D21\"/>")
        },
        None,
        true,
    ),
    (
        "nullFlavor on what may be absent",
        |d| d.replace("<setId", "<languageCode nullFlavor=\"NI\"/><setId"),
        None,
        true,
    ),
    (
        "practice under the site root",
        |d| {
            d.replace("2.4.19.1\" extension=\"ZZP01\"/>\n        <name>Examplebridge Surgery</name>\n      </providerOrganization>", "2.4.19.2\" extension=\"GP011\"/></providerOrganization>")
        },
        Some(CdaWarning::PracticeUnderSite),
        true,
    ),
    (
        "a declaration and comments",
        |d| format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><!-- x -->\n{d}"),
        None,
        true,
    ),
    (
        "messageType missing",
        |d| d.replace("n:messageType", "n:other"),
        Some(CdaWarning::NoMessageType),
        false,
    ),
    (
        "a patient with identifiers only",
        |d| {
            let start = d.find("<patient ").unwrap();
            let end = d.find("</patient>").unwrap() + "</patient>".len();
            format!("{}{}", &d[..start], &d[end..])
        },
        None,
        false,
    ),
];

#[test]
fn a_deviation_that_is_safe_is_accepted_and_said_where_it_matters() {
    let whole = Desk::default().map(&plain());
    for (name, change, warning, same) in DEVIATIONS {
        let document = change(plain());
        assert_ne!(document, plain(), "{name}");
        let mapped = Desk::default().map(&document);
        let more: Vec<CdaWarning> =
            mapped.warnings.iter().filter(|w| !whole.warnings.contains(w)).copied().collect();
        assert!(more.is_empty() || warning.is_some(), "{name}: {more:?}");
        assert!(warning.is_none_or(|warning| more.contains(&warning)), "{name}: {more:?}");
        assert_eq!(mapped.entry == whole.entry, same, "{name}");
        assert_eq!(mapped.entry.unique_id, whole.entry.unique_id, "{name}");
    }
}

#[test]
fn utf_8_with_a_mark_and_utf_16_are_read_and_said() {
    let text = format!("<?xml version=\"1.0\" encoding=\"UTF-16\"?>{}", plain());
    let marked = [&b"\xef\xbb\xbf"[..], plain().as_bytes()].concat();
    let units: Vec<u16> = std::iter::once(0xfeff).chain(text.encode_utf16()).collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let expected = sample::read(&plain());
    for (bytes, warning) in
        [(marked, CdaWarning::ByteOrderMark), (little, CdaWarning::Utf16), (big, CdaWarning::Utf16)]
    {
        let header = CdaHeader::read(&bytes, &Default::default()).unwrap();
        assert!(header.warnings.contains(&warning));
        assert_eq!((header.id, header.patient), (expected.id.clone(), expected.patient.clone()));
    }
}

#[test]
fn bytes_in_another_encoding_than_they_claim_are_refused() {
    let named = plain().replace("XXTESTPATIENT", "M\u{fc}ller");
    let latin: Vec<u8> = named.chars().map(|c| c as u32 as u8).collect();
    let declared = [&b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>"[..], &latin].concat();
    let honest = [&b"<?xml version=\"1.0\" encoding=\"windows-1252\"?>"[..], &latin].concat();
    let ascii =
        format!("<?xml version=\"1.0\" encoding=\"windows-1252\"?>{}", plain()).into_bytes();
    let odd = [&b"\xff\xfe<"[..], b"\0x"].concat();
    for (bytes, error) in [
        (latin, CdaError::Encoding),
        (declared, CdaError::Encoding),
        (honest, CdaError::Encoding),
        (ascii, CdaError::Xml(XmlError::Encoding)),
        (odd, CdaError::Encoding),
    ] {
        let got = CdaHeader::read(&bytes, &Default::default()).unwrap_err();
        assert_eq!((&got, got.remedy()), (&error, Remedy::Refuse));
    }
}

#[test]
fn text_in_a_body_that_is_no_xml_is_kept_as_it_is() {
    for (media_type, text) in [
        ("text/rtf", "{\\rtf1 Seen}"),
        ("text/html", "&lt;p&gt;Seen&lt;/p&gt;"),
        ("text/plain", "Seen"),
    ] {
        let body =
            format!("<nonXMLBody><text mediaType=\"{media_type}\">{text}</text></nonXMLBody>");
        let document = sample::document(&body);
        assert_eq!(
            slot_value(&Desk::default().map(&document), slot::STRUCTURED).as_deref(),
            Some("unstructured")
        );
        let found = attachments(document.as_bytes(), &Default::default()).unwrap();
        assert_eq!(found[0].media_type.mime_type(), media_type);
    }
}

#[test]
fn a_body_of_any_size_is_read_within_the_readers_limits() {
    let section = "<component><section><title>T</title><text>x</text></section></component>";
    let limits = crate::xml::Limits { elements: 300, ..Default::default() };
    let document =
        sample::document(&format!("<structuredBody>{}</structuredBody>", section.repeat(100)));
    let refused = CdaHeader::read(document.as_bytes(), &limits).unwrap_err();
    assert_eq!(refused, CdaError::Xml(XmlError::Limit("elements", 300)));
    let open = "<component><section>".repeat(40);
    let close = "</section></component>".repeat(40);
    let deep = sample::document(&format!("<structuredBody>{open}{close}</structuredBody>"));
    let refused = CdaHeader::read(deep.as_bytes(), &Default::default()).unwrap_err();
    assert_eq!(refused, CdaError::Xml(XmlError::Limit("element depth", 64)));
}

/// Everything that reads a document, on whatever bytes.
fn read_all(bytes: &[u8]) {
    let Ok(header) = CdaHeader::read(bytes, &Default::default()) else { return };
    let desk = Desk::default();
    let context = MappingContext {
        code_sets: &desk.sets,
        oid_root: &desk.root,
        publisher: &desk.publisher,
        profile_id: None,
        interaction: None,
        mime_type: "text/xml",
    };
    let _ = (map(&header, &context), crate::cda::patient_number(&header));
    let _ = (
        crate::cda::CdaDocument::read(bytes, &Default::default()),
        attachments(bytes, &Default::default()),
    );
}

/// A document with everything in it that is read.
fn full() -> String {
    sample::document(
        "<structuredBody><component><section><code code=\"887201000000105\" codeSystem=\"2.16.840.1.113883.2.1.3.2.4.15\"/>\
         <title>Plan</title><text><table><tr><th>Action</th><th>Due</th></tr><tr><td>Do: it by 1 May 2026</td><td>1/2/2026</td></tr>\
         </table><list><item>Action: a &amp; b; For: GP, Due: 01-Feb-2026</item></list></text><entry><act moodCode=\"RQO\"><code code=\"1\"/>\
         <effectiveTime value=\"20260101\"/></act></entry></section></component><component><section><title>T</title><entry>\
         <observation negationInd=\"false\"><code code=\"EOLDCR\" codeSystem=\"2.16.840.1.113883.2.1.3.2.4.17.435\"/>\
         <value value=\"true\"/><effectiveTime value=\"20260101\"/></observation></entry><entry><observationMedia>\
         <value mediaType=\"image/png\" representation=\"B64\">iVBORw0KGgo=</value></observationMedia></entry></section>\
         </component></structuredBody>",
    )
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    #[test]
    fn a_damaged_document_never_panics(
        at in 0usize..12_000,
        len in 0usize..40,
        put in "[<>&;='\"/a-z0-9:+|{}\u{e9}^ -]{0,12}",
    ) {
        let document = full();
        let at = (0..=at.min(document.len())).rev().find(|at| document.is_char_boundary(*at)).unwrap_or(0);
        let end = (at + len).min(document.len());
        let end = (end..=document.len()).find(|end| document.is_char_boundary(*end)).unwrap_or(at);
        read_all(format!("{}{put}{}", &document[..at], &document[end..]).as_bytes());
    }

    #[test]
    fn a_value_of_any_kind_never_panics(nth in 0usize..120, value in "[^<&\"\u{0}-\u{8}\u{b}\u{c}\u{e}-\u{1f}\u{fffe}\u{ffff}]{0,20}") {
        let document = full();
        let at = document.match_indices("=\"").nth(nth).map_or(0, |(at, _)| at + 2);
        let end = at + document[at..].find('"').unwrap_or(0);
        read_all(format!("{}{value}{}", &document[..at], &document[end..]).as_bytes());
    }
}
