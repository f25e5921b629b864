//! Withdrawals between three processes, and when one of them is killed over one.

use super::versions::{document, version};
use super::withdrawals::{SET, nullification};
use super::*;
use crate::apart::three_processes;
use crate::executable;
use std::path::Path;
use std::time::Duration;
use tests::{Certificate, HubProcess};

fn endpoint(data: &Path, role: &str) -> String {
    let text = std::fs::read_to_string(data.join("endpoints.json")).unwrap();
    let urls: serde_json::Value = serde_json::from_str(&text).unwrap();
    urls[role].as_str().unwrap().to_owned()
}

fn request(data: &Path, ods: &str, url: String) -> Request {
    let pki = data.join("pki");
    Request::new(url, &pki.join("ca.pem"))
        .certificate(Certificate::in_folder(&pki.join("clients"), ods))
}

fn deliver(data: &Path, itk: &Itk) -> Answer {
    let url = format!("{}/itk", endpoint(data, "repository"));
    request(data, "RXN", url).content_type("text/xml").post(itk.message())
}

fn is_found(data: &Path, number: u32) -> bool {
    let query = message::find_documents("9990000026", "LeafClass", "");
    let found = request(data, "ZZP01", endpoint(data, "gateway")).soap(&query);
    assert_eq!(found.xds_status(), "Success", "{}", found.text());
    found.contains(&unique_id(&document(number)))
}

/// One of its own set for each number, sent just now.
fn of_own_set(itk: Itk, number: u32) -> Itk {
    let payload = itk.payload.replace(SET, &format!("{number}{}", &SET[1..]));
    let now = node::clock::Clock::System.now();
    Itk {
        payload,
        tracking_id: uuid::Uuid::new_v4().to_string().to_uppercase(),
        created: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        expires: (now + jiff::SignedDuration::from_mins(9))
            .strftime("%Y-%m-%dT%H:%M:%SZ")
            .to_string(),
        ..itk
    }
}

#[test]
fn a_withdrawal_is_in_force_between_three_processes_and_stands_after_one_was_killed_over_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let [_registry, mut repository, _gateway] = three_processes(&data);
    let registry_url = endpoint(&data, "registry");
    for (number, millis) in [(1, None), (2, Some(0)), (3, Some(8)), (4, Some(25))] {
        let document = of_own_set(version(number, 1, None), number);
        assert_ok(&deliver(&data, &document), &document.tracking_id);
        assert!(is_found(&data, number), "document {number}");
        let withdrawal = of_own_set(nullification(number, 2, "01"), number);
        if let Some(millis) = millis {
            let (folder, withdrawal) = (data.clone(), withdrawal.clone());
            let sending = std::thread::spawn(move || {
                let url = format!("{}/itk", endpoint(&folder, "repository"));
                let _ = request(&folder, "RXN", url)
                    .content_type("text/xml")
                    .try_post(withdrawal.message());
            });
            std::thread::sleep(Duration::from_millis(millis));
            repository.kill();
            sending.join().unwrap();
            let arguments = ["--role", "repository", "--registry-url", &registry_url];
            repository = HubProcess::serve(executable(), &data, &arguments).unwrap();
        }
        assert_ok(&deliver(&data, &withdrawal), &withdrawal.tracking_id);
        assert!(!is_found(&data, number), "document {number}");
    }
}
