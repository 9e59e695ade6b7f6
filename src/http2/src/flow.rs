//! Flow control (RFC 9113 §5.2 and §6.9): what each side may send, with nothing lost between the two.

use crate::frame::WINDOW_BYTES_MAX;

/// What the peer may send us. Every byte of the window is in one of three places: the peer may still
/// send it, it is here and unread, or it was read and is to be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Credit {
    window: u32,
    /// What the peer may still send, in bytes; negative if the window was made smaller meanwhile.
    open: i64,
    /// Received and not read, in bytes.
    held: u32,
    /// Read and not given back yet, in bytes.
    spent: u32,
}

impl Credit {
    /// A window that the peer knows.
    pub(crate) fn new(window: u32) -> Self {
        Self {
            window,
            open: i64::from(window),
            held: 0,
            spent: 0,
        }
    }

    /// Makes the window larger by what [`Credit::give_back`] then tells the peer.
    pub(crate) fn widen(&mut self, more: u32) {
        self.window += more;
        self.spent += more;
    }

    /// Makes the window as large as this, if it is smaller.
    pub(crate) fn widen_to(&mut self, window: u32) {
        self.widen(window.saturating_sub(self.window));
    }

    /// The peer knows of another size from which windows start (§6.9.2).
    pub(crate) fn resize(&mut self, before: u32, after: u32) {
        self.open += i64::from(after) - i64::from(before);
        self.window = self.window - before + after;
        self.check();
    }

    /// Bytes arrived; false if the peer was not allowed to send them.
    #[must_use]
    pub(crate) fn receive(&mut self, bytes: u32) -> bool {
        if i64::from(bytes) > self.open.max(0) {
            return false;
        }
        self.open -= i64::from(bytes);
        self.held += bytes;
        self.check();
        true
    }

    /// Bytes were read, or dropped.
    pub(crate) fn release(&mut self, bytes: u32) {
        let bytes = bytes.min(self.held);
        self.held -= bytes;
        self.spent += bytes;
        self.check();
    }

    /// Bytes that are here and unread.
    pub(crate) fn held(&self) -> u32 {
        self.held
    }

    /// What is to be given back now: not every little piece, but before the peer has to stop.
    pub(crate) fn give_back(&mut self) -> Option<u32> {
        if self.spent == 0 || self.spent < self.window / 2 {
            return None;
        }
        let spent = core::mem::take(&mut self.spent);
        self.open += i64::from(spent);
        self.check();
        Some(spent)
    }

    fn check(&self) {
        let away = i64::from(self.held) + i64::from(self.spent);
        debug_assert_eq!(self.open + away, i64::from(self.window));
    }
}

/// What we may send. It can be negative when the peer made its windows smaller (§6.9.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance(i64);

impl Allowance {
    pub(crate) fn new(bytes: u32) -> Self {
        Self(i64::from(bytes))
    }

    /// Bytes that may be sent.
    pub(crate) fn left(self) -> usize {
        self.0.max(0) as usize
    }

    /// Bytes are sent; never more than [`Allowance::left`].
    pub(crate) fn take(&mut self, bytes: usize) {
        debug_assert!(bytes <= self.left());
        self.0 -= bytes as i64;
    }

    /// The peer allows more, or with a negative number less; false if that is more than there can be.
    #[must_use]
    pub(crate) fn shift(&mut self, bytes: i64) -> bool {
        self.0 += bytes;
        self.0 <= i64::from(WINDOW_BYTES_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credit_comes_back_when_half_of_the_window_was_read() {
        let mut credit = Credit::new(100);
        assert!(credit.receive(60));
        assert!(!credit.receive(41));
        credit.release(49);
        assert_eq!(credit.give_back(), None);
        credit.release(1);
        assert_eq!(credit.give_back(), Some(50));
        assert_eq!(credit.held(), 10);
        assert!(credit.receive(90));
        assert!(!credit.receive(1));
    }

    #[test]
    fn a_window_is_widened_by_telling_the_peer() {
        let mut credit = Credit::new(100);
        credit.widen_to(300);
        assert!(!credit.receive(101));
        assert_eq!(credit.give_back(), Some(200));
        assert!(credit.receive(300));
    }

    #[test]
    fn a_window_made_smaller_is_used_up_first() {
        let mut credit = Credit::new(100);
        assert!(credit.receive(80));
        credit.resize(100, 50);
        assert!(credit.receive(0));
        assert!(!credit.receive(1));
        credit.release(80);
        assert_eq!(credit.give_back(), Some(80));
        assert!(credit.receive(50));
    }

    #[test]
    fn an_allowance_can_be_negative_and_has_an_upper_end() {
        let mut allowance = Allowance::new(10);
        allowance.take(10);
        assert!(allowance.shift(-5));
        assert_eq!(allowance.left(), 0);
        assert!(allowance.shift(6));
        assert_eq!(allowance.left(), 1);
        assert!(allowance.shift(i64::from(WINDOW_BYTES_MAX) - 1));
        assert!(!allowance.shift(1));
    }
}
