//! The vocabulary of the hub: bytes to wire to meaning, and back.
//!
//! Nothing here does IO, reads a clock or draws a random number; the manifest lists no crate that
//! could. Whatever needs a fresh identifier or the time takes it as an argument.
//!
//! * `xml`: one reader, bounded; a borrowed tree over the received text.
//! * `soap`: envelopes (1.1 and 1.2), WS-Addressing, faults, MIME and MTOM/XOP.
//! * value types: [`nhs_number`], [`ods_code`], [`oid`], [`dtm`], [`hl7`], [`entry_uuid`],
//!   [`language_code`], [`unique_id`].
//! * `metadata`: DocumentEntry, SubmissionSet, Folder, Association, each with reader and writer.
//! * `submission`, `query`, `retrieve`, `registry_response`: what ITI-41/42/18/43 carry.
//! * `hl7v2`, `pix`: the patient identity feed, ITI-8 and ITI-44.
//! * `itk`, `cda`: the NHS front door and the mapping of its documents to metadata; `smsp`: the
//!   mini services that know whose a number is.
//! * `hsci`, `child_protection`: notices under the Care Act, and the flag of a plan for a child;
//!   `document` tells these and CDA apart and maps each.
//! * `described`: documents that do not speak for themselves, and what their sender says of them.
//! * `itk`, `cda`: the NHS front door and the mapping of its documents to metadata.
//! * `code_set`: the affinity domain's codes and document types.
//! * `consent`: FHIR Consent and acknowledgements of privacy policies (BPPC).
//! * `form`: what browsers send.
//! * `atna`: the DICOM audit message; `saml`: what an assertion says (ITI-40).

pub mod atna;
pub mod break_glass;
pub mod cda;
pub mod child_protection;
pub mod code_set;
pub mod completeness;
pub mod consent;
pub mod demographics;
pub mod described;
pub mod document;
pub mod dtm;
pub mod entry_uuid;
pub mod error;
pub mod form;
pub mod hl7;
pub mod hl7v2;
pub mod hsci;
pub mod itk;
pub mod language_code;
pub mod metadata;
pub mod nhs_number;
pub mod nhs_number_status;
pub mod ods_code;
pub mod oid;
pub mod pix;
pub mod query;
pub mod recall;
pub mod registry_response;
pub mod relationship;
pub mod remove_documents;
pub mod remove_objects;
pub mod retrieve;
pub mod saml;
pub mod sensitivity;
pub mod smsp;
pub mod soap;
pub mod submission;
pub mod transaction;
pub mod transactional;
pub mod unique_id;
pub mod update;
pub mod wire;
pub mod wsdl;
pub mod xml;
