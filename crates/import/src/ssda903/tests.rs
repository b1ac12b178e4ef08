use lac_domain::CarePeriodId;

use super::*;
use crate::FindingCode;

const HEADER: &str = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n";
const EPISODES: &str =
    "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN\n";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn as_at() -> NaiveDate {
    day("2018-03-31")
}

/// A return of one child with these episodes: first day, reason begun, legal status, last day, reason ended.
fn of(episodes: &[[&str; 5]]) -> Ssda903 {
    let header = format!("{HEADER}1001,1,01/05/2006,WBRI,B801200005001,,\n");
    let rows: String = episodes
        .iter()
        .map(|[start, began, status, end, reason]| {
            format!("1001,{start},{began},{status},N1,U1,PR1,{end},{reason},,AB1 2CD,AB1 2CE,1234567\n")
        })
        .collect();
    Ssda903::read(header.as_bytes(), format!("{EPISODES}{rows}").as_bytes(), as_at()).unwrap()
}

fn periods(read: &Ssda903) -> Vec<(NaiveDate, Option<NaiveDate>, &[u32])> {
    let all = read.children.iter().flat_map(|child| &child.periods);
    all.map(|period| (period.start, period.end, period.rows.as_slice()))
        .collect()
}

fn codes(findings: &[Finding]) -> Vec<(u32, Severity, FindingCode)> {
    findings.iter().map(|f| (f.row, f.severity, f.code)).collect()
}

#[test]
fn episodes_that_follow_on_are_one_time_in_care() {
    let read = of(&[
        ["01/09/2016", "L", "C2", "14/02/2017", "X1"],
        ["01/02/2016", "S", "C2", "01/09/2016", "X1"],
        ["14/02/2017", "P", "C2", "20/06/2017", "E4A"],
        ["05/01/2018", "S", "V2", "", ""],
    ]);
    assert_eq!(
        periods(&read),
        [
            (day("2016-02-01"), Some(day("2017-06-20")), &[3, 2, 4][..]),
            (day("2018-01-05"), None, &[5][..]),
        ]
    );
    assert!(read.episode_findings.is_empty() && read.header_findings.is_empty());
    assert_eq!((read.counts.periods, read.counts.open_periods), (2, 1));
}

#[test]
fn what_ended_and_began_anew_on_the_same_day_is_two() {
    let ended = ["01/02/2016", "S", "C2", "01/09/2016", "E4A"];
    let anew = of(&[ended, ["01/09/2016", "S", "C2", "", ""]]);
    assert_eq!(anew.counts.periods, 2);
    let on = of(&[ended, ["01/09/2016", "P", "C2", "", ""]]);
    assert_eq!(periods(&on), [(day("2016-02-01"), None, &[2, 3][..])]);
}

#[test]
fn short_breaks_open_nothing() {
    let read = of(&[
        ["01/02/2016", "S", "V3", "05/02/2016", "E8"],
        ["01/03/2016", "S", "V4", "", ""],
    ]);
    assert_eq!((read.counts.short_breaks, read.counts.periods), (2, 0));
    assert!(read.episode_findings.is_empty());
}

#[test]
fn rows_as_they_are_in_real_life_are_told_and_taken() {
    let warning = |row, code| (row, Severity::Warning, code);
    let open = of(&[["01/02/2016", "S", "C2", "", "E4A"]]);
    assert_eq!(periods(&open), [(day("2016-02-01"), None, &[2][..])]);
    assert_eq!(
        codes(&open.episode_findings),
        [warning(2, FindingCode::EndReasonWithoutEnd)]
    );

    let overlapping = of(&[
        ["01/02/2016", "S", "C2", "01/09/2016", "E4A"],
        ["01/08/2016", "S", "C2", "01/02/2017", "E4A"],
    ]);
    assert_eq!(
        periods(&overlapping),
        [(day("2016-02-01"), Some(day("2017-02-01")), &[2, 3][..])]
    );
    assert_eq!(
        codes(&overlapping.episode_findings),
        [warning(3, FindingCode::EpisodesOverlap)]
    );

    // The one that lies within the other does not cut it short.
    let within = of(&[
        ["01/02/2016", "S", "C2", "01/02/2017", "E4A"],
        ["01/03/2016", "P", "C2", "01/04/2016", "E4A"],
        ["01/05/2016", "P", "C2", "01/06/2016", "E4A"],
    ]);
    assert_eq!(
        periods(&within),
        [(day("2016-02-01"), Some(day("2017-02-01")), &[2, 3, 4][..])]
    );

    let gap = of(&[
        ["01/02/2016", "S", "C2", "01/09/2016", "X1"],
        ["05/09/2016", "P", "C2", "01/02/2017", "E4A"],
    ]);
    assert_eq!(
        periods(&gap),
        [(day("2016-02-01"), Some(day("2017-02-01")), &[2, 3][..])]
    );
    assert_eq!(codes(&gap.episode_findings), [warning(3, FindingCode::EpisodesGap)]);

    let last = of(&[["01/02/2016", "S", "C2", "01/09/2016", "X1"]]);
    assert_eq!(periods(&last), [(day("2016-02-01"), None, &[2][..])]);
    assert_eq!(
        codes(&last.episode_findings),
        [warning(2, FindingCode::NoEpisodeFollows)]
    );

    let later = of(&[["01/02/2016", "S", "C2", "01/09/2018", "E4A"]]);
    assert_eq!(periods(&later), [(day("2016-02-01"), None, &[2][..])]);
    assert_eq!(
        codes(&later.episode_findings),
        [warning(2, FindingCode::AfterTheReturn)]
    );
}

#[test]
fn rows_that_cannot_be_taken_are_told_with_their_place() {
    let read = of(&[
        ["31/02/2016", "S", "C2", "", ""],
        ["01/02/2016", "S", "C2", "01/01/2016", "E4A"],
        ["01/04/2018", "S", "C2", "", ""],
        ["", "S", "C2", "", ""],
    ]);
    let errors: Vec<_> = read
        .episode_findings
        .iter()
        .map(|f| (f.row, f.column.as_deref(), f.code))
        .collect();
    assert_eq!(
        errors,
        [
            (2, Some("DECOM"), FindingCode::BadDate),
            (3, Some("DEC"), FindingCode::EndBeforeStart),
            (4, Some("DECOM"), FindingCode::AfterTheReturn),
            (5, Some("DECOM"), FindingCode::BadDate),
        ]
    );
    assert_eq!((read.counts.episodes_refused, read.counts.periods), (4, 0));
}

#[test]
fn children_are_known_by_their_number_and_their_upn() {
    let header = format!(
        "{HEADER}1001,1,01/05/2006,WBRI,B801200005001,,\n1002,1,x,WBRI,UN3,,\n1001,1,01/05/2006,WBRI,,,\n\
         1003,1,02/05/2006,WBRI,B801200005001,,\n1004,1,02/05/2006,WBRI,A801200005001,,\n1005,1,,WBRI,I801200005001,,\n,1,,WBRI,,,\n"
    );
    let episodes =
        format!("{EPISODES}1009,01/02/2016,S,C2,N1,U1,PR1,,,,,,1234567\n1009,01/03/2016,P,C2,N1,U1,PR1,,,,,,1\n");
    let read = Ssda903::read(header.as_bytes(), episodes.as_bytes(), as_at()).unwrap();
    let upns: Vec<_> = read
        .children
        .iter()
        .map(|child| (child.reference.as_str(), child.upn.as_ref().map(Upn::as_str)))
        .collect();
    assert_eq!(
        upns,
        [
            ("1001", Some("B801200005001")),
            ("1002", None),
            ("1003", None),
            ("1004", Some("A801200005001")),
            ("1005", None),
            ("1009", None),
        ]
    );
    assert_eq!(
        codes(&read.header_findings),
        [
            (4, Severity::Error, FindingCode::RepeatedChild),
            (8, Severity::Error, FindingCode::MissingReference),
            (3, Severity::Warning, FindingCode::BadDate),
            (5, Severity::Warning, FindingCode::RepeatedUpn),
            (6, Severity::Warning, FindingCode::UpnCheckLetter),
            (7, Severity::Warning, FindingCode::BadUpn),
        ]
    );
    // The child whom only the episodes know is told of once.
    let unknown = read
        .episode_findings
        .iter()
        .filter(|f| f.code == FindingCode::UnknownChild);
    assert_eq!(unknown.count(), 1);
}

#[test]
fn nothing_of_places_is_kept() {
    let read = of(&[["01/02/2016", "S", "C2", "31/02/2016", "E4A"]]);
    let kept = format!("{read:?}");
    for secret in ["AB1 2CD", "AB1 2CE", "1234567", "C2", "PR1"] {
        assert!(!kept.contains(secret), "{secret}");
    }
}

#[test]
fn other_files_are_refused() {
    let refused = |header: &str, episodes: &str| {
        Ssda903::read(header.as_bytes(), episodes.as_bytes(), as_at()).map_err(|error| error.to_string())
    };
    let swapped = refused(EPISODES, HEADER).unwrap_err();
    assert!(swapped.contains("no rows"), "{swapped}");
    let header = format!("{HEADER}1001,1,01/05/2006,WBRI,,,\n");
    let wrong = refused(&header, &header).unwrap_err();
    assert!(wrong.contains("“DECOM”") && wrong.contains("episodes.csv"), "{wrong}");
}

#[test]
fn a_return_never_overrides_a_later_date() {
    let id: CarePeriodId = "00000000-0000-7000-8000-000000000001".parse().unwrap();
    let held = |start: &str, end: Option<&str>| HeldPeriod {
        id,
        start: day(start),
        end: end.map(day),
    };
    let returned = |start: &str, end: Option<&str>| ReturnedPeriod {
        start: day(start),
        end: end.map(day),
        rows: vec![2],
    };
    let (start, end) = ("2016-02-01", Some("2017-06-20"));
    let look = |returned: &ReturnedPeriod, all: &[HeldPeriod]| beside(returned, all, as_at());

    let ended = returned(start, end);
    assert_eq!(
        look(&ended, &[]),
        Beside::Open {
            start: day(start),
            end: end.map(day)
        }
    );
    assert_eq!(look(&ended, &[held(start, end)]), Beside::Same);
    assert_eq!(
        look(&ended, &[held(start, None)]),
        Beside::Close {
            period: id,
            end: day("2017-06-20")
        }
    );
    assert_eq!(look(&ended, &[held(start, Some("2017-09-01"))]), Beside::LaterHere);
    assert!(matches!(
        look(&ended, &[held(start, Some("2016-09-01"))]),
        Beside::Differs { .. }
    ));
    assert!(matches!(
        look(&ended, &[held("2016-03-01", None)]),
        Beside::Differs { .. }
    ));
    let two = [held("2016-01-01", Some("2016-03-01")), held("2016-04-01", None)];
    assert!(matches!(look(&ended, &two), Beside::Differs { .. }));

    let open = returned(start, None);
    assert_eq!(look(&open, &[held(start, None)]), Beside::Same);
    assert_eq!(look(&open, &[held(start, Some("2018-05-01"))]), Beside::LaterHere);
    assert!(matches!(
        look(&open, &[held(start, Some("2018-01-01"))]),
        Beside::Differs { .. }
    ));
    // Begun again since the return.
    assert_eq!(look(&open, &[held("2018-05-01", None)]), Beside::LaterHere);
}

/// Of the 1,413 episodes with a reason for ending and no end, 217 are short breaks; the overlaps are fewer than pairs
/// of rows for the same reason.
#[test]
fn a_whole_return_is_read_row_by_row() {
    let header = include_bytes!("../../../../tests/fixtures/ssda903/header.csv");
    let episodes = include_bytes!("../../../../tests/fixtures/ssda903/episodes.csv");
    let read = Ssda903::read(header, episodes, as_at()).unwrap();
    let expected = ReturnCounts {
        children: 2_675,
        episodes: 5_050,
        short_breaks: 803,
        episodes_refused: 0,
        periods: 1_931,
        open_periods: 1_302,
    };
    assert_eq!(read.counts, expected);
    let all = || read.header_findings.iter().chain(&read.episode_findings);
    let count = |code| all().filter(|finding| finding.code == code).count();
    assert_eq!(count(FindingCode::BadUpn), 296);
    assert_eq!(count(FindingCode::UpnCheckLetter), 2_272);
    assert_eq!(count(FindingCode::EndReasonWithoutEnd), 1_196);
    assert_eq!(count(FindingCode::AfterTheReturn), 11);
    assert_eq!(count(FindingCode::EpisodesOverlap), 67);
    assert_eq!(count(FindingCode::EpisodesGap), 15);
    assert_eq!(count(FindingCode::NoEpisodeFollows), 101);
    assert_eq!(all().count(), 296 + 2_272 + 1_196 + 11 + 67 + 15 + 101);
    for child in &read.children {
        assert!(
            child
                .periods
                .is_sorted_by(|one, next| one.end.is_some_and(|end| end <= next.start))
        );
    }
}

#[test]
fn the_two_files_are_told_by_their_headings() {
    let episodes = format!("{EPISODES}1001,01/02/2016,S,C2,N1,U1,PR1,,,,,,\n");
    let header = format!("{HEADER}1001,1,01/05/2006,WBRI,,,\n1002,1,01/05/2006,WBRI,,,\n");
    assert_eq!(ReturnPart::of(episodes.as_bytes()).unwrap(), (ReturnPart::Episodes, 1));
    assert_eq!(
        ReturnPart::of(header.to_lowercase().as_bytes()).unwrap(),
        (ReturnPart::Header, 2)
    );
    let neither = ReturnPart::of(b"Name,DOB\nAnn,01/05/2006\n").unwrap_err();
    assert!(neither.to_string().contains("header.csv or episodes.csv"), "{neither}");
    let another = ReturnPart::of(b"CHILD,DOB,REVIEW\n1001,01/05/2006,01/06/2017\n").unwrap_err();
    assert!(another.to_string().contains("DECOM"), "{another}");
}
