//! The fonts of a PDF: an embedded one, and the computer's own for letters that it lacks.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use krilla::text::Font;
use rustybuzz::ttf_parser;

/// DejaVu Sans; its licence lies beside it.
const REGULAR: &[u8] = include_bytes!("../../fonts/DejaVuSans.ttf");
/// The same, bold.
const BOLD: &[u8] = include_bytes!("../../fonts/DejaVuSans-Bold.ttf");

/// How heavy text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Ordinary text.
    Regular,
    /// Headings and names.
    Bold,
}

/// A font's place among those in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct FaceId(usize);

enum Data {
    Embedded(&'static [u8]),
    OfComputer(Arc<Vec<u8>>),
}

impl Data {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Embedded(bytes) => bytes,
            Self::OfComputer(bytes) => bytes,
        }
    }
}

/// A font in use.
struct Face {
    font: Font,
    data: Data,
    index: u32,
}

impl Face {
    fn new(data: Data, index: u32) -> Option<Self> {
        let font = match &data {
            Data::Embedded(bytes) => Font::new((*bytes).into(), index),
            Data::OfComputer(bytes) => Font::new(Arc::clone(bytes).into(), index),
        }?;
        Some(Self { font, data, index })
    }
}

/// The fonts in use. The embedded ones come first: regular, bold.
pub(crate) struct Fonts {
    faces: Vec<Face>,
    /// Letters that the embedded fonts lack, with the font of the computer that has them.
    elsewhere: HashMap<char, Option<FaceId>>,
    /// What was looked at before: whether a font has a letter.
    known: HashMap<(FaceId, char), bool>,
    of_computer: OnceCell<fontdb::Database>,
    /// Whether the computer's fonts are asked.
    asks_computer: bool,
}

impl Fonts {
    /// The embedded fonts; the computer's are looked at only when a letter wants them.
    pub(crate) fn new() -> Option<Self> {
        let faces = [REGULAR, BOLD].map(|bytes| Face::new(Data::Embedded(bytes), 0));
        Some(Self {
            faces: faces.into_iter().collect::<Option<_>>()?,
            elsewhere: HashMap::new(),
            known: HashMap::new(),
            of_computer: OnceCell::new(),
            asks_computer: true,
        })
    }

    /// The embedded fonts alone, so that a test does not rest on what a computer has.
    #[cfg(test)]
    pub(crate) fn embedded() -> Self {
        Self {
            asks_computer: false,
            ..Self::new().unwrap()
        }
    }

    /// A font that can show a letter; none where there is none.
    pub(super) fn of(&mut self, letter: char, weight: Weight) -> Option<FaceId> {
        let own = FaceId(usize::from(weight == Weight::Bold));
        if self.has(own, letter) {
            return Some(own);
        }
        if self.has(FaceId(0), letter) {
            return Some(FaceId(0));
        }
        if let Some(found) = self.elsewhere.get(&letter) {
            return *found;
        }
        let in_use = (2..self.faces.len()).map(FaceId).find(|face| self.has(*face, letter));
        let found = in_use.or_else(|| self.look_for(letter));
        self.elsewhere.insert(letter, found);
        found
    }

    /// Whether a font has a letter that can be drawn.
    pub(super) fn has(&mut self, face: FaceId, letter: char) -> bool {
        if let Some(known) = self.known.get(&(face, letter)) {
            return *known;
        }
        let has = self.faces.get(face.0).is_some_and(|face| {
            ttf_parser::Face::parse(face.data.bytes(), face.index).is_ok_and(|parsed| draws(&parsed, letter))
        });
        self.known.insert((face, letter), has);
        has
    }

    fn look_for(&mut self, letter: char) -> Option<FaceId> {
        if !self.asks_computer {
            return None;
        }
        let database = self.of_computer.get_or_init(|| {
            let mut database = fontdb::Database::new();
            database.load_system_fonts();
            database
        });
        let mut upright: Vec<&fontdb::FaceInfo> = database
            .faces()
            .filter(|face| face.style == fontdb::Style::Normal && !face.monospaced)
            .collect();
        // The plainest weight first; among those of one weight, always the same.
        upright.sort_by_key(|face| (face.weight.0.abs_diff(400), face.post_script_name.clone()));
        let found = upright.into_iter().find_map(|face| {
            let has = |data: &[u8], index: u32| {
                let parsed = ttf_parser::Face::parse(data, index).ok()?;
                draws(&parsed, letter).then(|| (data.to_vec(), index))
            };
            database.with_face_data(face.id, has).flatten()
        });
        let (bytes, index) = found?;
        self.faces.push(Face::new(Data::OfComputer(Arc::new(bytes)), index)?);
        Some(FaceId(self.faces.len() - 1))
    }

    /// The font as the PDF writer knows it.
    pub(super) fn font(&self, face: FaceId) -> Option<Font> {
        self.faces.get(face.0).map(|face| face.font.clone())
    }

    /// The font as the shaper knows it.
    pub(super) fn shaper(&self, face: FaceId) -> Option<rustybuzz::Face<'_>> {
        let face = self.faces.get(face.0)?;
        rustybuzz::Face::from_slice(face.data.bytes(), face.index)
    }
}

/// Whether a font has an outline of a letter, or the letter is a space. Fonts of pictures alone draw nothing here.
fn draws(face: &ttf_parser::Face<'_>, letter: char) -> bool {
    face.glyph_index(letter)
        .is_some_and(|glyph| letter.is_whitespace() || face.glyph_bounding_box(glyph).is_some())
}
