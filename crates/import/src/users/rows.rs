//! The rows of a file of users, their texts one behind the other: a file may have very many, each with half a dozen.

use lac_domain::{Role, Upn, Urn};

/// What one row says, tidied: white space at the ends removed, a role for each row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UserRow<'a> {
    /// The row, by the number that Excel shows.
    pub row: u32,
    /// First name; empty when missing.
    pub first_name: &'a str,
    /// Last name; empty when missing.
    pub last_name: &'a str,
    /// Job title, line breaks as spaces; empty when missing.
    pub job_title: &'a str,
    /// E-mail address as written; empty when missing or wrong.
    pub email: &'a str,
    /// The key by which the address is compared ([`lac_domain::email_key`]); empty when missing or wrong.
    pub email_key: &'a str,
    /// Phone number as written; empty when missing.
    pub phone: &'a str,
    /// The row's own role, or the file's.
    pub role: Role,
    /// Whether the row itself names its role.
    pub role_named: bool,
    /// The URNs that are read from the row, each with its column's place from 0; none for a role that is not linked.
    pub urns: &'a [(u32, Urn)],
    /// The UPNs that are read from the row, each with its column's place from 0; none for a Designated Teacher.
    pub upns: &'a [(u32, Upn)],
}

/// The rows as they are kept.
#[derive(Clone, Debug, Default)]
pub(super) struct UserRows {
    text: String,
    urns: Vec<(u32, Urn)>,
    upns: Vec<(u32, Upn)>,
    rows: Vec<Kept>,
}

/// A row: where each of its parts ends; the first begins where the row before ends.
#[derive(Clone, Copy, Debug)]
struct Kept {
    row: u32,
    // First and last name, job title, e-mail address and its key, phone number.
    ends: [u32; 6],
    urns_end: u32,
    upns_end: u32,
    role: Role,
    role_named: bool,
}

/// A place; a file holds at most a hundred million bytes, and its key is as long as an address.
fn place(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

impl UserRows {
    /// Makes room for so many rows.
    pub fn reserve(&mut self, rows: usize) {
        self.rows.reserve(rows);
    }

    /// Adds a row.
    pub fn push(&mut self, row: UserRow<'_>) {
        let mut ends = [0; 6];
        let texts = [
            row.first_name,
            row.last_name,
            row.job_title,
            row.email,
            row.email_key,
            row.phone,
        ];
        for (end, text) in ends.iter_mut().zip(texts) {
            self.text.push_str(text);
            *end = place(self.text.len());
        }
        self.urns.extend_from_slice(row.urns);
        self.upns.extend_from_slice(row.upns);
        self.rows.push(Kept {
            row: row.row,
            ends,
            urns_end: place(self.urns.len()),
            upns_end: place(self.upns.len()),
            role: row.role,
            role_named: row.role_named,
        });
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The row at a place.
    pub fn get(&self, index: usize) -> UserRow<'_> {
        let (start, urns, upns) = match index.checked_sub(1).map(|before| self.rows[before]) {
            Some(before) => (before.ends[5], before.urns_end, before.upns_end),
            None => (0, 0, 0),
        };
        let kept = self.rows[index];
        let text = |nth: usize| {
            let from = if nth == 0 { start } else { kept.ends[nth - 1] };
            &self.text[from as usize..kept.ends[nth] as usize]
        };
        UserRow {
            row: kept.row,
            first_name: text(0),
            last_name: text(1),
            job_title: text(2),
            email: text(3),
            email_key: text(4),
            phone: text(5),
            role: kept.role,
            role_named: kept.role_named,
            urns: &self.urns[urns as usize..kept.urns_end as usize],
            upns: &self.upns[upns as usize..kept.upns_end as usize],
        }
    }

    /// All, in the file's order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = UserRow<'_>> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// All URNs that they name.
    pub fn urns(&self) -> impl Iterator<Item = &Urn> {
        self.urns.iter().map(|(_, urn)| urn)
    }

    /// All UPNs that they name.
    pub fn upns(&self) -> impl Iterator<Item = &Upn> {
        self.upns.iter().map(|(_, upn)| upn)
    }
}
