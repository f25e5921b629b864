//! What is uploaded is registered for the organisation of the certificate, or refused with the field
//! and the fix; from a browser's form and from a script.

use super::*;
use hub::serve::Role;
use node::audit::Outcome;
use tests::Request;
use tests::message::Itk;

const DOCUMENT: &str = "3F2504E0-4F89-41D3-9A0C-0305E82C3301";
const FIELDS: [(&str, &str); 7] = [
    ("document_type", "outpatient-letter"),
    ("title", "Day therapy"),
    ("nhs_number", "999 000 0026"),
    ("family_name", "SYNTHETIC"),
    ("given_name", "Testina"),
    ("birth_date", "09/03/1948"),
    ("event_date", "2026-07-14T10:30"),
];

/// Content-Type and body of a browser's form.
pub(super) fn form(fields: &[(&str, &str)], file: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!(
            "--suite\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend(part.into_bytes());
    }
    let part = format!(
        "--suite\r\nContent-Disposition: form-data; name=\"document\"; filename=\"{file}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    );
    body.extend(part.into_bytes());
    body.extend(bytes);
    body.extend(b"\r\n--suite--\r\n");
    ("multipart/form-data; boundary=suite".to_owned(), body)
}

fn with(change: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let changed = |name: &str| change.iter().find(|(other, _)| *other == name);
    let of = |(name, value)| changed(name).map_or((name, value), |(name, value)| (*name, *value));
    FIELDS.into_iter().map(of).collect()
}

fn uploader(hub: &TestHub, ods: &str) -> Request {
    hub.request(ods, hub.door("upload"))
}

fn upload(hub: &TestHub, fields: &[(&str, &str)], file: &str, bytes: &[u8]) -> (u16, Value) {
    let (content_type, body) = form(fields, file, bytes);
    let answer = uploader(hub, "RXN").content_type(&content_type).post(body);
    (answer.status, serde_json::from_slice(&answer.body).expect("JSON"))
}

#[test]
fn a_pdf_is_uploaded_for_the_certificates_organisation() {
    let hub = TestHub::start();
    let (status, receipt) = upload(&hub, &FIELDS, "letter.pdf", PDF);
    assert_eq!((status, &receipt["status"]), (201, &Value::from("registered")), "{receipt}");
    assert_eq!(receipt["publisher"], "RXN");
    let found = entries(&hub, PATIENT).plain();
    for part in [
        "mimeType=\"application/pdf\"",
        "<rim:Value>PID-5|SYNTHETIC^Testina</rim:Value>",
        "<rim:Value>RXN</rim:Value>",
        "<rim:Value>202607140930</rim:Value>",
    ] {
        assert!(found.contains(part), "{part} in {found}");
    }
    let event = hub.last_audit(Role::Repository).event;
    assert_eq!((event.kind_name(), event.outcome), ("UPLOAD", Outcome::Success));
    assert_eq!(event.organisation.as_deref(), Some("RXN"));
    assert!(event.patient_id.is_some_and(|id| id.contains(PATIENT)));
    let (status, receipt) = upload(&hub, &FIELDS, "letter.pdf", PDF);
    assert_eq!((status, &receipt["status"]), (200, &Value::from("already-registered")));
    assert_eq!(hub.contents(), (1, 1));
}

#[test]
fn a_script_sends_json_or_a_document_that_speaks_for_itself() {
    use base64::Engine;
    let hub = TestHub::start();
    let mut body = serde_json::Map::new();
    FIELDS.iter().for_each(|(name, value)| drop(body.insert((*name).to_owned(), (*value).into())));
    let document = base64::engine::general_purpose::STANDARD.encode(PDF);
    body.insert("document".to_owned(), document.into());
    body.insert("file_name".to_owned(), "letter.pdf".into());
    let json = uploader(&hub, "RXN").content_type("application/json");
    assert_eq!(json.post(Value::from(body).to_string()).status, 201);
    let xml = uploader(&hub, "RXN").content_type("text/xml");
    assert_eq!(xml.post(message::cda(PATIENT, DOCUMENT)).status, 201);
    let other = "3F2504E0-4F89-41D3-9A0C-0305E82C3302";
    assert_eq!(xml.post(Itk::discharge(PATIENT, other).message()).status, 201);
    assert_eq!(hub.contents(), (3, 3));
}

#[test]
fn a_mistake_is_told_by_its_field_and_nothing_is_kept() {
    let hub = TestHub::start();
    for (change, field, words) in [
        (("nhs_number", "999 000 0027"), "nhs_number", "check digit"),
        (("nhs_number", ""), "nhs_number", "it is missing"),
        (("family_name", "12"), "family_name", "a name has letters"),
        (("birth_date", "1948"), "birth_date", "write the day as"),
        (("birth_date", "2030-01-01"), "birth_date", "lies in the future"),
        (("document_type", "novel"), "document_type", "the region has no such type"),
        (("event_date", "31/02/2026"), "event_date", "write the day as"),
    ] {
        let (status, receipt) = upload(&hub, &with(&[change]), "letter.pdf", PDF);
        assert_eq!((status, &receipt["status"]), (422, &Value::from("refused")), "{receipt}");
        let reason = &receipt["reasons"][0];
        assert_eq!(reason["field"], field, "{receipt}");
        assert!(reason["rule"].as_str().unwrap().contains(words), "{receipt}");
        assert!(!receipt.to_string().contains("0027"), "no number is repeated: {receipt}");
        let event = hub.last_audit(Role::Repository).event;
        assert_eq!(event.outcome, Outcome::SeriousFailure);
        assert!(event.reasons.join("; ").contains(words), "{:?}", event.reasons);
    }
    let (status, receipt) = upload(&hub, &FIELDS, "letter.docx", b"PK\x03\x04");
    assert_eq!((status, &receipt["reasons"][0]["field"]), (422, &Value::from("document")));
    let (status, receipt) = upload(&hub, &FIELDS, "", b"");
    assert_eq!((status, &receipt["reasons"][0]["field"]), (400, &Value::from("document")));
    assert_eq!(hub.contents(), (0, 0));
}

#[test]
fn a_browser_gets_a_page_with_its_values_and_the_mistakes() {
    let hub = TestHub::start();
    let browser = uploader(&hub, "RXN").header("Accept", "text/html,application/xhtml+xml");
    let page = browser.get().unwrap();
    assert_eq!(page.status, 200);
    assert!(page.content_type.starts_with("text/html"));
    for part in [
        "<html lang=\"en-GB\">",
        "<label for=\"nhs_number\">",
        "type=\"file\"",
        "<strong>RXN</strong>",
    ] {
        assert!(page.contains(part), "{part} in {}", page.text());
    }
    let (content_type, body) =
        form(&with(&[("nhs_number", "12"), ("title", "<b>\"x\"</b>")]), "a.pdf", PDF);
    let answer = browser.clone().content_type(&content_type).post(body);
    assert_eq!(answer.status, 422);
    for part in [
        "<title>Error: Send a document</title>",
        "<a href=\"#nhs_number\">NHS number</a>",
        "aria-invalid=\"true\"",
        "value=\"SYNTHETIC\"",
        "&lt;b&gt;&quot;x&quot;&lt;/b&gt;",
        "<option value=\"outpatient-letter\" selected>",
    ] {
        assert!(answer.contains(part), "{part} in {}", answer.text());
    }
    let (content_type, body) = form(&FIELDS, "a.pdf", PDF);
    let answer = browser.content_type(&content_type).post(body);
    assert_eq!(answer.status, 201);
    assert!(
        answer.contains("Document registered") && !answer.contains(PATIENT),
        "{}",
        answer.text()
    );
}

#[test]
fn another_sites_page_cannot_send_with_this_certificate() {
    let hub = TestHub::start();
    let (content_type, body) = form(&FIELDS, "a.pdf", PDF);
    for (name, value) in
        [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://elsewhere"), ("Origin", "null")]
    {
        let request = uploader(&hub, "RXN").content_type(&content_type).header(name, value);
        let answer =
            hub.refuses(Role::Repository, &["another site's page"], || request.post(&body));
        assert_eq!(answer.status, 403);
    }
    let own = hub.door("upload").trim_end_matches("/repository/upload").to_owned();
    let request = uploader(&hub, "RXN").content_type(&content_type).header("Origin", &own);
    assert_eq!(request.post(&body).status, 201);
}

#[test]
fn only_a_publishers_certificate_uploads() {
    let hub = TestHub::start();
    let (content_type, body) = form(&FIELDS, "a.pdf", PDF);
    let practice = uploader(&hub, "ZZP06").content_type(&content_type);
    let answer = hub.refuses(Role::Repository, &["not a publisher"], || practice.post(&body));
    assert_eq!(answer.status, 403);
    let nobody = hub.anonymous(hub.door("upload")).content_type(&content_type);
    let answer = hub.refuses(Role::Repository, &["no client certificate"], || nobody.post(&body));
    assert_eq!(answer.status, 403);
    let itk = Itk {
        identity: "urn:nhs-uk:identity:ods:RXL".to_owned(),
        ..Itk::discharge(PATIENT, DOCUMENT)
    };
    let request = uploader(&hub, "RXN").content_type("text/xml");
    let answer =
        hub.refuses(Role::Repository, &["may not speak for RXL"], || request.post(itk.message()));
    assert_eq!(answer.status, 422);
}

#[test]
fn an_upload_beyond_its_limit_or_of_no_known_form_is_refused() {
    let hub = TestHub::with(|options| options.config.itk.upload.request_bytes_max = 10_000);
    let (content_type, body) = form(&FIELDS, "a.pdf", &[PDF, &[b' '; 20_000]].concat());
    let request = uploader(&hub, "RXN").content_type(&content_type);
    let answer = hub.refuses(Role::Repository, &["limit of 10000 bytes"], || request.post(body));
    assert_eq!(answer.status, 413);
    let chunked = request.header("Transfer-Encoding", "chunked");
    let (_, body) = form(&FIELDS, "a.pdf", &[PDF, &[b' '; 20_000]].concat());
    let answer = hub.refuses(Role::Repository, &["limit of 10000 bytes"], || chunked.post(body));
    assert_eq!(answer.status, 413);
    let request = uploader(&hub, "RXN").content_type("text/plain");
    let answer = hub.refuses(Role::Repository, &["multipart/form-data"], || request.post("x"));
    assert_eq!(answer.status, 400);
    let cut = uploader(&hub, "RXN").content_type(&content_type);
    let answer = hub.refuses(Role::Repository, &["cut off"], || cut.post("--suite\r\n"));
    assert_eq!(answer.status, 400);
}
