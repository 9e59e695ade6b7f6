//! Bodies of the fuzz targets: each takes any bytes and panics only if a promise is broken.

pub mod config;
pub mod convert;
pub mod engine;
pub mod expressions;
pub mod formats;
pub mod http1;
pub mod http2;
pub mod nowhere;
pub mod patterns;
pub mod proxied;
pub mod runtime;
pub mod syslog;
