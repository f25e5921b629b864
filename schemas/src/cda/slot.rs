//! Names of the extra metadata that an entry mapped from a CDA carries (ITI TF-3 4.2.3.1.6): what
//! the profile has no attribute for, spelled here and nowhere else.

/// NHS number status, `01` to `08`.
pub const NHS_NUMBER_STATUS: &str = "urn:nhs:hub:nhsNumberStatus";
/// ODS code of the custodian: the parent organisation of a site.
pub const CUSTODIAN_ODS: &str = "urn:nhs:hub:custodianOds";
/// The custodian's site as received, where it is not the custodian itself.
pub const CUSTODIAN_SITE: &str = "urn:nhs:hub:custodianSite";
/// ClinicalDocument/code as received, where it is not the typeCode.
pub const RECEIVED_TYPE: &str = "urn:nhs:hub:receivedType";
/// Care setting as received, where the code set does not hold it.
pub const RECEIVED_SETTING: &str = "urn:nhs:hub:receivedSetting";
/// Confidentiality as received, where it is not `N`.
pub const RECEIVED_CONFIDENTIALITY: &str = "urn:nhs:hub:receivedConfidentiality";
/// ClinicalDocument/id/@root as received.
pub const DOCUMENT_ID: &str = "urn:nhs:hub:documentId";
pub const VERSION_NUMBER: &str = "urn:nhs:hub:versionNumber";
/// `structured`, `text` or `unstructured`.
pub const STRUCTURED: &str = "urn:nhs:hub:structured";
/// Who attested the document, where the profile's legalAuthenticator holds an NHS authenticator.
pub const AUTHENTICATOR: &str = "urn:nhs:hub:authenticator";
/// Primary recipients (PRCP), each XON|XCN.
pub const RECIPIENT: &str = "urn:nhs:hub:recipient";
/// Copy recipients (TRC), each XON|XCN.
pub const COPY_RECIPIENT: &str = "urn:nhs:hub:copyRecipient";
/// Of an author: the vocabulary's name of the role.
pub const AUTHOR_ROLE: &str = "urn:nhs:hub:authorRoleName";
/// Of an author: the name of the role that the document gave, where the vocabulary's differs.
pub const RECEIVED_AUTHOR_ROLE: &str = "urn:nhs:hub:receivedAuthorRoleName";
/// Texts of requested actions; `actionFor` and `actionDue` have a value for each, or an empty one.
pub const ACTION: &str = "urn:nhs:hub:action";
pub const ACTION_FOR: &str = "urn:nhs:hub:actionFor";
/// Dates, `YYYYMMDD` or longer; `-` where an action has none.
pub const ACTION_DUE: &str = "urn:nhs:hub:actionDue";
/// 450475007 for attempted resuscitation, 450476008 not for it.
pub const CPR_DECISION: &str = "urn:nhs:hub:cprDecision";
/// When the CPR decision was made.
pub const DECISION_DATE: &str = "urn:nhs:hub:decisionDate";
/// When the CPR decision, or else the plan, is to be reviewed.
pub const REVIEW_DATE: &str = "urn:nhs:hub:reviewDate";
/// Preferred place of death, SNOMED CT.
pub const PREFERRED_PLACE_OF_DEATH: &str = "urn:nhs:hub:preferredPlaceOfDeath";
/// Of an extracted attachment: uniqueId of the CDA that it came from.
pub const EXTRACTED_FROM: &str = "urn:nhs:hub:extractedFrom";

/// Type code of the reference that names a document's set of versions.
pub const SET_REFERENCE: &str = "urn:nhs:hub:cda-setid";
/// Type codes of the references to an NHS 111 case.
pub const CASE_REFERENCE: &str = "urn:nhs:hub:nhs111-case-reference";
pub const CASE_ID: &str = "urn:nhs:hub:nhs111-case-id";

/// Event code of a document that asks somebody to do something, and its scheme.
pub const ACTION_EVENT: &str = "urn:watling:action";
pub const ACTION_EVENT_SCHEME: &str = "urn:watling:event";
