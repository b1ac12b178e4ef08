//! Pupils from the authority's own CSV: by hand from the command line, or from a folder into which its case system puts
//! a file each night. Pupils missing from a file are listed, never closed; a file that would end care for many changes
//! nothing and asks.

mod apply;
mod cli;
mod folder;
mod known;
mod plan;
mod report;
#[cfg(test)]
mod tests;

pub use cli::PupilFileCommand;
pub use folder::PupilFolderCommand;
