//! A seeded generator of synthetic documents: NHS CDA on the wire format, bare for ITI-41 or in a
//! Distribution Envelope for ITK. The same seed makes the same documents.

use crate::fixtures::{Narrative, Patient, narratives, patients};
use schemas::code_set::CodeSets;
use schemas::itk::{INTERACTION_PREFIX, NAMESPACE, SERVICE_PREFIX};
use schemas::ods_code::OdsCode;
use schemas::oid;
use schemas::xml::escape_into;
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    Iti41,
    Itk,
}

/// A generated document, ready to send.
#[derive(Clone, Debug)]
pub struct Document {
    pub publisher: OdsCode,
    pub document_type: String,
    pub route: Route,
    /// A CDA, or a Distribution Envelope around one.
    pub bytes: String,
}

pub struct Generator {
    random: fastrand::Rng,
    patients: Vec<Patient>,
    narratives: Vec<Narrative>,
    code_sets: CodeSets,
    now: jiff::Timestamp,
}

fn text(value: &str) -> String {
    let mut out = String::new();
    escape_into(&mut out, value);
    out
}

impl Generator {
    pub fn new(seed: u64) -> Result<Self, String> {
        Self::at(seed, jiff::Timestamp::now())
    }

    /// With a day of one's own: documents lie in the eighteen months before it.
    pub fn at(seed: u64, now: jiff::Timestamp) -> Result<Self, String> {
        Ok(Self {
            random: fastrand::Rng::with_seed(seed),
            patients: patients()?,
            narratives: narratives()?,
            code_sets: crate::fixtures::code_sets()?,
            now,
        })
    }

    fn uuid(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.random.u128(..).to_be_bytes()).into_uuid()
    }

    fn pick<T: Clone>(&mut self, items: &[T]) -> Option<T> {
        let at = self.random.usize(..items.len().max(1));
        items.get(at).cloned()
    }

    /// The n-th document: types take turns, and every third is about the sample patient until each
    /// type has been.
    pub fn document(&mut self, n: usize) -> Document {
        let narrative = self.narratives[n % self.narratives.len()].clone();
        let patient = if n < self.narratives.len() * 2 && n.is_multiple_of(3) {
            self.patients[0].clone()
        } else {
            let at = self.random.usize(..self.patients.len());
            self.patients[at].clone()
        };
        let fallback = narrative.publishers.first().cloned();
        let publisher = self
            .pick(&narrative.publishers)
            .or(fallback)
            .unwrap_or_else(|| patient.practice.clone());
        let cda = self.cda(&narrative, &patient, &publisher);
        let route = if n.is_multiple_of(2) { Route::Iti41 } else { Route::Itk };
        let bytes = match route {
            Route::Iti41 => format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{cda}"),
            Route::Itk => self.envelope(&cda, &narrative, &patient, &publisher),
        };
        Document { publisher, document_type: narrative.document_type, route, bytes }
    }

    fn cda(&mut self, narrative: &Narrative, patient: &Patient, publisher: &OdsCode) -> String {
        let story = self.random.usize(..8);
        let hours = self.random.i64(2..18 * 30 * 24);
        let stop = self.now - jiff::SignedDuration::from_hours(hours);
        let stay = jiff::SignedDuration::from_hours(self.random.i64(1..120));
        let time = |at: jiff::Timestamp| at.strftime("%Y%m%d%H%M%S+00").to_string();
        let title = self.pick(&narrative.titles).unwrap_or_default();
        let (type_code, setting, message_type) = match self
            .code_sets
            .by_name(&narrative.document_type)
        {
            Some(t) => {
                (t.type_code.clone(), t.practice_setting.clone(), t.message_types.first().cloned())
            }
            None => Default::default(),
        };
        let message_type = message_type.unwrap_or_else(|| "POCD_MT010011GB02".to_owned());
        let mut sections = String::new();
        for section in &narrative.section {
            let told =
                section.texts.get(story % section.texts.len().max(1)).cloned().unwrap_or_default();
            let id = self.uuid().to_string().to_uppercase();
            sections.push_str(&format!(
                "<component typeCode=\"COMP\" contextConductionInd=\"true\"><section classCode=\"DOCSECT\" moodCode=\"EVN\"><id root=\"{id}\"/><title>{}</title><text>{}</text></section></component>\n",
                text(&section.title), text(&told)
            ));
        }
        let ids: Vec<String> = (0..4).map(|_| self.uuid().to_string().to_uppercase()).collect();
        let local = self.random.u32(100_000..999_999);
        format!(
            "<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:npfitlc=\"NPFIT:HL7:Localisation\" classCode=\"DOCCLIN\" moodCode=\"EVN\">\n\
<typeId root=\"2.16.840.1.113883.1.3\" extension=\"POCD_HD000040\"/>\n\
<npfitlc:messageType root=\"2.16.840.1.113883.2.1.3.2.4.18.17\" extension=\"{message_type}\"/>\n\
<id root=\"{}\"/>\n<code code=\"{type_code}\" codeSystem=\"{}\"/>\n<title>{}</title>\n\
<effectiveTime value=\"{}\"/>\n<confidentialityCode code=\"N\" codeSystem=\"2.16.840.1.113883.1.11.16926\"/>\n\
<setId root=\"{}\"/>\n<versionNumber value=\"1\"/>\n{}{}{}\
<componentOf typeCode=\"COMP\"><encompassingEncounter classCode=\"ENC\" moodCode=\"EVN\"><id root=\"{}\"/>\
<effectiveTime><low value=\"{}\"/><high value=\"{}\"/></effectiveTime>\
<location typeCode=\"LOC\"><healthCareFacility classCode=\"SDLOC\"><code code=\"{setting}\" codeSystem=\"{}\"/></healthCareFacility></location>\
</encompassingEncounter></componentOf>\n\
<component typeCode=\"COMP\" contextConductionInd=\"true\"><structuredBody classCode=\"DOCBODY\" moodCode=\"EVN\">\n{sections}</structuredBody></component>\n</ClinicalDocument>",
            ids[0],
            oid::SNOMED_CT_UK,
            text(&title),
            time(stop),
            ids[1],
            record_target(patient, publisher, local),
            self.author(publisher),
            custodian(publisher),
            ids[2],
            time(stop - stay),
            time(stop),
            oid::SNOMED_CT_UK,
        )
    }

    fn author(&mut self, publisher: &OdsCode) -> String {
        let user = self.random.u64(555_000_000_000..555_999_999_999);
        format!(
            "<author typeCode=\"AUT\" contextControlCode=\"OP\"><functionCode code=\"OA\" codeSystem=\"2.16.840.1.113883.2.1.3.2.4.17.178\"/>\
<time value=\"{}\"/><assignedAuthor classCode=\"ASSIGNED\"><id root=\"{}\" extension=\"{user}\"/>\
<code code=\"NR0110\" codeSystem=\"2.16.840.1.113883.2.1.3.2.4.17.124\"/>\
<assignedPerson classCode=\"PSN\" determinerCode=\"INSTANCE\"><name><prefix>Dr</prefix><given>Synthetic</given><family>Author</family></name></assignedPerson>\
<representedOrganization classCode=\"ORG\" determinerCode=\"INSTANCE\"><id root=\"{}\" extension=\"{publisher}\"/><name>{publisher}</name></representedOrganization>\
</assignedAuthor></author>\n",
            self.now.strftime("%Y%m%d"),
            oid::SDS_USER,
            oid::ODS_ORGANISATION
        )
    }

    fn envelope(
        &mut self,
        cda: &str,
        narrative: &Narrative,
        patient: &Patient,
        publisher: &OdsCode,
    ) -> String {
        let payload = format!("uuid_{}", self.uuid().to_string().to_uppercase());
        let tracking = self.uuid().to_string().to_uppercase();
        let message_types =
            self.code_sets.by_name(&narrative.document_type).map(|t| t.message_types.clone());
        let message_type =
            message_types.and_then(|types| types.first().cloned()).unwrap_or_default();
        let (profile, interaction) = match message_type.as_str() {
            "POCD_MT150001UK06" => ("dischargeReport-v6-1", "primaryRecipientDischargeReport-v1-0"),
            "POCD_MT160001UK06" => {
                ("emergencyDepartmentReport-v6-1", "primaryRecipientEmergencyDepartmentReport-v1-0")
            }
            "POCD_MT170001UK06" => {
                ("outpatientsReport-v6-1", "primaryRecipientOutpatientReport-v1-0")
            }
            "POCD_MT030001UK01" => (
                "ambulanceServiceSummaryPatientReport-v1-1",
                "primaryRecipientAmbulanceServicePatientReport-v1-0",
            ),
            _ => ("NonCodedCDADocument-v2-1", "primaryRecipientNonCodedCDADocument-v2-0"),
        };
        format!(
            "<itk:DistributionEnvelope xmlns:itk=\"{NAMESPACE}\"><itk:header service=\"{SERVICE_PREFIX}SendCDADocument-v2-0\" trackingid=\"{tracking}\">\
<itk:addresslist><itk:address uri=\"urn:nhs-uk:addressing:ods:{}\"/></itk:addresslist>\
<itk:auditIdentity><itk:id uri=\"urn:nhs-uk:identity:ods:{publisher}\"/></itk:auditIdentity>\
<itk:manifest count=\"1\"><itk:manifestitem id=\"{payload}\" mimetype=\"text/xml\" profileid=\"urn:nhs-en:profile:{profile}\" base64=\"false\" compressed=\"false\" encrypted=\"false\"/></itk:manifest>\
<itk:senderAddress uri=\"urn:nhs-uk:addressing:ods:{publisher}\"/>\
<itk:handlingSpecification><itk:spec key=\"urn:nhs-itk:ns:201005:interaction\" value=\"{INTERACTION_PREFIX}{interaction}\"/></itk:handlingSpecification>\
</itk:header><itk:payloads count=\"1\"><itk:payload id=\"{payload}\">{cda}</itk:payload></itk:payloads></itk:DistributionEnvelope>",
            patient.practice
        )
    }
}

fn record_target(patient: &Patient, publisher: &OdsCode, local: u32) -> String {
    format!(
        "<recordTarget typeCode=\"RCT\" contextControlCode=\"OP\"><patientRole classCode=\"PAT\">\
<id root=\"{}\" extension=\"{}\"/><id root=\"{}\" extension=\"PAS-{local}\" assigningAuthorityName=\"{publisher}:{publisher}\"/>\
<addr use=\"HP\"><streetAddressLine>{}</streetAddressLine><streetAddressLine>{}</streetAddressLine><postalCode>{}</postalCode></addr>\
<patient classCode=\"PSN\" determinerCode=\"INSTANCE\"><name><prefix>{}</prefix><given>{}</given><family>{}</family></name>\
<administrativeGenderCode code=\"{}\" codeSystem=\"2.16.840.1.113883.2.1.3.2.4.16.25\"/><birthTime value=\"{}\"/></patient>\
<providerOrganization classCode=\"ORG\" determinerCode=\"INSTANCE\"><id root=\"{}\" extension=\"{}\"/></providerOrganization>\
</patientRole></recordTarget>\n",
        oid::NHS_NUMBER,
        patient.number.digits(),
        oid::LOCAL_IDENTIFIER,
        text(&patient.address_line),
        text(&patient.town),
        text(&patient.postcode),
        text(&patient.prefix),
        text(&patient.given),
        text(&patient.family),
        text(&patient.sex),
        text(&patient.birth_date),
        oid::ODS_ORGANISATION,
        patient.practice
    )
}

fn custodian(publisher: &OdsCode) -> String {
    format!(
        "<custodian typeCode=\"CST\"><assignedCustodian classCode=\"ASSIGNED\"><representedCustodianOrganization classCode=\"ORG\" determinerCode=\"INSTANCE\"><id root=\"{}\" extension=\"{publisher}\"/><name>{publisher}</name></representedCustodianOrganization></assignedCustodian></custodian>\n",
        oid::ODS_ORGANISATION
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_documents_of_many_types() {
        let now: jiff::Timestamp = "2026-07-15T12:00:00Z".parse().unwrap();
        let made = |seed| {
            let mut generator = Generator::at(seed, now).unwrap();
            (0..60).map(|n| generator.document(n)).collect::<Vec<_>>()
        };
        let (first, second) = (made(7), made(7));
        assert!(first.iter().zip(&second).all(|(a, b)| a.bytes == b.bytes));
        assert_ne!(first[0].bytes, made(8)[0].bytes);
        let types: std::collections::HashSet<_> = first.iter().map(|d| &d.document_type).collect();
        assert!(types.len() >= 12, "{}", types.len());
    }
}
