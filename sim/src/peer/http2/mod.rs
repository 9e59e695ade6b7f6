//! HTTP/2 in clear text at both ends of the proxy: the `h2` crate, and frames made by hand.

mod client;
pub(crate) mod frame;
mod meter;
mod rude;
mod server;
mod tap;

pub(super) use client::ask;
pub(super) use rude::rude;
pub(super) use server::serve;

use bytes::Bytes;
use h2::{RecvStream, SendStream};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// How long a stream of its own that was reset is remembered: for ever, as the implementation asks
/// the real clock.
const REMEMBERED: std::time::Duration = std::time::Duration::from_secs(1 << 30);

/// Bytes of a body that are sent at once.
const PIECE: usize = 5000;

/// Sends a body as far as the windows allow; false if the stream ended meanwhile.
async fn send_body(stream: &mut SendStream<Bytes>, body: &[u8], ends: bool) -> bool {
    for (number, piece) in body.chunks(PIECE).enumerate() {
        let last = (number + 1) * PIECE >= body.len();
        if !send_piece(stream, piece, last && ends).await {
            return false;
        }
    }
    true
}

/// Sends some bytes; false if the stream ended meanwhile.
async fn send_piece(stream: &mut SendStream<Bytes>, mut piece: &[u8], ends: bool) -> bool {
    while !piece.is_empty() {
        stream.reserve_capacity(piece.len());
        let Some(Ok(room)) = poll_fn(|cx| stream.poll_capacity(cx)).await else {
            return false;
        };
        let (now, later) = piece.split_at(room.min(piece.len()));
        piece = later;
        let end = ends && piece.is_empty();
        if stream.send_data(Bytes::copy_from_slice(now), end).is_err() {
            return false;
        }
    }
    true
}

/// Reads the next bytes of a body and gives their room back; `None` at the end.
async fn read_piece(stream: &mut RecvStream) -> Option<Result<Bytes, h2::Error>> {
    let piece = stream.data().await?;
    if let Ok(bytes) = &piece {
        // A stream that is over needs no room.
        let _ = stream.flow_control().release_capacity(bytes.len());
    }
    Some(piece)
}

/// Runs tasks side by side on one connection.
async fn all(mut tasks: Vec<Pin<Box<dyn Future<Output = ()> + '_>>>) {
    poll_fn(|cx| {
        tasks.retain_mut(|task| task.as_mut().poll(cx).is_pending());
        if tasks.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}
