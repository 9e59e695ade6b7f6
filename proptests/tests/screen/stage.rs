//! What rules of a request are given to read.

use super::rules::Request;
use message::{Head, Version};
use sample::FrontendBody;
use sample::facts::{
    Arrival, Body, Client, Conn, Context, RequestLine, Transaction, Unstarted, Window,
};
use std::net::SocketAddr;

/// A request on its way through the rules of a frontend.
pub(super) struct Stage {
    pub(super) head: Head,
    pub(super) peer: SocketAddr,
}

/// What is made of it for one evaluation.
pub(super) struct Scene<'a> {
    head: &'a Head,
    process: Unstarted<'a>,
    client: Client<'a>,
    conn: Conn,
    transaction: Transaction<'a>,
}

impl Stage {
    pub(super) fn of(request: &Request) -> Self {
        let mut head = Head::default();
        let (method, target) = (request.method.as_bytes(), request.target.as_bytes());
        head.set_request(method, target, Version::Http11);
        for (name, value) in &request.fields {
            head.push(name.as_bytes(), value.as_bytes());
        }
        Self {
            head,
            peer: SocketAddr::new(request.peer, 1000),
        }
    }

    pub(super) fn scene(&self) -> Scene<'_> {
        let head = &self.head;
        let line = RequestLine {
            method: head.method(),
            target: head.target(),
            version: head.version,
        };
        Scene {
            head,
            process: Unstarted::default(),
            client: Client {
                peer: Some(self.peer),
                ..Client::default()
            },
            conn: Conn::default(),
            transaction: Transaction {
                line: Some(line),
                ..Transaction::default()
            },
        }
    }
}

impl Scene<'_> {
    pub(super) fn context(&self) -> Context<'_, FrontendBody> {
        Context {
            process: &self.process,
            client: &self.client,
            client_conn: &self.conn,
            request_bytes: Arrival::Here(Window {
                bytes: b"",
                complete: true,
            }),
            request_head: Arrival::Here(self.head),
            request_body: Arrival::Here(Body::default()),
            transaction: &self.transaction,
            backend: (),
            server: (),
            server_conn: (),
            response_bytes: (),
            response_head: (),
            response_line: (),
            response_body: (),
            response_stats: (),
        }
    }
}
