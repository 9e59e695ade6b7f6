//! Both ends of a byte stream through a proxy in TCP mode.
//!
//! The client says how much each side sends and who ends first; both directions carry bytes known
//! to both ends.

use super::payload::{Span, is_payload, payload};
use super::wire::Wire;
use crate::journal::{Journal, Pipe, Way};
use crate::net::{Host, Network, Stream};
use base::{Duration, Rng};
use std::net::SocketAddr;
use std::rc::Rc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, WriteHalf};

/// What a client sends first: the number of its pipe, bytes up, bytes down, whether the server
/// waits for the client's FIN before it sends.
const HEADER: usize = 4 + 4 + 4 + 1;

/// Bytes written at once.
const PIECE: usize = 4000;

/// Opens one pipe through the proxy and sees it to its end.
pub(super) async fn open(host: Host, to: SocketAddr, journal: Journal, mut rng: Rng, body: Span) {
    let network = host.network().clone();
    let Ok(stream) = host.connect(to).await else {
        return;
    };
    let (up, down) = (body.draw(&mut rng) as usize, body.draw(&mut rng) as usize);
    let answer_last = rng.chance(1, 2);
    let number = journal.write(|pages| {
        pages.pipes.push(Pipe {
            begun: network.now(),
            ended: None,
            up: Way::default(),
            down: Way::default(),
        });
        pages.pipes.len() - 1
    });
    let amend = Rc::new(move |act: &dyn Fn(&mut Pipe)| {
        journal.write(|pages| act(&mut pages.pipes[number]));
    });
    let mut header = Vec::with_capacity(HEADER);
    header.extend_from_slice(&(number as u32).to_le_bytes());
    header.extend_from_slice(&(up as u32).to_le_bytes());
    header.extend_from_slice(&(down as u32).to_le_bytes());
    header.push(u8::from(answer_last));
    let (reader, mut writer) = tokio::io::split(stream);
    let sender = amend.clone();
    let sending = async {
        if writer.write_all(&header).await.is_err() {
            sender(&|pipe| pipe.up.broken = true);
            return;
        }
        send(&network, writer, &key(number, "up"), up, |change| {
            sender(&|pipe| change(&mut pipe.up))
        })
        .await;
    };
    let receiver = amend.clone();
    let down_key = key(number, "down");
    let receiving = receive(&network, reader, &down_key, |change| {
        receiver(&|pipe| change(&mut pipe.down));
    });
    tokio::join!(sending, receiving);
    let at = network.now();
    amend(&|pipe| pipe.ended = Some(at));
}

/// The server's end of a pipe.
pub(super) async fn answer(host: Host, stream: Stream, journal: Journal) {
    let network = host.network().clone();
    let mut wire = Wire::new(stream);
    while wire.buffer.len() < HEADER {
        if !matches!(wire.fill().await, Ok(true)) {
            return;
        }
    }
    let header = wire.buffer.split_to(HEADER);
    let word = |at: usize| {
        let bytes = header[at..at + 4].try_into().unwrap_or_default();
        u32::from_le_bytes(bytes) as usize
    };
    let (number, down, answer_last) = (word(0), word(8), header[12] == 1);
    if journal.read(|pages| pages.pipes.len()) <= number {
        return;
    }
    let amend = |act: &dyn Fn(&mut Pipe)| {
        journal.write(|pages| act(&mut pages.pipes[number]));
    };
    let early = wire.buffer.split().to_vec();
    let (reader, writer) = tokio::io::split(wire.stream);
    let reader = std::io::Cursor::new(early).chain(reader);
    let up_key = key(number, "up");
    let receiving = receive(&network, reader, &up_key, |change| {
        amend(&|pipe| change(&mut pipe.up));
    });
    let down_key = key(number, "down");
    let sending = send(&network, writer, &down_key, down, |change| {
        amend(&|pipe| change(&mut pipe.down));
    });
    if answer_last {
        receiving.await;
        sending.await;
    } else {
        tokio::join!(receiving, sending);
    }
}

fn key(number: usize, way: &str) -> String {
    format!("pipe-{number}-{way}")
}

async fn send(
    network: &Network,
    mut writer: WriteHalf<Stream>,
    key: &str,
    length: usize,
    note: impl Fn(&dyn Fn(&mut Way)),
) {
    let bytes = payload(key, length);
    for piece in bytes.chunks(PIECE) {
        if writer.write_all(piece).await.is_err() {
            return note(&|way| way.broken = true);
        }
        note(&|way| way.sent += piece.len());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let at = network.now();
    note(&|way| way.fin_sent = Some(at));
    if writer.shutdown().await.is_err() {
        note(&|way| way.broken = true);
    }
}

async fn receive(
    network: &Network,
    mut reader: impl AsyncReadExt + Unpin,
    key: &str,
    note: impl Fn(&dyn Fn(&mut Way)),
) {
    let mut arrived = 0;
    let mut bytes = vec![0; 16 << 10];
    loop {
        match reader.read(&mut bytes).await {
            Ok(0) => {
                let at = network.now();
                return note(&|way| way.fin_arrived = Some(at));
            }
            Ok(count) => {
                let differs = !is_payload(key, arrived, &bytes[..count]);
                arrived += count;
                let at = network.now();
                note(&|way| {
                    way.arrived += count;
                    way.arrived_at = Some(at);
                    way.differs |= differs;
                });
            }
            Err(_) => return note(&|way| way.broken = true),
        }
    }
}
