//! Document types, and by which marks of a document its type is told.

use super::CodeSets;
use serde::Deserialize;

/// A document type of the region: one meaning under one or more codes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentType {
    /// The word for it on the command line, in agreements and on pages.
    pub name: String,
    pub label: String,
    pub group: String,
    pub type_code: String,
    pub display: String,
    /// Other codes of the same meaning, of this type alone.
    #[serde(default)]
    pub aliases: Vec<String>,
    pub class_code: String,
    /// The practiceSettingCode of a document that states none.
    pub practice_setting: String,
    pub facility: String,
    /// Several document types share this typeCode and differ by practice setting.
    #[serde(default)]
    pub by_setting: bool,
    /// Further settings that mean this type where it is told by setting.
    #[serde(default)]
    pub settings: Vec<String>,
    /// Event codes, `code^^scheme`, that mean this type among those of its typeCode.
    #[serde(default)]
    pub events: Vec<String>,
    /// NHS CDA and HSCI messageTypes that mean this type.
    #[serde(default)]
    pub message_types: Vec<String>,
    /// ITK manifest profileids that mean this type.
    #[serde(default)]
    pub profile_ids: Vec<String>,
    /// ITK interactions, without their URN prefix, that mean this type.
    #[serde(default)]
    pub interactions: Vec<String>,
    /// The lowest confidentialityCode that a document of this type is indexed under: N, R or V.
    #[serde(default)]
    pub confidentiality: Option<String>,
    /// Why it is more sensitive than others, in a word, kept with the entry.
    #[serde(default)]
    pub sensitivity: Option<String>,
}

/// What a document and the message around it say of the document's type.
#[derive(Clone, Copy, Debug, Default)]
pub struct Marks<'a> {
    /// SNOMED CT, as received.
    pub type_code: &'a str,
    pub setting: Option<&'a str>,
    /// Event codes as `code^^scheme`.
    pub events: &'a [&'a str],
    pub message_type: Option<&'a str>,
    pub profile_id: Option<&'a str>,
    pub interaction: Option<&'a str>,
}

fn lists(list: &[String], item: &str) -> bool {
    list.iter().any(|listed| listed == item)
}

impl DocumentType {
    /// Whether a practice setting means this type among those of its typeCode.
    pub fn is_told_by(&self, setting: &str) -> bool {
        self.by_setting && self.own_settings().any(|own| own == setting)
    }

    /// Every practice setting that means it; the first is its default.
    pub fn own_settings(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.practice_setting).chain(&self.settings).map(String::as_str)
    }

    /// The practiceSettingCode of one of its documents: the stated one, unless that would tell a
    /// type apart from its siblings that it is not.
    pub fn setting_of<'s>(&'s self, stated: Option<&'s str>) -> &'s str {
        match stated {
            Some(setting) if !self.by_setting || self.is_told_by(setting) => setting,
            _ => &self.practice_setting,
        }
    }

    /// The confidentialityCode of one of its documents, at least its own.
    pub fn confidentiality_of<'s>(&'s self, received: &'s str) -> &'s str {
        const ORDER: [&str; 6] = ["U", "L", "M", "N", "R", "V"];
        let rank = |code: &str| ORDER.iter().position(|known| *known == code);
        match self.confidentiality.as_deref() {
            Some(floor) if rank(received) < rank(floor) => floor,
            _ => received,
        }
    }
}

impl CodeSets {
    pub fn by_name(&self, name: &str) -> Option<&DocumentType> {
        self.document_type.iter().find(|t| t.name == name)
    }

    pub fn by_message_type(&self, message_type: &str) -> Option<&DocumentType> {
        self.document_type.iter().find(|t| lists(&t.message_types, message_type))
    }

    pub fn by_profile_id(&self, profile_id: &str) -> Option<&DocumentType> {
        self.document_type.iter().find(|t| lists(&t.profile_ids, profile_id))
    }

    pub fn by_interaction(&self, interaction: &str) -> Option<&DocumentType> {
        self.document_type.iter().find(|t| lists(&t.interactions, interaction))
    }

    /// The type for a document that none of the region's describes.
    pub fn default_type(&self) -> Option<&DocumentType> {
        self.by_name(self.default_type.as_deref()?)
    }

    /// The document type of an entry: by its code, and where that is shared, by its setting.
    pub fn document_type(&self, type_code: &str, practice_setting: &str) -> Option<&DocumentType> {
        self.of_code(&Marks { type_code, setting: Some(practice_setting), ..Marks::default() })
    }

    /// The document type of a document: by its code, and where that says nothing, by what else
    /// there is.
    pub fn told_by(&self, marks: &Marks<'_>) -> Option<&DocumentType> {
        self.of_code(marks).or_else(|| self.stated_type(marks))
    }

    /// By messageType, manifest profile and interaction, the more particular first.
    fn stated_type(&self, marks: &Marks<'_>) -> Option<&DocumentType> {
        let by_message = marks.message_type.and_then(|m| self.by_message_type(m));
        by_message
            .or_else(|| marks.profile_id.and_then(|p| self.by_profile_id(p)))
            .or_else(|| marks.interaction.and_then(|i| self.by_interaction(i)))
    }

    /// Among the types of one code the setting tells first, then an event, then the message, then
    /// the spelling of the code itself.
    fn of_code(&self, marks: &Marks<'_>) -> Option<&DocumentType> {
        let code = self.canonical_type(marks.type_code);
        let of_code: Vec<_> = self.document_type.iter().filter(|t| t.type_code == code).collect();
        let find = |told: &dyn Fn(&DocumentType) -> bool| of_code.iter().find(|t| told(t)).copied();
        let stated = self.stated_type(marks).map(|t| t.name.as_str());
        find(&|t| marks.setting.is_some_and(|setting| t.is_told_by(setting)))
            .or_else(|| find(&|t| marks.events.iter().any(|event| lists(&t.events, event))))
            .or_else(|| find(&|t| stated == Some(t.name.as_str())))
            .or_else(|| find(&|t| lists(&t.aliases, marks.type_code)))
            .or_else(|| find(&|t| !t.by_setting && t.events.is_empty()))
            .or_else(|| of_code.first().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str, code: &str) -> DocumentType {
        DocumentType {
            name: name.to_owned(),
            type_code: code.to_owned(),
            practice_setting: "ward".to_owned(),
            ..DocumentType::default()
        }
    }

    fn owned(items: &[&str]) -> Vec<String> {
        items.iter().map(|item| (*item).to_owned()).collect()
    }

    fn sets() -> CodeSets {
        let inpatient = DocumentType {
            aliases: owned(&["letter"]),
            message_types: owned(&["MT15"]),
            ..kind("inpatient", "1")
        };
        let day =
            DocumentType { events: owned(&["daycase^^urn:patient-class"]), ..kind("day", "1") };
        let emergency = DocumentType {
            by_setting: true,
            practice_setting: "emergency".to_owned(),
            settings: owned(&["minor-injuries"]),
            aliases: owned(&["attendance"]),
            message_types: owned(&["MT16"]),
            interactions: owned(&["primaryEmergency"]),
            ..kind("emergency", "1")
        };
        let flag = DocumentType {
            confidentiality: Some("R".to_owned()),
            profile_ids: owned(&["urn:flag"]),
            ..kind("flag", "2")
        };
        CodeSets {
            version: "1".to_owned(),
            domain: "2.1".to_owned(),
            default_type: Some("flag".to_owned()),
            system: Vec::new(),
            attribute: Default::default(),
            mime_type: Default::default(),
            mapping: Default::default(),
            document_type: vec![inpatient, day, emergency, flag],
        }
    }

    #[test]
    fn a_type_is_told_by_setting_then_event_then_message_then_spelling() {
        let sets = sets();
        let marks = Marks { type_code: "1", ..Marks::default() };
        let event = ["daycase^^urn:patient-class"];
        for (marks, expected) in [
            (marks, "inpatient"),
            (Marks { setting: Some("emergency"), ..marks }, "emergency"),
            (Marks { setting: Some("minor-injuries"), ..marks }, "emergency"),
            (Marks { setting: Some("emergency"), events: &event, ..marks }, "emergency"),
            (Marks { setting: Some("ward"), events: &event, ..marks }, "day"),
            (Marks { message_type: Some("MT16"), ..marks }, "emergency"),
            (Marks { message_type: Some("MT16"), setting: Some("ward"), ..marks }, "emergency"),
            (Marks { message_type: Some("MT16"), events: &event, ..marks }, "day"),
            (Marks { interaction: Some("primaryEmergency"), ..marks }, "emergency"),
            (Marks { type_code: "attendance", ..marks }, "emergency"),
            (Marks { type_code: "letter", ..marks }, "inpatient"),
            (Marks { type_code: "2", message_type: Some("MT16"), ..marks }, "flag"),
            (Marks { type_code: "?", profile_id: Some("urn:flag"), ..marks }, "flag"),
            (Marks { type_code: "?", message_type: Some("MT15"), ..marks }, "inpatient"),
        ] {
            let told = sets.told_by(&marks).map(|t| t.name.as_str());
            assert_eq!(told, Some(expected), "{marks:?}");
        }
        assert!(sets.told_by(&Marks { type_code: "?", ..marks }).is_none());
        assert_eq!(sets.default_type().unwrap().name, "flag");
    }

    #[test]
    fn a_setting_never_tells_a_type_that_the_document_is_not() {
        let sets = sets();
        let emergency = sets.by_name("emergency").unwrap();
        assert_eq!(emergency.setting_of(Some("minor-injuries")), "minor-injuries");
        assert_eq!(emergency.setting_of(Some("cardiology")), "emergency");
        assert_eq!(emergency.setting_of(None), "emergency");
        let inpatient = sets.by_name("inpatient").unwrap();
        assert_eq!(inpatient.setting_of(Some("cardiology")), "cardiology");
    }

    #[test]
    fn a_type_can_ask_for_more_confidentiality_and_never_for_less() {
        let sets = sets();
        let flag = sets.by_name("flag").unwrap();
        for (received, indexed) in [("N", "R"), ("U", "R"), ("R", "R"), ("V", "V"), ("", "R")] {
            assert_eq!(flag.confidentiality_of(received), indexed);
        }
        assert_eq!(sets.by_name("inpatient").unwrap().confidentiality_of("N"), "N");
    }
}
