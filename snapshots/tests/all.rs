//! Everything whose text is worth reading in a review.

mod config;
mod http1;
