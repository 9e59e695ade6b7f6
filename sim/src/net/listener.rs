//! A listening socket; several on one address share its connections, as with `SO_REUSEPORT`.

use super::flow::reset_packet;
use super::socket::ListenSocket;
use super::{HostIndex, Network, Stream};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// A listening socket of a simulated host.
pub struct Listener {
    group: Rc<Group>,
    /// Which member of the group it is.
    number: u64,
}

/// All listeners of one address.
pub(super) struct Group {
    network: Network,
    host: HostIndex,
    pub(super) address: SocketAddr,
    state: RefCell<GroupState>,
}

struct GroupState {
    /// None once the host was killed.
    socket: Option<ListenSocket>,
    members: Vec<Member>,
    next_number: u64,
}

struct Member {
    number: u64,
    /// Accepted by another member on behalf of this one.
    ready: VecDeque<Stream>,
    waker: Option<Waker>,
}

/// EMFILE: no descriptor left.
const EMFILE: i32 = 24;

impl Listener {
    pub(super) fn join(group: Rc<Group>) -> Self {
        let mut state = group.state.borrow_mut();
        let number = state.next_number;
        state.next_number += 1;
        state.members.push(Member {
            number,
            ready: VecDeque::new(),
            waker: None,
        });
        drop(state);
        Self { group, number }
    }

    /// Where it listens.
    pub fn local(&self) -> SocketAddr {
        self.group.address
    }

    /// Accepts the next connection.
    pub fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Stream>> {
        let group = &self.group;
        let limit_reached = group.network.with_host(group.host, |host| {
            if host.frozen {
                host.thaw.push(cx.waker().clone());
                return None;
            }
            Some(host.sockets_max.is_some_and(|max| host.sockets_open >= max))
        });
        let Some(limit_reached) = limit_reached else {
            return Poll::Pending;
        };
        group.share_out(cx)?;
        let mut state = group.state.borrow_mut();
        let number = self.number;
        let Some(me) = state
            .members
            .iter_mut()
            .find(|member| member.number == number)
        else {
            return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
        };
        if limit_reached && !me.ready.is_empty() {
            return Poll::Ready(Err(io::Error::from_raw_os_error(EMFILE)));
        }
        match me.ready.pop_front() {
            Some(stream) => Poll::Ready(Ok(stream)),
            None => {
                me.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    /// Accepts the next connection.
    pub async fn accept(&mut self) -> io::Result<Stream> {
        std::future::poll_fn(|cx| self.poll_accept(cx)).await
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let left = self.group.leave(self.number);
        drop(left);
        if self.group.state.borrow().members.is_empty() {
            self.group.close();
        }
    }
}

impl Group {
    pub(super) fn new(
        network: &Network,
        host: HostIndex,
        address: SocketAddr,
        socket: ListenSocket,
    ) -> Rc<Self> {
        Rc::new(Self {
            network: network.clone(),
            host,
            address,
            state: RefCell::new(GroupState {
                socket: Some(socket),
                members: Vec::new(),
                next_number: 0,
            }),
        })
    }

    /// A member goes; those that wait for it go to the others, as when a listening socket is handed
    /// from one process to the next. Gives back what nobody is left for.
    fn leave(&self, number: u64) -> VecDeque<Stream> {
        let mut state = self.state.borrow_mut();
        let Some(at) = state
            .members
            .iter()
            .position(|member| member.number == number)
        else {
            return VecDeque::new();
        };
        let mut left = state.members.remove(at).ready;
        let count = state.members.len();
        if count > 0 {
            for (turn, stream) in left.drain(..).enumerate() {
                state.members[turn % count].give(stream);
            }
            for member in &mut state.members {
                member.wake();
            }
        }
        left
    }

    /// Accepts for the member whose turn it is by the client's port, as the kernel's hash does.
    fn share_out(&self, cx: &mut Context<'_>) -> io::Result<()> {
        let mut state = self.state.borrow_mut();
        if !self.network.enter(self.host) {
            return Err(io::ErrorKind::NotConnected.into());
        }
        loop {
            let alone = state.members.len() == 1;
            if alone && !state.members[0].ready.is_empty() {
                // What nobody asks for stays in the backlog.
                return Ok(());
            }
            let Some(socket) = &state.socket else {
                return Err(io::ErrorKind::NotConnected.into());
            };
            let socket = match socket.poll_accept(cx) {
                Poll::Ready(accepted) => accepted?,
                Poll::Pending => return Ok(()),
            };
            let ends = socket.ends()?;
            let peer = ends.1;
            if self.network.0.flows.borrow_mut().take_stillborn(ends) {
                self.network.deliver_raw(reset_packet(peer, ends.0));
                continue;
            }
            let stream = Stream::new(&self.network, self.host, socket)?;
            let turn = usize::from(peer.port()) % state.members.len();
            state.members[turn].give(stream);
        }
    }

    /// Stops listening; what nobody has accepted is reset.
    pub(super) fn close(&self) {
        let alive = self.network.enter(self.host);
        let socket = self.state.borrow_mut().socket.take();
        if let Some(socket) = socket {
            if alive {
                drop(socket);
            } else {
                std::mem::forget(socket);
            }
            self.network
                .with_host(self.host, |host| host.forget_group(self.address));
            self.network.touched();
        }
        let mut state = self.state.borrow_mut();
        for member in &mut state.members {
            member.wake();
        }
    }
}

impl Member {
    fn give(&mut self, stream: Stream) {
        self.ready.push_back(stream);
        self.wake();
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}
