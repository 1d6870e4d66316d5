#![allow(
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    reason = "every test binary takes what it needs of this file, and ends at the first thing that is wrong"
)]
//! A server on this machine that answers what a test wants, byte by byte if need be.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use url::Url;

/// What one request is answered with.
#[derive(Debug, Clone)]
pub enum Answer {
    /// These bytes, then the end of the connection.
    Bytes(Vec<u8>),
    /// These bytes, then one blank after the other for as long as anybody listens.
    Drip(Vec<u8>),
    /// These bytes, then nothing: the connection stays open.
    Silence(Vec<u8>),
}

/// A reply with a body of stated length.
pub fn reply(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut head =
        format!("HTTP/1.1 {status} Test\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    Answer::Bytes([head.as_bytes(), b"\r\n", body].concat())
}

pub fn json(body: &[u8]) -> Answer {
    reply(200, &[("content-type", "application/json")], body)
}

/// A body without a stated length: it ends with the connection.
pub fn endless(headers: &str, body: &[u8]) -> Answer {
    let head = format!("HTTP/1.1 200 Test\r\nconnection: close\r\n{headers}\r\n");
    Answer::Bytes([head.as_bytes(), body].concat())
}

#[derive(Debug)]
pub struct Server {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers every connection with what `handler` makes of the request: its first line and headers.
    pub fn start(handler: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let handler = Arc::new(handler);
        let heads = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (handler, heads) = (handler.clone(), heads.clone());
                std::thread::spawn(move || serve(stream, &*handler, &heads));
            }
        });
        Self { address, asked }
    }

    pub fn url(&self) -> Url {
        Url::parse(&format!("http://{}", self.address)).unwrap()
    }

    /// The same address with TLS, which this server does not speak.
    pub fn secure_url(&self) -> Url {
        Url::parse(&format!("https://{}", self.address)).unwrap()
    }

    /// Heads of the requests so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// The client may go away at any moment: that ends the connection and nothing else.
fn serve(mut stream: TcpStream, handler: &dyn Fn(&str) -> Answer, heads: &Mutex<Vec<String>>) {
    let mut head = String::new();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut line = Vec::new();
        match reader.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => break,
            Ok(_) if line == b"\r\n" => break,
            // A greeting of TLS has no lines to wait for.
            Ok(_) if line.first() == Some(&0x16) => break,
            Ok(_) => head.push_str(&String::from_utf8_lossy(&line)),
        }
    }
    heads.lock().unwrap().push(head.clone());
    match handler(&head) {
        Answer::Bytes(bytes) => {
            let _ = stream.write_all(&bytes);
            let _ = stream.shutdown(std::net::Shutdown::Write);
            drain(&mut stream);
        }
        Answer::Drip(bytes) => {
            let _ = stream.write_all(&bytes);
            // Waiting for a byte that never comes is the pause between two drops.
            let _ = stream.set_read_timeout(Some(Duration::from_millis(5)));
            while stream.write_all(b" ").is_ok() {
                if stream.read(&mut [0]).is_ok() {
                    return;
                }
            }
        }
        Answer::Silence(bytes) => {
            let _ = stream.write_all(&bytes);
            drain(&mut stream);
        }
    }
}

/// Until the other side has gone.
fn drain(stream: &mut TcpStream) {
    let mut rest = [0; 1_024];
    while stream.read(&mut rest).is_ok_and(|n| n > 0) {}
}
