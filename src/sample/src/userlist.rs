//! User lists (`userlist`): names, passwords, groups.

mod hash;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use hash::Hash;
use subtle::ConstantTimeEq;

/// A list of users.
#[derive(Clone, Debug, Default)]
pub struct Userlist {
    /// Its users.
    pub users: Vec<User>,
}

/// A user.
#[derive(Clone, Debug)]
pub struct User {
    /// The name.
    pub name: Box<str>,
    /// The password; nobody is a user without one.
    pub password: Option<Password>,
    /// The groups it belongs to.
    pub groups: Vec<Box<str>>,
}

/// A password as it stands in the configuration.
#[derive(Clone, Debug)]
pub struct Password(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Plain(Box<[u8]>),
    Hashed(Hash),
}

impl Userlist {
    /// The user with this name and password. Hashes are made to take long: this does not return at
    /// once.
    pub fn find(&self, name: &[u8], password: &[u8]) -> Option<&User> {
        let user = self
            .users
            .iter()
            .find(|user| user.name.as_bytes() == name)?;
        user.password.as_ref()?.is(password).then_some(user)
    }
}

impl Password {
    /// `insecure-password`
    pub fn plain(text: &[u8]) -> Self {
        Self(Kind::Plain(text.into()))
    }

    /// `password`: a hash as crypt(5) writes it. Says why it is none.
    pub fn hashed(text: &str) -> Result<Self, String> {
        Hash::read(text).map(|hash| Self(Kind::Hashed(hash)))
    }

    fn is(&self, password: &[u8]) -> bool {
        match &self.0 {
            Kind::Plain(expected) => expected.ct_eq(password).into(),
            Kind::Hashed(hash) => hash.is_of(password),
        }
    }
}

#[cfg(test)]
mod tests;
