//! The tokens of a template.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The end of the template.
    End,
    /// Text that means nothing to the language.
    Text,
    /// `$[`, `$![` or `$.`: text.
    EmptyIndex,
    /// A lone backslash: text.
    Escape,
    /// Two backslashes.
    DoubleEscape,
    /// `\#word`, with any even number of backslashes before.
    EscapedDirective,
    /// `##`; the rest of the line belongs to the next token.
    LineComment,
    /// The end of a line comment with its line feed.
    LineCommentEnd,
    /// `#* … *#`.
    BlockComment,
    /// `#[[ … ]]#`.
    Raw,
    /// `#set(`, with the blanks before.
    Set,
    /// `#if`
    If,
    /// `#elseif`
    ElseIf,
    /// `#else`, with the blanks and one line feed after.
    Else,
    /// `#end`, with the blanks and one line feed after.
    EndDirective,
    /// `#word`, or a word among a directive's arguments.
    Word,
    /// `#{word}`
    BracketedWord,
    /// The name in a reference, with the `$` before it if it is the first.
    Identifier,
    /// The dot between two names.
    Dot,
    /// `{` of `${…}`, with the `$` before.
    ReferenceOpen,
    /// `}` of `${…}`
    ReferenceClose,
    /// `[` behind a reference.
    IndexOpen,
    /// `]` behind a reference.
    IndexClose,
    /// `(`
    Open,
    /// `)` of a directive, with the blanks and one line feed after.
    Close,
    /// `)` of a method.
    MethodClose,
    /// `[`
    ListOpen,
    /// `]`
    ListClose,
    /// `{` of a map.
    MapOpen,
    /// `}` of a map.
    MapClose,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `..`
    Range,
    /// Blanks and line feeds inside of a directive.
    Blank,
    /// A text in quotes.
    Quoted,
    /// A whole number.
    Integer,
    /// A number with a fraction or an exponent.
    Float,
    /// `true`
    True,
    /// `false`
    False,
    /// `=`
    Assign,
    /// `-`
    Minus,
    /// `+`
    Plus,
    /// `*`
    Times,
    /// `/`
    Divide,
    /// `%`
    Modulo,
    /// `&&` or `and`
    And,
    /// `||` or `or`
    Or,
    /// `!` or `not`
    Not,
    /// `<` or `lt`
    Less,
    /// `<=` or `le`
    LessOrEqual,
    /// `>` or `gt`
    Greater,
    /// `>=` or `ge`
    GreaterOrEqual,
    /// `==` or `eq`
    Equal,
    /// `!=` or `ne`
    NotEqual,
}

/// A part of the template.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// Where it begins, marks such as `$` and `#` included.
    pub(crate) start: usize,
    /// Where it ends.
    pub(crate) end: usize,
    /// Marks that stand before it and turned out to begin nothing: `$ `, `# `.
    pub(crate) stray: String,
}

impl Kind {
    /// For people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::End => "the end of the template",
            Self::Text | Self::EmptyIndex | Self::Escape | Self::DoubleEscape => "text",
            Self::EscapedDirective => "an escaped directive",
            Self::LineComment | Self::LineCommentEnd | Self::BlockComment => "a comment",
            Self::Raw => "a literal block",
            Self::Set => "#set",
            Self::If => "#if",
            Self::ElseIf => "#elseif",
            Self::Else => "#else",
            Self::EndDirective => "#end",
            Self::Word | Self::BracketedWord => "a word",
            Self::Identifier => "a name",
            Self::Dot => "`.`",
            Self::ReferenceOpen | Self::MapOpen => "`{`",
            Self::ReferenceClose | Self::MapClose => "`}`",
            Self::IndexOpen | Self::ListOpen => "`[`",
            Self::IndexClose | Self::ListClose => "`]`",
            Self::Open => "`(`",
            Self::Close | Self::MethodClose => "`)`",
            Self::Comma => "`,`",
            Self::Colon => "`:`",
            Self::Range => "`..`",
            Self::Blank => "a blank",
            Self::Quoted => "a text in quotes",
            Self::Integer | Self::Float => "a number",
            Self::True => "`true`",
            Self::False => "`false`",
            Self::Assign => "`=`",
            Self::Minus => "`-`",
            Self::Plus => "`+`",
            Self::Times => "`*`",
            Self::Divide => "`/`",
            Self::Modulo => "`%`",
            Self::And => "`&&`",
            Self::Or => "`||`",
            Self::Not => "`!`",
            Self::Less => "`<`",
            Self::LessOrEqual => "`<=`",
            Self::Greater => "`>`",
            Self::GreaterOrEqual => "`>=`",
            Self::Equal => "`==`",
            Self::NotEqual => "`!=`",
        }
    }
}
