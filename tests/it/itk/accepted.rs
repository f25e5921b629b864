//! A message becomes an entry that its readers find.

use super::*;
use tests::message::scheme;

/// The values of a slot of the found entry.
fn slot_values(found: &Answer, name: &str) -> Vec<String> {
    let text = found.plain();
    let slot = text.split(&format!("<rim:Slot name=\"{name}\">")).nth(1).unwrap_or_default();
    let slot = slot.split("</rim:Slot>").next().unwrap_or_default();
    let values = slot.split("<rim:Value>").skip(1);
    values.map(|value| value.split('<').next().unwrap_or_default().to_owned()).collect()
}

/// The codes of a classification of the found entry, with their schemes.
fn codes(found: &Answer, scheme: &str) -> Vec<(String, String)> {
    let text = found.plain();
    let of_scheme = text.split("<rim:Classification ").skip(1);
    let of_scheme = of_scheme.filter(|c| c.contains(&format!("classificationScheme=\"{scheme}\"")));
    let between = |text: &str, from: &str, to: &str| {
        let rest = text.split(from).nth(1).unwrap_or_default();
        rest.split(to).next().unwrap_or_default().to_owned()
    };
    let code = |c: &str| {
        (between(c, "nodeRepresentation=\"", "\""), between(c, "<rim:Value>", "</rim:Value>"))
    };
    of_scheme.map(code).collect()
}

#[test]
fn a_message_is_found_by_nhs_number_and_type_in_either_spelling() {
    let hub = TestHub::start();
    accepted(&hub, &discharge());
    assert_eq!(hub.contents(), (1, 1));
    let id = unique_id(DOCUMENT);
    assert!(find(&hub, "9990000026", "").contains(&id));
    for (code, scheme) in
        [("373942005", SNOMED), ("163391000000107", SNOMED), ("163391000000107", SNOMED_UK)]
    {
        let found = find(&hub, "9990000026", &of_type(code, scheme));
        assert!(found.contains(&id), "{code} in {scheme} finds the discharge");
    }
    let other = find(&hub, "9990000026", &of_type("823681000000100", SNOMED));
    assert!(!other.contains(&id), "an outpatient letter it is not");
    assert!(!find(&hub, "9000000009", "").contains(&id), "another patient's it is not");
}

#[test]
fn the_header_of_the_document_becomes_the_metadata_of_the_entry() {
    let hub = TestHub::start();
    accepted(&hub, &discharge());
    let found = find(&hub, "9990000026", "");
    assert_eq!(slot_values(&found, "creationTime"), ["20260714143000"], "15:30 at +01");
    assert_eq!(slot_values(&found, "languageCode"), ["en-GB"]);
    let local = format!("PAS-1^^^&1.2.826.0.1.99999.10.{}&ISO", 27 * 1296 + 33 * 36 + 23);
    assert_eq!(slot_values(&found, "sourcePatientId"), [local.as_str()]);
    let info = slot_values(&found, "sourcePatientInfo");
    for line in ["PID-5|SYNTHETIC^Testina^^^Mrs", "PID-7|19480309", "PID-8|F"] {
        assert!(info.iter().any(|value| value == line), "{line} in {info:?}");
    }
    assert_eq!(slot_values(&found, "urn:watling:publisherOds"), ["RXN"]);
    assert_eq!(slot_values(&found, "urn:nhs:hub:custodianOds"), ["RXN"]);
    assert_eq!(slot_values(&found, "urn:nhs:hub:versionNumber"), ["1"]);
    let code = |scheme| codes(&found, scheme).remove(0);
    let pair = |code: &str, scheme: &str| (code.to_owned(), scheme.to_owned());
    assert_eq!(code(scheme::CLASS_CODE), pair("422735006", SNOMED));
    assert_eq!(code(scheme::TYPE_CODE), pair("373942005", SNOMED));
    let format = pair("urn:nhs-en:profile:dischargeReport-v6-1", "urn:nhs-en:profile");
    assert_eq!(code(scheme::FORMAT_CODE), format);
    let interaction = pair("primaryRecipientDischargeReport-v1-0", "urn:nhs-itk:interaction");
    assert_eq!(code(scheme::EVENT_CODE_LIST), interaction);
    assert_eq!(slot_values(&found, "urn:nhs:hub:receivedType"), ["163391000000107"]);
}

#[test]
fn the_v_of_correspondence_hides_nothing_and_is_kept_beside_the_n() {
    let hub = TestHub::start();
    accepted(&hub, &discharge());
    let found = find(&hub, "9990000026", "");
    let normal = ("N".to_owned(), "2.16.840.1.113883.5.25".to_owned());
    assert_eq!(codes(&found, scheme::CONFIDENTIALITY_CODE), [normal]);
    assert_eq!(slot_values(&found, "urn:nhs:hub:receivedConfidentiality"), ["V"]);
}

#[test]
fn the_same_message_again_is_accepted_and_one_document() {
    let hub = TestHub::start();
    let itk = discharge();
    accepted(&hub, &itk);
    accepted(&hub, &itk);
    // A sender that lost the answer stamps its retry anew.
    let retry = Itk { message_id: uuid::Uuid::new_v4().to_string(), ..itk };
    accepted(&hub, &retry);
    assert_eq!(hub.contents(), (1, 1));
    assert_eq!(hub.count_indexed("submission_set"), 1);
    assert_eq!(find(&hub, "9990000026", "").text().matches("<rim:ExtrinsicObject").count(), 1);
}

#[test]
fn the_same_document_to_another_recipient_is_one_entry_by_reference() {
    let hub = TestHub::start();
    let primary = discharge();
    accepted(&hub, &primary);
    let interaction = "copyRecipientDischargeReport-v1-0".to_owned();
    accepted(&hub, &Itk { interaction, ..primary });
    assert_eq!(hub.contents(), (1, 1));
    assert_eq!(hub.count_indexed("submission_set"), 2);
    assert_eq!(find(&hub, "9990000026", "").text().matches("<rim:ExtrinsicObject").count(), 1);
}

#[test]
fn a_generic_action_around_a_specific_service_is_accepted_with_a_warning() {
    let hub = TestHub::start();
    let action = "urn:nhs-itk:services:201005:sendDistEnvelope".to_owned();
    accepted(&hub, &Itk { action, ..discharge() });
    let event = hub.last_audit(Role::Repository).event;
    assert_eq!(event.outcome, node::audit::Outcome::Success);
    assert!(event.reasons.join("; ").contains("accepted with a warning"), "{:?}", event.reasons);
}

#[test]
fn a_site_that_the_senders_profile_lists_may_speak() {
    let hub = TestHub::start();
    for (n, code) in ["RHM", "rhm", "XZ901", "X0912"].into_iter().enumerate() {
        let identity = format!("urn:nhs-uk:identity:ods:{code}:team1:C");
        let document = format!("3F2504E0-4F89-41D3-9A0C-0305E82C330{n}");
        accepted(&hub, &Itk { identity, ..Itk::discharge("9990000026", &document) });
    }
    assert_eq!(hub.contents(), (4, 4));
}

#[test]
fn the_answer_names_the_action_and_the_message_that_it_answers() {
    let hub = TestHub::start();
    let itk = discharge();
    let answer = accepted(&hub, &itk);
    assert!(answer.content_type.starts_with("text/xml"), "{}", answer.content_type);
    assert!(answer.contains(&format!("xmlns:s=\"{SOAP11}\"")), "SOAP 1.1 in, SOAP 1.1 out");
    assert_eq!(element(&answer, "wsa:Action"), format!("{}Response", itk.action));
    assert_eq!(element(&answer, "wsa:RelatesTo"), itk.message_id);
    let own = element(&answer, "wsa:MessageID");
    assert!(uuid::Uuid::try_parse(&own).is_ok() && own == own.to_uppercase(), "{own}");
}

#[test]
fn a_soap_1_2_message_is_answered_in_soap_1_2() {
    let hub = TestHub::start();
    let itk = discharge();
    let message = itk.message().replace(SOAP11, SOAP12);
    let request = hub.request("RXN", hub.itk_url()).content_type("application/soap+xml");
    let answer = request.post(&message);
    assert_ok(&answer, &itk.tracking_id);
    assert!(answer.content_type.starts_with("application/soap+xml"), "{}", answer.content_type);
    assert!(answer.contains(&format!("xmlns:s=\"{SOAP12}\"")));
    let late = Itk { username: String::new(), ..itk };
    let answer = request.post(late.message().replace(SOAP11, SOAP12));
    assert_itk_fault(&answer, 500, "Sender", "3000");
    assert!(answer.contains(&format!("xmlns:s=\"{SOAP12}\"")));
}

#[test]
fn a_lower_case_tracking_id_is_answered_in_upper_case() {
    let hub = TestHub::start();
    let upper = discharge();
    let lower = Itk { tracking_id: upper.tracking_id.to_lowercase(), ..upper.clone() };
    assert_ok(&send(&hub, &lower.message()), &upper.tracking_id);
}

#[test]
fn an_http_action_that_differs_is_noted_and_the_messages_own_counts() {
    let hub = TestHub::start();
    let warned = |itk: &Itk, http: &str| {
        let request = sender(&hub, "RXN").header("SOAPAction", http);
        let answer = request.post(itk.message());
        assert_ok(&answer, &itk.tracking_id);
        let reasons = hub.last_audit(Role::Repository).event.reasons.join("; ");
        reasons.contains("SOAP_ACTION_DIFFERS")
    };
    let itk = discharge();
    assert!(!warned(&itk, &format!("\"{}\"", itk.action)));
    assert!(warned(&itk, "\"urn:nhs-itk:services:201005:SendDocument-v1-0\""));
}
