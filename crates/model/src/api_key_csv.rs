//! Files of API keys: what ImportApiKeys takes. A first line names the columns, in any order and case; those that are not known
//! are passed over. <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-key-file-format.html>
//!
//! Only what a spreadsheet writes is taken: fields between commas, a field that holds one between quotation marks (the guide
//! shows `"` and `'`), a quotation mark within doubled.

/// The most lines of one file: as many keys as AWS has in an account and region.
pub const ROWS_MAX: usize = 10_000;
/// The most bytes of one field.
pub const FIELD_BYTES_MAX: usize = 128 * 1024;

/// A key to import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The line of the file that it begins on, from 1.
    pub line: usize,
    /// `Name`
    pub name: String,
    /// `Key`: the value that clients present.
    pub value: String,
    /// `Description`
    pub description: Option<String>,
    /// `Enabled`; true where the file does not say.
    pub is_enabled: bool,
    /// `UsageplanIds`
    pub usage_plan_ids: Vec<String>,
}

/// A file that cannot be read. No text of it quotes a key's value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CsvError {
    /// It is no text.
    #[error("the file is not in UTF-8")]
    NotText,
    /// It has no first line.
    #[error("the file is empty")]
    Empty,
    /// A column that must be there is not.
    #[error("the file has no column '{0}'")]
    NoColumn(&'static str),
    /// A column is there twice.
    #[error("the file has two columns '{0}'")]
    TwoColumns(&'static str),
    /// A quotation mark that nothing closes, or that stands where none may.
    #[error("line {0}: a quotation mark is out of place")]
    Quotation(usize),
    /// More fields than columns.
    #[error("line {0}: more fields than the first line has columns")]
    TooManyFields(usize),
    /// A field that must be there is empty.
    #[error("line {0}: '{1}' is empty")]
    Missing(usize, &'static str),
    /// `Enabled` is neither true nor false.
    #[error("line {0}: 'Enabled' must be true or false")]
    NotBoolean(usize),
    /// Longer than [`FIELD_BYTES_MAX`].
    #[error("line {0}: a field is longer than {FIELD_BYTES_MAX} bytes")]
    FieldTooLong(usize),
    /// More than [`ROWS_MAX`].
    #[error("the file has more than {ROWS_MAX} keys")]
    TooManyRows,
}

const NAME: &str = "Name";
const KEY: &str = "Key";
const DESCRIPTION: &str = "Description";
const ENABLED: &str = "Enabled";
const USAGE_PLAN_IDS: &str = "UsageplanIds";

/// The keys of a file.
///
/// # Errors
/// The first thing that keeps it from being read; nothing of it is taken then.
pub fn read(file: &[u8]) -> Result<Vec<Row>, CsvError> {
    let text = std::str::from_utf8(file).map_err(|_| CsvError::NotText)?;
    let mut lines = Lines::of(text.trim_start_matches('\u{feff}'));
    let (_, header) = lines.next().ok_or(CsvError::Empty)??;
    let columns = Columns::of(&header)?;
    let mut rows = Vec::new();
    for line in lines {
        let (number, fields) = line?;
        if rows.len() == ROWS_MAX {
            return Err(CsvError::TooManyRows);
        }
        rows.push(columns.row(number, &fields)?);
    }
    Ok(rows)
}

/// Where the columns stand.
struct Columns {
    count: usize,
    name: usize,
    key: usize,
    description: Option<usize>,
    enabled: Option<usize>,
    usage_plan_ids: Option<usize>,
}

impl Columns {
    fn of(header: &[String]) -> Result<Self, CsvError> {
        let find = |name: &'static str| {
            let is_it = |field: &&String| field.eq_ignore_ascii_case(name);
            match header.iter().filter(is_it).count() {
                0 => Ok(None),
                1 => Ok(header.iter().position(|field| is_it(&field))),
                _ => Err(CsvError::TwoColumns(name)),
            }
        };
        Ok(Self {
            count: header.len(),
            name: find(NAME)?.ok_or(CsvError::NoColumn(NAME))?,
            key: find(KEY)?.ok_or(CsvError::NoColumn(KEY))?,
            description: find(DESCRIPTION)?,
            enabled: find(ENABLED)?,
            usage_plan_ids: find(USAGE_PLAN_IDS)?,
        })
    }

    fn row(&self, line: usize, fields: &[String]) -> Result<Row, CsvError> {
        if fields.len() > self.count {
            return Err(CsvError::TooManyFields(line));
        }
        let field = |at: usize| fields.get(at).filter(|field| !field.is_empty());
        let optional = |at: Option<usize>| at.and_then(field);
        let required = |at: usize, name| field(at).ok_or(CsvError::Missing(line, name));
        Ok(Row {
            line,
            name: required(self.name, NAME)?.clone(),
            value: required(self.key, KEY)?.clone(),
            description: optional(self.description).cloned(),
            is_enabled: truth(optional(self.enabled)).ok_or(CsvError::NotBoolean(line))?,
            usage_plan_ids: optional(self.usage_plan_ids).map_or_else(Vec::new, |ids| list(ids)),
        })
    }
}

fn truth(field: Option<&String>) -> Option<bool> {
    match field {
        None => Some(true),
        Some(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Some(text) if text.eq_ignore_ascii_case("false") => Some(false),
        Some(_) => None,
    }
}

/// Ids between commas, each once.
fn list(field: &str) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for id in field.split(',').map(str::trim).filter(|id| !id.is_empty()) {
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    ids
}

/// The lines that hold anything, each with its number and its fields.
struct Lines<'t> {
    rest: &'t str,
    number: usize,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        Self {
            rest: text,
            number: 1,
        }
    }

    /// The fields up to the end of the line, which a field in quotation marks may go beyond.
    fn fields(&mut self) -> Result<Vec<String>, CsvError> {
        let mut fields = Vec::new();
        loop {
            let field = self.field()?;
            if field.len() > FIELD_BYTES_MAX {
                return Err(CsvError::FieldTooLong(self.number));
            }
            fields.push(field);
            if !self.take(',') {
                break;
            }
        }
        self.take('\r');
        match self.rest.is_empty() || self.take('\n') {
            true => Ok(fields),
            false => Err(CsvError::Quotation(self.number)),
        }
    }

    fn field(&mut self) -> Result<String, CsvError> {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
        for mark in ['"', '\''] {
            if self.take(mark) {
                return self.quoted(mark);
            }
        }
        let end = self.rest.find([',', '\n']).unwrap_or(self.rest.len());
        let (field, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(field.trim().to_owned())
    }

    fn quoted(&mut self, mark: char) -> Result<String, CsvError> {
        let mut field = String::new();
        loop {
            let Some((text, rest)) = self.rest.split_once(mark) else {
                return Err(CsvError::Quotation(self.number));
            };
            self.number += text.matches('\n').count();
            field.push_str(text);
            self.rest = rest;
            if !self.take(mark) {
                break;
            }
            field.push(mark);
        }
        self.rest = self.rest.trim_start_matches([' ', '\t']);
        Ok(field.trim().to_owned())
    }

    fn take(&mut self, character: char) -> bool {
        match self.rest.strip_prefix(character) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

impl Iterator for Lines<'_> {
    type Item = Result<(usize, Vec<String>), CsvError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let number = self.number;
            let fields = match self.fields() {
                Ok(fields) => fields,
                Err(error) => {
                    self.rest = "";
                    return Some(Err(error));
                }
            };
            self.number += 1;
            if fields.iter().any(|field| !field.is_empty()) {
                return Some(Ok((number, fields)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The guide's example, its blanks kept.
    const GUIDE: &str = "Name,key,description,Enabled,usageplanIds\n\
        MyFirstApiKey, abcdef1234abcdefghij,An imported key,TRUE,c7y23b\n";

    #[test]
    fn the_guides_example_is_read() {
        let row = Row {
            line: 2,
            name: "MyFirstApiKey".to_owned(),
            value: "abcdef1234abcdefghij".to_owned(),
            description: Some("An imported key".to_owned()),
            is_enabled: true,
            usage_plan_ids: vec!["c7y23b".to_owned()],
        };
        assert_eq!(read(GUIDE.as_bytes()), Ok(vec![row]));
    }

    #[test]
    fn columns_stand_anywhere_and_marks_hold_commas() {
        let file = "\u{feff}usageplanids,ignored,KEY,NAME\r\n\
            \"a, b,a\",x,0123456789abcdefghij,'it, ''s'\r\n\r\n\
            ,,k,\"n\ntwo lines\"\r\n\
            ,,l,m";
        let rows = read(file.as_bytes()).expect("it is read");
        let told: Vec<_> = rows
            .iter()
            .map(|row| (row.line, row.name.as_str(), row.usage_plan_ids.join("+")))
            .collect();
        assert_eq!(
            told,
            [
                (2, "it, 's", "a+b".to_owned()),
                (4, "n\ntwo lines", String::new()),
                (6, "m", String::new())
            ]
        );
        assert!(rows.iter().all(|row| row.is_enabled));
    }

    /// Whatever a file holds, it is read or refused, and at once.
    #[test]
    fn no_file_does_harm() {
        let pieces = [
            "name",
            "key",
            "enabled",
            "usageplanids",
            ",",
            ",,",
            "\n",
            "\r\n",
            "\"",
            "'",
            "\"\"",
            " ",
            "\u{feff}",
            "true",
            "é",
            "0123456789abcdefghij",
        ];
        let mut random = crate::random::Random::seeded(11);
        let (mut read_whole, mut refused) = (0, 0);
        for _ in 0..20_000 {
            let count = (random.fraction() * 24.0) as usize;
            let mut file = String::from(if random.fraction() < 0.7 {
                "name,key,enabled\n"
            } else {
                ""
            });
            for _ in 0..count {
                file.push_str(pieces[(random.fraction() * pieces.len() as f64) as usize]);
            }
            match read(file.as_bytes()) {
                Ok(rows) => {
                    assert!(
                        rows.iter()
                            .all(|row| !row.name.is_empty() && !row.value.is_empty())
                    );
                    read_whole += 1;
                }
                Err(error) => {
                    assert!(!error.to_string().contains("0123456789"), "{error}");
                    refused += 1;
                }
            }
        }
        assert!(
            read_whole > 500 && refused > 5_000,
            "{read_whole} {refused}"
        );
    }

    #[test]
    fn what_is_no_such_file_is_refused_with_its_line() {
        let long = format!("name,key\n{},k", "n".repeat(FIELD_BYTES_MAX + 1));
        let many = format!("name,key\n{}", "n,k\n".repeat(ROWS_MAX + 1));
        for (file, expected) in [
            (&b"\xff"[..], CsvError::NotText),
            (b"", CsvError::Empty),
            (b"\n\r\n,,\n", CsvError::Empty),
            (b"name\nx", CsvError::NoColumn("Key")),
            (b"key\nx", CsvError::NoColumn("Name")),
            (b"key,name,Key\n", CsvError::TwoColumns("Key")),
            (b"name,key\n\"x,y", CsvError::Quotation(2)),
            (b"name,key\n\"x\"z,y", CsvError::Quotation(2)),
            (b"name,key\nx,y,z", CsvError::TooManyFields(2)),
            (b"name,key\nx", CsvError::Missing(2, "Key")),
            (b"name,key\n\n , y", CsvError::Missing(3, "Name")),
            (b"name,key,enabled\nx,y,yes", CsvError::NotBoolean(2)),
            (long.as_bytes(), CsvError::FieldTooLong(2)),
            (many.as_bytes(), CsvError::TooManyRows),
        ] {
            let shown = String::from_utf8_lossy(&file[..file.len().min(40)]);
            assert_eq!(read(file), Err(expected), "{shown}");
        }
    }
}
