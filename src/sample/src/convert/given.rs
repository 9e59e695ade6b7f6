//! Arguments that are a text in the configuration or the name of a variable.

use crate::args::Args;
use crate::base64;
use crate::cast::cast;
use crate::names::Names;
use crate::value::{Type, Value};
use crate::vars::Variable;
use crate::work::Work;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// A text, or the variable that holds one when it is wanted.
pub(super) enum Given {
    /// This text.
    Text(Box<[u8]>),
    /// What this variable holds then.
    Variable(Variable),
}

impl Given {
    /// The argument `text`: a variable if it is the name of one with its scope.
    pub(super) fn read(text: &[u8], names: &mut dyn Names) -> Self {
        let variable = core::str::from_utf8(text).ok();
        match variable.and_then(|name| names.variable(name).ok()) {
            Some(variable) => Self::Variable(variable),
            None => Self::Text(text.into()),
        }
    }

    /// The argument at `at`: a variable, or what the base64 there stands for.
    pub(super) fn read_base64(
        args: &Args,
        at: usize,
        what: &str,
        names: &mut dyn Names,
    ) -> Result<Self, String> {
        match Self::read(args.text(at).unwrap_or_default(), names) {
            Self::Text(text) => {
                let mut bytes = Vec::new();
                base64::decode(&text, &mut bytes).ok_or_else(|| {
                    alloc::format!(
                        "failed to parse {what} : it has to be base64 or a variable's name"
                    )
                })?;
                Ok(Self::Text(bytes.into()))
            }
            variable => Ok(variable),
        }
    }

    /// The text; nothing if there is no such variable.
    pub(super) fn get<'a>(&'a self, work: &mut Work) -> Option<Cow<'a, [u8]>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Variable(variable) => {
                let value = work.variable(variable)?;
                match cast(value, Type::Bytes, work)? {
                    Value::Bytes(bytes) => Some(bytes),
                    _ => None,
                }
            }
        }
    }

    /// The text of [`Given::read_base64`]: what the base64 stands for that a variable holds.
    pub(super) fn get_base64<'a>(&'a self, work: &mut Work) -> Option<Cow<'a, [u8]>> {
        let text = self.get(work)?;
        match self {
            Self::Text(_) => Some(text),
            Self::Variable(_) => {
                let mut bytes = work.buffer();
                let decoded = base64::decode(&text, &mut bytes);
                work.done(Value::Bytes(text));
                match decoded {
                    Some(()) => Some(Cow::Owned(bytes)),
                    None => {
                        work.give(bytes);
                        None
                    }
                }
            }
        }
    }
}
