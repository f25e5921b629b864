//! What the hub's services say to each other of who looks after a patient: an accepted message of the
//! patient identity feed, a merge, a document that was addressed to somebody. It is no transaction of
//! the Technical Framework; its answer is rs:RegistryResponse.

use crate::dtm::Dtm;
use crate::hl7::PatientId;
use crate::ods_code::OdsCode;
use crate::pix::{Encounter, EncounterStep, Particulars, Vital};
use crate::unique_id::UniqueId;
use crate::xml::{Element, attribute, text_element};
use uuid::Uuid;

pub const NAMESPACE: &str = "urn:watling:relationship";
pub const TOLD: &str = "Told";

/// Pieces of news of one message at most; a submission with more documents makes several.
pub const NEWS_MAX: usize = 600;

/// A document with intended recipients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressed {
    pub unique_id: UniqueId,
    pub type_code: String,
    pub practice_setting: String,
    /// Without its publisher.
    pub recipients: Vec<OdsCode>,
}

/// One thing that is said of a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The patient is on this practice's list.
    Registered(OdsCode),
    /// With the organisation that says so.
    Encounter(Encounter),
    Vital(Vital),
    /// The patient was subsumed by another.
    MergedInto(PatientId),
    /// The patient stands for itself again.
    Parted,
    Addressed(Addressed),
    /// The document is no ground for anything any more.
    TakenBack(UniqueId),
}

/// What was said of one patient at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The same however often it is told.
    pub id: Uuid,
    pub patient: PatientId,
    /// When the hub heard of it.
    pub at: Dtm,
    /// `ITI-8 A01 RXN|PAS`, `ITI-42`, `by hand`: where a relationship comes from.
    pub source: String,
    /// The organisation whose certificate said so.
    pub by: Option<OdsCode>,
    pub news: Vec<News>,
}

/// Why a message between services cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ToldError {
    #[error("{0} is missing or not valid")]
    Attribute(&'static str),
    #[error("{0} is no news of a patient")]
    News(String),
    #[error("a Told holds 1 to {NEWS_MAX} pieces of news")]
    Count,
}

fn needed<'d, T>(
    element: Element<'d>,
    name: &'static str,
    read: impl FnOnce(&'d str) -> Option<T>,
) -> Result<T, ToldError> {
    element.attr(name).and_then(read).ok_or(ToldError::Attribute(name))
}

/// `None` where it is absent; a value that cannot be read is an error.
fn optional<'d, T>(
    element: Element<'d>,
    name: &'static str,
    read: impl FnOnce(&'d str) -> Option<T>,
) -> Result<Option<T>, ToldError> {
    let Some(text) = element.attr(name) else { return Ok(None) };
    read(text).map(Some).ok_or(ToldError::Attribute(name))
}

fn ods(text: &str) -> Option<OdsCode> {
    OdsCode::parse(text).ok()
}

fn time(text: &str) -> Option<Dtm> {
    Dtm::parse(text).ok()
}

fn unique_id(text: &str) -> Option<UniqueId> {
    UniqueId::parse(text).ok()
}

fn patient(text: &str) -> Option<PatientId> {
    PatientId::parse(text).ok()
}

impl Told {
    /// Reads `Told`.
    pub fn read(element: Element<'_>) -> Result<Self, ToldError> {
        let mut news = Vec::new();
        for child in element.children() {
            if news.len() == NEWS_MAX {
                return Err(ToldError::Count);
            }
            news.push(News::read(child)?);
        }
        if news.is_empty() {
            return Err(ToldError::Count);
        }
        Ok(Self {
            id: needed(element, "id", |text| Uuid::try_parse(text).ok())?,
            patient: needed(element, "patientId", patient)?,
            at: needed(element, "at", time)?,
            source: needed(element, "source", |text| Some(text.to_owned()))?,
            by: optional(element, "by", ods)?,
            news,
        })
    }

    pub fn write(&self) -> String {
        let mut out = format!("<r:{TOLD} xmlns:r=\"{NAMESPACE}\"");
        attribute(&mut out, "id", &self.id.to_string());
        attribute(&mut out, "patientId", &self.patient.text());
        attribute(&mut out, "at", self.at.as_str());
        attribute(&mut out, "source", &self.source);
        if let Some(by) = &self.by {
            attribute(&mut out, "by", by.as_str());
        }
        out.push('>');
        self.news.iter().for_each(|news| news.write(&mut out));
        out.push_str(&format!("</r:{TOLD}>"));
        out
    }
}

impl News {
    /// What a message of the feed comes to.
    pub fn of(particulars: Particulars) -> Vec<Self> {
        let Particulars { practice, encounter, vital } = particulars;
        let registered = practice.map(Self::Registered);
        registered
            .into_iter()
            .chain(encounter.map(Self::Encounter))
            .chain(vital.map(Self::Vital))
            .collect()
    }

    fn read(element: Element<'_>) -> Result<Self, ToldError> {
        Ok(match element.local() {
            "Registered" => Self::Registered(needed(element, "practice", ods)?),
            "Encounter" => Self::Encounter(Encounter {
                step: needed(element, "step", EncounterStep::parse)?,
                visit: optional(element, "visit", |text| Some(text.to_owned()))?,
                at: optional(element, "at", time)?,
            }),
            "Died" => Self::Vital(Vital::Died(optional(element, "at", time)?)),
            "Lives" => Self::Vital(Vital::Lives),
            "MergedInto" => Self::MergedInto(needed(element, "patientId", patient)?),
            "Parted" => Self::Parted,
            "Addressed" => Self::Addressed(Addressed::read(element)?),
            "TakenBack" => Self::TakenBack(needed(element, "uniqueId", unique_id)?),
            other => return Err(ToldError::News(other.to_owned())),
        })
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Registered(practice) => {
                empty(out, "Registered", [("practice", Some(practice.as_str()))])
            }
            Self::Encounter(encounter) => empty(
                out,
                "Encounter",
                [
                    ("step", Some(encounter.step.name())),
                    ("visit", encounter.visit.as_deref()),
                    ("at", encounter.at.as_ref().map(Dtm::as_str)),
                ],
            ),
            Self::Vital(Vital::Died(at)) => {
                empty(out, "Died", [("at", at.as_ref().map(Dtm::as_str))])
            }
            Self::Vital(Vital::Lives) => empty(out, "Lives", []),
            Self::MergedInto(into) => {
                empty(out, "MergedInto", [("patientId", Some(into.text().as_str()))])
            }
            Self::Parted => empty(out, "Parted", []),
            Self::Addressed(addressed) => addressed.write(out),
            Self::TakenBack(id) => empty(out, "TakenBack", [("uniqueId", Some(id.as_str()))]),
        }
    }
}

fn empty<const N: usize>(out: &mut String, name: &str, attributes: [(&str, Option<&str>); N]) {
    start(out, name, attributes);
    out.push_str("/>");
}

fn start<const N: usize>(out: &mut String, name: &str, attributes: [(&str, Option<&str>); N]) {
    out.push_str("<r:");
    out.push_str(name);
    for (name, value) in attributes {
        if let Some(value) = value {
            attribute(out, name, value);
        }
    }
}

impl Addressed {
    fn read(element: Element<'_>) -> Result<Self, ToldError> {
        let mut recipients = Vec::new();
        for recipient in element.children_named(NAMESPACE, "Recipient") {
            recipients.push(ods(recipient.trimmed()).ok_or(ToldError::Attribute("Recipient"))?);
        }
        Ok(Self {
            unique_id: needed(element, "uniqueId", unique_id)?,
            type_code: needed(element, "typeCode", |text| Some(text.to_owned()))?,
            practice_setting: needed(element, "practiceSettingCode", |t| Some(t.to_owned()))?,
            recipients,
        })
    }

    fn write(&self, out: &mut String) {
        let attributes = [
            ("uniqueId", Some(self.unique_id.as_str())),
            ("typeCode", Some(self.type_code.as_str())),
            ("practiceSettingCode", Some(self.practice_setting.as_str())),
        ];
        start(out, "Addressed", attributes);
        out.push('>');
        for recipient in &self.recipients {
            text_element(out, "r:Recipient", recipient.as_str());
        }
        out.push_str("</r:Addressed>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Document, Limits};

    fn told(news: Vec<News>) -> Told {
        Told {
            id: Uuid::from_u128(7),
            patient: patient("9990000018^^^&2.16.840.1.113883.2.1.4.1&ISO").unwrap(),
            at: time("20260715120000").unwrap(),
            source: "ITI-8 A01 RXN|<PAS>".to_owned(),
            by: ods("RXN"),
            news,
        }
    }

    fn read(text: &str) -> Result<Told, ToldError> {
        Told::read(Document::parse(text, &Limits::default()).unwrap().root())
    }

    #[test]
    fn what_is_written_of_a_patient_is_read_back() {
        let at = time("20260714");
        let encounter = |step| News::Encounter(Encounter { step, visit: None, at: at.clone() });
        let steps = EncounterStep::ALL.map(encounter);
        let said = told(Vec::from(steps));
        assert_eq!(read(&said.write()).unwrap(), said);
        let addressed = Addressed {
            unique_id: unique_id("1.2.3^A").unwrap(),
            type_code: "373942005".to_owned(),
            practice_setting: "394579002".to_owned(),
            recipients: vec![ods("RX7").unwrap(), ods("ZZP01").unwrap()],
        };
        let said = told(vec![
            News::Registered(ods("ZZP01").unwrap()),
            News::Vital(Vital::Died(at)),
            News::Vital(Vital::Died(None)),
            News::Vital(Vital::Lives),
            News::MergedInto(patient("9990000026^^^&2.16.840.1.113883.2.1.4.1&ISO").unwrap()),
            News::Parted,
            News::Addressed(addressed),
            News::TakenBack(unique_id("1.2.3").unwrap()),
        ]);
        assert_eq!(read(&said.write()).unwrap(), said);
    }

    #[test]
    fn what_lacks_something_or_holds_too_much_is_refused_by_name() {
        let text = told(vec![News::Parted]).write();
        assert_eq!(
            read(&text.replace("9990000018", "9990000019")),
            Err(ToldError::Attribute("patientId"))
        );
        assert_eq!(
            read(&text.replace("Parted", "Married")),
            Err(ToldError::News("Married".to_owned()))
        );
        let registered = told(vec![News::Registered(ods("ZZP01").unwrap())]).write();
        let wrong = registered.replace("ZZP01", "no code");
        assert_eq!(read(&wrong), Err(ToldError::Attribute("practice")));
        assert_eq!(read(&told(Vec::new()).write()), Err(ToldError::Count));
        assert_eq!(read(&told(vec![News::Parted; NEWS_MAX + 1]).write()), Err(ToldError::Count));
    }
}
