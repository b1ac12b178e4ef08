//! Whether a row's cells lie under the headings that they belong to.

use crate::{FileColumn, TableRow};

/// What to say of a row that ends before the last place that it must reach.
pub(crate) fn too_few(row: TableRow<'_>, reach: usize, columns: &[FileColumn]) -> Option<String> {
    if row.len() > reach {
        return None;
    }
    let heading = columns.get(reach).map_or("", |c| c.heading.as_str());
    Some(format!(
        "This row has {}; it needs {} to reach “{heading}”. Put in the cells that were left out, or leave them blank.",
        cells(row.len()),
        reach + 1,
    ))
}

/// The first text beyond the last heading, and what to say of it.
pub(crate) fn too_many<'a>(row: TableRow<'a>, width: usize, delimiter: &str) -> Option<(&'a str, String)> {
    let (place, value) = row.first_filled_from(width)?;
    let message = format!(
        "This row has text in cell {}, but there are only {width} headings. Its cells may be in the wrong columns: \
         take out what is too much, or put quotation marks around a cell that has a {delimiter} in it.",
        place + 1,
    );
    Some((value, message))
}

fn cells(count: usize) -> String {
    if count == 1 {
        "1 cell".to_owned()
    } else {
        format!("{count} cells")
    }
}
