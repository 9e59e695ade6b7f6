//! The expectations.

use super::stacks::{SMALL_BACKLOG, Stack};
use std::io::ErrorKind;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Two connected streams: the one that connected, the one that accepted.
async fn pair<S: Stack>(stack: &S) -> (S::Stream, S::Stream) {
    let (mut listener, address) = stack.listen(SMALL_BACKLOG).await;
    let client = stack.connect(address).await.expect("a connection");
    let server = stack.accept(&mut listener).await;
    (client, server)
}

/// Writes until writing fails; the kind of the failure.
async fn write_until_failure(stream: &mut (impl AsyncWriteExt + Unpin)) -> ErrorKind {
    loop {
        if let Err(error) = stream.write_all(b"more").await {
            return error.kind();
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn is_gone(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
}

pub async fn a_fin_is_read_after_the_bytes_before_it<S: Stack>(stack: S) {
    let (mut client, mut server) = pair(&stack).await;
    client.write_all(b"last words").await.expect("to write");
    drop(client);
    let mut read = Vec::new();
    server.read_to_end(&mut read).await.expect("a clean end");
    assert_eq!(read, b"last words");
}

pub async fn half_close_leaves_the_other_direction_open<S: Stack>(stack: S) {
    let (mut client, mut server) = pair(&stack).await;
    client.write_all(b"question").await.expect("to write");
    client.shutdown().await.expect("to shut down");
    let mut read = Vec::new();
    server.read_to_end(&mut read).await.expect("a clean end");
    server.write_all(b"answer").await.expect("to write");
    drop(server);
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.expect("a clean end");
    assert_eq!((&read[..], &answer[..]), (&b"question"[..], &b"answer"[..]));
}

pub async fn a_refused_connection_says_so<S: Stack>(stack: S) {
    let nobody = stack.closed_port().await;
    let refused = stack.connect(nobody).await.map(drop);
    assert_eq!(
        refused.map_err(|error| error.kind()),
        Err(ErrorKind::ConnectionRefused)
    );
}

pub async fn closing_with_unread_bytes_resets<S: Stack>(stack: S) {
    let (mut client, mut server) = pair(&stack).await;
    client
        .write_all(b"read this, not that")
        .await
        .expect("to write");
    let mut some = [0; 9];
    server.read_exact(&mut some).await.expect("the first bytes");
    drop(server);
    let end = client.read(&mut [0; 16]).await;
    assert_eq!(
        end.map_err(|error| error.kind()),
        Err(ErrorKind::ConnectionReset)
    );
}

pub async fn an_aborted_connection_resets<S: Stack>(stack: S) {
    let (client, mut server) = pair(&stack).await;
    stack.abort(client);
    let end = server.read(&mut [0; 16]).await;
    assert_eq!(
        end.map_err(|error| error.kind()),
        Err(ErrorKind::ConnectionReset)
    );
}

pub async fn bytes_before_a_reset_stay_readable<S: Stack>(stack: S) {
    let (mut client, mut server) = pair(&stack).await;
    client
        .write_all(b"request and more")
        .await
        .expect("to write");
    let mut some = [0; 7];
    server.read_exact(&mut some).await.expect("the first bytes");
    server.write_all(b"response").await.expect("to write");
    drop(server);
    // The reset has arrived when writing fails.
    assert!(is_gone(write_until_failure(&mut client).await));
    let mut read = [0; 8];
    client
        .read_exact(&mut read)
        .await
        .expect("what came before the reset");
    assert_eq!(&read, b"response");
}

pub async fn writing_to_a_closed_peer_fails_in_the_end<S: Stack>(stack: S) {
    let (mut client, server) = pair(&stack).await;
    drop(server);
    let end = client.read(&mut [0; 16]).await;
    assert_eq!(end.expect("a clean end"), 0);
    assert!(is_gone(write_until_failure(&mut client).await));
}

pub async fn a_slow_reader_stops_the_writer<S: Stack>(stack: S) {
    let (mut client, mut server) = pair(&stack).await;
    const MORE_THAN_ALL_BUFFERS: usize = 16 << 20;
    let mut written = 0;
    let chunk = [7; 1 << 16];
    loop {
        let write = tokio::time::timeout(Duration::from_millis(200), client.write(&chunk));
        match write.await {
            Ok(count) => written += count.expect("to write"),
            Err(_) => break,
        }
        assert!(written < MORE_THAN_ALL_BUFFERS, "nothing stops the writer");
    }
    let mut read = 0;
    let mut small = [0; 1000];
    while read < written {
        read += server.read(&mut small).await.expect("what was written");
    }
    let more = tokio::time::timeout(Duration::from_secs(10), client.write(&chunk));
    assert!(more.await.expect("room again").expect("to write") > 0);
}

pub async fn a_full_backlog_lets_connections_wait<S: Stack>(stack: S) {
    let (mut listener, address) = stack.listen(SMALL_BACKLOG).await;
    let count = SMALL_BACKLOG as usize + 6;
    let tasks: Vec<_> = (0..count)
        .map(|_| tokio::task::spawn_local(stack.connect(address)))
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let done = tasks.iter().filter(|task| task.is_finished()).count();
    assert!(
        (1..count).contains(&done),
        "{done} of {count} are connected"
    );
    let mut accepted = Vec::new();
    for _ in 0..count {
        accepted.push(stack.accept(&mut listener).await);
    }
    for task in tasks {
        task.await.expect("no panic").expect("a connection");
    }
}

pub async fn closing_a_listener_resets_what_waits<S: Stack>(stack: S) {
    let (listener, address) = stack.listen(SMALL_BACKLOG).await;
    let mut client = stack.connect(address).await.expect("a connection");
    drop(listener);
    let end = client.read(&mut [0; 16]).await;
    assert_eq!(
        end.map_err(|error| error.kind()),
        Err(ErrorKind::ConnectionReset)
    );
}

pub async fn a_megabyte_arrives_whole_both_ways<S: Stack>(stack: S) {
    let (client, server) = pair(&stack).await;
    let sent: Vec<u8> = (0..1_000_000_u32).map(|n| (n * 7 % 251) as u8).collect();
    let mut arrived = Vec::new();
    for stream in [client, server] {
        let sent = sent.clone();
        arrived.push(tokio::task::spawn_local(async move {
            let (mut reader, mut writer) = tokio::io::split(stream);
            let mut read = vec![0; sent.len()];
            let (wrote, got) = tokio::join!(writer.write_all(&sent), reader.read_exact(&mut read));
            wrote.expect("to write");
            got.expect("to read");
            read
        }));
    }
    for read in arrived {
        assert!(read.await.expect("no panic") == sent, "the bytes differ");
    }
}

pub async fn addresses_agree_at_both_ends<S: Stack>(stack: S) {
    let (client, server) = pair(&stack).await;
    let (local, peer) = stack.ends(&client);
    assert_eq!(stack.ends(&server), (peer, local));
}

pub async fn writing_after_shutdown_is_a_broken_pipe<S: Stack>(stack: S) {
    let (mut client, server) = pair(&stack).await;
    client.shutdown().await.expect("to shut down");
    let write = client.write(b"too late").await;
    assert_eq!(
        write.map_err(|error| error.kind()),
        Err(ErrorKind::BrokenPipe)
    );
    drop(server);
}

pub async fn a_reset_wakes_a_blocked_writer<S: Stack>(stack: S) {
    let (mut client, server) = pair(&stack).await;
    let writer = tokio::task::spawn_local(async move {
        let chunk = [7; 1 << 16];
        loop {
            if let Err(error) = client.write_all(&chunk).await {
                return error.kind();
            }
        }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!writer.is_finished(), "the writer is blocked");
    drop(server);
    assert!(is_gone(writer.await.expect("no panic")));
}
