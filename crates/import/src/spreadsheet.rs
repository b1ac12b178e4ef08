//! Cells that are safe to open in a spreadsheet: none that a spreadsheet would take for a formula.

use std::borrow::Cow;

/// The cell as it is written: one that begins with `=`, `+`, `-`, `@`, a tab or a return gets a leading
/// apostrophe. So does one that begins so after apostrophes of its own, so that [`from_spreadsheet`] gives
/// back exactly what was written.
#[must_use]
pub fn spreadsheet_safe(cell: &str) -> Cow<'_, str> {
    if is_formula_like(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// The cell as it was before [`spreadsheet_safe`]; any other cell unchanged.
#[must_use]
pub fn from_spreadsheet(cell: &str) -> &str {
    cell.strip_prefix('\'')
        .filter(|inner| is_formula_like(inner))
        .unwrap_or(cell)
}

fn is_formula_like(cell: &str) -> bool {
    cell.trim_start_matches('\'')
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_get_an_apostrophe_and_names_do_not() {
        assert_eq!(spreadsheet_safe("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(spreadsheet_safe("+44 20 7946 0000"), "'+44 20 7946 0000");
        assert_eq!(spreadsheet_safe("'t Hooft"), "'t Hooft");
        assert_eq!(from_spreadsheet("'t Hooft"), "'t Hooft");
        assert_eq!(from_spreadsheet("=1+1"), "=1+1");
    }

    proptest! {
        #[test]
        fn nothing_that_is_written_is_a_formula_and_it_reads_back(cell in "['=+@\\-\t\r\na-c]{0,6}|.*") {
            let written = spreadsheet_safe(&cell);
            prop_assert!(!written.starts_with(['=', '+', '-', '@', '\t', '\r']));
            prop_assert_eq!(from_spreadsheet(&written), cell.as_str());
        }
    }
}
