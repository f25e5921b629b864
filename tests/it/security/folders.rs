//! A data folder is development or live, for ever, and one process's at a time.

use super::authority::Authority;
use hub::config::{Config, KeyPair, PkiSection};
use hub::serve::{Hub, Options, Role};
use repository::Publisher;
use schemas::ods_code::OdsCode;
use std::path::Path;
use tests::message::{self, Provide};
use tests::{Answer, Certificate, Request, TestHub};

/// Certificates of a live hub and of one publisher.
struct LivePki {
    folder: tempfile::TempDir,
    publisher: Certificate,
    section: PkiSection,
}

impl LivePki {
    fn make(ca: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::make(folder.path(), ca);
        let pair = |system: &str| {
            let made = authority.system(system, "QE1");
            Some(KeyPair { certificate: made.certificate, key: made.key })
        };
        let section = PkiSection {
            trust: authority.ca(),
            revoked: None,
            registry: pair("watling-registry"),
            repository: pair("watling-repository"),
            gateway: pair("watling-gateway"),
        };
        let publisher = authority.system("rxn-integration", "RXN");
        Self { folder, publisher, section }
    }

    fn configure(&self, config: &mut Config) {
        let publisher = Publisher {
            ods: OdsCode::parse("RXN").unwrap(),
            system: None,
            acts_for: Vec::new(),
            speaks_for: Vec::new(),
        };
        config.pki = Some(self.section.clone());
        config.repository.publishers = Some(vec![publisher]);
    }

    fn provide(&self, hub: &TestHub, letter: &Provide) -> Answer {
        let ca = self.folder.path().join("ca.pem");
        let request = Request::new(hub.url(Role::Repository), &ca);
        request.certificate(self.publisher.clone()).soap(&letter.inline())
    }
}

/// What keeps a hub from starting on a folder.
fn refusal(data: &Path, change: impl FnOnce(&mut Options)) -> String {
    let free = Some(([127, 0, 0, 1], 0).into());
    let mut options = Options {
        registry_listen: free,
        repository_listen: free,
        gateway_listen: free,
        ..Options::new(data.to_owned(), Config::default())
    };
    change(&mut options);
    match Hub::start(&options) {
        Ok(_) => panic!("the hub starts"),
        Err(reason) => reason,
    }
}

#[test]
fn nothing_turns_a_development_folder_into_a_live_one_or_back() {
    let live = LivePki::make("A region's authority");
    let development = TestHub::start();
    let reason = refusal(development.data(), |o| live.configure(&mut o.config));
    assert!(reason.contains("is a development folder and cannot be used as live"), "{reason}");
    let running = TestHub::with(|o| live.configure(&mut o.config));
    let reason = refusal(running.data(), |_| {});
    assert!(reason.contains("is a live folder and cannot be used as development"), "{reason}");
    assert!(!running.pki().exists(), "a hub with its own PKI invents no certificates");
}

#[test]
fn a_live_hub_refuses_a_development_authority() {
    let development = TestHub::start();
    let live = LivePki::make("A region's authority");
    let fresh = tempfile::tempdir().unwrap();
    let reason = refusal(fresh.path(), |o| {
        live.configure(&mut o.config);
        let pki = o.config.pki.as_mut().unwrap();
        pki.trust = development.pki().join("ca.pem");
    });
    assert!(reason.contains("must not trust a development CA"), "{reason}");
    // Nor one that stands beside a good one.
    let both = fresh.path().join("both.pem");
    let pems = [live.section.trust.clone(), development.pki().join("ca.pem")];
    let text: String = pems.iter().map(|pem| std::fs::read_to_string(pem).unwrap()).collect();
    std::fs::write(&both, text).unwrap();
    let reason = refusal(fresh.path(), |o| {
        live.configure(&mut o.config);
        o.config.pki.as_mut().unwrap().trust = both;
    });
    assert!(reason.contains("must not trust a development CA"), "{reason}");
    assert!(!fresh.path().join("watling.json").exists(), "the folder was not even stamped");
}

#[test]
fn a_live_hub_refuses_conformance_mode() {
    let live = LivePki::make("A region's authority");
    let fresh = tempfile::tempdir().unwrap();
    let reason = refusal(fresh.path(), |o| {
        live.configure(&mut o.config);
        o.conformance = true;
    });
    assert!(reason.contains("--conformance is for development"), "{reason}");
    // Nor on its folder without its configuration.
    let running = TestHub::with(|o| live.configure(&mut o.config));
    let reason = refusal(running.data(), |o| o.conformance = true);
    assert!(reason.contains("--conformance is for development"), "{reason}");
    assert!(!running.pki().exists(), "no client was made");
}

#[test]
fn a_role_of_a_live_hub_needs_its_certificate() {
    let live = LivePki::make("A region's authority");
    let fresh = tempfile::tempdir().unwrap();
    let reason = refusal(fresh.path(), |o| {
        live.configure(&mut o.config);
        o.config.pki.as_mut().unwrap().gateway = None;
    });
    assert!(reason.contains("[pki.gateway] is missing"), "{reason}");
}

#[test]
fn a_live_hub_refuses_synthetic_numbers_that_are_not_listed() {
    let live = LivePki::make("A region's authority");
    let hub = TestHub::with(|o| {
        live.configure(&mut o.config);
        o.config.hub.synthetic_numbers = vec!["999 000 0026".to_owned()];
    });
    let unlisted = Provide::letter(1).patient("9990000018");
    let words = ["a synthetic NHS number (999 range)", "not accepted by a live hub"];
    let answer = hub.refuses(Role::Repository, &words, || live.provide(&hub, &unlisted));
    assert_eq!(answer.error_codes(), ["XDSUnknownPatientId"]);
    for (number, patient) in [(2, "9990000026"), (3, "9000000009")] {
        let answer = live.provide(&hub, &Provide::letter(number).patient(patient));
        assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    }
    assert_eq!(hub.contents(), (2, 2));
}

#[test]
fn a_role_of_a_folder_is_served_by_one_process() {
    let hub = TestHub::start();
    for role in Role::ALL {
        let reason = refusal(hub.data(), |o| o.roles = vec![role]);
        let expected = format!("the {role} of");
        assert!(reason.contains(&expected), "{reason}");
        assert!(reason.contains("is served by another process"), "{reason}");
    }
    let provided = hub.request("RXN", hub.url(Role::Repository)).soap(&Provide::letter(1).inline());
    assert_eq!(provided.xds_status(), "Success", "the first one goes on");
}

#[test]
fn a_first_start_that_is_cut_off_is_finished_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let in_the_way = data.join("pki").join("clients").join("ZZP01.key");
    std::fs::create_dir_all(in_the_way.join("something")).unwrap();
    let reason = refusal(&data, |_| {});
    assert!(reason.contains("ZZP01.key"), "{reason}");
    std::fs::remove_dir_all(&in_the_way).unwrap();
    let hub = TestHub::with(|options| options.data = data);
    let letter = Provide::letter(1);
    let provided = hub.request("RXN", hub.url(Role::Repository)).soap(&letter.inline());
    assert_eq!(provided.xds_status(), "Success", "{}", provided.text());
    let query = message::find_documents("9000000009", "LeafClass", "");
    let found = hub.request("ZZP01", hub.url(Role::Gateway)).soap(&query);
    assert!(found.contains(&letter.unique_id), "{}", found.text());
}
