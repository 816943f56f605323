//! The log under destinations that are slow, full or gone.

use std::fs;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use super::*;

const PATIENCE: Duration = Duration::from_secs(20);

/// A destination that tests look into, and that waits or fails as they want.
#[derive(Clone, Default)]
struct Probe {
    written: Arc<Mutex<Vec<u8>>>,
    gate: Option<Arc<Mutex<Receiver<()>>>>,
    fail: Arc<AtomicBool>,
}

impl Write for Probe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(gate) = &self.gate {
            // Open for good once the sender is gone.
            let _ = gate.lock().unwrap().recv();
        }
        if self.fail.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.written.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn log_to(probe: &Probe, buffers_waiting_max: usize) -> LineLog {
    LineLog::to(
        &ACCESS,
        Sink::Test(Box::new(probe.clone())),
        buffers_waiting_max,
    )
    .unwrap()
}

fn text_of(probe: &Probe) -> String {
    String::from_utf8(probe.written.lock().unwrap().clone()).unwrap()
}

fn add(core: &mut CoreLog, line: &str) {
    core.line(|buffer| buffer.extend_from_slice(line.as_bytes()));
}

#[test]
fn lines_of_all_cores_arrive_whole_and_in_their_cores_order() {
    const LINES: usize = 5_000;
    let probe = Probe::default();
    let log = log_to(&probe, 1_000);
    let cores: Vec<_> = (0..3).map(|core| (core, log.core())).collect();
    let threads: Vec<_> = cores
        .into_iter()
        .map(|(core, mut lines)| {
            std::thread::spawn(move || {
                (0..LINES).for_each(|number| {
                    add(&mut lines, &format!("{core} {number} {}", "x".repeat(90)))
                });
            })
        })
        .collect();
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    let shared = log.shared.clone();
    assert!(log.finish(PATIENCE));
    assert_eq!(
        shared.lines_written.load(Ordering::Relaxed),
        3 * LINES as u64
    );
    let text = text_of(&probe);
    for core in 0..3 {
        let own: Vec<_> = text
            .lines()
            .filter(|line| line.starts_with(&format!("{core} ")))
            .collect();
        assert_eq!(own.len(), LINES);
        for (number, line) in own.iter().enumerate() {
            assert_eq!(**line, format!("{core} {number} {}", "x".repeat(90)));
        }
    }
}

#[test]
fn a_slow_destination_costs_lines_and_no_waiting() {
    let (open_gate, gate) = channel();
    let probe = Probe {
        gate: Some(Arc::new(Mutex::new(gate))),
        ..Probe::default()
    };
    let log = log_to(&probe, 2);
    let mut core = log.core();
    // Nothing is written while the gate is shut, and this loop still ends.
    for number in 0..100 {
        add(&mut core, &number.to_string());
        core.flush();
    }
    let lost = log.lines_lost();
    assert!(
        (97..=98).contains(&lost),
        "two wait, one may be in the thread's hands: {lost}"
    );
    drop(open_gate);
    drop(core);
    let shared = log.shared.clone();
    assert!(log.finish(PATIENCE));
    let written = shared.lines_written.load(Ordering::Relaxed);
    assert_eq!(written + lost, 100, "each line is written or counted");
    assert_eq!(text_of(&probe).lines().count() as u64, written);
}

#[test]
fn finishing_gives_up_on_a_destination_that_hangs() {
    let (open_gate, gate) = channel();
    let probe = Probe {
        gate: Some(Arc::new(Mutex::new(gate))),
        ..Probe::default()
    };
    let log = log_to(&probe, 2);
    add(&mut log.core(), "stuck");
    assert!(!log.finish(Duration::from_millis(1)));
    drop(open_gate);
}

#[test]
fn a_failing_destination_is_counted_and_tried_again() {
    let probe = Probe::default();
    let log = log_to(&probe, 10);
    let mut core = log.core();
    probe.fail.store(true, Ordering::Relaxed);
    add(&mut core, "lost");
    core.flush();
    wait_until(|| log.lines_lost() == 1);
    probe.fail.store(false, Ordering::Relaxed);
    add(&mut core, "kept");
    drop(core);
    assert!(log.finish(PATIENCE));
    assert_eq!(
        text_of(&probe),
        "\nkept\n",
        "a line that may have been cut is ended first"
    );
}

fn wait_until(condition: impl Fn() -> bool) {
    let given_up = std::time::Instant::now() + PATIENCE;
    while !condition() {
        assert!(std::time::Instant::now() < given_up, "it never came about");
        std::thread::yield_now();
    }
}

#[test]
fn a_value_cannot_start_a_line_of_its_own() {
    let probe = Probe::default();
    let log = log_to(&probe, 10);
    let mut core = log.core();
    add(&mut core, "GET /\nforged entry\n");
    drop(core);
    assert!(log.finish(PATIENCE));
    assert_eq!(text_of(&probe), "GET / forged entry \n");
}

#[test]
fn lines_around_the_buffers_size_are_kept_or_counted() {
    let lengths = [
        BUFFER_BYTES - 2,
        BUFFER_BYTES - 1,
        BUFFER_BYTES,
        3 * BUFFER_BYTES,
        10,
    ];
    let probe = Probe::default();
    let log = log_to(&probe, 10);
    let mut core = log.core();
    for length in lengths {
        add(&mut core, &"y".repeat(length));
    }
    drop(core);
    assert_eq!(log.lines_lost(), 2, "the line feed counts as well");
    assert!(log.finish(PATIENCE));
    let kept: Vec<_> = text_of(&probe).lines().map(str::len).collect();
    assert_eq!(kept, [BUFFER_BYTES - 2, BUFFER_BYTES - 1, 10]);
}

#[test]
fn a_buffer_is_handed_over_when_full_and_not_before() {
    let probe = Probe::default();
    let log = log_to(&probe, 10);
    let mut core = log.core();
    let line = "z".repeat(1023);
    for _line in 0..BUFFER_BYTES / 1024 {
        add(&mut core, &line);
    }
    assert!(!core.is_empty());
    assert!(text_of(&probe).is_empty(), "exactly full still fits");
    add(&mut core, "one more");
    wait_until(|| log.lines_written() == 64);
    assert_eq!(core.buffer.lines, 1);
}

#[test]
fn a_rotated_file_is_let_go_of() {
    let folder = tempfile::tempdir().unwrap();
    let [path, rotated] = ["access.log", "access.log.1"].map(|name| folder.path().join(name));
    fs::write(&path, "before\n").unwrap();
    let log = LineLog::open(&ACCESS, Destination::File(path.clone())).unwrap();
    let mut core = log.core();
    add(&mut core, "first");
    core.flush();
    wait_until(|| log.lines_written() == 1);
    fs::rename(&path, &rotated).unwrap();
    log.reopen();
    wait_until(|| path.exists());
    add(&mut core, "second");
    drop(core);
    assert!(log.finish(PATIENCE));
    assert_eq!(fs::read_to_string(rotated).unwrap(), "before\nfirst\n");
    assert_eq!(fs::read_to_string(path).unwrap(), "second\n");
}

#[test]
fn a_file_that_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no such folder/access.log");
    let error = LineLog::open(&ACCESS, Destination::File(path.clone())).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot open the access log {}", path.display())
    );
}
