//! MCCI_IN000002UV01, the answer to each message of the feed; its schema is strict on order
//! (ITI TF-2 3.44.4.1.3, TF-2x appendix O).

use super::NAMESPACE;
use super::message::{Ii, PixHeader};
use crate::dtm::Dtm;
use crate::xml::{Element, attribute, text_element};

/// CA, or CE with what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// `CA` or `CE`; a peer may send `AA` or `AE`.
    pub code: String,
    /// The message that it answers.
    pub target: String,
    pub details: Vec<String>,
}

fn code(out: &mut String, name: &str, value: &str) {
    out.push('<');
    out.push_str(name);
    attribute(out, "code", value);
    out.push_str("/>");
}

fn id(out: &mut String, id: &Ii) {
    out.push_str("<id");
    attribute(out, "root", &id.root);
    if let Some(extension) = &id.extension {
        attribute(out, "extension", extension);
    }
    out.push_str("/>");
}

fn device(out: &mut String, role: &str, code: &str, of: &Ii) {
    out.push_str(&format!(
        "<{role} typeCode=\"{code}\"><device classCode=\"DEV\" determinerCode=\"INSTANCE\">"
    ));
    id(out, of);
    out.push_str(&format!("</device></{role}>"));
}

/// Writes the answer to a message; `own` is the answer's own id.
pub fn write(header: &PixHeader, result: Result<(), &str>, now: &Dtm, own: uuid::Uuid) -> String {
    let mut out = format!("<MCCI_IN000002UV01 xmlns=\"{NAMESPACE}\" ITSVersion=\"XML_1.0\">");
    id(&mut out, &Ii { root: own.to_string(), extension: None });
    out.push_str(&format!("<creationTime value=\"{now}\"/>"));
    out.push_str("<interactionId root=\"2.16.840.1.113883.1.6\" extension=\"MCCI_IN000002UV01\"/>");
    code(&mut out, "processingCode", &header.processing_code);
    code(&mut out, "processingModeCode", "T");
    code(&mut out, "acceptAckCode", "NE");
    device(&mut out, "receiver", "RCV", &header.sender);
    device(&mut out, "sender", "SND", &header.receiver);
    out.push_str("<acknowledgement>");
    code(&mut out, "typeCode", if result.is_ok() { "CA" } else { "CE" });
    out.push_str("<targetMessage>");
    id(&mut out, &header.id);
    out.push_str("</targetMessage>");
    if let Err(reason) = result {
        out.push_str("<acknowledgementDetail typeCode=\"E\">");
        text_element(&mut out, "text", reason);
        out.push_str("</acknowledgementDetail>");
    }
    out.push_str("</acknowledgement></MCCI_IN000002UV01>");
    out
}

impl Acknowledgement {
    /// Reads the body element of an answer.
    pub fn read(body: Element<'_>) -> Option<Self> {
        let answer = body.child(NAMESPACE, "acknowledgement")?;
        let code = answer.child(NAMESPACE, "typeCode")?.attr("code")?.to_owned();
        let target = answer.path(NAMESPACE, &["targetMessage", "id"])?;
        let details = answer.children_named(NAMESPACE, "acknowledgementDetail");
        let texts = details.filter_map(|detail| detail.child(NAMESPACE, "text"));
        Some(Self {
            code,
            target: target.attr("root")?.to_owned(),
            details: texts.map(|text| text.trimmed().to_owned()).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{AffinityDomain, Interaction, PatientFeed, PixMessage};
    use super::*;
    use crate::oid::{self, Oid};
    use crate::xml::{Document, Limits};

    const OLD: &str = "<replacementOf typeCode='RPLC'><priorRegistration classCode='REG' moodCode='EVN'>\
        <statusCode code='obsolete'/><subject1 typeCode='SBJ'><priorRegisteredRole classCode='PAT'>\
        <id root='2.16.840.1.113883.2.1.4.1' extension='9990000026'/></priorRegisteredRole></subject1>\
        </priorRegistration></replacementOf>";

    fn message(interaction: Interaction, more: &str) -> String {
        let name = interaction.name();
        format!(
            "<{name} xmlns='urn:hl7-org:v3' ITSVersion='XML_1.0'><id root='1.2.3.4' extension='m1'/>\
             <creationTime value='20260115'/><interactionId root='2.16.840.1.113883.1.6' extension='{name}'/>\
             <processingCode code='P'/><processingModeCode code='T'/><acceptAckCode code='AL'/>\
             <receiver typeCode='RCV'><device classCode='DEV' determinerCode='INSTANCE'><id root='1.2.840.1'/></device></receiver>\
             <sender typeCode='SND'><device classCode='DEV' determinerCode='INSTANCE'><id root='1.2.840.2'/></device></sender>\
             <controlActProcess classCode='CACT' moodCode='EVN'><subject typeCode='SUBJ'>\
             <registrationEvent classCode='REG' moodCode='EVN'><statusCode code='active'/>\
             <subject1 typeCode='SBJ'><patient classCode='PAT'><id root='1.2.3' extension='LOC'/>\
             <id root='2.16.840.1.113883.2.1.4.1' extension='9990000018'/></patient></subject1>{more}\
             </registrationEvent></subject></controlActProcess></{name}>"
        )
    }

    fn read(text: &str) -> Result<PixMessage, Box<super::super::PixRefusal>> {
        let domain = AffinityDomain {
            namespace: "NHS".to_owned(),
            authority: Oid::parse(oid::NHS_NUMBER).unwrap(),
            local: Vec::new(),
        };
        let document = Document::parse(text, &Limits::default()).unwrap();
        PixMessage::read(document.root(), &domain, false)
    }

    #[test]
    fn each_message_has_its_meaning() {
        let feed = |interaction, more| read(&message(interaction, more)).unwrap().feed;
        assert!(matches!(feed(Interaction::RecordAdded, ""), PatientFeed::Add(_)));
        assert!(matches!(feed(Interaction::RecordRevised, ""), PatientFeed::Update(_)));
        let PatientFeed::Merge { surviving, subsumed } = feed(Interaction::DuplicatesResolved, OLD)
        else {
            panic!("a merge")
        };
        let digits = |patient: crate::hl7::PatientId| patient.nhs_number().unwrap().digits();
        assert_eq!(
            (digits(surviving).as_str(), digits(subsumed).as_str()),
            ("9990000018", "9990000026")
        );
    }

    #[test]
    fn each_mistake_is_named_and_no_identifier_is_repeated() {
        use Interaction::{DuplicatesResolved, RecordAdded};
        let merge = message(DuplicatesResolved, OLD);
        for (text, word) in [
            (message(RecordAdded, OLD), "replacementOf"),
            (message(DuplicatesResolved, ""), "replacementOf"),
            (merge.replace("obsolete", "active"), "obsolete"),
            (merge.replace("code='active'", "code='obsolete'"), "active"),
            (merge.replace("9990000026", "9990000027"), "check digit"),
            (
                merge.replace("root='2.16.840.1.113883.2.1.4.1'", "assigningAuthorityName='NHS'"),
                "root",
            ),
            (merge.replace("2.16.840.1.113883.2.1.4.1", "1.2.9"), "assigning authority"),
            (merge.replace("extension='PRPA", "extension='X"), "interactionId"),
            (merge.replace("processingCode code='P'", "processingCode code='T'"), "production"),
        ] {
            let refusal = read(&text).unwrap_err();
            assert!(
                refusal.header.is_some() && refusal.reason.contains(word),
                "{}",
                refusal.reason
            );
            assert!(!refusal.reason.contains("999000"), "{}", refusal.reason);
        }
        let nameless = message(RecordAdded, "").replace("root='1.2.3.4'", "");
        assert_eq!(read(&nameless).unwrap_err().header, None);
    }

    #[test]
    fn an_answer_names_its_message_and_swaps_the_devices() {
        let header = read(&message(Interaction::RecordAdded, "")).unwrap().header;
        let now = Dtm::parse("20260115100001").unwrap();
        let text = write(&header, Err("a < b"), &now, uuid::Uuid::nil());
        let document = Document::parse(&text, &Limits::default()).unwrap();
        let answer = Acknowledgement::read(document.root()).unwrap();
        assert_eq!((answer.code.as_str(), answer.target.as_str()), ("CE", "1.2.3.4"));
        assert_eq!(answer.details, ["a < b"]);
        let receiver = document.root().path(NAMESPACE, &["receiver", "device", "id"]).unwrap();
        assert_eq!(receiver.attr("root"), Some("1.2.840.2"));
    }
}
