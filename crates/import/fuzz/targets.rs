//! What is fuzzed, and what must hold of every file.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use lac_domain::{EstablishmentStatus, Role, Upn, Urn};
use lac_import::{
    Columns, Establishments, ExistingUsers, Judgement, Known, KnownEstablishment, Links, Mapping, Recognised, Severity,
    Shape, Table, refused,
};

/// A reader under test.
#[derive(Clone, Copy)]
pub struct Target {
    pub name: &'static str,
    /// Files to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Reads a file. Answers the ways that it led the reader, as hashes; the error is what did not hold.
    pub run: fn(&[u8]) -> Result<Vec<u64>, String>,
}

pub const TARGETS: &[Target] = &[
    Target {
        name: "users",
        seeds: user_files,
        run: users,
    },
    Target {
        name: "establishments",
        seeds: gias_files,
        run: establishments,
    },
    Target {
        name: "links",
        seeds: gias_files,
        run: links,
    },
];

fn way(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

fn user_files() -> Vec<Vec<u8>> {
    let mut files: Vec<Vec<u8>> = csv_spectrum::spectrum()
        .iter()
        .map(|sample| sample.csv.to_vec())
        .collect();
    let more: [&[u8]; 6] = [
            include_bytes!("../../../tests/fixtures/import/users-findings.csv"),
            include_bytes!("../../../tests/fixtures/import/users-good-30.csv"),
            include_bytes!("../../../tests/fixtures/barsetshire/users-with-findings.csv"),
            b"sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,givenName,familyName,email,phone\n1,active,,true,100000,teacher,a,Ann,Lee,ann@example.org,020\n2,tobedeleted,,true,100001,student,b,Bo,Reed,bo@example.org,\n",
            b"First Name [Required],Last Name [Required],Email Address [Required],Password [Required],Org Unit Path [Required]\nAnn,Lee,ann@example.org,hidden-words,/\n",
            b"sep=;\r\nFirst name;Surname;Email;URN;URN;UPN\r\n\"Ann\r\nMary\";Lee;ann@example.org;100000;0;B801200005001\r\n",
        ];
    files.extend(more.map(<[u8]>::to_vec));
    files
}

fn gias_files() -> Vec<Vec<u8>> {
    vec![
        include_bytes!("../../../tests/fixtures/gias/edubasealldata-18-rows.csv").to_vec(),
        b"URN,EstablishmentName,EstablishmentStatus (name),CloseDate,Postcode\n100000,School,Closed,31-08-2024,BA1 1AA\n".to_vec(),
        b"URN,LinkURN,LinkName,LinkType,LinkEstablishedDate\n100000,100001,School,Successor,01-09-2024\n".to_vec(),
    ]
}

fn known() -> Known {
    let school = |status| KnownEstablishment {
        name: "School".to_owned(),
        status,
    };
    let mut known = Known::default();
    known
        .users
        .insert("ann@example.org".to_owned(), Role::DesignatedTeacher);
    if let Ok(urn) = Urn::parse("100000") {
        known.establishments.insert(urn, school(EstablishmentStatus::Open));
    }
    if let Ok(urn) = Urn::parse("100001") {
        known.establishments.insert(urn, school(EstablishmentStatus::Closed));
    }
    known.upns.extend(Upn::parse("B801200005001"));
    known
}

fn users(file: &[u8]) -> Result<Vec<u64>, String> {
    let table = match Table::parse(file) {
        Ok(table) => table,
        Err(error) => {
            return sentence(&error.to_string()).map(|()| vec![way(("refused", std::mem::discriminant(&error)))]);
        }
    };
    let columns = Columns::recognise(&table, &Mapping::new());
    let recognised = Recognised::of(&table, &columns);
    let mut ways = vec![
        way(("encoding", format!("{:?}", table.encoding()))),
        way(("delimiter", format!("{:?}", table.delimiter()))),
        way(("headings", format!("{recognised:?}").len() / 512)),
    ];
    for (role, existing) in [
        (Role::DesignatedTeacher, ExistingUsers::Refuse),
        (Role::SocialWorker, ExistingUsers::Update),
        (Role::LaUser, ExistingUsers::Skip),
    ] {
        let shape = Shape::of(&table, &columns, role);
        let _ = shape.wanted();
        let judgement = shape.judge(&known(), existing);
        adds_up(&table, &judgement)?;
        ways.push(way((role, judgement.blocked)));
        ways.extend(
            judgement
                .findings
                .iter()
                .map(|finding| way((role, finding.severity, finding.code))),
        );
        ways.extend(
            judgement
                .users
                .iter()
                .map(|user| way((role, user.outcome, user.rows.len().min(4)))),
        );
        let csv = refused(&table, &columns, &judgement.refused_rows, &judgement.findings);
        if !judgement.refused_rows.is_empty() && Table::parse(&csv).is_err() {
            return Err("the refused rows cannot be read again".to_owned());
        }
    }
    Ok(ways)
}

fn adds_up(table: &Table, judgement: &Judgement) -> Result<(), String> {
    let counts = judgement.counts;
    if counts.rows_read != table.row_count() {
        return Err(format!("{} rows were read, of {}", counts.rows_read, table.row_count()));
    }
    if counts.rows_accepted + counts.rows_refused + counts.rows_skipped != counts.rows_read {
        return Err(format!("the rows do not add up: {counts:?}"));
    }
    if judgement.refused_rows.len() != counts.rows_refused as usize {
        return Err("a refused row is counted otherwise".to_owned());
    }
    for row in &judgement.refused_rows {
        let said = judgement
            .findings
            .iter()
            .any(|finding| finding.row == *row && finding.severity == Severity::Error);
        if !said && !judgement.blocked {
            return Err(format!("row {row} is refused and nothing says why"));
        }
    }
    judgement
        .findings
        .iter()
        .try_for_each(|finding| sentence(&finding.message))
}

fn sentence(message: &str) -> Result<(), String> {
    if message.ends_with(['.', '?', '”', ')']) {
        Ok(())
    } else {
        Err(format!("this is no sentence: {message:?}"))
    }
}

fn establishments(file: &[u8]) -> Result<Vec<u64>, String> {
    match Establishments::open(file) {
        Err(error) => sentence(&error.to_string()).map(|()| vec![way(std::mem::discriminant(&error))]),
        Ok(rows) => {
            let mut ways = Vec::new();
            for row in rows {
                match row {
                    Ok(row) => ways.push(way((
                        row.establishment.is_some(),
                        row.findings.len().min(5),
                        first_code(&row.findings),
                    ))),
                    Err(error) => {
                        sentence(&error.to_string()).map(|()| ways.push(way(std::mem::discriminant(&error))))?
                    }
                }
            }
            Ok(ways)
        }
    }
}

fn links(file: &[u8]) -> Result<Vec<u64>, String> {
    match Links::open(file) {
        Err(error) => sentence(&error.to_string()).map(|()| vec![way(std::mem::discriminant(&error))]),
        Ok(rows) => {
            let mut ways = Vec::new();
            for row in rows {
                match row {
                    Ok(row) => ways.push(way((
                        row.link.is_some(),
                        row.findings.len().min(5),
                        first_code(&row.findings),
                    ))),
                    Err(error) => {
                        sentence(&error.to_string()).map(|()| ways.push(way(std::mem::discriminant(&error))))?
                    }
                }
            }
            Ok(ways)
        }
    }
}

fn first_code(findings: &[lac_import::Finding]) -> Option<lac_import::FindingCode> {
    findings.first().map(|finding| finding.code)
}
