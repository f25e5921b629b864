//! Scheme UUIDs, markers, URNs and slot names: the only file where they are spelled
//! (ITI TF-3 tables 4.2.3.2-1, 4.2.3.3-1, 4.2.3.4-1, 4.2.5.2-1).

pub const STABLE: &str = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1";
pub const ON_DEMAND: &str = "urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248";

/// Classification and identification schemes of a DocumentEntry.
pub mod document_entry {
    pub const AUTHOR: &str = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d";
    pub const CLASS_CODE: &str = "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a";
    pub const CONFIDENTIALITY_CODE: &str = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f";
    pub const EVENT_CODE_LIST: &str = "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4";
    pub const FORMAT_CODE: &str = "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d";
    pub const HEALTHCARE_FACILITY_TYPE_CODE: &str = "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1";
    pub const PRACTICE_SETTING_CODE: &str = "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead";
    pub const TYPE_CODE: &str = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983";
    pub const LIMITED_METADATA: &str = "urn:uuid:ab9b591b-83ab-4d03-8f5d-f93b1fb92e85";
    pub const PATIENT_ID: &str = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427";
    pub const UNIQUE_ID: &str = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab";
}

/// Schemes of a SubmissionSet.
pub mod submission_set {
    pub const MARKER: &str = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd";
    pub const AUTHOR: &str = "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d";
    pub const CONTENT_TYPE_CODE: &str = "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500";
    pub const LIMITED_METADATA: &str = "urn:uuid:5003a9db-8d8d-49e6-bf0c-990e34ac7707";
    pub const PATIENT_ID: &str = "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446";
    pub const SOURCE_ID: &str = "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832";
    pub const UNIQUE_ID: &str = "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8";
}

/// Schemes of a Folder.
pub mod folder {
    pub const MARKER: &str = "urn:uuid:d9d542f3-6cc4-48b6-8870-ea235fbc94c2";
    pub const CODE_LIST: &str = "urn:uuid:1ba97051-7806-41a8-a48b-8fce7af683c5";
    pub const LIMITED_METADATA: &str = "urn:uuid:2c144a76-29a9-4b7c-af54-b25409fe7d03";
    pub const PATIENT_ID: &str = "urn:uuid:f64ffdf0-4b97-4e06-b79f-a52b38ec2f8a";
    pub const UNIQUE_ID: &str = "urn:uuid:75df8f67-9973-4fbe-a900-df66cefecc5a";
}

/// Reason of an association.
pub const ASSOCIATION_DOCUMENTATION: &str = "urn:uuid:abd807a3-4432-4053-87b4-fd82c643d1f3";

pub const APPROVED: &str = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved";
pub const DEPRECATED: &str = "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated";

pub const ONLINE: &str = "urn:ihe:iti:2010:DocumentAvailability:Online";
pub const OFFLINE: &str = "urn:ihe:iti:2010:DocumentAvailability:Offline";

pub const REGISTRY_PACKAGE: &str =
    "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:RegistryPackage";
pub const ASSOCIATION: &str =
    "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Association";

/// Slot names of the profile.
pub mod slot {
    pub const CODING_SCHEME: &str = "codingScheme";
    pub const AUTHOR_PERSON: &str = "authorPerson";
    pub const AUTHOR_INSTITUTION: &str = "authorInstitution";
    pub const AUTHOR_ROLE: &str = "authorRole";
    pub const AUTHOR_SPECIALTY: &str = "authorSpecialty";
    pub const AUTHOR_TELECOMMUNICATION: &str = "authorTelecommunication";
    pub const CREATION_TIME: &str = "creationTime";
    pub const DOCUMENT_AVAILABILITY: &str = "documentAvailability";
    pub const HASH: &str = "hash";
    pub const INTENDED_RECIPIENT: &str = "intendedRecipient";
    pub const LANGUAGE_CODE: &str = "languageCode";
    pub const LAST_UPDATE_TIME: &str = "lastUpdateTime";
    pub const LEGAL_AUTHENTICATOR: &str = "legalAuthenticator";
    pub const REFERENCE_ID_LIST: &str = "urn:ihe:iti:xds:2013:referenceIdList";
    pub const REPOSITORY_UNIQUE_ID: &str = "repositoryUniqueId";
    pub const SERVICE_START_TIME: &str = "serviceStartTime";
    pub const SERVICE_STOP_TIME: &str = "serviceStopTime";
    pub const SIZE: &str = "size";
    pub const SOURCE_PATIENT_ID: &str = "sourcePatientId";
    pub const SOURCE_PATIENT_INFO: &str = "sourcePatientInfo";
    pub const SUBMISSION_SET_STATUS: &str = "SubmissionSetStatus";
    pub const SUBMISSION_TIME: &str = "submissionTime";
    pub const URI: &str = "URI";

    pub const PREVIOUS_VERSION: &str = "PreviousVersion";
    pub const ASSOCIATION_PROPAGATION: &str = "AssociationPropagation";
    pub const ORIGINAL_STATUS: &str = "OriginalStatus";
    pub const NEW_STATUS: &str = "NewStatus";
    /// What a metadata update says on its associations.
    pub const OPERATION: [&str; 4] =
        [PREVIOUS_VERSION, ASSOCIATION_PROPAGATION, ORIGINAL_STATUS, NEW_STATUS];

    /// The publisher of a document, stamped by the repository from the submitting certificate.
    /// A submitted one is refused.
    pub const PUBLISHER_ODS: &str = "urn:watling:publisherOds";
    /// When the registry committed the entry; written into answers only.
    pub const REGISTERED_AT: &str = "urn:watling:registeredAt";
    /// The organisations to which the SubmissionSet of a patient without a number of the domain was
    /// addressed; written into answers only.
    pub const RECIPIENT_ODS: &str = "urn:watling:recipientOds";
    /// On a DocumentEntry that is registered after its own successor: the entryUUID of that one. The
    /// repository alone submits it.
    pub const SUPERSEDED_BY: &str = "urn:watling:supersededBy";
    /// On the SubmissionSet of a metadata update that withdraws documents: why. The repository alone
    /// submits it.
    pub const NULLIFIED: &str = "urn:watling:nullified";
    /// Fields of sourcePatientInfo that the repository added from PDS, `PID-5`, since the source does
    /// not say them.
    pub const FROM_PDS: &str = "urn:watling:fromPds";
    /// How PDS classes the patient's record (U, R, V, REDACTED). The repository stamps it for the
    /// registry, which keeps it with the patient; in the registry's answers it is said of those
    /// patients of whom address, practice and location are masked.
    pub const PATIENT_SENSITIVITY: &str = "urn:watling:patientSensitivity";
    /// What the gateway has masked in an object; written into answers only.
    pub const MASKED: &str = "urn:watling:masked";
    /// Fields of sourcePatientInfo, name and birth date, that no source has told; written into a
    /// consumer's answers only.
    pub const NOT_STATED: &str = "urn:watling:notStated";
    /// The hub's own slots all begin with this.
    pub const WATLING_PREFIX: &str = "urn:watling:";
}
