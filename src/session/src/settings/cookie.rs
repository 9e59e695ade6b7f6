//! `cookie`: the cookie that binds clients to servers.

use alloc::boxed::Box;

/// `cookie`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersistCookie {
    /// Its name.
    pub name: Box<str>,
    /// What is done with it.
    pub uses: CookieUses,
    /// What stands behind the value of one that we set: `; path=/`, `domain`, `httponly`, `secure` and
    /// `attr`.
    pub attributes: Box<str>,
    /// `maxidle`: one that was last sent longer ago counts no more, seconds.
    pub idle_max: Option<u32>,
    /// `maxlife`: one that was first sent longer ago counts no more, seconds.
    pub life_max: Option<u32>,
}

bitflags::bitflags! {
    /// What is done with a cookie.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct CookieUses: u8 {
        /// `rewrite`: the server's own says which server it is.
        const REWRITE = 1;
        /// `insert`: we set it.
        const INSERT = 1 << 1;
        /// `prefix`: the server's own says it in front of its value.
        const PREFIX = 1 << 2;
        /// `indirect`: servers do not see it, and clients that have it do not get it again.
        const INDIRECT = 1 << 3;
        /// `nocache`: an answer that sets it must not be kept by caches.
        const NOCACHE = 1 << 4;
        /// `postonly`: only answers to POST set it.
        const POSTONLY = 1 << 5;
        /// `preserve`: where the server sets it, that is what the client gets.
        const PRESERVE = 1 << 6;
    }
}

impl PersistCookie {
    /// Whether logs tell what became of it; not where it is only read.
    pub fn is_told(&self) -> bool {
        let told = CookieUses::REWRITE | CookieUses::INSERT | CookieUses::PREFIX;
        self.uses.intersects(told | CookieUses::INDIRECT)
    }
}
