//! Log formats: any text, of any size, evaluated where nothing is known yet.

use super::convert::Known;
use base::{Epoch, Rng};
use sample::facts::Unstarted;
use sample::format::{Format, Moment, Style};
use sample::{Cli, Context, For, Ground, Log, Work};

/// Whatever a format is, it is read or refused at a place in it, whatever is cut off is missing at the
/// end alone, and the same again the second time is the same.
pub fn bytes_as_a_format(input: &[u8]) {
    let [kind, input @ ..] = input else {
        return;
    };
    let text = String::from_utf8_lossy(input);
    let style = STYLES[usize::from(*kind) % STYLES.len()];
    let at_log = Format::parse(&text, style, &Ground::of::<Log>(), &mut Known::default());
    if let Err(why) = at_log {
        assert!(why.at <= text.len(), "{why:?}");
        assert!(why.message.ends_with('.'), "{why:?}");
    }
    let read = For::<Cli, Format>::read(|ground| {
        Format::parse(&text, style, ground, &mut Known::default())
    });
    let Ok(format) = read else {
        return;
    };
    let (whole, fits) = write(&format, usize::MAX);
    assert!(fits, "there is room for everything");
    assert_eq!(write(&format, usize::MAX).0, whole, "written twice");
    for max in [0, whole.len() / 2, whole.len()] {
        let (cut, fits) = write(&format, max);
        assert!(whole.starts_with(&cut) && cut.len() <= max);
        assert_eq!(fits, cut.len() == whole.len(), "{max} of {}", whole.len());
    }
}

fn write(format: &For<Cli, Format>, max: usize) -> (Vec<u8>, bool) {
    let process = Unstarted::default();
    let context = Context::cli(&process);
    let (format, facts) = format.with(&context);
    let mut work = Work::new(Epoch(0), Rng::new([1; 32]), BUFSIZE);
    let mut out = Vec::new();
    let fits = format.write(&facts, Moment::default(), &mut work, &mut out, max);
    (out, fits)
}

const STYLES: [Style; 4] = [Style::Log, Style::UniqueId, Style::Header, Style::Text];
/// No value grows beyond it, bytes.
const BUFSIZE: usize = 256;

#[cfg(test)]
mod tests {
    use super::bytes_as_a_format;
    use base::Rng;

    const PIECES: &[&str] = &[
        "%",
        "%%",
        "ci",
        "%ci",
        "%{",
        "+Q",
        "+E",
        "+X",
        "+json",
        "+cbor",
        "+bin",
        "-",
        ",",
        "}",
        "}o",
        "%o ",
        "(",
        ")",
        "(a)",
        "(:sint)",
        "(b:str)",
        "[",
        "]",
        "%[str(a\"]b)]",
        "%[int(-5)]",
        "%[bin(00ff5d),lower]",
        "%[var(txn.a)]",
        "%T",
        "%hr",
        "%HU",
        "%ST",
        "%lc",
        "%s",
        " ",
        "  ",
        "text",
        "é",
        "\\",
        "\"",
        "%[uuid]",
        "%[rand]",
    ];

    #[test]
    fn formats_out_of_pieces_keep_their_promises() {
        let mut rng = Rng::new([7; 32]);
        for _ in 0..5_000 {
            let mut input = vec![rng.below(4) as u8];
            for _ in 0..rng.below(12) {
                let piece = PIECES[rng.below(PIECES.len() as u64) as usize];
                input.extend_from_slice(piece.as_bytes());
            }
            bytes_as_a_format(&input);
        }
    }

    #[test]
    fn the_longest_formats_keep_their_promises() {
        for piece in PIECES.iter().chain(&["%(", "%{+Q}", "%[", "%{+json}ci "]) {
            for kind in 0..4 {
                let mut input = vec![kind];
                while input.len() < 1 << 14 {
                    input.extend_from_slice(piece.as_bytes());
                }
                bytes_as_a_format(&input);
            }
        }
    }
}
