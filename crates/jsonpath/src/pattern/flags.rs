//! Flags inside patterns: `(?i)`, `(?s-x:…)`.

/// The flags in force at a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags {
    /// `i`: letter case does not count, in ASCII unless `unicode_case`.
    pub(super) ignore_case: bool,
    /// `u`
    pub(super) unicode_case: bool,
    /// `m`: `^` and `$` match at each line.
    pub(super) multi_line: bool,
    /// `s`: a dot matches line terminators, too.
    pub(super) dot_all: bool,
    /// `d`: only the line feed ends a line.
    pub(super) unix_lines: bool,
    /// `x`: blanks and comments do not count.
    pub(super) comments: bool,
    /// `U`: the predefined classes go beyond ASCII.
    pub(super) unicode_classes: bool,
}

impl Flags {
    /// Sets or clears a flag; nothing where there is no such flag.
    pub(super) fn set(&mut self, flag: char, on: bool) -> Option<()> {
        match flag {
            'i' => self.ignore_case = on,
            'u' => self.unicode_case = on,
            'm' => self.multi_line = on,
            's' => self.dot_all = on,
            'd' => self.unix_lines = on,
            'x' => self.comments = on,
            'U' => {
                self.unicode_classes = on;
                self.unicode_case = on;
            }
            _ => return None,
        }
        Some(())
    }

    pub(super) fn folds_unicode(self) -> bool {
        self.ignore_case && self.unicode_case
    }

    pub(super) fn folds_ascii(self) -> bool {
        self.ignore_case && !self.unicode_case
    }
}
