//! The upload page in a real browser, with the keyboard alone. Chromium is spoken to over a pipe; where
//! there is none, the test is skipped.

use super::*;
use crate::skipped;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

struct Browser {
    child: Child,
    to: std::fs::File,
    from: BufReader<std::fs::File>,
    session: String,
    next: u64,
    _folder: tempfile::TempDir,
}

impl Browser {
    /// `None` where no browser can be started.
    fn start() -> Option<Self> {
        let found = |name: &&&str| Command::new(**name).arg("--version").output().is_ok();
        let name = NAMES.iter().find(found)?;
        let folder = tempfile::tempdir().ok()?;
        let pipe = |name: &str| folder.path().join(name);
        let made = Command::new("mkfifo").arg(pipe("in")).arg(pipe("out")).status();
        made.ok().filter(|status| status.success())?;
        let script = "exec \"$0\" --headless --no-sandbox --disable-gpu --no-first-run --remote-debugging-pipe --user-data-dir=\"$1/profile\" about:blank 3<\"$1/in\" 4>\"$1/out\"";
        let mut shell = Command::new("sh");
        shell.args(["-c", script, name]).arg(folder.path());
        let child = shell.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        let to = std::fs::OpenOptions::new().write(true).open(pipe("in")).ok()?;
        let from = BufReader::new(std::fs::File::open(pipe("out")).ok()?);
        let mut browser =
            Self { child, to, from, session: String::new(), next: 0, _folder: folder };
        let target = browser.ask("Target.createTarget", serde_json::json!({"url": "about:blank"}));
        let attach = serde_json::json!({"targetId": target["targetId"], "flatten": true});
        let attached = browser.ask("Target.attachToTarget", attach);
        browser.session = attached["sessionId"].as_str()?.to_owned();
        Some(browser)
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let mut message = serde_json::json!({"id": self.next, "method": method, "params": params});
        if !self.session.is_empty() {
            message["sessionId"] = self.session.clone().into();
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let mut answer = Vec::new();
            assert!(self.from.read_until(0, &mut answer).unwrap() > 0, "the browser has ended");
            answer.pop();
            let answer: Value = serde_json::from_slice(&answer).unwrap();
            if answer["id"] == self.next {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    fn value(&mut self, expression: &str) -> Value {
        self.ask("Runtime.evaluate", serde_json::json!({"expression": expression}))["result"]["value"]
            .clone()
    }

    fn wait_for(&mut self, expression: &str) {
        for _ in 0..600 {
            if self.value(expression) == Value::Bool(true) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("it never came: {expression}; {}", self.value("document.body.innerText"));
    }

    fn key(&mut self, key: &str, code: u32, text: &str) {
        for kind in ["keyDown", "keyUp"] {
            let mut event = serde_json::json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = text.into();
            }
            self.ask("Input.dispatchKeyEvent", event);
        }
    }

    /// Moves on with the tabulator until a field has the focus.
    fn reach(&mut self, id: &str) {
        for _ in 0..40 {
            self.key("Tab", 9, "");
            if self.value("document.activeElement.id") == id {
                return;
            }
        }
        panic!("the keyboard never reaches {id}");
    }

    fn type_into(&mut self, id: &str, text: &str) {
        self.reach(id);
        for c in text.chars() {
            self.key(&c.to_string(), u32::from(c.to_ascii_uppercase()), &c.to_string());
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Stands for the certificate that a person's browser would present: plain on this side, mutual TLS on
/// the hub's.
fn relay(hub: &TestHub, runtime: &tokio::runtime::Runtime) -> std::net::SocketAddr {
    let own = hub.certificate("RXN");
    let identity = node::tls::Identity {
        certificate: own.certificate,
        key: own.key,
        trust: hub.pki().join("ca.pem"),
        revoked: None,
    };
    let connector = tokio_rustls::TlsConnector::from(Arc::new(identity.client_config().unwrap()));
    let door = hub.door("upload");
    let address: std::net::SocketAddr =
        door.trim_start_matches("https://").split('/').next().unwrap().parse().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let bound = listener.local_addr().unwrap();
    runtime.spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let connector = connector.clone();
            tokio::spawn(async move {
                let Ok(far) = TcpStream::connect(address).await else { return };
                let name = rustls::pki_types::ServerName::from(address.ip());
                let Ok(mut far) = connector.connect(name, far).await else { return };
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    bound
}

#[test]
fn a_person_sends_a_document_with_the_keyboard_alone() {
    let Some(mut browser) = Browser::start() else {
        return skipped("no Chromium here: the upload page was not tried in a browser");
    };
    let hub = TestHub::start();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let address = relay(&hub, &runtime);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("letter.pdf");
    std::fs::write(&file, PDF).unwrap();
    let url = format!("http://{address}/repository/upload");
    browser.ask("Page.navigate", serde_json::json!({"url": url}));
    browser.wait_for("document.title === 'Send a document' && document.readyState === 'complete'");
    // A mistake first: the page comes back with the focus on what is wrong.
    browser.type_into("nhs_number", "12");
    browser.key("Enter", 13, "\r");
    browser.wait_for("document.title.startsWith('Error') && document.readyState === 'complete'");
    // The dialogue that chooses a file is the operating system's.
    let document = browser.ask("DOM.getDocument", serde_json::json!({}));
    let node = serde_json::json!({"nodeId": document["root"]["nodeId"], "selector": "#document"});
    let node = browser.ask("DOM.querySelector", node);
    let files = serde_json::json!({"nodeId": node["nodeId"], "files": [file]});
    browser.ask("DOM.setFileInputFiles", files);
    browser.reach("document");
    browser.type_into("document_type", "Outpatient or");
    assert_eq!(
        browser.value("document.getElementById('document_type').value"),
        "outpatient-letter"
    );
    // The tabulator selects what a field holds, so typing takes its place.
    browser.type_into("nhs_number", "999 000 0026");
    browser.type_into("family_name", "SYNTHETIC");
    browser.type_into("birth_date", "09/03/1948");
    browser.key("Enter", 13, "\r");
    browser.wait_for("document.title === 'Document registered'");
    let width = "document.documentElement.scrollWidth <= document.documentElement.clientWidth";
    assert_eq!(browser.value(width), true, "nothing is beside the window");
    assert_eq!(hub.contents(), (1, 1));
}
