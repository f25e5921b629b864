//! The toolkit's own example messages, where the machine has them.

use super::*;
use std::path::{Path, PathBuf};

const AMBULANCE: &str = "POCD_MT030001UK01_SOAPandDIST_Primary.xml";
const AMBULANCE_COPY: &str = "POCD_MT030001UK01_SOAPandDIST_Copy.xml";
const DISCHARGE: &str = "POCD_MT150001UK06_SOAPandDIST_146230_xml_Primary.xml";
const NULLIFICATION: &str = "POCD_MT130001UK05_SOAPandDIST_Ambulance_Nullification.xml";

/// The folder beside the repository, or a word that it is not there.
fn folder() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let folder = root.join("..").join("shared").join("samples").join("itk").join("correspondence");
    if !folder.is_dir() {
        crate::skipped(&format!("no example messages in {}", folder.display()));
        return None;
    }
    Some(folder)
}

/// A message with its placeholders filled for the hub's clock, its numbers as they are.
fn filled(folder: &Path, hub: &TestHub, name: &str) -> String {
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    let now = hub.clock().now();
    let expires = now + jiff::SignedDuration::from_mins(10);
    text.replace("__MESSAGEID__", &uuid::Uuid::new_v4().to_string().to_uppercase())
        .replace("__SENDTO__", &hub.itk_url())
        .replace("__TIMESTAMP__", &now.to_string())
        .replace("__EXPIRES__", &expires.to_string())
}

/// With numbers that are synthetic and right. Ambulance report and discharge are two people's under
/// one number: here each has its own.
fn corrected(folder: &Path, hub: &TestHub, name: &str) -> String {
    let text = filled(folder, hub, name);
    let own = if name == DISCHARGE { "9990000034" } else { "9990000018" };
    text.replace("9999345201", own).replace("9900002558", "9990000026")
}

#[test]
fn the_example_messages_are_accepted_mapped_and_found() {
    let Some(folder) = folder() else { return };
    let hub = TestHub::start();
    for (name, tracking_id, contents) in [
        (AMBULANCE, "7D6F23E0-AE1A-11DB-8707-B18E1E0994EF", (1, 1)),
        (AMBULANCE_COPY, "7D6F23E0-AE1A-11DB-8707-B18E1E0994EF", (1, 1)),
        (DISCHARGE, "2D37D9CA-5223-41C7-A159-F33D5A914EB5", (2, 2)),
    ] {
        assert_ok(&send(&hub, &corrected(&folder, &hub, name)), tracking_id);
        assert_eq!(hub.contents(), contents, "{name}");
    }
    let crew = hub.request("RX7", hub.url(Role::Gateway));
    let ambulance = unique_id("D4059820-1ACB-400A-B61D-A0A900A3D11F");
    let discharge = unique_id("16C2662F-1C6E-4F38-9B3F-5084F46CE3E1");
    for (number, code, found, other) in [
        ("9990000018", "312711000000101", &ambulance, &discharge),
        ("9990000034", "163391000000107", &discharge, &ambulance),
        ("9990000034", "373942005", &discharge, &ambulance),
    ] {
        let query = message::find_documents(number, "LeafClass", &of_type(code, SNOMED));
        let answer = crew.soap(&query);
        assert!(answer.contains(found), "{code}: {}", answer.text());
        assert!(!answer.contains(other), "{code}");
    }
}

#[test]
fn the_example_messages_as_they_are_wait_for_their_numbers_unless_the_sender_has_an_allowance() {
    let Some(folder) = folder() else { return };
    let allowed = TestHub::with(|options| {
        let numbers = ["9999345201", "9900002558"].map(str::to_owned).to_vec();
        let sender = schemas::ods_code::OdsCode::parse("RXN").unwrap();
        options.config.itk.accept_invalid_numbers.insert(sender, numbers);
    });
    let strict = TestHub::start();
    // With the allowance the second person under the same number waits.
    for (hub, contents, quarantined) in [(strict, (0, 0), 3), (allowed, (1, 1), 1)] {
        for name in [AMBULANCE, AMBULANCE_COPY, DISCHARGE] {
            let answer = send(&hub, &filled(&folder, &hub, name));
            assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        }
        let waiting = hub.count(Role::Repository, "front_door.db", "quarantine");
        assert_eq!((hub.contents(), waiting), (contents, quarantined));
    }
}

#[test]
fn an_example_message_with_its_placeholders_left_in_is_refused() {
    let Some(folder) = folder() else { return };
    let hub = TestHub::start();
    let text = std::fs::read_to_string(folder.join(DISCHARGE)).unwrap();
    refused(&hub, "1000", &["wsu:Created must be an xsd:dateTime"], &text);
}

#[test]
fn the_example_withdrawal_waits_for_its_document_and_tells_its_contradictions() {
    let Some(folder) = folder() else { return };
    let hub = TestHub::start();
    let answer = send(&hub, &corrected(&folder, &hub, NULLIFICATION));
    assert_ok(&answer, "2D37D9CA-5223-41C7-A159-F33D5A914EB5");
    let reasons = hub.last_audit(Role::Repository).event.reasons.join("; ");
    assert!(reasons.contains("a nullification before its document"), "{reasons}");
    assert!(reasons.contains("nullification-type"), "{reasons}");
    assert_eq!(hub.contents(), (0, 0));
}
