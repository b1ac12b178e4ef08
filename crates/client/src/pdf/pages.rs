//! Pages of A4: what is written runs from one to the next; a head and a foot are drawn on each once their number is
//! known.

use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke};

use super::fonts::{Fonts, Weight};
use super::lines::{Line, lay_out};

/// A4, in points.
const WIDTH: f32 = 595.28;
const HEIGHT: f32 = 841.89;
const SIDE: f32 = 56.0;
/// Where the foot's text stands.
const FOOT: f32 = HEIGHT - 30.0;
/// The height of a line, in sizes of its font.
const LEADING: f32 = 1.36;

/// The colour of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// Almost black.
    Dark,
    /// For what stands beside.
    Quiet,
}

impl Ink {
    fn fill(self) -> Fill {
        let color = match self {
            Self::Dark => rgb::Color::new(11, 12, 12),
            Self::Quiet => rgb::Color::new(80, 90, 95),
        };
        Fill {
            paint: color.into(),
            opacity: NormalizedF32::ONE,
            rule: FillRule::NonZero,
        }
    }
}

/// How text looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) size: f32,
    pub(crate) weight: Weight,
    pub(crate) ink: Ink,
    /// How far it is moved in.
    pub(crate) indent: f32,
}

impl Style {
    /// Ordinary text of a size.
    pub(crate) fn of(size: f32) -> Self {
        Self {
            size,
            weight: Weight::Regular,
            ink: Ink::Dark,
            indent: 0.0,
        }
    }

    pub(crate) fn bold(self) -> Self {
        Self {
            weight: Weight::Bold,
            ..self
        }
    }

    pub(crate) fn quiet(self) -> Self {
        Self {
            ink: Ink::Quiet,
            ..self
        }
    }

    pub(crate) fn indented(self, indent: f32) -> Self {
        Self { indent, ..self }
    }

    /// The text in lines of a page's width.
    pub(crate) fn lines(self, fonts: &mut Fonts, text: &str) -> Vec<Line> {
        lay_out(fonts, self.weight, text, (WIDTH - 2.0 * SIDE - self.indent) / self.size)
    }
}

enum Mark {
    Text { line: Line, style: Style, x: f32, y: f32 },
    Rule { y: f32 },
}

/// Pages being written.
pub(crate) struct Pages {
    fonts: Fonts,
    pages: Vec<Vec<Mark>>,
    /// How far down the page it is written.
    y: f32,
    /// Where the text of each page begins.
    top: f32,
    head: Vec<(Line, Style)>,
    foot: String,
}

impl Pages {
    /// Pages that each bear a head of some lines, and a foot with the page's number.
    pub(crate) fn new(mut fonts: Fonts, head: &[(String, Style)], foot: &str) -> Self {
        let head: Vec<(Line, Style)> = head
            .iter()
            .flat_map(|(text, style)| style.lines(&mut fonts, text).into_iter().map(|line| (line, *style)))
            .collect();
        let height: f32 = head.iter().map(|(_, style)| style.size * LEADING).sum();
        let top = 40.0 + height + 16.0;
        Self {
            fonts,
            pages: vec![Vec::new()],
            y: top,
            top,
            head,
            foot: foot.to_owned(),
        }
    }

    /// Leaves room; at the top of a page there is enough.
    pub(crate) fn space(&mut self, height: f32) {
        if self.y > self.top {
            self.y += height;
        }
    }

    /// Goes on on the next page where less than so much is left of this one.
    pub(crate) fn keep(&mut self, height: f32) {
        if self.y + height > FOOT - 24.0 && self.y > self.top {
            self.pages.push(Vec::new());
            self.y = self.top;
        }
    }

    /// Writes text, over as many lines and pages as it takes.
    pub(crate) fn text(&mut self, text: &str, style: Style) {
        for line in style.lines(&mut self.fonts, text) {
            self.keep(style.size * LEADING);
            self.y += style.size * LEADING;
            let x = left_of(&line, style);
            self.mark(Mark::Text {
                line,
                style,
                x,
                y: self.y,
            });
        }
    }

    /// Writes text on the right of the line that comes next.
    pub(crate) fn beside(&mut self, text: &str, style: Style) {
        if let Some(line) = style.lines(&mut self.fonts, text).into_iter().next() {
            let (x, y) = (WIDTH - SIDE - line.width * style.size, self.y + style.size * LEADING);
            self.mark(Mark::Text { line, style, x, y });
        }
    }

    /// Draws a line across the page.
    pub(crate) fn rule(&mut self) {
        let y = self.y;
        self.mark(Mark::Rule { y });
    }

    fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// How many pages there are.
    pub(crate) fn count(&self) -> usize {
        self.pages.len()
    }

    /// The file's bytes.
    pub(crate) fn finish(mut self, title: &str) -> Result<Vec<u8>, String> {
        let mut document = Document::new();
        document.set_metadata(
            Metadata::new()
                .title(title.to_owned())
                .language("en-GB".to_owned())
                .creator("Looked After Call".to_owned()),
        );
        let total = self.count();
        let small = Style::of(8.0).quiet();
        for (index, marks) in std::mem::take(&mut self.pages).into_iter().enumerate() {
            let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or("a page has no size")?;
            let mut page = document.start_page_with(settings);
            let mut surface = page.surface();
            let mut y = 40.0;
            for (line, style) in &self.head {
                y += style.size * LEADING;
                draw(&mut surface, &self.fonts, line, *style, left_of(line, *style), y);
            }
            draw_rule(&mut surface, y + 6.0);
            for mark in marks {
                match mark {
                    Mark::Text { line, style, x, y } => draw(&mut surface, &self.fonts, &line, style, x, y),
                    Mark::Rule { y } => draw_rule(&mut surface, y),
                }
            }
            draw_rule(&mut surface, FOOT - 14.0);
            for line in small.lines(&mut self.fonts, &self.foot).iter().take(1) {
                draw(&mut surface, &self.fonts, line, small, SIDE, FOOT);
            }
            let number = format!("Page {} of {total}", index + 1);
            for line in small.lines(&mut self.fonts, &number).iter().take(1) {
                let x = WIDTH - SIDE - line.width * small.size;
                draw(&mut surface, &self.fonts, line, small, x, FOOT);
            }
            surface.finish();
            page.finish();
        }
        // What the writer says may quote the text.
        document
            .finish()
            .map_err(|_| "the PDF could not be put together".to_owned())
    }
}

fn left_of(line: &Line, style: Style) -> f32 {
    if line.right_to_left {
        WIDTH - SIDE - line.width * style.size
    } else {
        SIDE + style.indent
    }
}

fn draw(surface: &mut krilla::surface::Surface<'_>, fonts: &Fonts, line: &Line, style: Style, x: f32, y: f32) {
    surface.set_fill(Some(style.ink.fill()));
    for piece in &line.pieces {
        if let Some(font) = fonts.font(piece.face) {
            let start = Point::from_xy(x + piece.at * style.size, y);
            surface.draw_glyphs(start, &piece.glyphs, font, &line.text, style.size, false);
        }
    }
}

fn draw_rule(surface: &mut krilla::surface::Surface<'_>, y: f32) {
    let mut path = PathBuilder::new();
    path.move_to(SIDE, y);
    path.line_to(WIDTH - SIDE, y);
    let Some(path) = path.finish() else { return };
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke {
        paint: rgb::Color::new(177, 180, 182).into(),
        width: 0.6,
        ..Stroke::default()
    }));
    surface.draw_path(&path);
    surface.set_stroke(None);
}
