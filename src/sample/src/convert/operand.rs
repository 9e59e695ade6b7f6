//! Arguments that are a number in the configuration or the name of a variable.

use crate::args::{Arg, Args, integer};
use crate::cast::cast;
use crate::names::Names;
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::string::String;

/// Reads the argument at `at`: nothing is 0, what is no number is the name of a variable.
pub(super) fn read(args: &mut Args, at: usize, names: &mut dyn Names) -> Result<(), String> {
    let Some(Some(arg)) = args.0.get_mut(at) else {
        return Ok(());
    };
    if let Arg::Text(text) = arg {
        *arg = match integer(text).or(text.is_empty().then_some(0)) {
            Some(number) => Arg::Int(number),
            None => {
                let name = core::str::from_utf8(text).unwrap_or_default();
                let variable = names.variable(name);
                Arg::Variable(variable.map_err(|_| "expects an integer or a variable name")?)
            }
        };
    }
    Ok(())
}

/// The number at `at` now; nothing if there is no such variable, or if it is no number.
pub(super) fn get(args: &Args, at: usize, work: &mut Work) -> Option<i64> {
    match args.get(at)? {
        Arg::Int(number) => Some(*number),
        Arg::Variable(variable) => {
            let value = work.variable(variable)?;
            match cast(value, Type::Int, work)? {
                Value::Int(number) => Some(number),
                _ => None,
            }
        }
        _ => None,
    }
}
