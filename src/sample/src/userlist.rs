//! User lists (`userlist`): names, passwords, groups.

use alloc::boxed::Box;
use alloc::vec::Vec;

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
    /// The password.
    pub password: Password,
    /// The groups it belongs to.
    pub groups: Vec<Box<str>>,
}

/// A password as it stands in the configuration.
#[derive(Clone, Debug)]
pub enum Password {
    /// `insecure-password`
    Plain(Box<[u8]>),
}

impl Userlist {
    /// The user with this name and password.
    pub fn find(&self, name: &[u8], password: &[u8]) -> Option<&User> {
        let user = self
            .users
            .iter()
            .find(|user| user.name.as_bytes() == name)?;
        user.password.is(password).then_some(user)
    }
}

impl Password {
    fn is(&self, password: &[u8]) -> bool {
        match self {
            Self::Plain(expected) => **expected == *password,
        }
    }
}
