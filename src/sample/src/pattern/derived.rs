//! Keywords that mean a fetch in conditions only, with a way of comparing: `path_beg` is `path -m beg`.

use super::matching::Matching;

/// What a keyword of conditions stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Derived {
    /// The fetch.
    pub fetch: &'static str,
    /// How its value is compared, unless converters follow or `-m` says otherwise.
    pub matching: Matching,
}

/// What `keyword` stands for in a condition, if it is more there than the name of a fetch.
pub fn derived(keyword: &str) -> Option<Derived> {
    let single = SINGLE.iter().find(|single| single.0 == keyword);
    if let Some(&(_, fetch, matching)) = single {
        return Some(Derived { fetch, matching });
    }
    TEXTS.iter().find_map(|&fetch| {
        let matching = match keyword.strip_prefix(fetch)? {
            "" => Matching::Str,
            suffix => {
                let matching = Matching::by_name(suffix.strip_prefix('_')?)?;
                SUFFIXES.contains(&matching).then_some(matching)?
            }
        };
        Some(Derived { fetch, matching })
    })
}

/// Every keyword that [`derived`] knows.
pub fn all() -> impl Iterator<Item = alloc::string::String> {
    let texts = TEXTS.iter().flat_map(|&fetch| {
        let suffixed = SUFFIXES
            .iter()
            .map(move |matching| alloc::format!("{fetch}_{}", matching.name()));
        core::iter::once(fetch.into()).chain(suffixed)
    });
    texts.chain(SINGLE.iter().map(|single| single.0.into()))
}

/// Fetches of texts, alone or with any of [`SUFFIXES`] and an underscore.
const TEXTS: [&str; 8] = [
    "base", "cook", "hdr", "path", "scook", "shdr", "url", "urlp",
];

const SUFFIXES: [Matching; 7] = [
    Matching::Beg,
    Matching::Dir,
    Matching::Dom,
    Matching::End,
    Matching::Len,
    Matching::Reg,
    Matching::Sub,
];

/// The others: the keyword, the fetch, and how its value is compared.
const SINGLE: [(&str, &str, Matching); 13] = [
    ("http_auth_group", "http_auth_group", Matching::Str),
    ("method", "method", Matching::Method),
    ("payload", "req.payload", Matching::Bin),
    ("payload_lv", "req.payload_lv", Matching::Bin),
    ("req.ssl_ver", "req.ssl_ver", Matching::Version),
    ("req_rdp_cookie", "req.rdp_cookie", Matching::Str),
    ("req_rdp_cookie_cnt", "req.rdp_cookie_cnt", Matching::Int),
    ("req_ssl_sni", "req.ssl_sni", Matching::Str),
    ("req_ssl_ver", "req.ssl_ver", Matching::Version),
    ("req_ver", "req.ver", Matching::Str),
    ("resp_ver", "res.ver", Matching::Str),
    ("ssl_fc_sni_end", "ssl_fc_sni", Matching::End),
    ("ssl_fc_sni_reg", "ssl_fc_sni", Matching::Reg),
];
