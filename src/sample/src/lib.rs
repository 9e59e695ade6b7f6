//! The language of `haproxy.cfg`: values, where they may be asked for, and what is made of them.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod address;
mod aes;
pub mod args;
pub mod assign;
pub mod base64;
pub mod cast;
mod checkpoint;
pub mod condition;
pub mod convert;
pub mod date;
pub mod digest;
pub mod expr;
pub mod facts;
pub mod fetch;
pub mod format;
pub mod forwarded;
pub mod hash;
mod json;
mod jwe;
mod jwk;
pub mod kept;
pub mod listing;
pub mod names;
pub mod pattern;
pub mod regex;
pub mod screen;
mod signature;
mod source;
pub mod stick;
mod strftime;
pub mod text;
pub mod trail;
pub mod userlist;
pub mod value;
pub mod vars;
mod work;

pub use checkpoint::{
    BackendBody, BackendContent, BackendReply, BackendRequest, BackendResponse,
    BackendResponseBody, Check, Checkpoint, Cli, Connecting, FrontendBody, FrontendConnection,
    FrontendContent, FrontendReply, FrontendRequest, FrontendResponse, FrontendResponseBody,
    FrontendSession, Gone, Here, Log, Parser, Place, ServerChoice, Slot, StoreResponse, Switching,
    Visit, all as checkpoints, sources_of, visit_all,
};
pub use expr::{Expr, For, Ground};
pub use facts::{Context, Facts};
pub use source::{Source, Sources, Stable};
pub use value::{Fetched, Type, Value};
pub use work::{Told, Work};
