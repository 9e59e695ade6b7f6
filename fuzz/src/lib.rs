//! Fuzz targets: thin, one a decoder, in `tests/`. Their bodies are in `proptests::harness`.
//!
//! `cargo test -p fuzz` replays `tests/__fuzz__/*/corpus` and `crashes`. Searching for more:
//!
//! ```text
//! cargo install cargo-bolero --no-default-features --features libfuzzer
//! cargo bolero test -p fuzz --sanitizer NONE -T 10m http1_request
//! ```

// `cargo bolero` builds this test binary too; without a target in it, it would not link.
#[cfg(test)]
mod tests {
    #[test]
    fn any_bytes_are_bytes() {
        bolero::check!()
            .with_iterations(1)
            .for_each(|bytes: &[u8]| assert!(bytes.len() < usize::MAX));
    }
}
