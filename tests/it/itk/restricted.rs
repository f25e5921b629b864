//! Restricted content has its ceiling before anything is indexed, by whatever road it comes.

use super::*;
use tests::message::{Provide, scheme};

/// The confidentialityCode of the document as the registry answers it to the hub's own gateway.
fn confidentiality(hub: &TestHub, unique_id: &str) -> String {
    let query = schemas::query::StoredQuery::documents(vec![
        schemas::unique_id::UniqueId::parse(unique_id).unwrap(),
    ]);
    let envelope = message::envelope("urn:ihe:iti:2007:RegistryStoredQuery", &query.write());
    let gateway = hub.service_certificate("watling-gateway");
    let answer = hub.anonymous(hub.url(Role::Registry)).certificate(gateway).soap(&envelope);
    let text = answer.plain();
    let class = text.split("<rim:Classification ").skip(1);
    let mut of_scheme = class.filter(|c| c.contains(scheme::CONFIDENTIALITY_CODE));
    let code = of_scheme.next().and_then(|c| c.split("nodeRepresentation=\"").nth(1));
    code.and_then(|c| c.split('"').next()).unwrap_or_default().to_owned()
}

#[test]
fn a_letter_of_a_restricted_setting_or_about_a_restricted_event_is_raised() {
    let hub = TestHub::with(|options| {
        let off = schemas::code_set::Mode::Off;
        options.config.registry.codes.insert("practiceSettingCode".to_owned(), off);
    });
    let setting = Provide::letter(1).code(scheme::PRACTICE_SETTING_CODE, "394808002", SNOMED);
    let plain = Provide::letter(2);
    for letter in [&setting, &plain] {
        let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&letter.inline());
        assert_ne!(answer.xds_status(), "Failure", "{}", answer.text());
    }
    assert_eq!(confidentiality(&hub, &setting.unique_id), "R");
    assert_eq!(confidentiality(&hub, &plain.unique_id), "N");
}

#[test]
fn what_a_document_says_inside_raises_it_whichever_way_it_comes() {
    let hub = TestHub::start();
    let entry = "<structuredBody><component><section><entry><observation classCode=\"OBS\" moodCode=\"EVN\"><code code=\"86406008\" codeSystem=\"2.16.840.1.113883.6.96\"/></observation></entry></section></component></structuredBody>";
    let itk = discharge();
    let payload = itk.payload.replace("<structuredBody/>", entry);
    accepted(&hub, &Itk { payload, ..itk });
    assert_eq!(confidentiality(&hub, &unique_id(DOCUMENT)), "R");
    accepted(&hub, &Itk::discharge("9990000026", "8C1D2E3F-40A1-4B52-8C63-D475E6F70819"));
    let plain = unique_id("8C1D2E3F-40A1-4B52-8C63-D475E6F70819");
    assert_eq!(confidentiality(&hub, &plain), "N");
}
