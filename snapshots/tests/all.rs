//! Everything whose text is worth reading in a review.

mod cases;
mod config;
mod http1;
mod proxy;
