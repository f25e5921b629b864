//! A disk that is really full: a small file system of its own, filled to the last byte.

use crate::skipped;
use hub::serve::Role;
use node::audit::{AuditKind, Outcome, verify};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tests::message::{self, Provide};
use tests::{Answer, TestHub};

/// A file system of 24 MB in memory; it goes with the value.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    /// None where this process may not mount.
    fn mounted() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"]).arg(folder.path());
        if mount.output().is_ok_and(|output| output.status.success()) {
            return Some(Self { folder });
        }
        skipped("no file system can be mounted here, so none can be filled");
        None
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn filler(&self) -> PathBuf {
        self.folder.path().join("filler")
    }

    /// Until nothing more goes in.
    fn fill(&self) {
        let mut file =
            std::fs::File::options().create(true).append(true).open(self.filler()).unwrap();
        for size in [1 << 20, 1 << 12, 1] {
            while file.write_all(&vec![7; size]).is_ok() {}
        }
    }

    fn free(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.folder.path()).output();
    }
}

const RESERVE: u64 = 1 << 20;

/// A hub on the disk, with a letter that the practice and the ambulance may read.
fn hub_on(disk: &SmallDisk, second: Option<&Path>) -> (TestHub, Provide) {
    let hub = TestHub::with(|options| {
        options.data = disk.data();
        options.config.audit.reserve_bytes = RESERVE;
        if let Some(folder) = second {
            let fallback = &mut options.config.audit.urgent_care_fallback;
            fallback.enabled = true;
            fallback.folder = Some(folder.to_owned());
            fallback.answers_max = 3;
        }
    });
    let letter = Provide::letter(1);
    let repository = hub.request("RXN", hub.url(Role::Repository));
    assert_eq!(repository.soap(&letter.inline()).xds_status(), "Success");
    (hub, letter)
}

fn find(hub: &TestHub, ods: &str) -> Answer {
    let query = message::find_documents("9000000009", "LeafClass", "");
    hub.request(ods, hub.url(Role::Gateway)).soap(&query)
}

/// Fills the disk and asks until the first refusal: what the database has allocated is used up first.
#[track_caller]
fn until_refused(hub: &TestHub, disk: &SmallDisk) -> Answer {
    for _ in 0..400 {
        disk.fill();
        let answer = find(hub, "ZZP01");
        if answer.status != 200 {
            return answer;
        }
    }
    panic!("a full disk refuses nothing");
}

#[track_caller]
fn until_answered(hub: &TestHub, ods: &str) -> Answer {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let answer = find(hub, ods);
        if answer.status == 200 {
            return answer;
        }
        assert!(Instant::now() < until, "not answered again: {}", answer.plain());
        std::thread::sleep(Duration::from_millis(500));
    }
}

#[test]
fn a_full_disk_refuses_every_answer_and_each_refusal_is_on_record_in_the_reserved_space() {
    let Some(disk) = SmallDisk::mounted() else { return };
    let (hub, _) = hub_on(&disk, None);
    assert_eq!(find(&hub, "ZZP01").xds_status(), "Success");
    let refused = until_refused(&hub, &disk);
    assert!(refused.plain().contains("could not be audited"), "{}", refused.plain());
    let before = hub.audit(Role::Gateway).len();
    for ods in ["ZZP01", "RX7", "ZZP01"] {
        let answer = find(&hub, ods);
        assert_eq!(answer.status, 500, "{}", answer.plain());
        assert!(!answer.plain().contains("1.2.826.0.1.99999.20.1"), "nothing leaks");
    }
    let records = hub.audit(Role::Gateway);
    assert_eq!(records.len(), before + 3, "each refusal is kept");
    for record in &records[before - 1..] {
        assert_eq!(record.event.outcome, Outcome::SeriousFailure);
        assert!(record.event.document_unique_ids.is_empty());
        let reasons = record.event.reasons.join("; ");
        assert!(reasons.contains("not answered: there is no space left"), "{reasons}");
    }
    let ready = hub.anonymous(hub.url(Role::Gateway).replace("/gateway", "/health/ready"));
    assert_eq!(ready.get().unwrap().status, 503);
    disk.free();
    assert_eq!(until_answered(&hub, "ZZP01").xds_status(), "Success");
    let whole = verify(&disk.data().join("gateway")).unwrap();
    assert!(whole.is_whole(), "{whole:?}");
    let reserved = std::fs::metadata(disk.data().join("gateway/audit.reserve")).unwrap().len();
    assert_eq!(reserved, RESERVE, "the space is reserved again");
}

#[test]
fn urgent_care_is_answered_a_few_times_marked_and_signed_elsewhere_and_merged_later() {
    let Some(disk) = SmallDisk::mounted() else { return };
    let second = tempfile::tempdir().unwrap();
    let (hub, _) = hub_on(&disk, Some(second.path()));
    until_refused(&hub, &disk);
    assert_eq!(find(&hub, "ZZP01").status, 500, "direct care has no fallback");
    for _ in 0..3 {
        let answer = find(&hub, "RX7");
        assert_eq!(answer.status, 200, "{}", answer.plain());
        let warning = "answered for urgent care by the fallback, because the audit log is out of";
        assert!(answer.plain().contains(warning), "{}", answer.plain());
    }
    assert_eq!(find(&hub, "RX7").status, 500, "no more than the region has allowed");
    let log = std::fs::read_to_string(second.path().join("gateway.fallback")).unwrap();
    assert_eq!(log.lines().count(), 3);
    disk.free();
    until_answered(&hub, "ZZP01");
    let until = Instant::now() + Duration::from_secs(20);
    let merged = || {
        let mut records = hub.audit(Role::Gateway);
        records.retain(|record| record.event.answered_at.is_some());
        records
    };
    while merged().len() < 3 {
        assert!(Instant::now() < until, "not merged: {:?}", hub.last_audit(Role::Gateway));
        std::thread::sleep(Duration::from_millis(500));
    }
    for record in merged() {
        assert_eq!(record.event.organisation.as_deref(), Some("RX7"));
        let reasons = record.event.reasons.join("; ");
        assert!(reasons.contains("of the second log, signed"), "{reasons}");
    }
    let whole = verify(&disk.data().join("gateway")).unwrap();
    assert!(whole.is_whole(), "{whole:?}");
    assert_eq!(until_answered(&hub, "RX7").xds_status(), "Success");
    assert!(!find(&hub, "RX7").plain().contains("fallback"), "all is in order again");
    let kinds = hub.audit(Role::Gateway);
    assert!(kinds.iter().any(|record| record.event.kind == AuditKind::AuditLog));
}

/// Takes away what the gateway reads its agreements from, as a broken disk would.
fn agreements(hub: &TestHub, sql: &str) {
    let database = hub.data().join("gateway").join("region.db");
    rusqlite::Connection::open(database).unwrap().execute_batch(sql).unwrap();
    std::thread::sleep(Duration::from_millis(1_800));
}

const GONE: &str = "ALTER TABLE epoch RENAME TO epoch_gone";
const BACK: &str = "ALTER TABLE epoch_gone RENAME TO epoch";

#[test]
fn agreements_out_of_reach_refuse_everybody_unless_the_region_chose_the_fallback() {
    let hub = TestHub::start();
    agreements(&hub, GONE);
    for ods in ["ZZP01", "RX7"] {
        let answer = find(&hub, ods);
        assert_eq!(answer.xds_status(), "Failure", "{}", answer.plain());
        assert!(answer.plain().contains("cannot read its agreements"), "{}", answer.plain());
    }
}

#[test]
fn urgent_care_goes_by_the_last_known_agreements_a_few_times_where_the_region_chose_so() {
    let second = tempfile::tempdir().unwrap();
    let hub = TestHub::with(|options| {
        let fallback = &mut options.config.audit.urgent_care_fallback;
        fallback.enabled = true;
        fallback.folder = Some(second.path().to_owned());
        fallback.answers_max = 2;
    });
    agreements(&hub, GONE);
    assert_eq!(find(&hub, "ZZP01").xds_status(), "Failure", "direct care has no fallback");
    for _ in 0..2 {
        let answer = find(&hub, "RX7");
        assert_eq!(answer.xds_status(), "Success", "{}", answer.plain());
        assert!(answer.plain().contains("agreements and preferences cannot be read"));
        let event = hub.last_audit(Role::Gateway).event;
        assert_eq!(event.fallback, Some(node::audit::FallbackCause::PolicyStore));
    }
    assert_eq!(find(&hub, "RX7").xds_status(), "Failure", "no more than the region has allowed");
    agreements(&hub, BACK);
    let answer = find(&hub, "RX7");
    assert_eq!(answer.xds_status(), "Success");
    assert!(!answer.plain().contains("fallback"), "{}", answer.plain());
}
