//! Whole files, from bytes to judgement, through the crate's public face.

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod strangers;
#[cfg(test)]
mod systems;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod users;

#[cfg(test)]
use lac_domain::{Role, Urn};
#[cfg(test)]
use lac_import::{
    Columns, ExistingUsers, Finding, FindingCode, Judgement, Known, KnownEstablishment, Mapping, Severity, Shape, Table,
};

/// A finding as the tests compare it.
#[cfg(test)]
type Found<'a> = (Severity, u32, Option<&'a str>, FindingCode);

#[cfg(test)]
fn found(findings: &[Finding]) -> Vec<Found<'_>> {
    findings
        .iter()
        .map(|f| (f.severity, f.row, f.column.as_deref(), f.code))
        .collect()
}

#[cfg(test)]
fn shape(file: &[u8], role: Role) -> Shape {
    let table = Table::parse(file).unwrap();
    Shape::of(&table, &Columns::recognise(&table, &Mapping::new()), role)
}

#[cfg(test)]
fn preview(file: &str, role: Role) -> Judgement {
    shape(file.as_bytes(), role).preview()
}

#[cfg(test)]
fn judge(file: &str, role: Role, known: &Known, existing: ExistingUsers) -> Judgement {
    shape(file.as_bytes(), role).judge(known, existing)
}

/// A store with these establishments, all open.
#[cfg(test)]
fn open_establishments<'a>(urns: impl IntoIterator<Item = &'a str>) -> Known {
    let establishments = urns.into_iter().map(|urn| {
        let known = KnownEstablishment {
            name: format!("School {urn}"),
            status: lac_domain::EstablishmentStatus::Open,
        };
        (Urn::parse(urn).unwrap(), known)
    });
    Known {
        establishments: establishments.collect(),
        ..Known::default()
    }
}
