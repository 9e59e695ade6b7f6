//! One target a decoder.

/// A target: corpus and crashes alone on stable, so that every run is the same. More iterations come
/// from `BOLERO_RANDOM_ITERATIONS`, or from libFuzzer, which asks nobody.
macro_rules! target {
    ($name:ident, $body:path) => {
        #[test]
        fn $name() {
            bolero::check!().with_iterations(0).for_each($body);
        }
    };
}

target!(http1_request, proptests::harness::http1::request);
target!(http1_response, proptests::harness::http1::response);
target!(http1_chunked, proptests::harness::http1::chunked);
target!(http1_connection, proptests::harness::http1::connection);
target!(http2_frames, proptests::harness::http2::frames);
target!(http2_hpack, proptests::harness::http2::hpack);
target!(http2_server, proptests::harness::http2::server);
target!(http2_client, proptests::harness::http2::client);
target!(
    http2_server_beside_another,
    proptests::harness::http2::server_beside_another
);
target!(
    http2_client_beside_another,
    proptests::harness::http2::client_beside_another
);
target!(config_file, proptests::harness::config::bytes_as_a_file);
target!(config_line, proptests::harness::config::bytes_as_a_line);
target!(
    config_condition,
    proptests::harness::config::bytes_as_a_condition
);
target!(log_format, proptests::harness::formats::bytes_as_a_format);
target!(engine, proptests::harness::engine::inputs);
target!(proxied, proptests::harness::proxied::bytes_as_a_header);
target!(runtime, proptests::harness::runtime::bytes_into_a_session);
target!(
    converters,
    proptests::harness::convert::bytes_through_converters
);
target!(
    expressions,
    proptests::harness::expressions::bytes_as_expressions
);
target!(list_file, proptests::harness::patterns::bytes_as_a_list);
target!(map_file, proptests::harness::patterns::bytes_as_a_map);
target!(syslog_stream, proptests::harness::syslog::bytes_as_a_stream);
target!(
    syslog_message,
    proptests::harness::syslog::bytes_as_a_message
);
target!(ring, proptests::harness::syslog::bytes_through_a_ring);
