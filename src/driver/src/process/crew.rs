//! The workers and their threads, and what they report.

use super::prepare::Sources;
use crate::intake::Source;
use crate::real::{Buffers, Clock, LogSockets, OpenListener, PackedStream, RealEnv};
use crate::start::{Bound, start};
use crate::worker::{Mail, News};
use engine::{Engine, Shared};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::task::LocalSet;

/// What a worker tells the process.
#[derive(Debug)]
pub(super) enum Report {
    /// It serves.
    Started,
    /// Something happened to it.
    News(News),
    /// It is over: its soft stop is complete, or it failed.
    Ended(io::Result<()>),
}

/// What a worker needs to begin.
pub(super) struct Recruit {
    pub(super) number: u16,
    pub(super) shared: Arc<Shared>,
    pub(super) clock: Clock,
    pub(super) listeners: Vec<Bound<OpenListener>>,
    pub(super) sources: Sources,
    pub(super) mail: UnboundedReceiver<Mail<PackedStream>>,
    pub(super) peers: Vec<UnboundedSender<Mail<PackedStream>>>,
    pub(super) reports: UnboundedSender<Report>,
}

impl Recruit {
    /// Starts the thread. Its last report is its end, even if it panics.
    pub(super) fn spawn(self) -> io::Result<JoinHandle<()>> {
        thread::Builder::new()
            .name(format!("worker-{}", self.number))
            .spawn(move || {
                let reports = self.reports.clone();
                let result = catch_unwind(AssertUnwindSafe(|| self.run()))
                    .unwrap_or_else(|_| Err(io::Error::other("a worker panicked")));
                // Nobody listens any more if the process is about to end.
                let _ = reports.send(Report::Ended(result));
            })
    }

    /// Works on the thread of the process. A worker that is the only one belongs there: in a process
    /// of one thread the kernel looks up descriptors, and the C library calls the kernel, without the
    /// atomic operations that several threads need (2 % of the time of a small request).
    #[expect(
        clippy::disallowed_methods,
        reason = "the process's own thread has no environment to spawn in"
    )]
    pub(super) fn stay(self) {
        let reports = self.reports.clone();
        let served = tokio::task::spawn_local(self.serve());
        tokio::task::spawn_local(async move {
            let panicked = |_| Err(io::Error::other("a worker panicked"));
            let result = served.await.unwrap_or_else(panicked);
            let _ = reports.send(Report::Ended(result));
        });
    }

    fn run(self) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        LocalSet::new().block_on(&runtime, self.serve())
    }

    async fn serve(self) -> io::Result<()> {
        let engine = Engine::new(self.shared.clone(), self.number, self.clock.epoch());
        let listeners = self
            .listeners
            .into_iter()
            .map(|bound| {
                Ok(Bound {
                    frontend: bound.frontend,
                    bind: bound.bind,
                    listener: bound.listener.into_worker()?,
                })
            })
            .collect::<io::Result<Vec<_>>>()?;
        let tune = &self.shared.settings.global.tune;
        let buffers = Buffers {
            receive: tune.rcvbuf_server,
            send: tune.sndbuf_server,
        };
        let env = RealEnv::new(self.clock, LogSockets::default(), buffers);
        let running = start(env, engine, listeners, self.mail, self.peers);
        let streams = self.sources.streams.into_iter().map(|source| {
            let socket = source.socket.into_worker()?;
            let section = source.section;
            Ok(Source { section, socket })
        });
        running.accept_logs(streams.collect::<io::Result<Vec<_>>>()?);
        let datagrams = self.sources.datagrams.into_iter().map(|source| {
            let socket = source.socket.into_worker()?;
            let section = source.section;
            Ok(Source { section, socket })
        });
        running.receive_logs(datagrams.collect::<io::Result<Vec<_>>>()?);
        let _ = self.reports.send(Report::Started);
        while let Some(news) = running.news().await {
            let _ = self.reports.send(Report::News(news));
        }
        Ok(())
    }
}
