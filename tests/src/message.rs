//! Messages that the suite sends: small, synthetic, each part replaceable.

pub mod batch;

use base64::Engine;
use sha1::Digest;

const NHS: &str = "2.16.840.1.113883.2.1.4.1";

/// One document with its metadata, ready to be sent by ITI-41.
#[derive(Clone, Debug)]
pub struct Provide {
    pub patient: String,
    pub unique_id: String,
    pub set_unique_id: String,
    pub document: Vec<u8>,
    /// (attribute's classification scheme, code, scheme, display); replaceable by scheme.
    pub codes: Vec<(&'static str, String, String, String)>,
    /// Slots of the DocumentEntry.
    pub slots: Vec<(String, Vec<String>)>,
    pub mime_type: String,
    /// Associations beside the SubmissionSet's HasMember, as XML.
    pub associations: String,
}

pub mod scheme {
    pub use schemas::metadata::ids::document_entry::*;
}

impl Provide {
    /// A clinical letter of patient 9000000009, named by a number.
    pub fn letter(number: u32) -> Self {
        let snomed = "2.16.840.1.113883.6.96";
        let code = |s, c: &str, k: &str, d: &str| (s, c.to_owned(), k.to_owned(), d.to_owned());
        let slot = |name: &str, value: &str| (name.to_owned(), vec![value.to_owned()]);
        Self {
            patient: format!("9000000009^^^&amp;{NHS}&amp;ISO"),
            unique_id: format!("1.2.826.0.1.99999.20.{number}"),
            set_unique_id: format!("1.2.826.0.1.99999.30.{number}"),
            document: format!("<letter>{number}</letter>").into_bytes(),
            codes: vec![
                code(scheme::CLASS_CODE, "823651000000106", snomed, "Clinical note"),
                code(scheme::TYPE_CODE, "823681000000100", snomed, "Outpatient letter"),
                code(scheme::CONFIDENTIALITY_CODE, "N", "2.16.840.1.113883.5.25", "normal"),
                code(
                    scheme::FORMAT_CODE,
                    "urn:ihe:iti:xds:2017:mimeTypeSufficient",
                    "1.3.6.1.4.1.19376.1.2.3",
                    "mimeType Sufficient",
                ),
                code(scheme::HEALTHCARE_FACILITY_TYPE_CODE, "22232009", snomed, "Hospital"),
                code(scheme::PRACTICE_SETTING_CODE, "394579002", snomed, "Cardiology"),
            ],
            slots: vec![
                slot("creationTime", "20260115093000"),
                slot("languageCode", "en-GB"),
                slot("sourcePatientId", "LOC-1^^^&amp;1.2.826.0.1.99999.10.1&amp;ISO"),
            ],
            mime_type: "text/xml".to_owned(),
            associations: String::new(),
        }
    }

    pub fn slot(mut self, name: &str, values: &[&str]) -> Self {
        self.slots.retain(|(other, _)| other != name);
        if !values.is_empty() {
            self.slots.push((name.to_owned(), values.iter().map(|v| (*v).to_owned()).collect()));
        }
        self
    }

    pub fn code(mut self, scheme: &'static str, code: &str, coding_scheme: &str) -> Self {
        self.codes.retain(|(other, ..)| *other != scheme);
        self.codes.push((scheme, code.to_owned(), coding_scheme.to_owned(), "display".to_owned()));
        self
    }

    pub fn without_code(mut self, scheme: &str) -> Self {
        self.codes.retain(|(other, ..)| *other != scheme);
        self
    }

    /// An NHS number under the domain's authority.
    pub fn patient(mut self, number: &str) -> Self {
        self.patient = format!("{number}^^^&amp;{NHS}&amp;ISO");
        self
    }

    pub fn sha1(&self) -> String {
        sha1::Sha1::digest(&self.document).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn identifier(&self, object: &str, scheme: &str, name: &str, value: &str) -> String {
        format!(
            "<rim:ExternalIdentifier id=\"{object}-{name}\" registryObject=\"{object}\" identificationScheme=\"{scheme}\" value=\"{value}\"><rim:Name><rim:LocalizedString value=\"{name}\"/></rim:Name></rim:ExternalIdentifier>"
        )
    }

    fn classification(
        object: &str,
        scheme: &str,
        code: &str,
        coding_scheme: &str,
        display: &str,
    ) -> String {
        format!(
            "<rim:Classification id=\"{object}-{scheme}\" classificationScheme=\"{scheme}\" classifiedObject=\"{object}\" nodeRepresentation=\"{code}\"><rim:Slot name=\"codingScheme\"><rim:ValueList><rim:Value>{coding_scheme}</rim:Value></rim:ValueList></rim:Slot><rim:Name><rim:LocalizedString value=\"{display}\"/></rim:Name></rim:Classification>"
        )
    }

    /// `lcm:SubmitObjectsRequest`.
    pub fn metadata(&self) -> String {
        use schemas::metadata::ids::submission_set as set;
        let slots: String = self
            .slots
            .iter()
            .map(|(name, values)| {
                let values: String =
                    values.iter().map(|v| format!("<rim:Value>{v}</rim:Value>")).collect();
                format!(
                    "<rim:Slot name=\"{name}\"><rim:ValueList>{values}</rim:ValueList></rim:Slot>"
                )
            })
            .collect();
        let codes: String = self
            .codes
            .iter()
            .map(|(scheme, code, coding, display)| {
                Self::classification("Document01", scheme, code, coding, display)
            })
            .collect();
        let entry_ids = self.identifier(
            "Document01",
            scheme::PATIENT_ID,
            "XDSDocumentEntry.patientId",
            &self.patient,
        ) + &self.identifier(
            "Document01",
            scheme::UNIQUE_ID,
            "XDSDocumentEntry.uniqueId",
            &self.unique_id,
        );
        let set_ids = self.identifier(
            "SubmissionSet01",
            set::PATIENT_ID,
            "XDSSubmissionSet.patientId",
            &self.patient,
        ) + &self.identifier(
            "SubmissionSet01",
            set::SOURCE_ID,
            "XDSSubmissionSet.sourceId",
            "1.2.826.0.1.99999.50.1",
        ) + &self.identifier(
            "SubmissionSet01",
            set::UNIQUE_ID,
            "XDSSubmissionSet.uniqueId",
            &self.set_unique_id,
        );
        let content = Self::classification(
            "SubmissionSet01",
            set::CONTENT_TYPE_CODE,
            "823651000000106",
            "2.16.840.1.113883.6.96",
            "Clinical note",
        );
        format!(
            "<lcm:SubmitObjectsRequest xmlns:lcm=\"urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0\" xmlns:rim=\"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0\"><rim:RegistryObjectList>\
<rim:ExtrinsicObject id=\"Document01\" mimeType=\"{}\" objectType=\"urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1\">{slots}<rim:Name><rim:LocalizedString value=\"A letter\"/></rim:Name>{codes}{entry_ids}</rim:ExtrinsicObject>\
<rim:RegistryPackage id=\"SubmissionSet01\"><rim:Slot name=\"submissionTime\"><rim:ValueList><rim:Value>20260715115900</rim:Value></rim:ValueList></rim:Slot>{content}\
<rim:Classification id=\"marker\" classifiedObject=\"SubmissionSet01\" classificationNode=\"{}\"/>{set_ids}</rim:RegistryPackage>\
<rim:Association id=\"as1\" associationType=\"urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember\" sourceObject=\"SubmissionSet01\" targetObject=\"Document01\"><rim:Slot name=\"SubmissionSetStatus\"><rim:ValueList><rim:Value>Original</rim:Value></rim:ValueList></rim:Slot></rim:Association>{}\
</rim:RegistryObjectList></lcm:SubmitObjectsRequest>",
            self.mime_type,
            set::MARKER,
            self.associations
        )
    }

    /// A SOAP 1.2 envelope of ITI-41 with the document inline.
    pub fn inline(&self) -> String {
        let document = base64::engine::general_purpose::STANDARD.encode(&self.document);
        self.envelope(&format!("<xds:Document id=\"Document01\">{document}</xds:Document>"))
    }

    /// An envelope of ITI-41 with `xds:Document` elements of the test's own.
    pub fn envelope(&self, documents: &str) -> String {
        let body = format!(
            "<xds:ProvideAndRegisterDocumentSetRequest xmlns:xds=\"urn:ihe:iti:xds-b:2007\">{}{documents}</xds:ProvideAndRegisterDocumentSetRequest>",
            self.metadata()
        );
        envelope("urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b", &body)
    }

    /// An MTOM package: Content-Type and body.
    pub fn mtom(&self) -> (String, Vec<u8>) {
        let include = "<xds:Document id=\"Document01\"><xop:Include xmlns:xop=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:doc@suite\"/></xds:Document>";
        package(&self.envelope(include), &[("doc@suite", &self.document)])
    }
}

/// A multipart/related package around an envelope.
pub fn package(envelope: &str, parts: &[(&str, &[u8])]) -> (String, Vec<u8>) {
    let content_type = "multipart/related; boundary=\"suite\"; type=\"application/xop+xml\"; start=\"<root@suite>\"; start-info=\"application/soap+xml\"";
    let mut body = format!("--suite\r\nContent-Type: application/xop+xml; charset=UTF-8; type=\"application/soap+xml\"\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <root@suite>\r\n\r\n{envelope}").into_bytes();
    for (id, bytes) in parts {
        body.extend(format!("\r\n--suite\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <{id}>\r\n\r\n").into_bytes());
        body.extend(*bytes);
    }
    body.extend(b"\r\n--suite--\r\n");
    (content_type.to_owned(), body)
}

/// A SOAP 1.2 envelope with the usual headers.
pub fn envelope(action: &str, body: &str) -> String {
    envelope_with(&format!("<wsa:Action s:mustUnderstand=\"1\">{action}</wsa:Action>"), body)
}

/// With header blocks of the test's own in front of MessageID, ReplyTo and To.
pub fn envelope_with(headers: &str, body: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:wsa=\"http://www.w3.org/2005/08/addressing\"><s:Header>{headers}<wsa:MessageID>urn:uuid:{}</wsa:MessageID><wsa:ReplyTo><wsa:Address>http://www.w3.org/2005/08/addressing/anonymous</wsa:Address></wsa:ReplyTo><wsa:To>https://hub/</wsa:To></s:Header><s:Body>{body}</s:Body></s:Envelope>",
        uuid::Uuid::new_v4()
    )
}

/// FindDocuments for an NHS number, Approved, with more slots.
pub fn find_documents(nhs_number: &str, return_type: &str, more: &str) -> String {
    let body = format!(
        "<query:AdhocQueryRequest xmlns:query=\"urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0\" xmlns:rim=\"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0\"><query:ResponseOption returnComposedObjects=\"true\" returnType=\"{return_type}\"/><rim:AdhocQuery id=\"urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d\">{}{}{more}</rim:AdhocQuery></query:AdhocQueryRequest>",
        slot(
            concat!("$", "XDSDocumentEntryPatientId"),
            &format!("'{nhs_number}^^^&amp;{NHS}&amp;ISO'")
        ),
        slot(
            concat!("$", "XDSDocumentEntryStatus"),
            "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')"
        ),
    );
    envelope("urn:ihe:iti:2007:RegistryStoredQuery", &body)
}

/// A query parameter.
pub fn slot(name: &str, value: &str) -> String {
    format!(
        "<rim:Slot name=\"{name}\"><rim:ValueList><rim:Value>{value}</rim:Value></rim:ValueList></rim:Slot>"
    )
}

/// ITI-43 for documents of the development repository.
pub fn retrieve(unique_ids: &[&str]) -> String {
    let requests: String = unique_ids.iter().map(|id| format!("<xds:DocumentRequest><xds:RepositoryUniqueId>1.2.826.0.1.99999.40.1</xds:RepositoryUniqueId><xds:DocumentUniqueId>{id}</xds:DocumentUniqueId></xds:DocumentRequest>")).collect();
    envelope(
        "urn:ihe:iti:2007:RetrieveDocumentSet",
        &format!(
            "<xds:RetrieveDocumentSetRequest xmlns:xds=\"urn:ihe:iti:xds-b:2007\">{requests}</xds:RetrieveDocumentSetRequest>"
        ),
    )
}

/// ITI-86 for documents of a repository.
pub fn remove(repository_unique_id: &str, unique_ids: &[&str]) -> String {
    let request = |id: &&str| schemas::retrieve::DocumentRequest {
        home_community_id: None,
        repository_unique_id: repository_unique_id.to_owned(),
        document_unique_id: (*id).to_owned(),
    };
    let requests: Vec<_> = unique_ids.iter().map(request).collect();
    let body = schemas::remove_documents::write_request(&requests);
    envelope("urn:ihe:iti:2017:RemoveDocuments", &body)
}

/// An ITK message in the making.
#[derive(Clone, Debug)]
pub struct Itk {
    pub message_id: String,
    pub tracking_id: String,
    pub action: String,
    pub service: String,
    /// `urn:nhs-uk:identity:ods:...`
    pub identity: String,
    pub username: String,
    pub created: String,
    pub expires: String,
    pub interaction: String,
    pub manifest_attributes: String,
    /// What stands inside the payload element.
    pub payload: String,
}

impl Itk {
    /// A discharge of a patient, stamped for the test hub's clock.
    pub fn discharge(nhs_number: &str, document_id: &str) -> Self {
        let service = "urn:nhs-itk:services:201005:SendCDADocument-v2-0".to_owned();
        Self {
            message_id: uuid::Uuid::new_v4().to_string().to_uppercase(),
            tracking_id: uuid::Uuid::new_v4().to_string().to_uppercase(),
            action: service.clone(),
            service,
            identity: "urn:nhs-uk:identity:ods:RXN:ward7".to_owned(),
            username: "suite".to_owned(),
            created: "2026-07-15T11:59:00Z".to_owned(),
            expires: "2026-07-15T12:09:00Z".to_owned(),
            interaction: "primaryRecipientDischargeReport-v1-0".to_owned(),
            manifest_attributes: "mimetype=\"text/xml\" profileid=\"urn:nhs-en:profile:dischargeReport-v6-1\" base64=\"false\" compressed=\"false\" encrypted=\"false\"".to_owned(),
            payload: cda(nhs_number, document_id),
        }
    }

    /// The SOAP 1.1 message.
    pub fn message(&self) -> String {
        format!(
            "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:wsa=\"http://www.w3.org/2005/08/addressing\" xmlns:itk=\"urn:nhs-itk:ns:201005\"><soap:Header><wsa:MessageID>{}</wsa:MessageID><wsa:Action>{}</wsa:Action><wsa:To>https://hub/itk</wsa:To><wsse:Security xmlns:wsse=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\"><wsu:Timestamp xmlns:wsu=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\"><wsu:Created>{}</wsu:Created><wsu:Expires>{}</wsu:Expires></wsu:Timestamp><wsse:UsernameToken><wsse:Username>{}</wsse:Username></wsse:UsernameToken></wsse:Security></soap:Header><soap:Body><itk:DistributionEnvelope><itk:header service=\"{}\" trackingid=\"{}\"><itk:addresslist><itk:address uri=\"urn:nhs-uk:addressing:ods:ZZP01\"/></itk:addresslist><itk:auditIdentity><itk:id uri=\"{}\"/></itk:auditIdentity><itk:manifest count=\"1\"><itk:manifestitem id=\"uuid_1\" {}/></itk:manifest><itk:senderAddress uri=\"urn:nhs-uk:addressing:ods:RXN\"/><itk:handlingSpecification><itk:spec key=\"urn:nhs-itk:ns:201005:interaction\" value=\"urn:nhs-itk:interaction:{}\"/></itk:handlingSpecification></itk:header><itk:payloads count=\"1\"><itk:payload id=\"uuid_1\">{}</itk:payload></itk:payloads></itk:DistributionEnvelope></soap:Body></soap:Envelope>",
            self.message_id,
            self.action,
            self.created,
            self.expires,
            self.username,
            self.service,
            self.tracking_id,
            self.identity,
            self.manifest_attributes,
            self.interaction,
            self.payload
        )
    }
}

/// A small CDA discharge; `document_id` is a UUID.
pub fn cda(nhs_number: &str, document_id: &str) -> String {
    // Each document is the first of a set of its own.
    let set_id = document_id.replacen(|c: char| c.is_ascii_hexdigit(), "5", 1);
    let set_id = set_id.as_str();
    format!(
        "<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:npfitlc=\"NPFIT:HL7:Localisation\" classCode=\"DOCCLIN\" moodCode=\"EVN\"><typeId root=\"2.16.840.1.113883.1.3\" extension=\"POCD_HD000040\"/><npfitlc:messageType root=\"2.16.840.1.113883.2.1.3.2.4.18.17\" extension=\"POCD_MT150001UK06\"/><id root=\"{document_id}\"/><code code=\"163391000000107\" codeSystem=\"2.16.840.1.113883.2.1.3.2.4.15\"/><title>Discharge summary</title><effectiveTime value=\"20260714153000+01\"/><confidentialityCode code=\"V\" codeSystem=\"2.16.840.1.113883.1.11.16926\"/><setId root=\"{set_id}\"/><versionNumber value=\"1\"/><recordTarget typeCode=\"RCT\"><patientRole classCode=\"PAT\"><id root=\"2.16.840.1.113883.2.1.3.2.4.18.24\" extension=\"PAS-1\" assigningAuthorityName=\"RXN:Trust\"/><id root=\"2.16.840.1.113883.2.1.4.1\" extension=\"{nhs_number}\"/><patient classCode=\"PSN\"><name><prefix>Mrs</prefix><given>Testina</given><family>SYNTHETIC</family></name><administrativeGenderCode code=\"2\"/><birthTime value=\"19480309\"/></patient></patientRole></recordTarget><author typeCode=\"AUT\"><time value=\"20260714\"/><assignedAuthor classCode=\"ASSIGNED\"><id root=\"1.2.826.0.1285.0.2.0.65\" extension=\"555000111222\"/><assignedPerson><name><given>Ada</given><family>Sample</family></name></assignedPerson><representedOrganization><id root=\"2.16.840.1.113883.2.1.3.2.4.19.1\" extension=\"RXN\"/><name>Trust</name></representedOrganization></assignedAuthor></author><custodian><assignedCustodian><representedCustodianOrganization><id root=\"2.16.840.1.113883.2.1.3.2.4.19.1\" extension=\"RXN\"/><name>Trust</name></representedCustodianOrganization></assignedCustodian></custodian><component><structuredBody/></component></ClinicalDocument>"
    )
}
