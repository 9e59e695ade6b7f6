//! Everything whose text is worth reading in a review.

mod cases;
mod config;
mod counters;
mod exchange;
mod http1;
mod http2;
mod persist;
mod proxy;
