//! `tidegate demo`: what it prints is true.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

/// A running demo; killed if a test fails before it ends by itself.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Connects as soon as the demo listens: it says where before it does.
fn connect(address: &str, demo: &mut Child) -> TcpStream {
    loop {
        if let Ok(stream) = TcpStream::connect(address) {
            return stream;
        }
        assert_eq!(demo.try_wait().expect("a child"), None, "the demo ended");
        std::thread::yield_now();
    }
}

#[test]
fn the_demo_answers_where_it_says_logs_it_and_ends_with_ctrl_c() {
    let child = crate::tidegate()
        .arg("demo")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut demo = Demo(child);
    let stdout = demo.0.stdout.take().expect("a pipe");
    let mut lines = BufReader::new(stdout)
        .lines()
        .map(|line| line.expect("text"));
    let mut lines_until = |part: &str| {
        let found = lines.find(|line| line.contains(part));
        found.unwrap_or_else(|| panic!("no line with {part}"))
    };

    let line = lines_until("curl http://");
    let address = line["curl http://".len()..]
        .split('/')
        .next()
        .expect("an address");
    for name in ["red", "blue"] {
        let mut stream = connect(address, &mut demo.0);
        stream
            .write_all(b"GET /who HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n")
            .expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(
            answer.contains(&format!("This is {name}. It got:")),
            "{answer}"
        );
        assert!(
            answer.contains("\nx-forwarded-for: 127.0.0.1\n"),
            "{answer}"
        );
        let logged = lines_until("GET /who HTTP/1.1");
        assert!(
            logged.contains(&format!(" web origins/{name} ")),
            "{logged}"
        );
    }

    let pid = nix::unistd::Pid::from_raw(demo.0.id() as i32);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).expect("a signal");
    let status = demo.0.wait().expect("a status");
    use std::os::unix::process::ExitStatusExt;
    assert_eq!(status.signal(), Some(2), "{status}");
}
