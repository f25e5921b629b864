//! Three gateway processes over one region: whatever is taken back is seen by each within a second,
//! with sixteen clients at each of them.

use crate::executable;
use gateway::region::RegionFile;
use gateway::store::GatewayStore;
use hub::client::{Connection, Target};
use hub::data::DataFolder;
use hub::pki::DevelopmentPki;
use schemas::hl7::PatientId;
use schemas::ods_code::OdsCode;
use schemas::query::{FindDocuments, QueryKind, StoredQuery};
use schemas::transaction::Transaction;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tests::message::Provide;
use tests::{Certificate, HubProcess, Request};

/// On the list of no practice of the development region.
const PATIENT: &str = "9997001109";
const LETTER: &str = "1.2.826.0.1.99999.20.1";
const CLIENTS: usize = 16;
/// One for each way in which something is taken back; the last loses its agreement, with all others.
const ASKERS: [&str; 5] = ["ZZP01", "ZZP02", "ZZP03", "ZZP04", "ZZP05"];

/// Within which a change must be seen, from its acknowledgement.
const WITHIN: Duration = Duration::from_secs(1);

fn ods(code: &str) -> OdsCode {
    OdsCode::parse(code).expect("an ODS code")
}

fn url(data: &Path, role: &str) -> String {
    let text = std::fs::read_to_string(data.join("endpoints.json")).expect("the addresses");
    let urls: serde_json::Value = serde_json::from_str(&text).expect("addresses");
    urls[role].as_str().expect("an address").to_owned()
}

/// Registry, repository and three gateways; the second and the third share the first one's region
/// and certificates.
struct Processes {
    folders: Vec<PathBuf>,
    _hubs: Vec<HubProcess>,
}

fn start(root: &Path) -> Processes {
    let first = root.join("first");
    let serve = |data: &Path, arguments: &[&str]| {
        HubProcess::serve(executable(), data, arguments).expect("it starts")
    };
    let mut hubs = vec![serve(&first, &["--role", "registry"])];
    let registry = url(&first, "registry");
    hubs.push(serve(&first, &["--role", "repository", "--registry-url", &registry]));
    let repository = url(&first, "repository");
    let gateway =
        ["--role", "gateway", "--registry-url", &registry, "--repository-url", &repository];
    hubs.push(serve(&first, &gateway));
    let region = first.join("gateway").join("region.db");
    let config = root.join("shared.toml");
    let text = format!("[gateway]\nregion = \"{}\"\n", region.display());
    std::fs::write(&config, text).expect("a configuration");
    let config = config.to_str().expect("a path");
    let mut folders = vec![first.clone()];
    for name in ["second", "third"] {
        let data = root.join(name);
        std::fs::create_dir(&data).expect("a folder");
        std::os::unix::fs::symlink(first.join("pki"), data.join("pki")).expect("a link");
        hubs.push(serve(&data, &[&gateway[..], &["--config", config]].concat()));
        folders.push(data);
    }
    Processes { folders, _hubs: hubs }
}

/// One answer: to whom, when its question left, and whether it showed the letter.
struct Seen {
    asker: &'static str,
    gateway: usize,
    asked: Instant,
    shown: bool,
}

type Log = Arc<Mutex<Vec<Seen>>>;

async fn client(
    target: Target,
    asker: &'static str,
    gateway: usize,
    log: Log,
    stop: Arc<AtomicBool>,
) {
    let patient = format!("{PATIENT}^^^&2.16.840.1.113883.2.1.4.1&ISO");
    let find = FindDocuments::approved(PatientId::parse(&patient).expect("a patient id"));
    let body = StoredQuery::leaf_class(QueryKind::FindDocuments(Box::new(find))).write();
    let connection: Connection = target.connect("gateway").expect("a gateway");
    while !stop.load(Ordering::Relaxed) {
        let asked = Instant::now();
        let answer = connection.simple(Transaction::Iti18, &body);
        let answer = tokio::time::timeout(Duration::from_secs(10), answer).await;
        if answer.is_err() {
            println!("{asker} was not answered by gateway {gateway} within ten seconds");
        }
        let shown = answer.is_ok_and(|answer| {
            answer.is_ok_and(|received| {
                received.envelope.windows(LETTER.len()).any(|part| part == LETTER.as_bytes())
            })
        });
        log.lock().expect("the log").push(Seen { asker, gateway, asked, shown });
    }
}

fn publish(first: &Path) {
    let pki = first.join("pki");
    let request = Request::new(url(first, "repository"), &pki.join("ca.pem"));
    let letter = Provide::letter(1).patient(PATIENT).inline();
    let answer =
        request.certificate(Certificate::in_folder(&pki.join("clients"), "RXN")).soap(&letter);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
}

fn relationships() -> String {
    let row = |ods: &&str| {
        format!(
            "[[relationship]]\npatient = \"{PATIENT}\"\nods = \"{ods}\"\nkind = \"registration\"\nstarts = \"2020-01-01\"\nsource = \"practice list\"\n\n"
        )
    };
    ASKERS.iter().map(row).collect()
}

/// The ways in which something is taken back, each of one asker.
async fn take_back(n: usize, store: &GatewayStore, first: &Path) {
    let apply = async |text: &str| {
        let file: RegionFile = toml::from_str(text).expect("a region file");
        store.apply(file, "20260715120000".to_owned()).await.expect("it applies");
    };
    match n {
        0 => {
            let preference = format!(
                "[[preference]]\npatient = \"{PATIENT}\"\nconsumer = \"ZZP01\"\nrecorded_on = \"2026-07-01\"\nrecorded_by = \"ZZP01\"\n"
            );
            apply(&preference).await;
        }
        1 => apply("[[organisation]]\nods = \"ZZP02\"\nname = \"Millrace Medical Centre (fictitious)\"\nkind = \"practice\"\nfictitious = true\n[organisation.membership]\nsigned_on = \"2018-06-07\"\nsigned_by = \"Senior partner or director\"\nsuspended = true\n").await,
        2 => store.remove_system("zzp03-integration".to_owned(), ods("ZZP03")).await.map(|known| assert!(known)).expect("it is removed"),
        3 => {
            let data = DataFolder::open(first).expect("the folder");
            DevelopmentPki::of(&data).revoke(&ods("ZZP04")).expect("it is revoked");
        }
        _ => apply("[[agreement]]\nid = \"LSC-GP-2026\"\ntitle = \"Suspended\"\nstate = \"suspended\"\npublishers = [\"group:publishers\"]\nconsumers = [\"group:practices\"]\ndocument_types = [\"*\"]\npurposes = [\"direct-care\"]\nroles = [\"clinician\"]\nstarts = \"2026-01-01\"\n").await,
    }
}

/// Everybody asks, all the time; now and then something is taken back. When each was acknowledged.
async fn run(processes: &Processes, log: &Log) -> Vec<Instant> {
    let first = &processes.folders[0];
    let store = GatewayStore::open(&first.join("gateway").join("region.db")).await;
    let store = store.expect("the store");
    let file: RegionFile = toml::from_str(&relationships()).expect("a region file");
    store.apply(file, "20260715120000".to_owned()).await.expect("it applies");
    let stop = Arc::new(AtomicBool::new(false));
    let mut clients = Vec::new();
    for (gateway, data) in processes.folders.iter().enumerate() {
        for n in 0..CLIENTS {
            let asker = ASKERS[n % ASKERS.len()];
            let target = Target::in_folder(data, ods(asker));
            let (log, stop) = (log.clone(), stop.clone());
            clients.push(tokio::spawn(client(target, asker, gateway, log, stop)));
        }
    }
    let mut acknowledged = Vec::new();
    for n in 0..ASKERS.len() {
        tokio::time::sleep(Duration::from_secs(4)).await;
        take_back(n, &store, first).await;
        acknowledged.push(Instant::now());
    }
    tokio::time::sleep(Duration::from_secs(4)).await;
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.expect("a client");
    }
    acknowledged
}

#[test]
fn what_is_taken_back_is_seen_by_each_of_three_gateways_within_a_second_under_load() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let processes = start(root.path());
    publish(&processes.folders[0]);
    let log: Log = Log::default();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let acknowledged = runtime.block_on(run(&processes, &log));
    let log = log.lock().expect("the log");
    println!("{} questions were asked", log.len());
    for (n, asker) in ASKERS.iter().enumerate() {
        for gateway in 0..processes.folders.len() {
            let here =
                || log.iter().filter(move |seen| seen.asker == *asker && seen.gateway == gateway);
            let before = here().filter(|seen| seen.asked < acknowledged[n] && seen.shown).count();
            let late = here().filter(|seen| seen.asked > acknowledged[n] + WITHIN);
            let (late_all, late_shown) =
                late.fold((0, 0), |(all, shown), seen| (all + 1, shown + usize::from(seen.shown)));
            let last = here().filter(|seen| seen.shown).map(|seen| seen.asked).max();
            let last = last.and_then(|last| last.checked_duration_since(acknowledged[n]));
            println!(
                "{asker} at gateway {gateway}: {before} shown before, {late_shown} of {late_all} after a second; the last one that showed was asked {last:?} after"
            );
            assert!(before > 0, "{asker} saw the letter at gateway {gateway} before");
            assert!(late_all > 0, "{asker} went on asking at gateway {gateway}");
            assert_eq!(late_shown, 0, "{asker} at gateway {gateway}");
        }
    }
}
