//! The simulated network: faults, hosts that die, and runs that repeat exactly.

use base::{Duration, Rng};
use sim::net::{Conditions, Host, Network, Settings, Stream, run};
use sim::trace::Trace;
use std::io::ErrorKind;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Runs `main` between a client and a server that echoes on port 7; the hash of the run.
fn with_echo(seed: u64, settings: Settings, main: impl AsyncFnOnce(Host, Host)) -> String {
    let names = ["client".to_owned(), "server".to_owned()];
    let trace = Trace::default();
    let seed = Rng::from_u64(seed);
    let panics = run(
        &names,
        settings,
        &seed,
        trace.clone(),
        |network| async move {
            let client = network.host("client").expect("a host");
            let server = network.host("server").expect("a host");
            start_echo(&server);
            let patience = Duration::from_secs(600);
            let main = tokio::time::timeout(patience, main(client, server));
            main.await.expect("the test ends");
            network.panics()
        },
    );
    assert_eq!(panics, []);
    trace.hash()
}

fn start_echo(server: &Host) {
    let mut listener = server.listen(echo(server)).expect("to listen");
    let host = server.clone();
    server.spawn(async move {
        while let Ok(stream) = listener.accept().await {
            host.spawn(async move {
                let (mut reader, mut writer) = tokio::io::split(stream);
                let _ = tokio::io::copy(&mut reader, &mut writer).await;
                let _ = writer.shutdown().await;
            });
        }
    });
}

fn echo(server: &Host) -> SocketAddr {
    SocketAddr::new(server.ip(), 7)
}

async fn exchange(stream: &mut Stream, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    stream.write_all(bytes).await?;
    let mut read = vec![0; bytes.len()];
    stream.read_exact(&mut read).await?;
    Ok(read)
}

async fn elapsed(network: &Network, work: impl Future) -> Duration {
    let start = network.now();
    work.await;
    network.now().since(start)
}

fn both_ways(a: &Host, b: &Host, change: impl Fn(&mut Conditions)) {
    a.network().set_conditions(a, b, &change);
    a.network().set_conditions(b, a, &change);
}

#[test]
fn latency_is_what_the_link_says() {
    with_echo(1, Settings::default(), async |client, server| {
        both_ways(&client, &server, |link| {
            link.latency_min = Duration::from_millis(50);
            link.latency_max = Duration::from_millis(50);
        });
        let connect = client.connect(echo(&server));
        let took = elapsed(client.network(), connect).await.as_millis();
        assert!((100..110).contains(&took), "{took} ms");
    });
}

#[test]
fn jitter_keeps_the_bytes_in_order() {
    with_echo(1, Settings::default(), async |client, server| {
        both_ways(&client, &server, |link| {
            link.latency_max = Duration::from_millis(40)
        });
        let mut stream = client.connect(echo(&server)).await.expect("a connection");
        let sent: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
        assert!(exchange(&mut stream, &sent).await.expect("an echo") == sent);
    });
}

#[test]
fn a_burst_larger_than_the_peers_buffer_waits_for_room_and_is_not_lost() {
    let small = Settings {
        receive_buffer: 4096,
        ..Settings::default()
    };
    with_echo(1, small, async |client, server| {
        let mut stream = client.connect(echo(&server)).await.expect("a connection");
        let bytes = vec![7; 20_000];
        let took = elapsed(client.network(), exchange(&mut stream, &bytes)).await;
        // A retransmission would take 200 ms.
        assert!(took < Duration::from_millis(100), "{} ms", took.as_millis());
    });
}

#[test]
fn a_partition_is_survived_if_it_is_short() {
    with_echo(1, Settings::default(), async |client, server| {
        let mut stream = client.connect(echo(&server)).await.expect("a connection");
        both_ways(&client, &server, |link| link.cut = true);
        let network = client.network().clone();
        let (a, b) = (client.clone(), server.clone());
        client.spawn(async move {
            network
                .sleep_until(network.now() + Duration::from_secs(3))
                .await;
            both_ways(&a, &b, |link| link.cut = false);
        });
        let network = client.network();
        let took = elapsed(network, async {
            assert_eq!(
                exchange(&mut stream, b"hello").await.expect("an echo"),
                b"hello"
            );
        });
        let took = took.await.as_secs();
        assert!((3..7).contains(&took), "{took} s");
    });
}

#[test]
fn a_lost_acknowledgement_does_not_stall_a_connection() {
    with_echo(1, Settings::default(), async |client, server| {
        let mut stream = client.connect(echo(&server)).await.expect("a connection");
        exchange(&mut stream, b"warm").await.expect("an echo");
        // The server hears everything, the client nothing for a while.
        let network = client.network().clone();
        network.set_conditions(&server, &client, |link| link.cut = true);
        stream.write_all(b"unheard").await.expect("to write");
        network
            .sleep_until(network.now() + Duration::from_millis(50))
            .await;
        network.set_conditions(&server, &client, |link| link.cut = false);
        let mut read = [0; 7];
        stream.read_exact(&mut read).await.expect("an echo");
        for round in 0..50_u8 {
            let sent = [round; 3000];
            assert_eq!(exchange(&mut stream, &sent).await.expect("an echo"), sent);
        }
    });
}

#[test]
fn a_connection_into_a_partition_waits() {
    with_echo(1, Settings::default(), async |client, server| {
        both_ways(&client, &server, |link| link.cut = true);
        let attempt = client.connect(echo(&server));
        let limit = tokio::time::timeout(Duration::from_secs(5), attempt);
        assert!(limit.await.is_err(), "neither connected nor refused");
    });
}

#[test]
fn held_packets_arrive_after_the_release() {
    with_echo(1, Settings::default(), async |client, server| {
        let mut stream = client.connect(echo(&server)).await.expect("a connection");
        let network = client.network();
        network.set_conditions(&client, &server, |link| link.held = true);
        stream.write_all(b"later").await.expect("to write");
        let mut read = [0; 5];
        let early = tokio::time::timeout(Duration::from_secs(1), stream.read_exact(&mut read));
        assert!(early.await.is_err());
        network.set_conditions(&client, &server, |link| link.held = false);
        stream.read_exact(&mut read).await.expect("an echo");
        assert_eq!(&read, b"later");
    });
}

#[test]
fn a_killed_host_resets_then_refuses_and_comes_back() {
    with_echo(1, Settings::default(), async |client, server| {
        let mut stream = client.connect(echo(&server)).await.expect("a connection");
        server.kill();
        let end = stream.read(&mut [0; 8]).await;
        assert_eq!(
            end.map_err(|error| error.kind()),
            Err(ErrorKind::ConnectionReset)
        );
        let refused = client.connect(echo(&server)).await.map(drop);
        assert_eq!(
            refused.map_err(|error| error.kind()),
            Err(ErrorKind::ConnectionRefused)
        );
        assert_eq!(server.sockets_open(), 0);
        start_echo(&server);
        let mut stream = client.connect(echo(&server)).await.expect("a connection");
        assert_eq!(
            exchange(&mut stream, b"again").await.expect("an echo"),
            b"again"
        );
    });
}

#[test]
fn a_host_without_power_is_silent_and_forgets_its_connections() {
    with_echo(1, Settings::default(), async |client, server| {
        let mut stream = client.connect(echo(&server)).await.expect("a connection");
        server.power_off();
        let mut nothing = [0; 8];
        let silence = tokio::time::timeout(Duration::from_secs(2), stream.read(&mut nothing));
        assert!(silence.await.is_err(), "nobody says a word");
        server.power_on();
        start_echo(&server);
        let end = exchange(&mut stream, b"who are you?").await;
        assert_eq!(
            end.map_err(|error| error.kind()),
            Err(ErrorKind::ConnectionReset)
        );
    });
}

#[test]
fn a_frozen_host_accepts_but_does_not_answer_until_it_thaws() {
    with_echo(1, Settings::default(), async |client, server| {
        server.freeze();
        let mut stream = client
            .connect(echo(&server))
            .await
            .expect("its kernel accepts");
        stream.write_all(b"anybody?").await.expect("to write");
        let mut read = [0; 8];
        let early = tokio::time::timeout(Duration::from_secs(2), stream.read_exact(&mut read));
        assert!(early.await.is_err());
        server.thaw();
        stream.read_exact(&mut read).await.expect("an echo");
        assert_eq!(&read, b"anybody?");
    });
}

#[test]
fn an_injected_reset_reaches_both_ends() {
    with_echo(1, Settings::default(), async |client, server| {
        let mut stream = client.connect(echo(&server)).await.expect("a connection");
        exchange(&mut stream, b"hello").await.expect("an echo");
        let network = client.network();
        assert!(network.reset_between(&client, &server, 0));
        let end = stream.read(&mut [0; 8]).await;
        assert_eq!(
            end.map_err(|error| error.kind()),
            Err(ErrorKind::ConnectionReset)
        );
        network
            .sleep_until(network.now() + Duration::from_millis(5))
            .await;
        assert_eq!(server.sockets_open(), 0);
        drop(stream);
        assert!(!network.reset_between(&client, &server, 0));
    });
}

#[test]
fn listeners_of_one_address_share_its_connections() {
    with_echo(1, Settings::default(), async |client, server| {
        let address = SocketAddr::new(server.ip(), 8);
        let mut listeners = [
            server.listen(address).expect("to listen"),
            server.listen(address).expect("to listen again"),
        ];
        let mut streams = Vec::new();
        for _ in 0..6 {
            streams.push(client.connect(address).await.expect("a connection"));
        }
        for listener in &mut listeners {
            for _ in 0..3 {
                streams.push(listener.accept().await.expect("its share"));
            }
        }
    });
}

#[test]
fn a_host_at_its_limit_of_sockets_cannot_accept() {
    with_echo(1, Settings::default(), async |client, server| {
        let address = SocketAddr::new(server.ip(), 8);
        let mut listener = server.listen(address).expect("to listen");
        let stream = client.connect(address).await.expect("its kernel accepts");
        server.set_sockets_max(Some(0));
        let accepted = listener.accept().await.map(drop);
        assert_eq!(
            accepted.map_err(|error| error.raw_os_error()),
            Err(Some(24))
        );
        server.set_sockets_max(None);
        listener.accept().await.expect("the one that waited");
        drop(stream);
    });
}

#[test]
fn a_unix_socket_is_found_by_its_path() {
    with_echo(1, Settings::default(), async |client, _| {
        let mut listener = client.listen_unix("/run/here").expect("to listen");
        let mut connected = client
            .connect_unix("/run/here")
            .await
            .expect("a connection");
        let mut accepted = listener.accept().await.expect("a connection");
        connected.write_all(b"hi").await.expect("to write");
        let mut read = [0; 2];
        accepted.read_exact(&mut read).await.expect("to read");
        assert_eq!(&read, b"hi");
        let nobody = client.connect_unix("/run/there").await.map(drop);
        assert_eq!(
            nobody.map_err(|error| error.kind()),
            Err(ErrorKind::NotFound)
        );
    });
}

#[test]
fn idle_hours_cost_nothing() {
    with_echo(1, Settings::default(), async |client, server| {
        let mut stream = client.connect(echo(&server)).await.expect("a connection");
        exchange(&mut stream, b"hello").await.expect("an echo");
        let network = client.network();
        let before = network.trace().packets();
        network
            .sleep_until(network.now() + Duration::from_secs(500))
            .await;
        assert!(network.trace().packets() - before < 4);
        exchange(&mut stream, b"still there")
            .await
            .expect("an echo");
    });
}

#[test]
fn a_seed_gives_the_same_run_and_another_seed_another() {
    let run = |seed| {
        let settings = Settings {
            conditions: Conditions {
                latency_max: Duration::from_millis(30),
                loss_permille: 20,
                ..Conditions::default()
            },
            ..Settings::default()
        };
        with_echo(seed, settings, async |client, server| {
            let mut stream = client.connect(echo(&server)).await.expect("a connection");
            exchange(&mut stream, &[1; 100_000]).await.expect("an echo");
        })
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn a_host_listens_again_where_closed_connections_linger() {
    with_echo(1, Settings::default(), async |client, server| {
        let address = SocketAddr::new(server.ip(), 8);
        let mut listener = server.listen(address).expect("to listen");
        let stream = client.connect(address).await.expect("a connection");
        // Closed by the server alone, so its kernel still waits for the client's FIN.
        drop(listener.accept().await.expect("a connection"));
        let network = client.network();
        network
            .sleep_until(network.now() + Duration::from_millis(20))
            .await;
        drop(listener);
        let again = server.listen(address).map(|listener| listener.local());
        assert_eq!(again.expect("to listen again").port(), 8);
        drop(stream);
    });
}
