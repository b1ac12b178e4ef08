//! Text broken into lines and turned into glyphs: letters of any script, written from the right where they are.

use std::ops::Range;
use std::rc::Rc;

use krilla::text::{GlyphId, KrillaGlyph};
use rustybuzz::{Direction, UnicodeBuffer};
use unicode_bidi::{BidiInfo, Level};
use unicode_linebreak::linebreaks;

use super::fonts::{FaceId, Fonts, Weight};

/// Glyphs of one font that stand together.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) face: FaceId,
    /// Where it begins, in widths of the font's size.
    pub(super) at: f32,
    pub(super) glyphs: Vec<KrillaGlyph>,
}

/// A line, ready to be drawn at any size.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// The text that the pieces' glyphs stand for, to be searched for and copied.
    pub(super) text: Rc<str>,
    pub(super) pieces: Vec<Piece>,
    /// In widths of the font's size.
    pub(super) width: f32,
    pub(super) right_to_left: bool,
}

/// A part of a text of one font and one direction, shaped; its glyphs stand as they are drawn, left to right.
struct Run {
    range: Range<usize>,
    face: FaceId,
    glyphs: Vec<KrillaGlyph>,
}

/// Lays text out in lines no wider than `width`, in widths of the font's size. Line breaks of the text stay.
pub(crate) fn lay_out(fonts: &mut Fonts, weight: Weight, text: &str, width: f32) -> Vec<Line> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let shown: Rc<str> = shown(fonts, weight, paragraph).into();
        lines.extend(paragraph_lines(fonts, weight, &shown, width));
    }
    lines
}

/// The text as it is drawn: without what has no shape, and with letters that no font has written as their numbers.
fn shown(fonts: &mut Fonts, weight: Weight, text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\t' => shown.push_str("    "),
            // Marks of direction say nothing that the letters do not; marks of style are for pictures.
            _ if letter.is_control() || is_shapeless(letter) => {}
            _ if letter.is_whitespace() => shown.push(if letter == '\u{A0}' { letter } else { ' ' }),
            _ if fonts.of(letter, weight).is_some() => shown.push(letter),
            _ => shown.push_str(&format!("[U+{:04X}]", u32::from(letter))),
        }
    }
    shown
}

fn is_shapeless(letter: char) -> bool {
    matches!(letter, '\u{AD}' | '\u{61C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}')
}

fn is_joiner(letter: char) -> bool {
    matches!(letter, '\u{200C}' | '\u{200D}')
}

fn paragraph_lines(fonts: &mut Fonts, weight: Weight, text: &Rc<str>, width: f32) -> Vec<Line> {
    let bidi = BidiInfo::new(text, None);
    let Some(paragraph) = bidi.paragraphs.first() else {
        return vec![Line {
            text: Rc::clone(text),
            pieces: Vec::new(),
            width: 0.0,
            right_to_left: false,
        }];
    };
    let runs = runs(fonts, weight, text, &bidi.levels);
    let before = widths_before(text, &runs);
    let right_to_left = paragraph.level.is_rtl();
    let line = |range: Range<usize>| {
        let range = range.start..range.start + text[range.clone()].trim_end().len();
        let mut line = Line {
            text: Rc::clone(text),
            pieces: Vec::new(),
            width: 0.0,
            right_to_left,
        };
        if range.is_empty() {
            return line;
        }
        let (levels, visual) = bidi.visual_runs(paragraph, range);
        for part in visual {
            let from_right = levels.get(part.start).is_some_and(Level::is_rtl);
            let mut inside: Vec<&Run> = runs.iter().filter(|run| overlap(&run.range, &part)).collect();
            if from_right {
                inside.reverse();
            }
            for run in inside {
                let glyphs: Vec<KrillaGlyph> = run
                    .glyphs
                    .iter()
                    .filter(|glyph| part.contains(&glyph.text_range.start))
                    .cloned()
                    .collect();
                let advance: f32 = glyphs.iter().map(|glyph| glyph.x_advance).sum();
                line.pieces.push(Piece {
                    face: run.face,
                    at: line.width,
                    glyphs,
                });
                line.width += advance;
            }
        }
        line
    };
    break_up(text, &before, width).into_iter().map(line).collect()
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

/// Parts of one font and one direction, shaped, in the order of the text.
fn runs(fonts: &mut Fonts, weight: Weight, text: &str, levels: &[Level]) -> Vec<Run> {
    let mut parts: Vec<(Range<usize>, FaceId, Level)> = Vec::new();
    for (at, letter) in text.char_indices() {
        let level = levels.get(at).copied().unwrap_or_else(Level::ltr);
        let end = at + letter.len_utf8();
        let last = parts.last().map(|(_, face, _)| *face);
        // Marks and signs stay in the font of the letter before them where that has them.
        let face = last
            .filter(|face| is_joiner(letter) || (!letter.is_alphanumeric() && fonts.has(*face, letter)))
            .or_else(|| fonts.of(letter, weight))
            .or(last);
        let Some(face) = face else { continue };
        match parts.last_mut() {
            Some((range, of, at_level)) if *of == face && *at_level == level => range.end = end,
            _ => parts.push((at..end, face, level)),
        }
    }
    parts
        .into_iter()
        .map(|(range, face, level)| Run {
            glyphs: shape(fonts, face, text, range.clone(), level.is_rtl()),
            range,
            face,
        })
        .collect()
}

fn shape(fonts: &Fonts, face: FaceId, text: &str, range: Range<usize>, from_right: bool) -> Vec<KrillaGlyph> {
    let Some(shaper) = fonts.shaper(face) else {
        return Vec::new();
    };
    let mut buffer = UnicodeBuffer::new();
    for (at, letter) in text[range.clone()].char_indices() {
        buffer.add(letter, u32::try_from(range.start + at).unwrap_or(u32::MAX));
    }
    buffer.guess_segment_properties();
    buffer.set_direction(if from_right {
        Direction::RightToLeft
    } else {
        Direction::LeftToRight
    });
    #[allow(clippy::cast_precision_loss)]
    let em = |units: i32| units as f32 / shaper.units_per_em() as f32;
    let shaped = rustybuzz::shape(&shaper, &[], buffer);
    let clusters: Vec<usize> = shaped
        .glyph_infos()
        .iter()
        .map(|info| usize::try_from(info.cluster).unwrap_or(range.start))
        .collect();
    let mut starts = clusters.clone();
    starts.sort_unstable();
    starts.dedup();
    shaped
        .glyph_infos()
        .iter()
        .zip(shaped.glyph_positions())
        .zip(clusters)
        .map(|((info, position), start)| {
            let next = starts.partition_point(|other| *other <= start);
            let end = starts.get(next).copied().unwrap_or(range.end);
            KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                em(position.x_advance),
                em(position.x_offset),
                em(position.y_offset),
                em(position.y_advance),
                start..end,
                None,
            )
        })
        .collect()
}

/// How wide the text before each byte is.
fn widths_before(text: &str, runs: &[Run]) -> Vec<f32> {
    let mut own = vec![0.0_f32; text.len() + 1];
    for glyph in runs.iter().flat_map(|run| &run.glyphs) {
        if let Some(place) = own.get_mut(glyph.text_range.start + 1) {
            *place += glyph.x_advance;
        }
    }
    let mut sum = 0.0;
    for place in &mut own {
        sum += *place;
        *place = sum;
    }
    own
}

/// Where lines begin and end: at the places where the script breaks words; within a word only where it is wider than
/// a line.
fn break_up(text: &str, before: &[f32], width: f32) -> Vec<Range<usize>> {
    let wide = |range: Range<usize>| {
        let end = range.start + text[range.clone()].trim_end().len();
        before.get(end).copied().unwrap_or(0.0) - before.get(range.start).copied().unwrap_or(0.0) > width
    };
    let mut lines = Vec::new();
    let (mut start, mut last) = (0, 0);
    for (end, _) in linebreaks(text) {
        if wide(start..end) && last > start {
            lines.push(start..last);
            start = last;
        }
        while wide(start..end) {
            let fits = text[start..end]
                .char_indices()
                .map(|(at, letter)| start + at + letter.len_utf8())
                .take_while(|cut| !wide(start..*cut))
                .last();
            // One letter at least, however narrow the line is.
            let first = text[start..end].chars().next().map_or(1, char::len_utf8);
            let cut = fits.unwrap_or(start + first);
            if cut >= end {
                break;
            }
            lines.push(start..cut);
            start = cut;
        }
        last = end;
    }
    if start < text.len() || lines.is_empty() {
        lines.push(start..text.len());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, width: f32) -> Vec<String> {
        let mut fonts = Fonts::embedded();
        lay_out(&mut fonts, Weight::Regular, text, width)
            .iter()
            .map(|line| {
                let ranges = line
                    .pieces
                    .iter()
                    .flat_map(|piece| &piece.glyphs)
                    .map(|glyph| &glyph.text_range);
                let start = ranges.clone().map(|range| range.start).min().unwrap_or(0);
                let end = ranges.map(|range| range.end).max().unwrap_or(0);
                line.text[start..end].to_owned()
            })
            .collect()
    }

    #[test]
    fn lines_break_between_words_and_in_words_too_long() {
        assert_eq!(texts("The taxi was late again", 8.0), ["The taxi was", "late again"]);
        assert_eq!(texts("one\n\ntwo", 20.0), ["one", "", "two"]);
        let broken = texts(&"x".repeat(60), 8.0);
        assert!(broken.len() > 3 && broken.concat() == "x".repeat(60), "{broken:?}");
    }

    #[test]
    fn what_has_no_shape_is_left_out_and_what_has_no_glyph_is_named() {
        assert_eq!(texts("a\u{200B}b\u{FE0F}\u{7}", 20.0), ["ab"]);
        assert_eq!(
            texts("A \u{0C15}", 30.0),
            ["A [U+0C15]"],
            "no Telugu in the embedded font"
        );
        assert_eq!(texts("Zażółć Ωμέγα Привет", 40.0), ["Zażółć Ωμέγα Привет"]);
    }

    #[test]
    fn arabic_is_drawn_from_the_right_in_joined_letters() {
        let mut fonts = Fonts::embedded();
        let line = lay_out(&mut fonts, Weight::Regular, "سلام Tom", 40.0).remove(0);
        assert!(line.right_to_left);
        let starts: Vec<usize> = line
            .pieces
            .iter()
            .flat_map(|piece| &piece.glyphs)
            .map(|glyph| glyph.text_range.start)
            .collect();
        assert!(
            starts.first() > starts.last() || starts.first() == Some(&9),
            "the Latin word stands left of the Arabic one: {starts:?}"
        );
        assert!(line.width > 2.0);
    }
}
