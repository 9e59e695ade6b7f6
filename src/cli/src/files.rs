//! Configuration files and directories.

use config::SourceFile;
use sample::kept;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Bytes of one file.
const FILE_MAX: u64 = 256 << 20;

/// Reads files, and the `*.cfg` files of directories in order of their bytes.
pub fn read(paths: &[String]) -> Result<Vec<SourceFile>, String> {
    let mut sources = Vec::new();
    for path in paths {
        let failed = |error| {
            format!(
                "Cannot open configuration file/directory {path} : {}",
                reason(&error)
            )
        };
        if Path::new(path).metadata().map_err(failed)?.is_dir() {
            for name in directory(path).map_err(failed)? {
                sources.push(source(&name)?);
            }
        } else {
            sources.push(source(path)?);
        }
    }
    Ok(sources)
}

/// The files of a directory that count; hidden ones do not.
fn directory(path: &str) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        let counts = !name.as_bytes().starts_with(b".") && name.as_bytes().ends_with(b".cfg");
        if counts && entry.path().is_file() {
            names.push(name);
        }
    }
    names.sort();
    let base = path.trim_end_matches('/');
    Ok(names
        .into_iter()
        .map(|name| format!("{base}/{}", name.to_string_lossy()))
        .collect())
}

/// Bytes that are not UTF-8 are kept: old comments have them, and values may.
fn source(path: &str) -> Result<SourceFile, String> {
    let failed = |error| {
        format!(
            "Could not open configuration file {path} : {}",
            reason(&error)
        )
    };
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(FILE_MAX + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    if bytes.len() as u64 > FILE_MAX {
        return Err(format!(
            "Configuration file {path} is larger than {FILE_MAX} bytes"
        ));
    }
    Ok(SourceFile {
        name: path.to_string(),
        text: kept::text_of(&bytes),
    })
}

/// What the system says, without its number.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((text, _)) => text.to_string(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_directory_gives_its_visible_cfg_files_in_order() {
        let directory = std::env::temp_dir().join(format!("tidegate-files-{}", std::process::id()));
        std::fs::create_dir_all(directory.join("z.cfg")).unwrap();
        for name in ["b.cfg", "a.cfg", "B.cfg", ".hidden.cfg", "a.txt"] {
            std::fs::write(directory.join(name), name).unwrap();
        }
        let path = directory.to_string_lossy().into_owned();
        let sources = read(std::slice::from_ref(&path)).unwrap();
        std::fs::remove_dir_all(&directory).unwrap();
        let texts: Vec<&str> = sources.iter().map(|source| source.text.as_str()).collect();
        assert_eq!(texts, ["B.cfg", "a.cfg", "b.cfg"]);
        assert!(read(&[path]).unwrap_err().contains("No such file"));
    }
}
