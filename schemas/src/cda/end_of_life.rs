//! End of life: coded findings of a plan (SCCI1580 core content) as event codes and slots, above all
//! the decision on cardiopulmonary resuscitation with its dates.
//!
//! An observation speaks either by a SNOMED CT finding, as its code or its value, or by a type of
//! EoLCDAObservationType with the finding or date as its value.

use super::HL7;
use super::header::Coded;
use super::read::{attr, coded};
use super::slot;
use super::warning::{CdaWarning, note};
use crate::code_set::CodeSets;
use crate::dtm::Dtm;
use crate::metadata::Code;
use crate::oid;
use crate::wire::Slot;
use crate::xml::Element;

/// EoLCDAObservationType: EOLCP plan, EOLDCR DNACPR, EOLDRD its review date, EOLPRD planned review ...
pub const OBSERVATION_TYPE: &str = "2.16.840.1.113883.2.1.3.2.4.17.435";
pub const FOR_CPR: &str = "450475007";
pub const NOT_FOR_CPR: &str = "450476008";
/// A finding, never a document type.
pub const ANTICIPATORY_PLAN: &str = "792871000000101";
/// Document type of a form that is itself the decision against resuscitation.
const DNACPR_ORDER: &str = "823881000000104";

/// Findings that an entry carries as event codes, and what to call one that the code set does not
/// name.
const FINDINGS: [(&str, &str); 30] = [
    (FOR_CPR, "For attempted cardiopulmonary resuscitation"),
    (NOT_FOR_CPR, "Not for attempted cardiopulmonary resuscitation"),
    (ANTICIPATORY_PLAN, "Has anticipatory care plan"),
    ("444332001", "Person aware of prognosis"),
    ("473301001", "Carer aware of prognosis"),
    ("975291000000108", "Family informed of CPR decision"),
    ("975311000000109", "Carer informed of CPR decision"),
    ("816301000000100", "Has advance decision to refuse treatment"),
    ("816321000000109", "Has advance decision to refuse life sustaining treatment"),
    ("816361000000101", "Has lasting power of attorney"),
    (
        "816381000000105",
        "Has lasting power of attorney with authority for life sustaining decisions",
    ),
    ("376201000000102", "Anticipatory medicines box issued"),
    ("871021000000106", "Anticipatory medicines prescribed"),
    ("526631000000108", "On end of life care register"),
    ("845701000000104", "Gold standards framework stage A"),
    ("845721000000108", "Gold standards framework stage B"),
    ("845751000000103", "Gold standards framework stage C"),
    ("845771000000107", "Gold standards framework stage D"),
    ("110481000000108", "Preferred place of death: home"),
    ("108401000000102", "Preferred place of death: hospice"),
    ("109401000000108", "Preferred place of death: hospital"),
    ("89751000000108", "Preferred place of death: community hospital"),
    ("89761000000106", "Preferred place of death: nursing home"),
    ("512071000000106", "Preferred place of death: residential home"),
    ("710571000000101", "Preferred place of death: care home"),
    ("819211000000102", "Preferred place of death: usual residence"),
    ("1060941000000102", "Preferred place of death: no preference"),
    ("517161000000101", "Preferred place of death: undecided"),
    ("517111000000103", "Preferred place of death: unable to say"),
    ("766391000000108", "Preferred place of death: declined to say"),
];

/// The places among [`FINDINGS`].
const PLACES: &str = "Preferred place of death";

/// One coded finding of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// EoLCDAObservationType, where the observation has one.
    pub kind: Option<String>,
    /// One of the findings that are read.
    pub concept: Option<String>,
    /// A value that is true or false.
    pub truth: Option<bool>,
    /// A value that is a date.
    pub date: Option<Dtm>,
    /// When it was found or decided.
    pub at: Option<Dtm>,
}

/// Reads an observation that speaks of the end of life; `None` for any other.
pub(super) fn finding(element: Element<'_>, warnings: &mut Vec<CdaWarning>) -> Option<Finding> {
    let code = element.child(HL7, "code").and_then(coded)?;
    let values: Vec<Element<'_>> = element.children_named(HL7, "value").collect();
    let kind = (code.system == OBSERVATION_TYPE).then(|| code.code.clone());
    let mut concepts =
        values.iter().filter_map(|e| coded(*e)).chain([code]).filter(Coded::is_snomed);
    let known = |coded: &Coded| FINDINGS.iter().any(|(known, _)| *known == coded.code);
    let concept = concepts.find(known).map(|coded| coded.code);
    if kind.is_none() && concept.is_none() {
        return None;
    }
    if element.attr("negationInd") == Some("true") {
        note(warnings, CdaWarning::NegatedFinding);
        return None;
    }
    let stated = |e: &Element<'_>| attr(*e, "value");
    let truth = values.iter().filter_map(stated).find_map(|value| value.parse().ok());
    let mut date = |text: Option<String>| {
        let read = text.map(|text| Dtm::from_cda(&text).ok())?;
        if read.is_none() {
            note(warnings, CdaWarning::ObservationDateUnreadable);
        }
        read
    };
    let valued = values.iter().filter(|_| truth.is_none()).find_map(stated);
    // A reviewing finding without a date of its own is dated by its time.
    let time = element.child(HL7, "effectiveTime");
    let bound = |name| time.and_then(|e| e.child(HL7, name)).and_then(|e| attr(e, "value"));
    let at =
        time.and_then(|e| attr(e, "value")).or_else(|| bound("low")).or_else(|| bound("center"));
    Some(Finding { kind, concept, truth, date: date(valued), at: date(at) })
}

/// What a plan decides, for entries and for whoever compares decisions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndOfLife {
    /// 450475007, 450476008, or both where a document contradicts itself.
    pub cpr_decision: Vec<&'static str>,
    pub decision_date: Option<Dtm>,
    pub review_date: Option<Dtm>,
    pub preferred_place_of_death: Vec<&'static str>,
    /// SNOMED CT findings, each once.
    pub findings: Vec<&'static str>,
    /// Types of EoLCDAObservationType, each once.
    pub kinds: Vec<String>,
}

impl EndOfLife {
    /// Reads the findings of a document of a type.
    pub(super) fn of(
        findings: &[Finding],
        type_code: &str,
        warnings: &mut Vec<CdaWarning>,
    ) -> Self {
        let mut plan = Self::default();
        for finding in findings {
            plan.take(finding);
        }
        // The order is the decision, whether or not it is coded again inside.
        if type_code == DNACPR_ORDER && plan.cpr_decision.is_empty() {
            plan.decide(NOT_FOR_CPR, None);
        }
        if plan.cpr_decision.len() > 1 {
            note(warnings, CdaWarning::ConflictingCprDecisions);
        }
        let planned = |kind: &str| {
            let of_kind = |finding: &&Finding| finding.kind.as_deref() == Some(kind);
            findings.iter().find(of_kind).and_then(|f| f.date.clone().or_else(|| f.at.clone()))
        };
        plan.review_date = planned("EOLDRD").or_else(|| planned("EOLPRD"));
        plan
    }

    fn take(&mut self, finding: &Finding) {
        if let Some(kind) = finding.kind.as_ref().filter(|kind| !self.kinds.contains(kind)) {
            self.kinds.push(kind.clone());
        }
        let row = FINDINGS.iter().find(|(code, _)| Some(*code) == finding.concept.as_deref());
        if let Some((code, name)) = row {
            if name.starts_with(PLACES) && !self.preferred_place_of_death.contains(code) {
                self.preferred_place_of_death.push(code);
            }
            if matches!(*code, FOR_CPR | NOT_FOR_CPR) {
                self.decide(code, finding.at.clone());
            } else if !self.findings.contains(code) {
                self.findings.push(code);
            }
        } else if finding.kind.as_deref() == Some("EOLDCR") && finding.truth == Some(true) {
            self.decide(NOT_FOR_CPR, finding.at.clone());
        }
    }

    fn decide(&mut self, decision: &'static str, at: Option<Dtm>) {
        if !self.cpr_decision.contains(&decision) {
            self.cpr_decision.push(decision);
            self.findings.push(decision);
        }
        // Of two dates the later: a decision stands as it was last made.
        self.decision_date = self.decision_date.take().max(at);
    }

    pub(super) fn events(&self, code_sets: &CodeSets) -> Vec<Code> {
        let named = |code: &str| {
            let own =
                FINDINGS.iter().find(|(known, _)| *known == code).map_or(code, |(_, name)| name);
            Code::new(code, oid::SNOMED_CT, code_sets.display("eventCodeList", code).unwrap_or(own))
        };
        let findings = self.findings.iter().map(|code| named(code));
        let kinds = self.kinds.iter().map(|kind| Code::new(kind, OBSERVATION_TYPE, kind));
        findings.chain(kinds).collect()
    }

    pub(super) fn slots(&self) -> Vec<Slot> {
        let several = |name: &str, values: &[&str]| {
            let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
            (!values.is_empty()).then(|| Slot { name: name.to_owned(), values })
        };
        let one = |name: &str, date: &Option<Dtm>| {
            date.as_ref().map(|date| Slot::one(name, date.to_string()))
        };
        [
            several(slot::CPR_DECISION, &self.cpr_decision),
            one(slot::DECISION_DATE, &self.decision_date),
            one(slot::REVIEW_DATE, &self.review_date),
            several(slot::PREFERRED_PLACE_OF_DEATH, &self.preferred_place_of_death),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    const EOL: &str = "2.16.840.1.113883.2.1.3.2.4.17.435";
    const UK: &str = "2.16.840.1.113883.2.1.3.2.4.15";

    fn observation(code: &str, system: &str, more: &str) -> String {
        format!(
            "<entry><observation classCode='OBS' moodCode='EVN'><code code='{code}' \
             codeSystem='{system}'/>{more}</observation></entry>"
        )
    }

    fn read(entries: &str, type_code: &str) -> (EndOfLife, Vec<CdaWarning>) {
        let header = sample::with_body(&format!(
            "<structuredBody><component><section>{entries}</section></component></structuredBody>"
        ));
        let mut warnings = header.warnings.clone();
        (EndOfLife::of(&header.body.findings, type_code, &mut warnings), warnings)
    }

    fn date(text: &str) -> Option<Dtm> {
        Some(Dtm::parse(text).unwrap())
    }

    #[test]
    fn a_cpr_decision_is_read_with_its_dates_however_it_is_coded() {
        let value = |code| format!("<value code='{code}' codeSystem='{UK}'/>");
        let at = "<effectiveTime value='20260301'/>";
        let review = observation("EOLDRD", EOL, "<value value='20260901'/>");
        for (decision, expected) in [
            (observation(NOT_FOR_CPR, UK, at), NOT_FOR_CPR),
            (observation(FOR_CPR, UK, at), FOR_CPR),
            (observation("EOLDCR", EOL, &format!("{at}{}", value(NOT_FOR_CPR))), NOT_FOR_CPR),
            (observation("EOLRST", EOL, &format!("{at}{}", value(FOR_CPR))), FOR_CPR),
            (observation("EOLDCR", EOL, &format!("{at}<value value='true'/>")), NOT_FOR_CPR),
        ] {
            let (plan, warnings) = read(&format!("{decision}{review}"), "861421000000109");
            assert_eq!(plan.cpr_decision, [expected], "{decision}");
            assert_eq!(
                (&plan.decision_date, &plan.review_date),
                (&date("20260301"), &date("20260901"))
            );
            assert!(!warnings.contains(&CdaWarning::ConflictingCprDecisions));
        }
    }

    #[test]
    fn a_type_without_a_value_decides_nothing() {
        let (plan, _) = read(&observation("EOLDCR", EOL, ""), "861421000000109");
        assert_eq!(
            (plan.cpr_decision.len(), plan.kinds.as_slice()),
            (0, &["EOLDCR".to_owned()][..])
        );
        let (plan, _) = read(&observation("EOLDCR", EOL, "<value value='false'/>"), "x");
        assert!(plan.cpr_decision.is_empty(), "no order is not an order to resuscitate");
    }

    #[test]
    fn a_dnacpr_order_is_its_decision() {
        let (plan, _) = read("", DNACPR_ORDER);
        assert_eq!((plan.cpr_decision.as_slice(), plan.decision_date), (&[NOT_FOR_CPR][..], None));
    }

    #[test]
    fn both_decisions_in_one_document_are_both_kept_and_said() {
        let both = observation(FOR_CPR, UK, "") + &observation(NOT_FOR_CPR, UK, "");
        let (plan, warnings) = read(&both, "861421000000109");
        assert_eq!(plan.cpr_decision, [FOR_CPR, NOT_FOR_CPR]);
        assert!(warnings.contains(&CdaWarning::ConflictingCprDecisions));
    }

    #[test]
    fn a_negated_finding_is_no_event() {
        let negated = observation(NOT_FOR_CPR, UK, "")
            .replace("<observation", "<observation negationInd='true'");
        let (plan, warnings) = read(&negated, "861421000000109");
        assert_eq!(plan, EndOfLife::default());
        assert!(warnings.contains(&CdaWarning::NegatedFinding));
    }

    #[test]
    fn every_finding_becomes_an_event_and_every_place_a_preference() {
        let code_sets = sample::code_sets();
        for (code, name) in FINDINGS {
            let (plan, _) = read(&observation(code, UK, ""), "861421000000109");
            let events = plan.events(&code_sets);
            assert_eq!((events.len(), events[0].code.as_str()), (1, code), "{name}");
            let slots = plan.slots();
            let preferred = slots.iter().any(|s| s.name == slot::PREFERRED_PLACE_OF_DEATH);
            assert_eq!(preferred, name.starts_with(PLACES), "{name}");
        }
    }

    #[test]
    fn every_observation_type_becomes_an_event() {
        for kind in [
            "EOLCP", "EOLTLU", "EOLTST", "EOLPRD", "EOLPR", "EOLADP", "EOLADL", "EOLADS", "EOLBLC",
            "EOLDCR", "EOLDDL", "EOLAOP", "EOLLPA", "EOLDRD", "EOLRST",
        ] {
            let (plan, _) = read(&observation(kind, EOL, ""), "861421000000109");
            let events = plan.events(&sample::code_sets());
            assert_eq!((events[0].code.as_str(), events[0].scheme.as_str()), (kind, EOL));
        }
    }

    #[test]
    fn the_review_of_the_plan_stands_in_for_that_of_the_decision() {
        let planned = observation("EOLPRD", EOL, "<effectiveTime value='20261001'/>");
        let (plan, _) = read(&planned, "861421000000109");
        assert_eq!(plan.review_date, date("20261001"));
        let (plan, warnings) = read(&planned.replace("20261001", "soon"), "861421000000109");
        assert_eq!(plan.review_date, None);
        assert!(warnings.contains(&CdaWarning::ObservationDateUnreadable));
    }
}
