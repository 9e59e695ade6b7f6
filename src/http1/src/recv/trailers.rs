//! Trailer fields (RFC 9110 §6.5).

use message::Name;

/// Whether a field may stand in a trailer section: never one that frames, routes or belongs to one
/// hop, because whoever merges trailers into the head would act on it (RFC 9110 §6.5.1).
pub(crate) fn is_allowed(id: Name) -> bool {
    !matches!(
        id,
        Name::Connection
            | Name::ContentLength
            | Name::Expect
            | Name::Host
            | Name::Http2Settings
            | Name::KeepAlive
            | Name::ProxyConnection
            | Name::Te
            | Name::Trailer
            | Name::TransferEncoding
            | Name::Upgrade
    )
}
