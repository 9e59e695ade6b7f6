//! By what requests are hashed, once the whole section and all names in expressions are known.

use super::Reading;
use crate::diagnostic::Severity;
use crate::known;
use crate::problem::Problem;
use crate::proxy::hashing::HashOfDraft;
use crate::rules::Remembered;
use alloc::format;
use alloc::string::String;
use balance::{Address, Algorithm, HashKey};
use sample::expr::Chain;
use sample::{Expr, For, ServerChoice};
use session::settings::{HashOf, Hashing, Mode};

/// Reads what the section's requests are hashed by.
pub(super) fn read(reading: &mut Reading<'_, '_>) {
    refuse_factor(reading);
    refuse_keys(reading);
    let draft = reading.draft.hashing.clone();
    let Some((of, line)) = draft.of else {
        return;
    };
    let on_heads = matches!(
        of,
        HashOfDraft::Uri(_) | HashOfDraft::Param(_) | HashOfDraft::Header { .. }
    );
    if on_heads && reading.draft.proxy.mode == Mode::Tcp {
        reading.draft.proxy.balance.algorithm = Algorithm::RoundRobin;
        let message = format!(
            "Layer 7 hash not possible for proxy '{}' (needs 'mode http'). Falling back to round robin.",
            reading.draft.proxy.name
        );
        reading.turn_to(line.mark());
        let problem = Problem::bare(1, message).because("'mode tcp' has no requests");
        reading.warn(&line.statement(), problem);
        return;
    }
    let Some(of) = reading.on(&line, |reading| hash_of(of, &line, reading)) else {
        return;
    };
    reading.draft.proxy.balance.algorithm = Algorithm::Hash(draft.kind);
    reading.draft.proxy.hashing = Some(Hashing {
        of,
        function: draft.function,
        avalanche: draft.avalanche,
    });
}

/// Of an address of IPv6 HAProxy makes a number in another way.
fn refuse_keys(reading: &mut Reading<'_, '_>) {
    for draft in &reading.draft.servers {
        let of_address = draft.server.hash_key != HashKey::Id;
        if of_address
            && let Address::Ip(address) | Address::IpPortOf { ip: address, .. } =
                &draft.server.address
            && address.is_ipv6()
        {
            let mut problem = known::not_yet(0, "hash-key of an address of IPv6");
            problem.message = format!("parsing [{}] : {}", draft.spot.place, problem.message);
            let said = draft.spot.diagnostic(Severity::Alert, problem);
            reading.context.notes.push(said);
        }
    }
}

/// Draws have no shares.
fn refuse_factor(reading: &mut Reading<'_, '_>) {
    let random = matches!(
        reading.draft.proxy.balance.algorithm,
        Algorithm::Random { .. }
    );
    let drawn = random && reading.draft.hashing.of.is_none();
    if let Some((percent, line)) = reading.draft.hashing.factor.clone()
        && percent > 0
        && drawn
    {
        reading.on(&line, |_| {
            let what = "hash-balance-factor with balance random";
            Err::<(), _>(known::not_yet(0, what))
        });
    }
}

fn hash_of(
    of: HashOfDraft,
    line: &Remembered,
    reading: &mut Reading<'_, '_>,
) -> Result<HashOf, Problem> {
    let statement = line.statement();
    Ok(match of {
        HashOfDraft::Source => HashOf::Source,
        HashOfDraft::Uri(uri) => HashOf::Uri(uri),
        HashOfDraft::Param(name) => HashOf::Param(name),
        HashOfDraft::Header { name, domain } => HashOf::Header { name, domain },
        HashOfDraft::Expr => {
            let text = statement.word(2);
            let rule = |what: &str| {
                format!("failed to parse 'balance hash' expression '{text}' : {what}.")
            };
            HashOf::Expr(For::<ServerChoice, _>::read(|ground| {
                let expr = reading.expr(&statement, 2, ground, &rule)?;
                reading.is_here(&statement, 2, &expr, ground, &rule)?;
                Ok(expr)
            })?)
        }
        HashOfDraft::Message => {
            let text = statement.word(2);
            let read = Chain::parse(text, &mut reading.names(&statement));
            HashOf::Message(read.map_err(|bad| {
                let message = format!("balance log-hash : {}.", bad.message);
                Problem::at(2, message).because("not a list of converters")
            })?)
        }
        HashOfDraft::RdpCookie(name) => {
            let text = format!("req.rdp_cookie({name})");
            HashOf::Expr(For::<ServerChoice, _>::read(|ground| {
                let read = Expr::parse(&text, ground, &mut reading.names(&statement));
                let (expr, _) = read.map_err(|bad| {
                    let message: String = format!("balance rdp-cookie : {}.", bad.message);
                    Problem::at(1, message).because("no name of a cookie")
                })?;
                Ok(expr)
            })?)
        }
    })
}
