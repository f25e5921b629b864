//! The same with signatures: a service's identity, of a CA made on the spot.

use super::*;
use crate::audit::{AuditSettings, Signer};
use crate::tls::Identity;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use schemas::ods_code::OdsCode;

struct Authority {
    folder: tempfile::TempDir,
    issuer: Issuer<'static, KeyPair>,
}

fn subject(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.distinguished_name.push(DnType::OrganizationalUnitName, "QE1");
    params
}

impl Authority {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut params = subject("an authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
        Self { folder, issuer: Issuer::new(params, key) }
    }

    fn identity(&self, name: &str) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = subject(name);
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let path = |end: &str| self.folder.path().join(format!("{name}.{end}"));
        std::fs::write(path("pem"), certificate.pem()).unwrap();
        std::fs::write(path("key"), key.serialize_pem()).unwrap();
        Identity {
            certificate: path("pem"),
            key: path("key"),
            trust: self.folder.path().join("ca.pem"),
            revoked: None,
        }
    }
}

const NAME: &str = "watling-gateway";

/// A log of 200 records that is signed each 50, and who signed it.
struct Log {
    authority: Authority,
    folder: tempfile::TempDir,
    trust: Trust,
}

impl Log {
    async fn new() -> Self {
        let authority = Authority::new();
        let folder = tempfile::tempdir().unwrap();
        let identity = authority.identity(NAME);
        let trust = Trust::new(&identity, NAME, &OdsCode::parse("QE1").unwrap()).unwrap();
        let log = Self { authority, folder, trust };
        log.record(&identity).await;
        log
    }

    async fn record(&self, identity: &Identity) {
        let settings = AuditSettings { checkpoint_records: 50, ..AuditSettings::default() };
        let signer = Signer::of(identity).unwrap();
        let path = self.folder.path();
        let audit = Audit::serving(path, "gateway", Clock::System, settings, signer).unwrap();
        for _ in 0..RECORDS {
            let event = AuditEvent::new("gateway", AuditKind::Start, Outcome::Success);
            audit.record(event).await.unwrap();
        }
        audit.checkpoint(true).await.unwrap();
        audit.anchor().await.unwrap();
    }

    fn verified(&self, elsewhere: Option<&Path>) -> Verification {
        let every = Some(50);
        let trust = Some(&self.trust);
        let proof = Proof { trust, service: "gateway", elsewhere, every };
        verify_by(self.folder.path(), &proof, &mut |_, _| ()).unwrap()
    }

    fn found(&self) -> Vec<(i64, DamageKind, Option<i64>)> {
        let damage = self.verified(None).damage.into_iter();
        damage.map(|one| (one.seq, one.kind, one.last_good_checkpoint)).collect()
    }

    /// Alters a record and computes everything behind it anew, as the service would.
    fn compute_anew(&self, from: i64) {
        use crate::audit::store::{content_digest, database, link};
        let connection = Connection::open(database(self.folder.path())).unwrap();
        let digest = |seq: i64| -> Vec<u8> {
            let sql = "SELECT digest FROM record WHERE seq = ?1";
            connection.query_row(sql, [seq], |row| row.get(0)).unwrap()
        };
        let mut previous = digest(from - 1);
        for seq in from..=RECORDS {
            let sql = "SELECT event FROM record WHERE seq = ?1";
            let event: String = connection.query_row(sql, [seq], |row| row.get(0)).unwrap();
            let event =
                if seq == from { event.replace("success", "serious-failure") } else { event };
            let content = content_digest(&event);
            let digest = link(&previous, seq, &content);
            let sql = "UPDATE record SET event = ?2, content_digest = ?3, digest = ?4 \
                       WHERE seq = ?1";
            connection.execute(sql, (seq, &event, content, digest)).unwrap();
            previous = digest.to_vec();
        }
        let head = format!("{RECORDS} {}\n", hex(&previous));
        std::fs::write(head_path(self.folder.path()), head).unwrap();
    }

    fn tamper(&self, sql: &str) {
        tamper(self.folder.path(), sql);
    }
}

#[tokio::test]
async fn every_so_many_records_are_signed() {
    let log = Log::new().await;
    let found = log.verified(None);
    assert_eq!((found.damage, found.checkpoints), (vec![], 4));
    assert_eq!(found.last_checkpoint, Some(RECORDS));
}

#[tokio::test]
async fn whoever_computes_the_chain_anew_cannot_sign_it() {
    let log = Log::new().await;
    log.compute_anew(120);
    assert!(verify(log.folder.path()).unwrap().is_whole(), "the chain alone shows nothing");
    assert_eq!(log.found(), [(150, DamageKind::ComputedAnew, Some(100))]);
}

#[tokio::test]
async fn checkpoints_that_others_have_signed_are_forged() {
    let log = Log::new().await;
    log.compute_anew(120);
    // With a good certificate of the same authorities, but another system's.
    log.tamper("DELETE FROM checkpoint WHERE seq > 100");
    let connection = Connection::open(crate::audit::store::database(log.folder.path())).unwrap();
    let signer = Signer::of(&log.authority.identity("zzp01-records")).unwrap();
    let sql = "SELECT digest FROM record WHERE seq = 150";
    let digest: Vec<u8> = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    let record = (150, "2026-07-15T12:00:00.000Z", &digest[..]);
    checkpoint::sign(&connection, &signer, "gateway", 50, record).unwrap();
    let found = log.found();
    assert!(found.contains(&(150, DamageKind::ForgedCheckpoint, Some(100))), "{found:?}");
    assert!(found.contains(&(150, DamageKind::ComputedAnew, Some(100))), "by the file: {found:?}");
}

#[tokio::test]
async fn checkpoints_that_were_taken_away_are_missed() {
    let log = Log::new().await;
    log.tamper("DELETE FROM checkpoint WHERE seq = 100");
    let missing = (100, DamageKind::MissingCheckpoint, Some(50));
    assert!(log.found().contains(&missing), "{:?}", log.found());
    log.tamper("DELETE FROM checkpoint");
    std::fs::remove_file(checkpoint::path(log.folder.path())).unwrap();
    assert_eq!(log.found(), [(1, DamageKind::Unsigned { records: RECORDS }, None)]);
}

#[tokio::test]
async fn a_copy_of_the_checkpoints_elsewhere_shows_a_log_that_was_set_back() {
    let log = Log::new().await;
    let copy = log.authority.folder.path().join("copy");
    std::fs::copy(checkpoint::path(log.folder.path()), &copy).unwrap();
    log.tamper("DELETE FROM checkpoint WHERE seq > 100; DELETE FROM record WHERE seq > 120");
    std::fs::remove_file(checkpoint::path(log.folder.path())).unwrap();
    std::fs::remove_file(head_path(log.folder.path())).unwrap();
    assert!(log.verified(None).is_whole(), "nothing here knows better");
    let found = log.verified(Some(&copy)).damage;
    let cut = found.iter().find(|one| one.kind == DamageKind::Cut { known: RECORDS });
    assert_eq!(cut.map(|one| one.last_good_checkpoint), Some(Some(100)), "{found:?}");
}

#[tokio::test]
async fn a_new_key_of_the_service_goes_on_where_the_old_one_ended() {
    let log = Log::new().await;
    log.record(&log.authority.identity(NAME)).await;
    let found = log.verified(None);
    assert_eq!((found.records, found.damage, found.checkpoints), (2 * RECORDS, vec![], 8));
}

fn exported(log: &Log, file: &Path) -> crate::audit::Exported {
    let span = crate::audit::Span::default();
    let mut to = std::fs::File::create(file).unwrap();
    let format = crate::audit::ExportFormat::Json;
    crate::audit::export(log.folder.path(), "gateway", &span, format, &mut to).unwrap().unwrap()
}

fn piece_verified(log: &Log, file: &Path) -> Verification {
    let proof = Proof { trust: Some(&log.trust), ..Proof::default() };
    verify_piece(file, &proof).unwrap()
}

#[tokio::test]
async fn an_exported_piece_is_proved_without_the_log() {
    let log = Log::new().await;
    let file = log.authority.folder.path().join("piece");
    let span = (1, RECORDS);
    let said = exported(&log, &file);
    assert_eq!(((said.from, said.until), said.proved_by), (span, Some(RECORDS)));
    let found = piece_verified(&log, &file);
    assert_eq!((found.records, found.damage), (RECORDS, vec![]));
    let text = std::fs::read_to_string(&file).unwrap();
    for (from, to, expected) in [
        (
            "\\\"service\\\":\\\"gateway\\\"",
            "\\\"service\\\":\\\"registry\\\"",
            DamageKind::Altered,
        ),
        ("\"until\":200", "\"until\":240", DamageKind::Cut { known: 240 }),
    ] {
        assert!(text.contains(from), "{from}");
        std::fs::write(&file, text.replacen(from, to, 1)).unwrap();
        let found = piece_verified(&log, &file).damage;
        assert!(found.iter().any(|one| one.kind == expected), "{from}: {found:?}");
    }
    let kept = text.lines().filter(|line| !line.starts_with("{\"seq\":77,"));
    std::fs::write(&file, kept.collect::<Vec<_>>().join("\n")).unwrap();
    let found = piece_verified(&log, &file).damage;
    assert_eq!((found[0].seq, &found[0].kind), (77, &DamageKind::Dropped { until: 77 }));
    assert_eq!(found[0].last_good_checkpoint, Some(50));
}

#[tokio::test]
async fn expired_content_leaves_the_chain_whole() {
    let log = Log::new().await;
    let identity = log.authority.identity(NAME);
    let clock = Clock::fixed(Clock::System.now());
    clock.advance_seconds(9 * 366 * 86_400);
    let settings = AuditSettings { keep_years: Some(8), ..AuditSettings::default() };
    let signer = Signer::of(&identity).unwrap();
    let path = log.folder.path();
    let audit = Audit::serving(path, "gateway", clock, settings, signer).unwrap();
    assert_eq!(audit.expire().await.unwrap(), RECORDS);
    assert_eq!(audit.expire().await.unwrap(), 0, "once");
    let found = log.verified(None);
    assert_eq!((found.records, found.expired, found.damage), (RECORDS + 1, RECORDS, vec![]));
    assert_eq!(crate::audit::list(path, 10).unwrap().len(), 1, "only the record of it is left");
}

#[tokio::test]
async fn content_that_no_expiry_removed_shows() {
    let log = Log::new().await;
    log.tamper("UPDATE record SET event = NULL WHERE seq = 60");
    assert_eq!(log.found(), [(60, DamageKind::Emptied, Some(50))]);
}
