//! curl at the hub's doors: a client that others wrote, on a real TLS handshake.

use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Clone, Debug)]
pub struct Certificate {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Certificate {
    pub fn in_folder(folder: &Path, name: &str) -> Self {
        Self {
            certificate: folder.join(format!("{name}.pem")),
            key: folder.join(format!("{name}.key")),
        }
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The SOAP envelope: the body, or the root part of a package.
    pub fn envelope(&self) -> String {
        let text = self.text();
        let start = text.find("<s:Envelope").unwrap_or(0);
        let end = text.find("</s:Envelope>").map_or(text.len(), |at| at + "</s:Envelope>".len());
        text[start..end].to_owned()
    }

    /// The envelope with its predefined entities resolved, for reading messages.
    pub fn plain(&self) -> String {
        let entities =
            [("&quot;", "\""), ("&apos;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
        entities.iter().fold(self.envelope(), |text, (entity, c)| text.replace(entity, c))
    }

    /// The code of a SOAP fault without its prefix, `Sender` or `Client`; with a subcode where
    /// there is one, `Sender/wsa:ActionNotSupported`.
    pub fn fault_code(&self) -> String {
        let text = self.envelope();
        let after = |mark: &str| {
            let rest = text.split(mark).nth(1)?;
            Some(rest.split('<').next().unwrap_or_default().to_owned())
        };
        let code = after("<s:Code><s:Value>s:").or_else(|| after("<faultcode>s:"));
        let subcode = text.split("<s:Subcode>").nth(1).and_then(|rest| rest.split('>').nth(1));
        let subcode = subcode.and_then(|rest| rest.split('<').next());
        let code = code.unwrap_or_default();
        subcode.map_or(code.clone(), |subcode| format!("{code}/{subcode}"))
    }

    pub fn contains(&self, needle: &str) -> bool {
        self.text().contains(needle)
    }

    /// `Success`, `PartialSuccess` or `Failure` of an XDS answer.
    pub fn xds_status(&self) -> String {
        let text = self.envelope();
        let found = text.split("ResponseStatusType:").nth(1).unwrap_or_default();
        found.split('"').next().unwrap_or_default().to_owned()
    }

    /// The errorCode of every RegistryError, in order.
    pub fn error_codes(&self) -> Vec<String> {
        let text = self.envelope();
        let parts = text.split("errorCode=\"").skip(1);
        parts.map(|part| part.split('"').next().unwrap_or_default().to_owned()).collect()
    }
}

/// One POST (or GET) in the making.
#[derive(Clone, Debug)]
pub struct Request {
    url: String,
    ca: PathBuf,
    certificate: Option<Certificate>,
    headers: Vec<String>,
    extra: Vec<String>,
}

impl Request {
    pub fn new(url: impl Into<String>, ca: &Path) -> Self {
        Self {
            url: url.into(),
            ca: ca.to_owned(),
            certificate: None,
            headers: Vec::new(),
            extra: Vec::new(),
        }
    }

    pub fn certificate(mut self, certificate: Certificate) -> Self {
        self.certificate = Some(certificate);
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(format!("{name}: {value}"));
        self
    }

    pub fn content_type(self, value: &str) -> Self {
        self.header("Content-Type", value)
    }

    /// An option of curl's own.
    pub fn option(mut self, option: &str) -> Self {
        self.extra.push(option.to_owned());
        self
    }

    pub fn get(&self) -> Result<Answer, String> {
        self.run(None)
    }

    /// Posts; panics where there is no HTTP answer at all.
    pub fn post(&self, body: impl AsRef<[u8]>) -> Answer {
        self.try_post(body).expect("an HTTP answer")
    }

    /// Posts a plain SOAP 1.2 envelope.
    pub fn soap(&self, envelope: &str) -> Answer {
        self.clone().content_type("application/soap+xml; charset=UTF-8").post(envelope)
    }

    /// Posts a file without holding it in memory and keeps the answer in another.
    pub fn post_file(&self, sent: &Path, got: &Path) -> Result<u16, String> {
        let mut curl = self.curl(got, "1800");
        curl.args(["-X", "POST", "--upload-file"]).arg(sent);
        let output = curl.args(["-w", "%{http_code}"]).arg(&self.url).output();
        let output = output.map_err(|error| format!("curl cannot be run: {error}"))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let status = String::from_utf8_lossy(&output.stdout).into_owned();
        status.trim().parse().map_err(|_| status)
    }

    pub fn try_post(&self, body: impl AsRef<[u8]>) -> Result<Answer, String> {
        self.run(Some(body.as_ref()))
    }

    /// A POST that writes its answer to its own output as it comes, for a test that reads at its own
    /// pace.
    pub fn reading(&self, body: impl AsRef<[u8]>) -> Command {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), body).expect("the request is written");
        let (_, sent) = file.keep().expect("the file stays");
        let mut curl = self.curl(Path::new("-"), "60");
        curl.arg("--no-buffer").arg("--data-binary").arg(format!("@{}", sent.display()));
        curl.arg(&self.url);
        curl
    }

    fn curl(&self, got: &Path, seconds_max: &str) -> Command {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "--max-time", seconds_max, "--cacert"]).arg(&self.ca).arg("-o").arg(got);
        if let Some(certificate) = &self.certificate {
            curl.arg("--cert").arg(&certificate.certificate).arg("--key").arg(&certificate.key);
        }
        for header in &self.headers {
            curl.arg("-H").arg(header);
        }
        curl.args(&self.extra);
        curl
    }

    fn run(&self, body: Option<&[u8]>) -> Result<Answer, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let (sent, got) = (folder.path().join("sent"), folder.path().join("got"));
        let mut curl = self.curl(&got, "60");
        if let Some(body) = body {
            std::fs::write(&sent, body).map_err(|error| error.to_string())?;
            curl.arg("--data-binary").arg(format!("@{}", sent.display()));
        }
        curl.args(["-w", "%{http_code}\n%{content_type}"]).arg(&self.url);
        let output = curl.output().map_err(|error| format!("curl cannot be run: {error}"))?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut lines = said.lines();
        let status: u16 = lines.next().and_then(|line| line.parse().ok()).unwrap_or_default();
        if status == 0 {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(Answer {
            status,
            content_type: lines.next().unwrap_or_default().to_owned(),
            body: std::fs::read(&got).unwrap_or_default(),
        })
    }
}
