#![allow(
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    reason = "every test binary takes what it needs of this file, and ends at the first thing that is wrong"
)]
//! A server on this machine that keeps what it is told, and answers from a list.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What one message is answered with.
#[derive(Debug, Clone)]
pub enum Answer {
    Status(u16, &'static str, String),
    /// Nothing, until the other side has gone.
    Silence,
    /// The end of the connection.
    Hangup,
}

/// An answer with a header line (or none) and a body.
pub fn says(status: u16, header: &'static str, body: &str) -> Answer {
    Answer::Status(status, header, body.to_owned())
}

#[derive(Debug)]
pub struct Sink {
    pub address: SocketAddr,
    told: Arc<Mutex<Vec<(String, String)>>>,
}

impl Sink {
    /// Answers in this order; the last answer is for all that follow.
    pub fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let told: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
        let kept = told.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answers, kept) = (answers.clone(), kept.clone());
                std::thread::spawn(move || serve(stream, &answers, &kept));
            }
        });
        Self { address, told }
    }

    pub fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Heads and bodies of what it was told so far.
    pub fn told(&self) -> Vec<(String, String)> {
        self.told.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.told.lock().unwrap().len()
    }
}

fn serve(mut stream: TcpStream, answers: &[Answer], kept: &Mutex<Vec<(String, String)>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    loop {
        let mut line = Vec::new();
        match reader.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            // A greeting of TLS has no lines to wait for.
            Ok(_) if line.first() == Some(&0x16) => return,
            Ok(_) if line == b"\r\n" => break,
            Ok(_) => head.push_str(&String::from_utf8_lossy(&line)),
        }
    }
    let length =
        head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    let turn = {
        let mut kept = kept.lock().unwrap();
        kept.push((head, String::from_utf8(body).unwrap()));
        kept.len() - 1
    };
    match &answers[turn.min(answers.len() - 1)] {
        Answer::Status(status, header, body) => {
            let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
            let length = body.len();
            let head = format!("HTTP/1.1 {status} Test\r\nconnection: close\r\ncontent-length: {length}\r\n");
            let _ = stream.write_all(format!("{head}{header}\r\n{body}").as_bytes());
        }
        Answer::Silence => {
            let _ = reader.read(&mut [0]);
        }
        Answer::Hangup => {}
    }
}
