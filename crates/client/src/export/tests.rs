use lac_domain::{AttachmentKind, Role};
use lac_import::Table;

use super::history_pdf::pdf_with;
use super::*;
use crate::pdf::Fonts;
use crate::tests::samples::{ME, PRIYA, at, conversation, id, message, person};

/// Bodies of every kind: short, long over pages, in other scripts, and some that would do harm in a spreadsheet.
fn body(number: i64) -> String {
    match number % 8 {
        0 => "Thank you. See you on Thursday.".to_owned(),
        1 => "=cmd|' /C calc'!A0".to_owned(),
        2 => "Mama Toma prosi o rozmowę. Zażółć gęślą jaźń.\n\nПривет, как дела?".to_owned(),
        3 => "توم يحب المكتبة. He said so himself on 4 March.".to_owned(),
        4 => "+44 1632 960999 is the number of the office".to_owned(),
        5 if number == 5 => format!("{}\n\n", "A long account of what was said at the meeting. ".repeat(40)).repeat(9),
        6 => "😀 He smiled. 谢谢你。\u{0C15}".to_owned(),
        _ => "The taxi has been late three mornings running. I have spoken to the transport team and they will ring you today. ".repeat(3),
    }
}

fn export(messages: i64) -> Export {
    let mut parts: Vec<Part> = (0..=messages / 50)
        .map(|number| {
            let number = u128::try_from(number).unwrap();
            Part::new(conversation(
                100 + number,
                &format!("PEP meeting, part {number}"),
                Some(50),
                50,
                50,
            ))
        })
        .collect();
    for number in 0..messages {
        let place = usize::try_from(number / 50).unwrap();
        let author = if number % 3 == 0 { ME } else { PRIYA };
        let mut one = message(number, 100 + u128::try_from(place).unwrap(), author, &body(number));
        if number % 9 == 4 {
            one.attachments.push(Attachment {
                id: id(1),
                name: "Personal education plan.pdf".into(),
                kind: AttachmentKind::Pdf,
                size: 1_240_000,
            });
        }
        if number == 7 {
            one.author_id = Some(id(99));
        }
        parts[place].messages.push(one);
    }
    parts.retain(|part| !part.messages.is_empty());
    parts[0].conversation.confidential = true;
    let priya = person(PRIYA, "Priya", "Shah", Role::LaSuperUser, &[]);
    Export {
        pupil: "Tom Reed".to_owned(),
        by: "Helen Okafor".to_owned(),
        at: at(0),
        reason: "The family court has asked for everything that was written about Tom since he came into care"
            .to_owned(),
        filter: None,
        names: [(id(ME), "Helen Okafor".to_owned()), (priya.id, "Priya Shah".to_owned())].into(),
        parts,
    }
}

#[test]
fn a_thousand_messages_become_pages() {
    let export = export(1_000);
    let bytes = pdf(&export).unwrap();
    assert!(bytes.starts_with(b"%PDF-"));
    assert!(
        bytes.len() < 8_000_000,
        "only the letters in use are embedded: {}",
        bytes.len()
    );
    // To be looked at: `LAC_KEEP_EXPORT=/tmp/export.pdf`.
    if let Ok(path) = std::env::var("LAC_KEEP_EXPORT") {
        std::fs::write(path, bytes).unwrap();
    }
}

#[test]
fn without_fonts_of_the_computer_every_letter_is_still_told() {
    assert!(pdf_with(&export(20), Fonts::embedded()).unwrap().starts_with(b"%PDF-"));
}

#[test]
fn the_table_holds_every_message_in_order_and_nothing_that_runs() {
    let bytes = csv(&export(100));
    assert!(bytes.starts_with(&[0xEF, 0xBB, 0xBF]) && bytes.ends_with(b"\r\n"));
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains(",'=cmd|' /C calc'!A0,"), "defused");
    assert!(!text.contains(",=cmd") && !text.contains(",+44") && text.contains(",'+44 1632"));
    let table = Table::parse(&bytes).unwrap();
    let rows: Vec<_> = table.rows().collect();
    assert_eq!(rows.len(), 100);
    assert_eq!(rows[0].cell(0), "23/11/2026 09:00");
    assert_eq!(
        (rows[0].cell(1), rows[1].cell(1), rows[7].cell(1)),
        ("Helen Okafor", "Priya Shah", FORMER)
    );
    assert_eq!((rows[0].cell(2), rows[0].cell(4)), ("PEP meeting, part 0", "Yes"));
    assert_eq!(rows[4].cell(6), "Personal education plan.pdf (PDF, 1.2 MB)");
}

#[test]
fn the_file_is_named_by_pupil_and_day() {
    let named = Export {
        pupil: "Zoë O/Neil: \"x\"".to_owned(),
        ..export(1)
    };
    assert_eq!(
        named.file_name(ExportFormat::Csv),
        "Messages about Zoë ONeil x, 2026-11-23.csv"
    );
    assert_eq!(
        export(1).file_name(ExportFormat::Pdf),
        "Messages about Tom Reed, 2026-11-23.pdf"
    );
}
