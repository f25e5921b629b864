//! xmlsec1 as another opinion: it verifies what we take, we take what it signs.

use super::bed::{Bed, EC, RSA};
use crate::skipped;
use std::path::Path;
use std::process::{Command, Output};
use tests::saml::{Authority, Claims, Signing, envelope, replaced};

const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion:Assertion";

fn xmlsec1(arguments: &[&str]) -> Option<Output> {
    match Command::new("xmlsec1").args(arguments).output() {
        Ok(output) => Some(output),
        Err(_) => {
            skipped(
                "xmlsec1 is not installed (apt-get install xmlsec1): nobody else verifies our signatures",
            );
            None
        }
    }
}

fn files(folder: &Path, authority: &Authority, text: &str) -> (String, String, String) {
    let path = folder.join("assertion.xml");
    std::fs::write(&path, text).unwrap();
    let certificate = authority.write(folder, "oracle");
    let key = folder.join("oracle.key");
    let text = |path: &Path| path.to_string_lossy().into_owned();
    (text(&path), text(&certificate), text(&key))
}

#[test]
fn what_is_taken_here_xmlsec1_verifies() {
    let bed = Bed::new();
    for (authority, name) in [(&bed.rsa, RSA), (&bed.ec, EC)] {
        let signed = Signing::by(authority).sign(&Claims::new("_x1", name).text());
        let (path, certificate, _) = files(bed.folder.path(), authority, &signed);
        let pinned = ["--verify", "--pubkey-cert-pem", &certificate];
        let arguments = [&pinned[..], &["--id-attr:ID", ASSERTION, &path]].concat();
        let Some(output) = xmlsec1(&arguments) else { return };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(bed.says(&envelope(&signed)), "accepted");
        std::fs::write(&path, replaced(&signed, "R0260", "R0050")).unwrap();
        assert!(!xmlsec1(&arguments).unwrap().status.success(), "a forgery passes");
    }
}

#[test]
fn what_xmlsec1_signs_is_taken_here() {
    let bed = Bed::new();
    for (authority, name) in [(&bed.rsa, RSA), (&bed.ec, EC)] {
        let signed = Signing::by(authority).sign(&Claims::new("_x2", name).text());
        let emptied = |text: &str, element: &str| {
            let (open, close) = (format!("<ds:{element}>"), format!("</ds:{element}>"));
            let (before, rest) = text.split_once(&open).unwrap();
            let (_, after) = rest.split_once(&close).unwrap();
            format!("{before}{open}{close}{after}")
        };
        let template = emptied(&emptied(&signed, "DigestValue"), "SignatureValue");
        let (path, certificate, key) = files(bed.folder.path(), authority, &template);
        let output = bed.folder.path().join("signed.xml").to_string_lossy().into_owned();
        let pair = format!("{key},{certificate}");
        let arguments = [
            "--sign",
            "--privkey-pem",
            &pair,
            "--id-attr:ID",
            ASSERTION,
            "--output",
            &output,
            &path,
        ];
        let Some(result) = xmlsec1(&arguments) else { return };
        assert!(result.status.success(), "{}", String::from_utf8_lossy(&result.stderr));
        let theirs = std::fs::read_to_string(&output).unwrap();
        let theirs = theirs.split_once("?>").map_or(theirs.as_str(), |(_, rest)| rest.trim());
        assert_ne!(theirs, template);
        assert_eq!(bed.says(&envelope(theirs)), "accepted", "{theirs}");
    }
}
