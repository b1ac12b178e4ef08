use lac_domain::AttachmentKind as Kind;
use proptest::prelude::*;

use super::*;

/// An archive with empty files of these names; the first may have content.
fn archive(names: &[&str], first: &[u8]) -> Vec<u8> {
    let (mut bytes, mut list) = (Vec::new(), Vec::new());
    for (at, name) in names.iter().enumerate() {
        let content = if at == 0 { first } else { b"" };
        let (offset, length) = (bytes.len() as u32, content.len() as u32);
        bytes.extend(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0");
        bytes.extend([length.to_le_bytes(), length.to_le_bytes()].concat());
        bytes.extend([(name.len() as u16).to_le_bytes(), 0_u16.to_le_bytes()].concat());
        bytes.extend(name.as_bytes());
        bytes.extend(content);
        list.extend(b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0");
        list.extend([length.to_le_bytes(), length.to_le_bytes()].concat());
        list.extend((name.len() as u16).to_le_bytes());
        list.extend([0; 12]);
        list.extend(offset.to_le_bytes());
        list.extend(name.as_bytes());
    }
    let (start, count) = (bytes.len() as u32, names.len() as u16);
    bytes.extend(&list);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    bytes.extend([(list.len() as u32).to_le_bytes(), start.to_le_bytes()].concat());
    bytes.extend([0, 0]);
    bytes
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn old(streams: &[&str]) -> Vec<u8> {
    let mut bytes = OLE.to_vec();
    bytes.extend([0; 504]);
    for stream in streams {
        bytes.extend(wide(stream));
        bytes.extend([0; 64]);
    }
    bytes
}

fn judged(name: &str, bytes: &[u8]) -> (Kind, String) {
    let judged = judge_attachment(name, bytes);
    (judged.kind, judged.name)
}

#[test]
fn a_file_is_what_its_content_says() {
    let word = archive(&["[Content_Types].xml", "word/document.xml"], b"");
    let excel = archive(&["[Content_Types].xml", "xl/workbook.xml"], b"");
    let slides = archive(&["[Content_Types].xml", "ppt/presentation.xml"], b"");
    let writer = archive(&["mimetype", "content.xml"], b"application/vnd.oasis.opendocument.text");
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    let email = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: Hello\r\n more\r\n\r\nGood morning";
    for (name, bytes, kind, called) in [
        ("Plan.pdf", b"%PDF-1.7 \xE2\xE3".to_vec(), Kind::Pdf, "Plan.pdf"),
        ("Plan.docx", b"%PDF-1.7".to_vec(), Kind::Pdf, "Plan.docx.pdf"),
        ("Plan", word.clone(), Kind::Word, "Plan.docx"),
        ("Plan.txt", word, Kind::Word, "Plan.txt.docx"),
        ("Grades.XLSX", excel, Kind::Excel, "Grades.XLSX"),
        ("Talk.pptx", slides, Kind::PowerPoint, "Talk.pptx"),
        ("Letter.odt", writer, Kind::OpenDocument, "Letter.odt"),
        ("Tom.png", png.to_vec(), Kind::Image, "Tom.png"),
        ("Tom", png.to_vec(), Kind::Image, "Tom.png"),
        ("Notes.txt", "Zoë’s notes\r\n".into(), Kind::Text, "Notes.txt"),
        ("Notes.txt", b"Zo\xEB\x92s notes".to_vec(), Kind::Text, "Notes.txt"),
        (
            "Notes.txt",
            [vec![0xFF, 0xFE], wide("Zoë\r\n")].concat(),
            Kind::Text,
            "Notes.txt",
        ),
        ("Marks.csv", b"name,mark\nZoe,7\n".to_vec(), Kind::Csv, "Marks.csv"),
        ("Hello.eml", email.to_vec(), Kind::Email, "Hello.eml"),
        ("Hello", email.to_vec(), Kind::Email, "Hello.eml"),
        ("Old.doc", old(&["WordDocument"]), Kind::OldOffice, "Old.doc"),
        ("Old.xls", old(&["WordDocument"]), Kind::OldOffice, "Old.xls.doc"),
        ("Letter.rtf", b"{\\rtf1 Hello}".to_vec(), Kind::OldOffice, "Letter.rtf"),
        ("Files.zip", archive(&["a.txt"], b"a"), Kind::Archive, "Files.zip"),
    ] {
        assert_eq!(judged(name, &bytes), (kind, called.to_owned()), "{name}");
    }
}

#[test]
fn what_runs_is_known_in_every_dress() {
    let with_macros = archive(
        &["[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"],
        b"",
    );
    let old_sheet = archive(
        &["[Content_Types].xml", "xl/workbook.xml", "xl/macrosheets/sheet1.xml"],
        b"",
    );
    let embedded = archive(
        &[
            "[Content_Types].xml",
            "word/document.xml",
            "word/embeddings/oleObject1.bin",
        ],
        b"",
    );
    let basic = archive(
        &["mimetype", "Basic/script-lc.xml"],
        b"application/vnd.oasis.opendocument.text",
    );
    for (name, bytes) in [
        ("Plan.docx", with_macros),
        ("Plan.xlsx", old_sheet),
        ("Plan.docx", embedded),
        ("Plan.odt", basic),
        ("Plan.doc", old(&["WordDocument", "_VBA_PROJECT"])),
    ] {
        assert_eq!(judged(name, &bytes).0, Kind::MacroDocument, "{name}");
    }
    for (name, bytes) in [
        ("report.pdf", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xFF\xFF\0\0".to_vec()),
        ("report.pdf", b"\x7FELF\x02\x01\x01\0\0\0\0\0".to_vec()),
        ("notes.txt", b"#!/bin/sh\nrm -rf ~\n".to_vec()),
        ("notes.bat", b"del *.*".to_vec()),
        ("notes.PS1", b"Remove-Item *".to_vec()),
        ("page.html", b"<html><script>1</script>".to_vec()),
        ("drawing.svg", b"<svg onload='1'/>".to_vec()),
        ("setup.doc", old(&["Installer"])),
        ("Program.zip", archive(&["META-INF/MANIFEST.MF"], b"")),
        ("cut.docx", b"PK\x03\x04".to_vec()),
        ("nothing.txt", Vec::new()),
        ("noise.txt", vec![0, 1, 2, 3]),
        ("\u{202E}gpj.exe", b"Good morning".to_vec()),
    ] {
        assert_eq!(judged(name, &bytes).0, Kind::Other, "{name}");
    }
}

#[test]
fn names_are_harmless_everywhere() {
    for (name, safe) in [
        ("Plan.pdf", "Plan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\zoe\\Plan.pdf", "Plan.pdf"),
        ("..", "attachment"),
        ("", "attachment"),
        (" . . ", "attachment"),
        (".bashrc", "bashrc"),
        ("con", "_con"),
        ("NUL.txt", "_NUL.txt"),
        ("Com1.tar.gz", "_Com1.tar.gz"),
        ("COM¹.txt", "_COM¹.txt"),
        ("commons.txt", "commons.txt"),
        ("Plan.pdf. .", "Plan.pdf"),
        ("What? \"This\": <a|b>*.txt", "What- -This-- -a-b--.txt"),
        ("Plan\u{202E}fdp.exe", "Planfdp.exe"),
        ("a\u{7}b\n.txt", "ab.txt"),
    ] {
        assert_eq!(safe_file_name(name), safe, "{name}");
    }
    let long = safe_file_name(&format!("{}.pdf", "é".repeat(400)));
    assert_eq!(long.chars().count(), 120);
    assert!(long.ends_with(".pdf"));
}

#[test]
fn a_refusal_says_what_to_do() {
    assert_eq!(why_not_taken(Kind::Pdf, Kind::ORDINARY), None);
    assert!(why_not_taken(Kind::Pdf, &[Kind::Text]).is_some());
    assert!(
        why_not_taken(Kind::MacroDocument, Kind::ORDINARY)
            .unwrap()
            .contains("macros")
    );
    assert!(
        why_not_taken(Kind::Other, Kind::ALL).is_some(),
        "what runs is taken nowhere"
    );
    assert!(Kind::ORDINARY.iter().all(|kind| *kind != Kind::Other));
}

proptest! {
    /// Whatever comes, judging ends, and a name is one harmless part of a path that judging again leaves as it is.
    #[test]
    fn any_file_is_judged(name in "\\PC{0,200}", begins in 0..4_usize, bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let begun: [&[u8]; 4] = [b"", b"PK\x03\x04", OLE, b"PK\x05\x06"];
        let bytes = [begun[begins], &bytes].concat();
        let judged = judge_attachment(&name, &bytes);
        prop_assert!(!judged.name.is_empty() && judged.name.chars().count() <= 121);
        prop_assert!(!judged.name.contains(['/', '\\', ':', '\0']));
        prop_assert!(judged.name != "." && judged.name != "..");
        prop_assert_eq!(&judge_attachment(&judged.name, &bytes), &judged);
    }
}
