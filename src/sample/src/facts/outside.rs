//! What there is where no connection is: while the configuration is read, at the command line.

use super::{Context, Host, Load, Process, ServerLoad, Timeouts};
use crate::checkpoint::{Cli, Parser};
use crate::userlist::Userlist;
use core::net::IpAddr;

/// Contexts of checkpoints outside the life of any connection.
macro_rules! outside {
    ($($name:ident: $checkpoint:ty, $doc:literal;)*) => {$(
        impl<'a> Context<'a, $checkpoint> {
            #[doc = $doc]
            pub fn $name(process: &'a dyn Process) -> Self {
                Self {
                    process,
                    client: (),
                    client_conn: (),
                    request_bytes: (),
                    request_head: (),
                    request_body: (),
                    transaction: (),
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
    )*};
}

outside! {
    parser: Parser, "What there is while the configuration is read.";
    cli: Cli, "What there is for a command of the runtime API.";
}

/// A process that is about to start: it knows its host and nothing else.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unstarted<'a>(pub Host<'a>);

impl Process for Unstarted<'_> {
    fn proxy_name(&self, _proxy: u32) -> &str {
        ""
    }

    fn proxy_id(&self, _proxy: u32) -> u32 {
        0
    }

    fn server_name(&self, _backend: u32, _server: u32) -> &str {
        ""
    }

    fn server_id(&self, _backend: u32, _server: u32) -> u32 {
        0
    }

    fn servers(&self, _backend: u32) -> (u32, u32) {
        (0, 0)
    }

    fn frontend_load(&self, _frontend: u32) -> Load {
        Load::default()
    }

    fn backend_load(&self, _backend: u32) -> Load {
        Load::default()
    }

    fn server_load(&self, _backend: u32, _server: u32) -> ServerLoad {
        ServerLoad::default()
    }

    fn listener_connections(&self, _frontend: u32, _bind_id: u32) -> u32 {
        0
    }

    fn timeouts(&self, _proxy: u32) -> Timeouts {
        Timeouts::default()
    }

    fn retries(&self, _proxy: u32) -> u32 {
        0
    }

    fn default_backend(&self, _frontend: u32) -> Option<&str> {
        None
    }

    fn userlist(&self, _list: u32) -> Option<&Userlist> {
        None
    }

    fn is_local(&self, _address: IpAddr) -> bool {
        false
    }

    fn host(&self) -> Host<'_> {
        self.0
    }

    fn connections(&self) -> u32 {
        0
    }

    fn is_stopping(&self) -> bool {
        false
    }
}
