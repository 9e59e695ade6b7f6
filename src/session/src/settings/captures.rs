//! Slots for captured values: `capture`, `declare capture`, `http-request capture`.

use alloc::boxed::Box;
use alloc::vec::Vec;

/// The slots of a frontend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaptureSlots {
    /// Of requests, by number.
    pub request: Vec<CaptureSlot>,
    /// Of responses, by number.
    pub response: Vec<CaptureSlot>,
    /// `capture cookie`
    pub cookie: Option<CookieCapture>,
}

/// One slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptureSlot {
    /// `capture request header`: the last field of this name fills it; else only rules do.
    pub header: Option<Box<str>>,
    /// Values are cut at this many bytes.
    pub len: u32,
}

/// `capture cookie`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieCapture {
    /// The beginning of the cookie's name.
    pub name: Box<str>,
    /// Name and value together are cut at this many bytes.
    pub len: u32,
}
