//! Headings of the professional record standards (PRSB, AoMRC): which of them a document has, by
//! code with its aliases, else by title.

use super::body::Content;
use super::header::{CdaHeader, Coded};
use serde::Serialize;

/// A heading: its code, the codes of the same meaning, its title, and other titles in use.
struct Heading {
    code: &'static str,
    aliases: &'static [&'static str],
    title: &'static str,
    titles: &'static [&'static str],
}

const fn heading(
    code: &'static str,
    title: &'static str,
    aliases: &'static [&'static str],
    titles: &'static [&'static str],
) -> Heading {
    Heading { code, aliases, title, titles }
}

const GP_PRACTICE: &str = "886711000000101";
const DEMOGRAPHICS: &str = "886731000000109";
const DISTRIBUTION: &str = "887261000000109";
const DISCHARGE: &str = "886811000000106";
const SUMMARY: &str = "887181000000106";
const DIAGNOSES: &str = "887161000000102";
const ALLERGIES: &str = "886921000000105";
const COMPLETED_BY: &str = "887231000000104";
const ADMISSION: &str = "886781000000108";
const PROCEDURES: &str = "887171000000109";
const REQUIREMENTS: &str = "1052901000000109";
const MEDICATIONS: &str = "933361000000108";
const ALERTS: &str = "886931000000107";
/// Plan and requested actions.
pub(super) const PLAN: &str = "887201000000105";
const REFERRAL: &str = "1052891000000108";
const ATTENDANCE: &str = "1077881000000105";
const COMPLAINTS: &str = "886891000000102";
const NARRATIVE: &str = "1077901000000108";
const SENIOR: &str = "1078901000000109";
const HISTORY: &str = "717121000000105";
const EXAMINATION: &str = "715851000000102";
const PROBLEMS: &str = "887151000000100";
const FAMILY: &str = "887111000000104";

/// Titles are compared in lower case.
const HEADINGS: [Heading; 34] = [
    heading(GP_PRACTICE, "GP practice", &[], &["gp name", "gp details"]),
    heading(DEMOGRAPHICS, "Patient demographics", &[], &["patient details"]),
    heading(DISTRIBUTION, "Distribution list", &[], &["copies to"]),
    heading(DISCHARGE, "Discharge details", &[], &[]),
    heading(SUMMARY, "Clinical summary", &[], &["clinical information"]),
    heading(
        DIAGNOSES,
        "Diagnoses",
        &[],
        &["diagnosis", "diagnosis at discharge", "impressions or diagnoses"],
    ),
    heading(ALLERGIES, "Allergies and adverse reactions", &[], &["allergies"]),
    heading(COMPLETED_BY, "Person completing record", &[], &["completed by"]),
    heading(ADMISSION, "Admission details", &[], &[]),
    heading(PROCEDURES, "Procedures", &[], &["operations and procedures"]),
    heading(
        REQUIREMENTS,
        "Individual requirements",
        &["886741000000100"],
        &["special requirements", "individual requirement"],
    ),
    heading(
        MEDICATIONS,
        "Medications and medical devices",
        &[],
        &["medications", "discharge medications", "medication record", "medication changes"],
    ),
    heading(ALERTS, "Safety alerts", &[], &["risks and warnings"]),
    heading(
        PLAN,
        "Plan and requested actions",
        &[],
        &["advice, recommendations and future plan", "plan", "requested actions"],
    ),
    heading(REFERRAL, "Referrer details", &[], &["referral details"]),
    heading(
        "305056002",
        "Clinical details",
        &[],
        &["reason for admission and presenting complaints"],
    ),
    heading("887051000000101", "Social context", &[], &["social history"]),
    heading("886751000000102", "Participation in research", &[], &[]),
    heading("887141000000103", "Assessment scales", &[], &[]),
    heading("886961000000102", "Legal information", &[], &["mental capacity"]),
    heading(
        "1064471000000105",
        "Investigations requested",
        &["887191000000108"],
        &["investigations and procedures requested"],
    ),
    heading(
        "1052941000000107",
        "Patient and carer concerns, expectations and wishes",
        &["887131000000107"],
        &["patient and carer concerns"],
    ),
    heading(
        "1052951000000105",
        "Information and advice given",
        &["887221000000101"],
        &["information given"],
    ),
    heading(
        "1082101000000102",
        "Investigation results",
        &[],
        &["relevant investigations and results"],
    ),
    heading(ATTENDANCE, "Attendance details", &[], &["clinic details"]),
    heading(
        COMPLAINTS,
        "Presenting complaints or issues",
        &[],
        &["presenting complaints", "presenting complaint"],
    ),
    heading(NARRATIVE, "Clinical narrative", &[], &[]),
    heading(SENIOR, "Senior reviewing clinician", &[], &[]),
    heading(HISTORY, "History", &[], &["history of presenting complaint"]),
    heading(
        EXAMINATION,
        "Examination findings",
        &[],
        &["examination finding", "observations and findings"],
    ),
    heading(PROBLEMS, "Problems and issues", &[], &[]),
    heading(FAMILY, "Family history", &[], &[]),
    heading("1077931000000102", "Contact for further information", &[], &[]),
    heading(
        "933271000000106",
        "Relevant past medical, surgical and mental health history",
        &[],
        &["past medical history"],
    ),
];

/// The kinds of document for which headings are standardised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeadingStandard {
    Discharge,
    EmergencyDepartment,
    Outpatient,
}

impl HeadingStandard {
    /// By the document's typeCode and practice setting.
    pub fn of(type_code: &str, practice_setting: &str) -> Option<Self> {
        match (type_code, practice_setting) {
            ("373942005", "394576009" | "310000008") => Some(Self::EmergencyDepartment),
            ("373942005", _) => Some(Self::Discharge),
            ("823681000000100", _) => Some(Self::Outpatient),
            _ => None,
        }
    }

    /// Headings that every such document must have.
    pub fn mandatory(self) -> &'static [&'static str] {
        match self {
            Self::Discharge => &[
                GP_PRACTICE,
                DEMOGRAPHICS,
                DISTRIBUTION,
                DISCHARGE,
                SUMMARY,
                DIAGNOSES,
                ALLERGIES,
                COMPLETED_BY,
            ],
            Self::EmergencyDepartment => &[
                GP_PRACTICE,
                DEMOGRAPHICS,
                DISTRIBUTION,
                ATTENDANCE,
                COMPLAINTS,
                DIAGNOSES,
                COMPLETED_BY,
            ],
            Self::Outpatient => {
                &[GP_PRACTICE, DEMOGRAPHICS, DISTRIBUTION, ATTENDANCE, COMPLETED_BY]
            }
        }
    }

    /// Headings that it must have where there is something to say.
    pub fn required(self) -> &'static [&'static str] {
        match self {
            Self::Discharge => {
                &[ADMISSION, PROCEDURES, REQUIREMENTS, MEDICATIONS, ALERTS, PLAN, REFERRAL]
            }
            Self::EmergencyDepartment => {
                &[NARRATIVE, SENIOR, ALLERGIES, MEDICATIONS, PROCEDURES, ALERTS, PLAN]
            }
            Self::Outpatient => {
                &[HISTORY, EXAMINATION, PROBLEMS, FAMILY, DIAGNOSES, ALLERGIES, MEDICATIONS, PLAN]
            }
        }
    }
}

/// Whether a heading is there, and says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    Present,
    /// It stands with blank text.
    Empty,
    /// It stands with "None", "Not known" and the like.
    NoneStated,
    Absent,
}

impl Presence {
    fn of(content: Content) -> Self {
        match content {
            Content::Present => Self::Present,
            Content::NoneStated => Self::NoneStated,
            Content::Empty => Self::Empty,
        }
    }
}

/// One heading of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HeadingFound {
    pub code: &'static str,
    pub title: &'static str,
    pub presence: Presence,
}

/// The headings of one document against the standard of its kind. It holds no text of the document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Headings {
    /// `None` where no standard is known for the kind of document.
    pub standard: Option<HeadingStandard>,
    pub mandatory: Vec<HeadingFound>,
    pub required: Vec<HeadingFound>,
    /// Further headings that are there.
    pub others: Vec<HeadingFound>,
}

impl Headings {
    pub fn of(header: &CdaHeader, standard: Option<HeadingStandard>) -> Self {
        let found: Vec<HeadingFound> = HEADINGS.iter().map(|row| found(header, row)).collect();
        let listed = |codes: &[&str]| -> Vec<HeadingFound> {
            codes
                .iter()
                .filter_map(|code| found.iter().find(|row| row.code == *code))
                .copied()
                .collect()
        };
        let mandatory = listed(standard.map_or(&[], HeadingStandard::mandatory));
        let required = listed(standard.map_or(&[], HeadingStandard::required));
        let known =
            |row: &HeadingFound| mandatory.iter().chain(&required).any(|r| r.code == row.code);
        let there = found.iter().filter(|row| row.presence != Presence::Absent && !known(row));
        let others = there.copied().collect();
        Self { standard, mandatory, required, others }
    }

    /// Mandatory headings that are not there.
    pub fn missing(&self) -> impl Iterator<Item = &HeadingFound> {
        self.mandatory.iter().filter(|row| row.presence == Presence::Absent)
    }

    /// Mandatory headings that are there and say nothing, or that there is nothing.
    pub fn unfilled(&self) -> impl Iterator<Item = &HeadingFound> {
        let unfilled =
            |row: &&HeadingFound| matches!(row.presence, Presence::Empty | Presence::NoneStated);
        self.mandatory.iter().filter(unfilled)
    }
}

fn found(header: &CdaHeader, row: &Heading) -> HeadingFound {
    let sections = header.body.sections.iter();
    let contents = sections.filter(|s| is(s.code.as_ref(), &s.title, row)).map(|s| s.content);
    let presence = match contents.max() {
        Some(content) => Presence::of(content),
        None if in_header(header, row.code) => Presence::Present,
        None => Presence::Absent,
    };
    HeadingFound { code: row.code, title: row.title, presence }
}

/// By code where the section has one, else by title.
fn is(code: Option<&Coded>, title: &str, row: &Heading) -> bool {
    if let Some(code) = code.filter(|code| code.is_snomed()) {
        return row.code == code.code || row.aliases.contains(&code.code.as_str());
    }
    let title = title.trim().trim_end_matches(':').to_lowercase();
    row.title.to_lowercase() == title || row.titles.contains(&title.as_str())
}

/// Whether a section is the plan with its requested actions: by code, or by the standard's own title.
pub(super) fn is_plan(code: Option<&Coded>, title: &str) -> bool {
    match code.filter(|code| code.is_snomed()) {
        Some(code) => code.code == PLAN,
        None => title.trim().eq_ignore_ascii_case("Plan and requested actions"),
    }
}

/// Three headings of the standard are data of the CDA header.
fn in_header(header: &CdaHeader, code: &str) -> bool {
    let patient = &header.patient;
    match code {
        GP_PRACTICE => {
            let practice = &patient.person.organisation;
            practice.id.is_some() || practice.name.is_some()
        }
        DEMOGRAPHICS => !patient.person.family.is_empty() && patient.birth_time.is_some(),
        DISTRIBUTION => !header.recipients.is_empty(),
        COMPLETED_BY => header.author.as_ref().is_some_and(|author| !author.family.is_empty()),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
