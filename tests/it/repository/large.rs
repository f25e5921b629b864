//! A large document goes in and comes out in constant memory. `WATLING_LARGE_BYTES=1073741824`
//! makes it as large as a document may be.

use crate::{executable, skipped};
use sha1::Digest;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use tests::message::{self, Provide};
use tests::{Certificate, HubProcess, Request};

/// More than several of every buffer, far less than the document.
const GROWTH_BYTES_MAX: u64 = 64 * 1024 * 1024;

fn large_bytes() -> u64 {
    let wanted = std::env::var("WATLING_LARGE_BYTES").ok();
    wanted.map_or(256 * 1024 * 1024, |bytes| bytes.parse().expect("a number of bytes"))
}

/// Bytes without a pattern, in pieces.
struct Noise {
    state: u64,
    left: u64,
}

impl Iterator for Noise {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let count = self.left.min(64 * 1024);
        self.left -= count;
        let mut piece = Vec::with_capacity(count as usize + 8);
        while piece.len() < count as usize {
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            piece.extend_from_slice(&self.state.to_le_bytes());
        }
        piece.truncate(count as usize);
        (count > 0).then_some(piece)
    }
}

/// The hub's process, and the doors of two organisations.
struct Watched {
    hub: HubProcess,
    publisher: Request,
    practice: Request,
}

impl Watched {
    fn start(data: &Path) -> Self {
        let hub = HubProcess::serve(executable(), data, &[]).unwrap();
        let endpoints = std::fs::read_to_string(data.join("endpoints.json")).unwrap();
        let endpoints: serde_json::Value = serde_json::from_str(&endpoints).unwrap();
        let pki = data.join("pki");
        let request = |role: &str, ods: &str| {
            Request::new(endpoints[role].as_str().unwrap(), &pki.join("ca.pem"))
                .certificate(Certificate::in_folder(&pki.join("clients"), ods))
        };
        let (publisher, practice) = (request("repository", "RXN"), request("gateway", "ZZP01"));
        Self { hub, publisher, practice }
    }

    /// By how much the peak of memory grows while something is done.
    fn growth(&self, done: impl FnOnce()) -> u64 {
        self.hub.forget_peak().expect("the peak can be reset");
        let before = self.hub.peak_memory_bytes();
        assert!(before > 0, "/proc tells the peak");
        done();
        self.hub.peak_memory_bytes().saturating_sub(before)
    }
}

/// Writes an ITI-41 package around the noise; the document's SHA-1.
fn write_package(path: &Path, letter: &Provide, size: u64) -> (String, String) {
    // The part's bytes are put where a mark stands.
    let mark = b"<the document>".to_vec();
    let (content_type, frame) = Provide { document: mark.clone(), ..letter.clone() }.mtom();
    let at = frame.windows(mark.len()).rposition(|window| window == mark).unwrap();
    let mut file = BufWriter::new(File::create(path).unwrap());
    let mut sha1 = sha1::Sha1::new();
    file.write_all(&frame[..at]).unwrap();
    for piece in (Noise { state: 0x9e37_79b9_7f4a_7c15, left: size }) {
        sha1.update(&piece);
        file.write_all(&piece).unwrap();
    }
    file.write_all(&frame[at + mark.len()..]).unwrap();
    file.flush().unwrap();
    let digest = sha1.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    (content_type, digest)
}

/// SHA-1 of the last `size` bytes before the closing boundary of a package.
fn sha1_of_last_part(path: &Path, size: u64) -> String {
    let mut file = File::open(path).unwrap();
    let length = file.metadata().unwrap().len();
    let mut end = vec![0; 200.min(length as usize)];
    file.seek(SeekFrom::End(-(end.len() as i64))).unwrap();
    file.read_exact(&mut end).unwrap();
    let boundary = end.windows(4).rposition(|window| window == b"\r\n--").expect("it is closed");
    let start = length - end.len() as u64 + boundary as u64 - size;
    file.seek(SeekFrom::Start(start)).unwrap();
    let mut sha1 = sha1::Sha1::new();
    let mut document = BufReader::new(file).take(size);
    let mut piece = vec![0; 64 * 1024];
    loop {
        match document.read(&mut piece).unwrap() {
            0 => break,
            count => sha1.update(&piece[..count]),
        }
    }
    sha1.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_large_document_goes_in_and_comes_out_in_constant_memory() {
    if !Path::new("/proc/self/clear_refs").exists() {
        return skipped("this system does not tell a process's peak of memory");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let watched = Watched::start(&path("data"));
    let size = large_bytes();
    let letter = Provide { mime_type: "application/dicom".to_owned(), ..Provide::letter(1) };
    let (content_type, sha1) = write_package(&path("sent"), &letter, size);
    let provide = watched.publisher.clone().content_type(&content_type);
    let into = watched.growth(|| {
        assert_eq!(provide.post_file(&path("sent"), &path("provided")).unwrap(), 200);
    });
    let answer = String::from_utf8_lossy(&std::fs::read(path("provided")).unwrap()).into_owned();
    assert!(answer.contains("ResponseStatusType:Success"), "{answer}");
    let find = message::find_documents("9000000009", "LeafClass", "");
    let found = watched.practice.soap(&find);
    assert!(found.contains(&sha1) && found.contains(&format!(">{size}<")), "{}", found.text());
    let (content_type, body) = message::package(&message::retrieve(&[&letter.unique_id]), &[]);
    std::fs::write(path("asked"), body).unwrap();
    let retrieve = watched.practice.clone().content_type(&content_type);
    let out = watched.growth(|| {
        assert_eq!(retrieve.post_file(&path("asked"), &path("got")).unwrap(), 200);
    });
    assert_eq!(sha1_of_last_part(&path("got"), size), sha1);
    println!("{size} bytes: {into} bytes of memory more on the way in, {out} on the way out");
    assert!(into < GROWTH_BYTES_MAX, "{into} bytes more on the way in");
    assert!(out < GROWTH_BYTES_MAX, "{out} bytes more on the way out");
}
