//! The CDA documents against the NHS's wire schema, where the machine has it.

use super::*;
use crate::schema::{schemas_folder, valid_against};

#[test]
fn the_synthetic_documents_are_valid_on_the_wire_format() {
    let Some(folder) = schemas_folder() else { return };
    let xsd = folder.join("itk/ciao-cda-builder/Schemas/POCD_MT000002UK01.xsd");
    if !xsd.is_file() {
        crate::skipped("the NHS CDA schema is not on this machine");
        return;
    }
    let cda =
        |text: &str| text.lines().nth(1).is_some_and(|line| line.starts_with("<ClinicalDocument"));
    let documents: Vec<_> = table().iter().map(|row| document(&row.file)).collect();
    let documents: Vec<_> = documents.iter().filter(|text| cda(text)).collect();
    assert!(documents.len() >= 20, "{}", documents.len());
    documents.iter().for_each(|text| valid_against(&xsd, text));
}
