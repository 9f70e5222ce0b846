//! The service is told to end, whatever its workers are at.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::program::{End, Program, eventually, example};

#[test]
fn sigterm_and_ctrl_c_end_a_wait_of_minutes_at_once_and_with_success() {
    for signal in ["TERM", "INT"] {
        let start = || {
            let program = service(&file(signal), &["--with", "waiting"]);
            says(&program, "worker panicked");
            program
        };
        ends_at_once(start(), signal, start);
    }
}

/// Within 200 ms, if the machine is not too busy to tell: of three the first that
/// is.
fn ends_at_once(program: Program, signal: &str, another: impl Fn() -> Program) -> End {
    let is_at_once = |end: &End| end.took < Duration::from_millis(200);
    let mut end = program.end(signal);
    for _ in 0..2 {
        if !is_at_once(&end) {
            end = another().end(signal);
        }
    }
    assert!(is_at_once(&end), "{end:?}");
    assert!(end.status.success(), "{end:?}");
    assert_eq!(end.stderr, "");
    end
}

#[test]
#[cfg(target_os = "linux")]
fn a_thread_that_panics_each_second_takes_no_time_and_ends_at_once() {
    let start = || service(&file("thread"), &["--with", "thread"]);
    let program = start();
    let panics = || program.stdout.text().matches("worker panicked").count();
    let panicked = |times| eventually("it panics", || (panics() >= times).then_some(()));
    // The first time its stack is resolved.
    panicked(2);
    let (before, began) = (ticks(&program), Instant::now());
    panicked(5);
    let (spent, took) = (ticks(&program) - before, began.elapsed());
    assert!(took > Duration::from_millis(1_400), "{took:?}");
    // Of 10 ms.
    assert!(spent <= 3, "{spent} ticks in {took:?}");

    let end = ends_at_once(program, "TERM", || {
        let program = start();
        says(&program, "worker panicked");
        program
    });
    let line = "worker stopped: it waited for its next run worker=\"thread\"";
    assert!(end.stdout.contains(line), "{end:?}");
}

#[test]
fn the_end_of_a_critical_worker_is_on_stderr_with_its_failure_and_the_exit_code_is_1() {
    let started = Instant::now();
    let program = service(&file("critical"), &["--with", "critical"]);
    let end = program.ended(started);
    assert_eq!(end.status.code(), Some(1), "{end:?}");
    assert_eq!(
        end.stderr,
        "Error: critical worker `critical` gave up\n\n\
         Caused by:\n    \
         worker `critical` failed: the table `customers` is not there\n"
    );
}

#[test]
fn what_was_accepted_is_in_the_file_after_sigterm_while_clients_go_on_sending() {
    let file = file("accepted");
    let program = service(&file, &[]);
    let accepted = Arc::new(Mutex::new(Vec::new()));
    let clients = [1, 2, 3].map(|client| {
        let (send, accepted) = (sender(&program), Arc::clone(&accepted));
        thread::spawn(move || {
            for record in (1..).map(|record| format!("{client}.{record}")) {
                if !send(&record) {
                    break;
                }
                accepted.lock().unwrap().push(record);
            }
        })
    });
    eventually("a hundred are accepted", || {
        (accepted.lock().unwrap().len() >= 100).then_some(())
    });
    assert_eq!(fs::read_to_string(&file).unwrap_or_default(), "");

    let end = program.end("TERM");
    assert!(end.status.success(), "{end:?}");
    for client in clients {
        client.join().unwrap();
    }
    let written = fs::read_to_string(&file).unwrap();
    let written: BTreeSet<_> = written.lines().collect();
    for record in &*accepted.lock().unwrap() {
        assert!(written.contains(&**record), "{record} is lost");
    }
}

#[test]
fn what_waits_in_the_queue_when_a_worker_is_asked_to_stop_is_not_lost() {
    // A file that can't be opened until somebody reads it: a very slow disk.
    let file = file("slow");
    assert!(
        Command::new("mkfifo")
            .arg(&file)
            .status()
            .unwrap()
            .success()
    );
    let program = service(&file, &[]);
    let send = sender(&program);
    let records: Vec<_> = (1..=100).map(|record| record.to_string()).collect();
    for record in &records {
        assert!(send(record));
    }
    let told = Instant::now();
    program.signal("TERM");
    says(&program, r#"worker finished worker="serve""#);

    let disk = File::options().read(true).write(true).open(&file);
    let mut disk = disk.unwrap();
    let end = program.ended(told);
    assert!(end.status.success(), "{end:?}");
    // Without a last line there would be no end to it.
    disk.write_all(b"end\n").unwrap();
    let written = BufReader::new(disk).lines().map(Result::unwrap);
    let written: Vec<_> = written.take_while(|line| line != "end").collect();
    assert_eq!(written, records);
}

#[test]
fn a_worker_that_blocks_its_thread_is_named_when_all_others_have_stopped() {
    let file = file("blocked");
    let program = service(&file, &["--grace", "0.3", "--with", "blocked"]);
    says(&program, "blocks its thread");
    assert!(sender(&program)("a record"));

    let end = program.end("TERM");
    assert_eq!(end.status.code(), Some(1), "{end:?}");
    let stderr = "Error: did not stop, blocking its thread: `blocked`\n";
    assert_eq!(end.stderr, stderr);
    let soon = Duration::from_millis(300)..Duration::from_secs(1);
    assert!(soon.contains(&end.took), "{end:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "a record\n");
    for stopped in ["serve", "store"] {
        let line = format!("worker finished worker=\"{stopped}\"");
        assert!(end.stdout.contains(&line), "{end:?}");
    }
}

#[test]
fn a_worker_that_blocks_the_only_thread_cannot_keep_the_process() {
    let program = service(
        &file("all_blocked"),
        &["--grace", "0.2", "--threads", "1", "--with", "blocked"],
    );
    says(&program, "blocks its thread");
    let end = program.end("TERM");
    assert_eq!(end.status.code(), Some(1), "{end:?}");
    assert!(end.stderr.contains("`blocked`"), "{end:?}");
    assert!(end.took < Duration::from_millis(1_500), "{end:?}");
}

#[test]
fn a_second_ctrl_c_ends_the_grace_period() {
    let program = stubborn("second_ctrl_c");
    program.signal("INT");
    says(&program, r#"worker finished worker="store""#);
    let end = program.end("INT");
    assert_eq!(end.status.code(), Some(1), "{end:?}");
    assert!(end.took < Duration::from_millis(500), "{end:?}");
    let stderr = "Error: dropped when the grace period was over: `stubborn`\n";
    assert_eq!(end.stderr, stderr);
}

#[test]
fn a_second_ctrl_c_ends_the_grace_period_of_those_whose_turn_has_not_come() {
    let program = stubborn("second_ctrl_c_in_a_child");
    let _client = one_who_never_sends_it_all(&program);
    program.signal("INT");
    says(&program, r#"shutting down cause="Ctrl-C""#);
    let end = program.end("INT");
    assert_eq!(end.status.code(), Some(1), "{end:?}");
    assert!(end.took < Duration::from_millis(500), "{end:?}");
    // `store` may be faster.
    for dropped in ["grace period was over", "`serve`", "`stubborn`"] {
        assert!(end.stderr.contains(dropped), "{end:?}");
    }
}

#[test]
fn a_second_sigterm_leaves_the_grace_period_as_it_is() {
    let program = stubborn("second_sigterm");
    program.signal("TERM");
    says(&program, r#"worker finished worker="store""#);
    program.signal("TERM");
    thread::sleep(Duration::from_millis(100));
    assert!(!program.stdout.text().contains("grace period"));

    let end = program.end("INT");
    assert_eq!(end.status.code(), Some(1), "{end:?}");
    assert!(end.took < Duration::from_millis(500), "{end:?}");
}

/// How much of a processor's time it has taken, in ticks of the kernel.
#[cfg(target_os = "linux")]
fn ticks(program: &Program) -> u64 {
    let stat = format!("/proc/{}/stat", program.child.id());
    let stat = fs::read_to_string(stat).unwrap();
    // After the name, which may have spaces in it: there the 12th and the 13th are
    // the user's and the system's.
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let fields = fields.split(' ').skip(11).take(2);
    fields.map(|field| field.parse::<u64>().unwrap()).sum()
}

/// With a worker that takes the minute that it is given.
fn stubborn(test: &str) -> Program {
    let program = service(&file(test), &["--grace", "60", "--with", "stubborn"]);
    says(&program, "will not stop");
    program
}

/// A client whose request the service is in the middle of.
fn one_who_never_sends_it_all(program: &Program) -> TcpStream {
    let address = program.url.strip_prefix("http://").unwrap();
    let mut client = TcpStream::connect(address).unwrap();
    let request = "POST /records HTTP/1.1\r\nHost: here\r\nContent-Length: 8\r\n\
                   Expect: 100-continue\r\n\r\n";
    client.write_all(request.as_bytes()).unwrap();
    let go_on = BufReader::new(&client).lines().next().unwrap();
    assert_eq!(go_on.unwrap(), "HTTP/1.1 100 Continue");
    client
}

fn service(file: &Path, arguments: &[&str]) -> Program {
    let mut command = example("service");
    Program::start(command.arg(file).args(["--port", "0"]).args(arguments))
}

/// Where a test has its records: nothing is there yet.
fn file(test: &str) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}.records"));
    // Fails if it was never there.
    let _ = fs::remove_file(&file);
    file
}

/// Sends a record, and tells whether it was accepted.
fn sender(program: &Program) -> impl Fn(&str) -> bool + use<> {
    let (agent, url) = (program.agent.clone(), format!("{}/records", program.url));
    move |record| agent.post(&url).send(record).is_ok()
}

fn says(program: &Program, text: &str) {
    eventually(&format!("it says `{text}`"), || {
        program.stdout.text().contains(text).then_some(())
    });
}
