//! The rule sets: where each runs, what exists there, and who may have it.

use crate::keyword::Sections;
use alloc::string::String;
use alloc::vec::Vec;
use sample::expr::Ground;
use sample::{
    BackendBody, BackendContent, BackendReply, BackendResponseBody, FrontendBody,
    FrontendConnection, FrontendContent, FrontendResponseBody, FrontendSession,
};

/// A kind of rule set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    /// `tcp-request connection`
    Connection,
    /// `tcp-request session`
    Session,
    /// `tcp-request content`
    Content,
    /// `http-request`
    Request,
    /// `tcp-response content`
    Reply,
    /// `http-response`
    Response,
    /// `http-after-response`
    After,
}

bitflags::bitflags! {
    /// Rule sets an action may stand in.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Sets: u8 {
        const CONNECTION = 1;
        const SESSION = 1 << 1;
        const CONTENT = 1 << 2;
        const REQUEST = 1 << 3;
        const REPLY = 1 << 4;
        const RESPONSE = 1 << 5;
        const AFTER = 1 << 6;
        /// `tcp-request`
        const TCP_REQUEST = Self::CONNECTION.bits() | Self::SESSION.bits() | Self::CONTENT.bits();
        /// `tcp-request`, `tcp-response`
        const TCP = Self::TCP_REQUEST.bits() | Self::REPLY.bits();
        /// `http-request`, `http-response`
        const HTTP = Self::REQUEST.bits() | Self::RESPONSE.bits();
        /// What has a head to change.
        const HEADS = Self::HTTP.bits() | Self::AFTER.bits();
        /// Everything before a server is connected.
        const REQUESTS = Self::TCP_REQUEST.bits() | Self::REQUEST.bits();
        /// `tcp-request content`, `http-request`
        const CONTENTS = Self::CONTENT.bits() | Self::REQUEST.bits();
        const ALL = Self::TCP.bits() | Self::HEADS.bits();
    }
}

impl Sets {
    /// The keywords.
    pub(crate) fn list(self) -> String {
        let all = [
            Set::Connection,
            Set::Session,
            Set::Content,
            Set::Request,
            Set::Reply,
            Set::Response,
            Set::After,
        ];
        let here = all.into_iter().filter(|set| self.contains(set.flag()));
        let names: Vec<&str> = here.map(Set::name).collect();
        names.join(", ")
    }
}

impl Set {
    /// The keyword.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Connection => "tcp-request connection",
            Self::Session => "tcp-request session",
            Self::Content => "tcp-request content",
            Self::Request => "http-request",
            Self::Reply => "tcp-response content",
            Self::Response => "http-response",
            Self::After => "http-after-response",
        }
    }

    /// How many words the keyword has.
    pub(crate) fn words(self) -> usize {
        self.name().split(' ').count()
    }

    /// Whether its keyword is `tcp-request` or `tcp-response`.
    pub(crate) fn is_tcp(self) -> bool {
        self.words() == 2
    }

    /// The set among sets.
    pub(crate) fn flag(self) -> Sets {
        match self {
            Self::Connection => Sets::CONNECTION,
            Self::Session => Sets::SESSION,
            Self::Content => Sets::CONTENT,
            Self::Request => Sets::REQUEST,
            Self::Reply => Sets::REPLY,
            Self::Response => Sets::RESPONSE,
            Self::After => Sets::AFTER,
        }
    }

    /// Whether a response is there.
    pub(crate) fn responds(self) -> bool {
        (Sets::REPLY | Sets::RESPONSE | Sets::AFTER).contains(self.flag())
    }

    /// What exists where rules of a section run. A `listen` has those of a backend, and the lines of a
    /// `defaults` section are read once for whoever inherits them: what one of them has is valid.
    pub(crate) fn ground(self, section: Sections) -> Ground {
        let front = section == Sections::FRONTEND;
        match (self, front) {
            (Self::Connection, _) => Ground::of::<FrontendConnection>(),
            (Self::Session, _) => Ground::of::<FrontendSession>(),
            (Self::Content, true) => Ground::of::<FrontendContent>(),
            (Self::Content, false) => Ground::of::<BackendContent>(),
            (Self::Request, true) => Ground::of::<FrontendBody>(),
            (Self::Request, false) => Ground::of::<BackendBody>(),
            (Self::Reply, _) => Ground::of::<BackendReply>(),
            (Self::Response | Self::After, true) => Ground::of::<FrontendResponseBody>(),
            (Self::Response | Self::After, false) => Ground::of::<BackendResponseBody>(),
        }
    }
}
