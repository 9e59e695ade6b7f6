//! `userlist`: users, their passwords and their groups.

use crate::context::Context;
use crate::problem::{Parsed, Problem};
use crate::statement::{Spot, Statement};
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use sample::userlist::{Password, User, Userlist};

/// A `userlist` section being read.
#[derive(Debug)]
pub(crate) struct UserlistDraft {
    pub name: Box<str>,
    list: Userlist,
    groups: Vec<Group>,
    /// Groups that `user` lines name, with the user's place.
    named: Vec<(usize, Box<str>, Spot)>,
}

/// A `group` line.
#[derive(Debug)]
struct Group {
    name: Box<str>,
    users: Vec<Box<str>>,
    spot: Spot,
}

impl UserlistDraft {
    /// `userlist <name>`
    pub(crate) fn open(statement: &Statement<'_>) -> Result<Self, Problem> {
        let name = super::name(statement, "'userlist' expects <name> as arguments.")?;
        Ok(Self {
            name: name.into(),
            list: Userlist::default(),
            groups: Vec::new(),
            named: Vec::new(),
        })
    }

    /// A line of the section.
    pub(crate) fn line(&mut self, statement: &Statement<'_>, context: &mut Context<'_>) -> Parsed {
        match statement.word(0) {
            "group" => self.group(statement, context),
            "user" => self.user(statement, context),
            _ => super::unknown(statement, "userlist", &["group", "user"]),
        }
    }

    /// `group <name> [users <user>,…]`
    fn group(&mut self, statement: &Statement<'_>, context: &mut Context<'_>) -> Parsed {
        let name = own_name(statement)?;
        if self.groups.iter().any(|group| &*group.name == name) {
            duplicate(statement, "group", name, &self.name, context);
            return Ok(());
        }
        let users = match (statement.word(2), statement.word(3)) {
            ("", _) => Vec::new(),
            ("users", users) => users.split(',').map(Box::from).collect(),
            _ => {
                return Err(Problem::at(2, "'group' only supports 'users' option.")
                    .because("'users' is the only option"));
            }
        };
        statement.at_most(4)?;
        self.groups.push(Group {
            name: name.into(),
            users,
            spot: statement.spot(0..statement.len()),
        });
        Ok(())
    }

    /// `user <name> [password|insecure-password <password>] [groups <group>,…]`
    fn user(&mut self, statement: &Statement<'_>, context: &mut Context<'_>) -> Parsed {
        let name = own_name(statement)?;
        if self.list.users.iter().any(|user| &*user.name == name) {
            duplicate(statement, "user", name, &self.name, context);
            return Ok(());
        }
        let place = self.list.users.len();
        let mut password = None;
        let mut at = 2;
        while at < statement.len() {
            let value = statement.word(at + 1);
            match statement.word(at) {
                "insecure-password" => password = Some(Password::plain(value.as_bytes())),
                "password" => password = Some(hashed(at + 1, value)?),
                "groups" => {
                    for group in value.split(',') {
                        let spot = statement.spot(at + 1..at + 2);
                        self.named.push((place, group.into(), spot));
                    }
                }
                _ => {
                    let message = "'user' only supports 'password', 'insecure-password' and 'groups' options.";
                    return Err(Problem::at(at, message).because("not one of them"));
                }
            }
            at += 2;
        }
        self.list.users.push(User {
            name: name.into(),
            password,
            groups: Vec::new(),
        });
        Ok(())
    }

    /// The list, its users in their groups. Names of nobody are said.
    pub(crate) fn finish(self, say: &mut dyn FnMut(&Spot, Problem)) -> Userlist {
        let mut list = self.list;
        let own = &self.name;
        for (user, group, spot) in self.named {
            if self.groups.iter().any(|known| known.name == group) {
                list.users[user].groups.push(group);
                continue;
            }
            let user = &list.users[user].name;
            let message =
                format!("userlist '{own}': no such group '{group}' specified in user '{user}'");
            say(
                &spot,
                Problem::bare(0, message).because("no group has this name"),
            );
        }
        for group in self.groups {
            for name in group.users {
                let user = list.users.iter_mut().find(|user| user.name == name);
                let Some(user) = user else {
                    let message = format!(
                        "userlist '{own}': no such user '{name}' specified in group '{}'",
                        group.name
                    );
                    say(
                        &group.spot,
                        Problem::bare(0, message).because("no user has this name"),
                    );
                    continue;
                };
                if !user.groups.contains(&group.name) {
                    user.groups.push(group.name.clone());
                }
            }
        }
        list
    }
}

fn own_name<'l>(statement: &Statement<'l>) -> Result<&'l str, Problem> {
    let name = statement.word(1);
    if name.is_empty() {
        let message = format!("'{}' expects <name> as arguments.", statement.word(0));
        return Err(Problem::at(1, message).because("a name is missing here"));
    }
    Ok(name)
}

fn duplicate(
    statement: &Statement<'_>,
    what: &str,
    name: &str,
    list: &str,
    context: &mut Context<'_>,
) {
    let message = format!("ignoring duplicated {what} '{name}' in userlist '{list}'.");
    let problem = Problem::at(1, message).because("only the first of them counts");
    context.warn(statement, problem);
}

/// A password as `crypt` keeps it.
fn hashed(at: usize, text: &str) -> Result<Password, Problem> {
    Password::hashed(text).map_err(|why| {
        let message = format!("'password' : {why}.");
        Problem::at(at, message).because("a hash as crypt(5) writes it is expected")
    })
}
