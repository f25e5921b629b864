//! Where the hub is and who asks: a data folder and an ODS code, or a URL with certificate files.

use crate::data::DataFolder;
use crate::pki::DevelopmentPki;
use node::client::{Outgoing, SoapClient};
use node::config::Limits;
use node::spool::Received;
use node::tls::Identity;
use schemas::ods_code::OdsCode;
use schemas::soap::{Headers, SoapVersion};
use schemas::transaction::Transaction;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the command line says about both.
#[derive(Clone, Debug)]
pub struct Target {
    pub as_ods: Option<OdsCode>,
    /// Another organisation that the system acts for.
    pub for_ods: Option<OdsCode>,
    pub data: PathBuf,
    pub url: Option<String>,
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
    pub cacert: Option<PathBuf>,
}

/// A role's address and a client that may knock there.
pub struct Connection {
    pub url: String,
    client: SoapClient,
    acting_for: Option<String>,
    _spool: tempfile::TempDir,
}

impl Target {
    /// An organisation of the development region in `data`, at the addresses that are written there.
    pub fn in_folder(data: &Path, ods: OdsCode) -> Self {
        Self {
            as_ods: Some(ods),
            for_ods: None,
            data: data.to_owned(),
            url: None,
            cert: None,
            key: None,
            cacert: None,
        }
    }

    fn identity(&self) -> Result<Identity, String> {
        if let (Some(certificate), Some(key), Some(trust)) = (&self.cert, &self.key, &self.cacert) {
            return Ok(Identity {
                certificate: certificate.clone(),
                key: key.clone(),
                trust: trust.clone(),
                revoked: None,
            });
        }
        let ods = self.as_ods.as_ref().ok_or(
            "say who asks: --as ODS with --data DIR, or --url with --cert, --key and --cacert",
        )?;
        let data = DataFolder { path: self.data.clone() };
        let identity = DevelopmentPki::of(&data).client(ods);
        if !identity.certificate.is_file() {
            return Err(format!(
                "{} is not there: has {ods} a certificate in this folder? (`watling serve --data {}` makes those of the development region)",
                identity.certificate.display(),
                self.data.display()
            ));
        }
        Ok(identity)
    }

    /// Connects to a role: `registry`, `repository`, `itk`, `gateway`.
    pub fn connect(&self, role: &str) -> Result<Connection, String> {
        let url = match &self.url {
            Some(url) => url.clone(),
            None => {
                let endpoints = DataFolder { path: self.data.clone() }.endpoints()?;
                let url = endpoints.urls.get(role).cloned();
                url.ok_or_else(|| {
                    format!("no {role} is known in {}/endpoints.json", self.data.display())
                })?
            }
        };
        let tls = self.identity()?.client_config().map_err(|error| error.to_string())?;
        let spool = tempfile::tempdir().map_err(|error| error.to_string())?;
        let client = SoapClient::new(
            tls,
            spool.path().to_owned(),
            Duration::from_secs(600),
            Limits::default(),
        );
        let acting_for = self.for_ods.as_ref().map(ToString::to_string);
        Ok(Connection { url, client, acting_for, _spool: spool })
    }
}

impl Connection {
    /// The envelope of a request.
    pub fn envelope(&self, transaction: Transaction, body: &str) -> String {
        let message_id = node::ids::message_id();
        let headers = Headers {
            action: transaction.action(),
            message_id: &message_id,
            to: Some(&self.url),
            acting_for: self.acting_for.as_deref(),
            ..Headers::default()
        };
        schemas::soap::write(SoapVersion::V12, &headers, body)
    }

    pub async fn call(&self, outgoing: Outgoing) -> Result<Received, String> {
        self.client.call(&self.url, outgoing).await.map_err(|error| error.to_string())
    }

    /// A request without documents.
    pub async fn simple(&self, transaction: Transaction, body: &str) -> Result<Received, String> {
        let envelope = self.envelope(transaction, body);
        let action = transaction.action().to_owned();
        self.call(Outgoing::Simple { version: SoapVersion::V12, action, envelope }).await
    }
}

/// Reads the body of an answer.
pub(super) fn with_body<T>(
    received: &Received,
    read: impl FnOnce(schemas::xml::Element<'_>) -> Option<T>,
) -> Result<T, String> {
    let limits = schemas::xml::Limits::default();
    let document = schemas::xml::Document::parse_bytes(&received.envelope, &limits);
    let document = document.map_err(|error| format!("the answer cannot be read: {error}"))?;
    let envelope = schemas::soap::Envelope::read(&document).map_err(|fault| fault.reason)?;
    read(envelope.body).ok_or_else(|| "the answer is not the profile's".to_owned())
}
