//! A real browser, told what to do by `WebDriver`'s protocol: JSON over HTTP.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio, id};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;

/// How long one step may take, on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

/// Chromium without a window, with a profile of its own; both are gone when a test
/// is done with it.
pub struct Browser {
    /// One at a time: each would have all processors to itself.
    _alone: MutexGuard<'static, ()>,
    driver: Child,
    profile: PathBuf,
    agent: Agent,
    session: String,
}

impl Browser {
    /// None, with the reason on stdout, where it is not installed: there, the test
    /// is left out. With `CI=true` in the environment it is not.
    pub fn start() -> Option<Self> {
        static ALONE: Mutex<()> = Mutex::new(());
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        for program in ["chromium", "chromedriver"] {
            if let Err(error) = Command::new(program).arg("--version").output() {
                let reason = format!("left out, there is no `{program}`: {error}");
                assert_ne!(env::var("CI").as_deref(), Ok("true"), "{reason}");
                println!("{reason}");
                return None;
            }
        }
        // A group of its own, which chromium is then in, too.
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let said = driver.stdout.take().unwrap();
        let mut browser = Self {
            _alone: alone,
            driver,
            profile: fresh_folder(),
            agent: agent(),
            session: String::new(),
        };
        let port = port_told(said);
        browser.session = format!("http://127.0.0.1:{port}/session");
        browser.open_session();
        Some(browser)
    }

    fn open_session(&mut self) {
        let profile = format!("--user-data-dir={}", self.profile.display());
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--no-proxy-server",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            &profile,
        ];
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let session = self.post("", &capabilities);
        let id = session["sessionId"].as_str().expect("the id of a session");
        self.session = format!("{}/{id}", self.session);
    }

    pub fn open(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    pub fn title(&self) -> String {
        text(self.get("/title"))
    }

    /// The text of the first element, as it is rendered: what is hidden is not in
    /// it.
    pub fn text(&self, selector: &str) -> String {
        text(self.of_element(selector, "text"))
    }

    /// The same of a page that refreshes itself: none while it is gone.
    pub fn present_text(&self, selector: &str) -> Option<String> {
        let element = self.try_post("/element", &by(selector)).ok()?;
        let path = format!("/element/{}/text", id_of(&element));
        let answer = self.agent.get(format!("{}{path}", self.session)).call();
        Some(text(value(answer).ok()?))
    }

    /// The element's role for a screen reader.
    pub fn role(&self, selector: &str) -> String {
        text(self.of_element(selector, "computedrole"))
    }

    /// What a screen reader calls the element.
    pub fn label(&self, selector: &str) -> String {
        text(self.of_element(selector, "computedlabel"))
    }

    pub fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.post(&format!("/element/{element}/click"), &json!({}));
    }

    /// What a script of the test, none of the page, returns.
    pub fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// What the browser complains of.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.post("/se/log", &json!({ "type": "browser" }));
        let entries = log.as_array().expect("a list of entries");
        entries.iter().map(ToString::to_string).collect()
    }

    /// In pixels of a style sheet; below 800 it is a phone.
    pub fn be_as_wide_as(&self, width: u32) {
        let is_phone = width < 800;
        let metrics =
            json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": is_phone });
        self.command("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// `light` or `dark`.
    pub fn prefer(&self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.command(
            "Emulation.setEmulatedMedia",
            &json!({ "features": features }),
        );
    }

    /// A command of the protocol that the developer tools use.
    pub fn command(&self, name: &str, parameters: &Value) -> Value {
        let command = json!({ "cmd": name, "params": parameters });
        self.post("/goog/cdp/execute", &command)
    }

    fn of_element(&self, selector: &str, what: &str) -> Value {
        let element = self.element(selector);
        self.get(&format!("/element/{element}/{what}"))
    }

    fn element(&self, selector: &str) -> String {
        id_of(&self.post("/element", &by(selector)))
    }

    fn get(&self, path: &str) -> Value {
        let answer = self.agent.get(format!("{}{path}", self.session)).call();
        value(answer).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.try_post(path, body);
        answer.unwrap_or_else(|error| panic!("{path} {body}: {error}"))
    }

    fn try_post(&self, path: &str, body: &Value) -> Result<Value, Value> {
        let address = format!("{}{path}", self.session);
        value(self.agent.post(address).send(body.to_string()))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // In order first, then by force, of which one fails.
        let _ = self.agent.delete(&self.session).call();
        let group = format!("-{}", self.driver.id());
        let _ = Command::new("kill")
            .args(["-s", "KILL", "--", &group])
            .output();
        let _ = self.driver.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}

/// Where the driver listens. What else it says is read, and nobody's business.
fn port_told(said: ChildStdout) -> u16 {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(said).lines().map_while(Result::ok) {
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                // Nobody listens any more, if it took too long.
                let _ = tell.send(port.trim_end_matches('.').parse());
            }
        }
    });
    let port = told.recv_timeout(LIMIT);
    port.expect("chromedriver says where it listens")
        .expect("a port")
}

type Answer = Result<ureq::http::Response<ureq::Body>, ureq::Error>;

/// What the browser answers, or what it says is wrong.
fn value(answer: Answer) -> Result<Value, Value> {
    let mut answer = answer.expect("the driver answers");
    let body = answer.body_mut().read_to_string().expect("text");
    let mut body: Value = serde_json::from_str(&body).expect("JSON");
    let value = body["value"].take();
    if answer.status().is_success() {
        Ok(value)
    } else {
        Err(value)
    }
}

fn by(selector: &str) -> Value {
    json!({ "using": "css selector", "value": selector })
}

fn id_of(element: &Value) -> String {
    let element = element.as_object().expect("an element");
    text(element.values().next().expect("its id").clone())
}

fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => panic!("{other} is no text"),
    }
}

fn agent() -> Agent {
    Agent::config_builder()
        .proxy(None)
        .http_status_as_error(false)
        .timeout_global(Some(LIMIT))
        .build()
        .into()
}

fn fresh_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("browser-{}-{}", id(), COUNT.fetch_add(1, SeqCst));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}
