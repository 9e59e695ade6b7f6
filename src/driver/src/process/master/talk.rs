//! The connections of the master's own runtime API.

use super::{Event, Office};
use crate::control::{ACCEPT_PAUSE, ControlListener, READ_BYTES};
use crate::env::{Listener, Stream};
use crate::real::RealStream;
use runtime::master::{Deed, MasterSession};
use std::cell::Cell;
use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice};
use std::rc::Rc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::net::UnixStream;
use tokio::sync::oneshot;

/// Accepts on a socket, each connection being a task of its own.
#[expect(
    clippy::disallowed_methods,
    reason = "a master has no environment to spawn in"
)]
pub(super) fn listen(office: Rc<Office>, socket: ControlListener) -> io::Result<()> {
    let mut listener = socket.listener.into_worker()?;
    let open = Rc::new(Cell::new(0));
    tokio::task::spawn_local(async move {
        loop {
            let accepted = poll_fn(|cx| listener.poll_accept(cx)).await;
            let Ok(stream) = accepted else {
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            if open.get() >= CONNECTIONS_MAX {
                // Closed at once: there is nothing yet that it would miss.
                continue;
            }
            open.set(open.get() + 1);
            let (office, open) = (office.clone(), open.clone());
            tokio::task::spawn_local(async move {
                let talk = Talk {
                    session: MasterSession::new(socket.level, office.version),
                    office,
                    stream,
                };
                // A connection that breaks off takes nothing along.
                let _ = talk.serve().await;
                open.set(open.get() - 1);
            });
        }
    });
    Ok(())
}

struct Talk {
    office: Rc<Office>,
    stream: RealStream,
    session: MasterSession,
}

impl Talk {
    async fn serve(mut self) -> io::Result<()> {
        loop {
            self.session.advance(&self.office.supervisor.borrow());
            self.flush().await?;
            match self.session.take_deed() {
                Some(deed) => self.perform(deed).await?,
                None if self.session.is_over() => return Ok(()),
                None => self.read().await?,
            }
        }
    }

    async fn perform(&mut self, deed: Deed) -> io::Result<()> {
        match deed {
            Deed::Ask(pid, bytes) => {
                if self.ask(pid, &bytes).await.is_err() {
                    self.session.forward(b"The process does not answer.\n\n");
                }
                self.session.answered();
            }
            Deed::ShowProcesses => {
                let Office {
                    supervisor,
                    clock,
                    began,
                    version,
                    ..
                } = &*self.office;
                let pid = std::process::id();
                let supervisor = supervisor.borrow();
                let text = supervisor.show(clock.now(), *began, pid, version);
                self.session.forward(text.as_bytes());
                self.session.forward(b"\n");
                self.session.answered();
            }
            Deed::Reload(parting) => {
                let (answer, result) = oneshot::channel();
                // The receiver lives as long as the master.
                let _ = self.office.events.send(Event::Reload(parting, answer));
                self.session.reloaded(result.await.unwrap_or(false));
            }
        }
        Ok(())
    }

    /// Has a worker answer, as fast as our peer takes it.
    async fn ask(&mut self, pid: u32, bytes: &[u8]) -> io::Result<()> {
        let path = self.office.children.borrow().path(pid);
        let path = path.ok_or(ErrorKind::NotFound)?;
        let mut worker = UnixStream::connect(path).await?;
        worker.write_all(bytes).await?;
        worker.shutdown().await?;
        let mut space = [0; READ_BYTES];
        loop {
            let read = worker.read(&mut space).await?;
            if read == 0 {
                return Ok(());
            }
            self.session.forward(&space[..read]);
            self.flush().await?;
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        while !self.session.output().is_empty() {
            match self
                .stream
                .try_write(&[IoSlice::new(self.session.output())])
            {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    poll_fn(|cx| self.stream.poll_write_ready(cx)).await?;
                }
                sent => self.session.consume(sent?),
            }
        }
        Ok(())
    }

    async fn read(&mut self) -> io::Result<()> {
        let mut space = [0; READ_BYTES];
        let room = READ_BYTES.min(self.session.room());
        let mut bytes = ReadBuf::new(&mut space[..room]);
        poll_fn(|cx| self.stream.poll_read(cx, &mut bytes)).await?;
        match bytes.filled() {
            [] => self.session.end_of_input(),
            filled => self.session.receive(filled),
        }
        Ok(())
    }
}

/// Connections at a time; more are closed.
const CONNECTIONS_MAX: u32 = 10;
