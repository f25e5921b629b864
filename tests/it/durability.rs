//! Acknowledged means durable: the process is killed at any moment of a publish.

use crate::executable;
use hub::client::Target;
use hub::client::find::{Search, find};
use hub::client::get::get;
use hub::client::publish::Publisher;
use schemas::described::Description;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tests::HubProcess;

const KILLS: u64 = 50;

fn target(data: &Path, ods: &str) -> Target {
    Target::in_folder(data, OdsCode::parse(ods).unwrap())
}

fn patient() -> NhsNumber {
    NhsNumber::parse("9000000009").unwrap()
}

/// Publishes until told to stop; what was acknowledged is written down.
async fn publish_on(
    publisher: Arc<Publisher>,
    lane: usize,
    round: u64,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<Mutex<BTreeSet<String>>>,
) {
    let described = Description::new("outpatient-letter", patient());
    let mut n = 0;
    while !stop.load(Ordering::Relaxed) {
        let text = format!("letter {round}-{lane}-{n} {}", "x".repeat(500 + n * 37 % 4000));
        let published = publisher.publish("letter.txt", text.into_bytes(), Some(&described)).await;
        if let Some(unique_id) = published.unique_id {
            acknowledged.lock().unwrap().insert(unique_id);
        }
        n += 1;
    }
}

#[test]
fn no_acknowledged_document_is_lost_and_no_entry_lacks_its_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let acknowledged: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut random = 0x9e37_79b9_7f4a_7c15u64;
    for round in 0..KILLS {
        let process = HubProcess::serve(executable(), &data, &[]).unwrap();
        let publisher = Arc::new(Publisher::new(&target(&data, "RXN")).unwrap());
        let stop = Arc::new(AtomicBool::new(false));
        let lanes: Vec<_> = (0..6)
            .map(|lane| {
                let (publisher, stop, acknowledged) =
                    (publisher.clone(), stop.clone(), acknowledged.clone());
                runtime.spawn(publish_on(publisher, lane, round, stop, acknowledged))
            })
            .collect();
        // A different moment each time: after some acknowledgements, and a little later.
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let wanted = acknowledged.lock().unwrap().len() + (random >> 33) as usize % 24;
        let deadline = Instant::now() + Duration::from_secs(60);
        while acknowledged.lock().unwrap().len() < wanted {
            assert!(Instant::now() < deadline, "nothing is acknowledged any more");
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(Duration::from_micros((random >> 20) % 4_000));
        process.kill();
        stop.store(true, Ordering::Relaxed);
        for lane in lanes {
            runtime.block_on(lane).unwrap();
        }
    }
    let acknowledged = acknowledged.lock().unwrap().clone();
    assert!(
        acknowledged.len() > 200,
        "only {} were acknowledged in {KILLS} rounds",
        acknowledged.len()
    );
    let _process = HubProcess::serve(executable(), &data, &[]).unwrap();
    runtime.block_on(check(&data, &acknowledged));
}

/// Everything acknowledged is found, and everything found can be fetched whole.
async fn check(data: &Path, acknowledged: &BTreeSet<String>) {
    let connection = target(data, "ZZP01").connect("gateway").unwrap();
    let code_sets = hub::fixtures::code_sets().unwrap();
    let search = Search { patient: patient(), document_type: None, since: None };
    let found = find(&connection, &code_sets, &search).await.unwrap();
    let listed: BTreeSet<String> =
        found.entries.iter().map(|entry| entry.unique_id.clone()).collect();
    let lost: Vec<_> = acknowledged.difference(&listed).collect();
    assert!(lost.is_empty(), "{} acknowledged documents are lost: {lost:?}", lost.len());
    for entry in &found.entries {
        let fetched = get(&connection, &entry.unique_id).await;
        let fetched =
            fetched.unwrap_or_else(|error| panic!("{} has no bytes: {error}", entry.unique_id));
        assert_eq!(fetched.hash.as_str(), entry.hash);
    }
    for service in ["registry", "repository", "gateway"] {
        let verified = node::audit::verify(&data.join(service)).unwrap();
        assert!(verified.is_whole(), "{service}: {verified:?}");
    }
}
