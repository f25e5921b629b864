//! The words of the profile as a foreign client spells them: schemes, slots, queries, actions
//! (ITI TF-3 4.2, ITI TF-2 3.18). Spelled here again, so that a slip of the hub's own shows.

/// How one kind of object is written: names of the short form to names of ebRIM.
pub struct Kind {
    pub name: &'static str,
    pub slots: &'static [&'static str],
    /// Attribute and classificationScheme.
    pub codes: &'static [(&'static str, &'static str)],
    /// Attribute, identificationScheme and the ExternalIdentifier's Name.
    pub identifiers: &'static [(&'static str, &'static str, &'static str)],
    /// The classificationScheme of author, where the kind has authors.
    pub author: Option<&'static str>,
    /// classificationNode that says what a RegistryPackage is.
    pub marker: Option<&'static str>,
    /// classificationNode of limitedMetadata.
    pub limited: &'static str,
}

pub const STABLE: &str = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1";
pub const ON_DEMAND: &str = "urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248";
pub const DOCUMENTATION: &str = "urn:uuid:abd807a3-4432-4053-87b4-fd82c643d1f3";
pub const REFERENCE_ID_LIST: &str = "urn:ihe:iti:xds:2013:referenceIdList";

pub const DOCUMENT_ENTRY: Kind = Kind {
    name: "DocumentEntry",
    slots: &[
        "creationTime",
        "languageCode",
        "serviceStartTime",
        "serviceStopTime",
        "sourcePatientId",
        "sourcePatientInfo",
        "hash",
        "size",
        "repositoryUniqueId",
        "URI",
        "legalAuthenticator",
        "documentAvailability",
        "referenceIdList",
    ],
    codes: &[
        ("classCode", "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a"),
        ("typeCode", "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"),
        ("formatCode", "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d"),
        ("confidentialityCode", "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"),
        ("healthcareFacilityTypeCode", "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1"),
        ("practiceSettingCode", "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead"),
        ("eventCodeList", "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4"),
    ],
    identifiers: &[
        (
            "patientId",
            "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427",
            "XDSDocumentEntry.patientId",
        ),
        ("uniqueId", "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab", "XDSDocumentEntry.uniqueId"),
    ],
    author: Some("urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"),
    marker: None,
    limited: "urn:uuid:ab9b591b-83ab-4d03-8f5d-f93b1fb92e85",
};

pub const SUBMISSION_SET: Kind = Kind {
    name: "SubmissionSet",
    slots: &["submissionTime", "intendedRecipient"],
    codes: &[("contentTypeCode", "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500")],
    identifiers: &[
        (
            "patientId",
            "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446",
            "XDSSubmissionSet.patientId",
        ),
        ("sourceId", "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832", "XDSSubmissionSet.sourceId"),
        ("uniqueId", "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8", "XDSSubmissionSet.uniqueId"),
    ],
    author: Some("urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d"),
    marker: Some("urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"),
    limited: "urn:uuid:5003a9db-8d8d-49e6-bf0c-990e34ac7707",
};

pub const FOLDER: Kind = Kind {
    name: "Folder",
    slots: &["lastUpdateTime"],
    codes: &[("codeList", "urn:uuid:1ba97051-7806-41a8-a48b-8fce7af683c5")],
    identifiers: &[
        ("patientId", "urn:uuid:f64ffdf0-4b97-4e06-b79f-a52b38ec2f8a", "XDSFolder.patientId"),
        ("uniqueId", "urn:uuid:75df8f67-9973-4fbe-a900-df66cefecc5a", "XDSFolder.uniqueId"),
    ],
    author: None,
    marker: Some("urn:uuid:d9d542f3-6cc4-48b6-8870-ea235fbc94c2"),
    limited: "urn:uuid:2c144a76-29a9-4b7c-af54-b25409fe7d03",
};

/// Short words that stand for URNs in a case, as `{Approved}`.
pub const WORDS: [(&str, &str); 10] = [
    ("Approved", "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"),
    ("Deprecated", "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"),
    ("stable", STABLE),
    ("onDemand", ON_DEMAND),
    ("anonymous", "http://www.w3.org/2005/08/addressing/anonymous"),
    ("none", "http://www.w3.org/2005/08/addressing/none"),
    ("HasMember", "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"),
    ("Online", "urn:ihe:iti:2010:DocumentAvailability:Online"),
    ("Offline", "urn:ihe:iti:2010:DocumentAvailability:Offline"),
    ("uniqueIdType", "urn:ihe:iti:xds:2013:uniqueId"),
];

/// The URN of an association type: `RPLC`; anything else stands for itself.
pub fn association_type(short: &str) -> String {
    match short {
        "HasMember" => format!("urn:oasis:names:tc:ebxml-regrep:AssociationType:{short}"),
        "RPLC" | "XFRM" | "APND" | "XFRM_RPLC" | "signs" => {
            format!("urn:ihe:iti:2007:AssociationType:{short}")
        }
        "IsSnapshotOf" | "UpdateAvailabilityStatus" | "SubmitAssociation" => {
            format!("urn:ihe:iti:2010:AssociationType:{short}")
        }
        other => other.to_owned(),
    }
}

/// A stored query: its id, and the parameters that a case need not write.
pub struct Query {
    pub name: &'static str,
    pub id: &'static str,
    pub defaults: &'static [(&'static str, &'static str)],
}

const APPROVED: &str = "('{Approved}')";
const PATIENT: &str = "'{patient}'";

pub const QUERIES: [Query; 14] = [
    Query {
        name: "FindDocuments",
        id: "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d",
        defaults: &[("$XDSDocumentEntryPatientId", PATIENT), ("$XDSDocumentEntryStatus", APPROVED)],
    },
    Query {
        name: "FindDocumentsByReferenceId",
        id: "urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492",
        defaults: &[("$XDSDocumentEntryPatientId", PATIENT), ("$XDSDocumentEntryStatus", APPROVED)],
    },
    Query {
        name: "FindSubmissionSets",
        id: "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9",
        defaults: &[("$XDSSubmissionSetPatientId", PATIENT), ("$XDSSubmissionSetStatus", APPROVED)],
    },
    Query {
        name: "FindFolders",
        id: "urn:uuid:958f3006-baad-4929-a4de-ff1114824431",
        defaults: &[("$XDSFolderPatientId", PATIENT), ("$XDSFolderStatus", APPROVED)],
    },
    Query {
        name: "GetAll",
        id: "urn:uuid:10b545ea-725c-446d-9b95-8aeb444eddf3",
        defaults: &[
            ("$patientId", PATIENT),
            ("$XDSDocumentEntryStatus", "('{Approved}','{Deprecated}')"),
            ("$XDSSubmissionSetStatus", APPROVED),
            ("$XDSFolderStatus", "('{Approved}','{Deprecated}')"),
        ],
    },
    by_id("GetDocuments", "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"),
    by_id("GetFolders", "urn:uuid:5737b14c-8a1a-4539-b659-e03a34a5e1e4"),
    by_id("GetAssociations", "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155"),
    by_id("GetDocumentsAndAssociations", "urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a"),
    by_id("GetSubmissionSets", "urn:uuid:51224314-5390-4169-9b91-b1980040715a"),
    by_id("GetSubmissionSetAndContents", "urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83"),
    by_id("GetFolderAndContents", "urn:uuid:b909a503-523d-4517-8acf-8e5834dfc4c7"),
    by_id("GetFoldersForDocument", "urn:uuid:10cae35a-c7f9-4cf5-b61e-fc3278ffb578"),
    by_id("GetRelatedDocuments", "urn:uuid:d90e5407-b356-4d91-a89f-873917b4b0e6"),
];

const fn by_id(name: &'static str, id: &'static str) -> Query {
    Query { name, id, defaults: &[] }
}

/// Where a transaction is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Registry,
    Repository,
    Feed,
}

/// A transaction: its name, its door, its wsa:Action, the action of its answer, and whether it is
/// MTOM by default.
pub struct Transaction {
    pub name: &'static str,
    pub door: Door,
    pub action: &'static str,
    pub answer: &'static str,
    pub mtom: bool,
}

const fn simple(
    name: &'static str,
    door: Door,
    action: &'static str,
    answer: &'static str,
) -> Transaction {
    Transaction { name, door, action, answer, mtom: false }
}

pub const TRANSACTIONS: [Transaction; 9] = [
    Transaction {
        name: "ITI-41",
        door: Door::Repository,
        action: "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b",
        answer: "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-bResponse",
        mtom: true,
    },
    Transaction {
        name: "ITI-43",
        door: Door::Repository,
        action: "urn:ihe:iti:2007:RetrieveDocumentSet",
        answer: "urn:ihe:iti:2007:RetrieveDocumentSetResponse",
        mtom: true,
    },
    simple(
        "ITI-42",
        Door::Registry,
        "urn:ihe:iti:2007:RegisterDocumentSet-b",
        "urn:ihe:iti:2007:RegisterDocumentSet-bResponse",
    ),
    simple(
        "ITI-18",
        Door::Registry,
        "urn:ihe:iti:2007:RegistryStoredQuery",
        "urn:ihe:iti:2007:RegistryStoredQueryResponse",
    ),
    simple(
        "ITI-57",
        Door::Registry,
        "urn:ihe:iti:2010:UpdateDocumentSet",
        "urn:ihe:iti:2010:UpdateDocumentSetResponse",
    ),
    // The answer's action lacks "Entry" (ITI TF-2 3.61).
    simple(
        "ITI-61",
        Door::Registry,
        "urn:ihe:iti:2010:RegisterOnDemandDocumentEntry",
        "urn:ihe:iti:2010:RegisterOnDemandDocumentResponse",
    ),
    simple(
        "ITI-62",
        Door::Registry,
        "urn:ihe:iti:2010:DeleteDocumentSet",
        "urn:ihe:iti:2010:DeleteDocumentSetResponse",
    ),
    simple(
        "ITI-86",
        Door::Repository,
        "urn:ihe:iti:2017:RemoveDocuments",
        "urn:ihe:iti:2017:RemoveDocumentsResponse",
    ),
    simple(
        "ITI-92",
        Door::Registry,
        "urn:ihe:iti:2018:RestrictedUpdateDocumentSet",
        "urn:ihe:iti:2018:RestrictedUpdateDocumentSetResponse",
    ),
];

pub fn transaction(name: &str) -> Option<&'static Transaction> {
    TRANSACTIONS.iter().find(|transaction| transaction.name == name)
}

pub fn query(name: &str) -> Option<&'static Query> {
    QUERIES.iter().find(|query| query.name == name)
}
