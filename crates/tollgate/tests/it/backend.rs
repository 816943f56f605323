//! A backend that answers when it is told to.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// A server on a free port whose answers wait for the test. Its threads end with the test's process.
pub(crate) struct Backend {
    address: SocketAddr,
    arrived: Receiver<Sender<()>>,
}

/// A request that waits for its answer.
pub(crate) struct Held(Sender<()>);

impl Backend {
    /// Starts it.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        let (told, arrived) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let told = told.clone();
                thread::spawn(move || serve(stream, &told));
            }
        });
        Self { address, arrived }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits for the next request.
    pub(crate) fn next(&self) -> Held {
        let held = self.arrived.recv_timeout(Duration::from_secs(30));
        Held(held.expect("a request reaches the backend"))
    }
}

impl Held {
    /// Lets it be answered.
    pub(crate) fn answer(self) {
        self.0.send(()).expect("the backend still waits");
    }
}

fn serve(stream: TcpStream, told: &Sender<Sender<()>>) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    loop {
        line.clear();
        match reader.read_line(&mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) if line == "\r\n" => {}
            Ok(_) => continue,
        }
        let (let_go, waits) = channel();
        if told.send(let_go).is_err() || waits.recv().is_err() {
            return;
        }
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone";
        if reader.get_mut().write_all(answer).is_err() {
            return;
        }
    }
}
