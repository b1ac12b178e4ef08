//! Names under which other people's files may lie on a computer.

use lac_domain::AttachmentKind;

/// The longest name that is kept, in characters: with a folder before it, it must fit into Windows' 260.
const LONGEST: usize = 120;

/// What Windows takes for a device, with whatever ending.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"];

/// Endings that make some computer run a file, or run scripts in it.
const RUN: &[&str] = &[
    "ade",
    "adp",
    "app",
    "appimage",
    "appinstaller",
    "application",
    "appref-ms",
    "apk",
    "bas",
    "bash",
    "bat",
    "chm",
    "class",
    "cmd",
    "com",
    "command",
    "cpl",
    "crt",
    "csh",
    "desktop",
    "diagcab",
    "dll",
    "dmg",
    "elf",
    "exe",
    "fxp",
    "gadget",
    "hlp",
    "hta",
    "htc",
    "htm",
    "html",
    "inf",
    "ins",
    "iso",
    "isp",
    "jar",
    "jnlp",
    "js",
    "jse",
    "ksh",
    "library-ms",
    "lnk",
    "mde",
    "mht",
    "mhtml",
    "msc",
    "msh",
    "msi",
    "msix",
    "msp",
    "mst",
    "ops",
    "osd",
    "pcd",
    "php",
    "pif",
    "pl",
    "plg",
    "prf",
    "ps1",
    "ps1xml",
    "psc1",
    "psd1",
    "psm1",
    "pub",
    "py",
    "pyc",
    "pyw",
    "rb",
    "reg",
    "run",
    "scf",
    "scr",
    "sct",
    "search-ms",
    "searchconnector-ms",
    "settingcontent-ms",
    "sh",
    "shb",
    "shs",
    "svg",
    "svgz",
    "sys",
    "tcl",
    "terminal",
    "theme",
    "url",
    "vb",
    "vbe",
    "vbp",
    "vbs",
    "vhd",
    "vhdx",
    "vxd",
    "webloc",
    "website",
    "workflow",
    "ws",
    "wsc",
    "wsf",
    "wsh",
    "xbap",
    "xhtml",
    "xht",
    "xll",
    "zsh",
];

/// Whether a file with this ending (in small letters) is run rather than shown.
pub(super) fn runs(ending: &str) -> bool {
    RUN.contains(&ending)
}

/// What comes after the last full stop, in small letters; empty where there is none.
pub(super) fn ending(name: &str) -> String {
    name.rsplit_once('.')
        .filter(|(before, _)| !before.is_empty())
        .map(|(_, ending)| ending.to_lowercase())
        .unwrap_or_default()
}

/// The endings that fit a kind. The first is the one that is given where there is no better one.
fn fitting(kind: AttachmentKind) -> &'static [&'static str] {
    use AttachmentKind as Kind;
    match kind {
        Kind::Pdf => &["pdf"],
        Kind::Word => &["docx", "dotx"],
        Kind::Excel => &["xlsx", "xltx"],
        Kind::PowerPoint => &["pptx", "ppsx", "potx"],
        Kind::OldOffice => &["doc", "xls", "ppt", "rtf", "dot", "xlt", "pps"],
        Kind::OpenDocument => &["odt", "ods", "odp", "odg", "ott", "ots", "otp"],
        Kind::Text => &["txt", "text", "md", "log"],
        Kind::Csv => &["csv", "tsv", "tab"],
        Kind::Image => &[
            "jpg", "jpeg", "png", "gif", "webp", "bmp", "tif", "tiff", "heic", "heif", "avif",
        ],
        Kind::Email => &["eml", "msg"],
        Kind::MacroDocument => &[
            "docm", "xlsm", "pptm", "dotm", "xltm", "ppsm", "potm", "xlsb", "doc", "xls", "ppt", "odt", "ods", "odp",
        ],
        Kind::Archive => &["zip"],
        Kind::Other => &[],
    }
}

/// Gives a name an ending that fits the kind, where it has none: a file opens as what it is.
pub(super) fn with_fitting_ending(name: String, kind: AttachmentKind, natural: &str) -> String {
    let (fitting, ending) = (fitting(kind), ending(&name));
    let fits = fitting.is_empty() || fitting.contains(&ending.as_str());
    // A document of Word with the ending of Excel would only confuse.
    let crossed = !natural.is_empty() && kind != AttachmentKind::Image && fits && {
        let family = |text: &str| text.chars().next();
        matches!(kind, AttachmentKind::OldOffice | AttachmentKind::MacroDocument) && family(&ending) != family(natural)
    };
    if fits && !crossed {
        return name;
    }
    let given = if natural.is_empty() { fitting[0] } else { natural };
    let short: String = name.chars().take(LONGEST - given.len() - 1).collect();
    format!("{short}.{given}")
}

/// A file's name without its folder and without what one operating system or another cannot bear or would be deceived
/// by. There is always something left.
#[must_use]
pub fn safe_file_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name
        .chars()
        .map(|c| if "<>:\"|?*".contains(c) { '-' } else { c })
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .collect();
    let name = name.trim().trim_end_matches(['.', ' ']).trim_start_matches('.').trim();
    if name.is_empty() {
        return "attachment".to_owned();
    }
    let name = shortened(name);
    let stem = name.split('.').next().unwrap_or_default().trim().to_lowercase();
    if is_device(&stem) { format!("_{name}") } else { name }
}

/// Characters that are not seen, or turn the order in which a name is read: `gpj.exe` shown as `exe.jpg`.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

fn is_device(stem: &str) -> bool {
    let numbered = |word: &str| {
        stem.strip_prefix(word)
            .is_some_and(|rest| rest.chars().count() == 1 && rest.chars().all(|c| "0123456789¹²³".contains(c)))
    };
    DEVICES.contains(&stem) || numbered("com") || numbered("lpt")
}

/// Cuts a long name before its ending.
fn shortened(name: &str) -> String {
    let length = name.chars().count();
    if length <= LONGEST {
        return name.to_owned();
    }
    let ending = ending(name);
    let kept = if (1..=10).contains(&ending.chars().count()) {
        LONGEST - ending.chars().count() - 1
    } else {
        return name.chars().take(LONGEST).collect();
    };
    let stem: String = name.chars().take(kept).collect();
    format!("{}.{ending}", stem.trim_end_matches(['.', ' ']))
}
