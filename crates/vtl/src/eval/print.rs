//! Values become text.

use super::budget::Budget;
use super::value::Value;
use super::{Halt, Outcome, Rendering, too_long};
use tollgate_jsonpath::{Text, Value as Data, WriteError};

/// What is rendered, up to a length.
pub(super) struct Output {
    text: String,
    bytes_max: usize,
}

impl Output {
    /// With room for so many bytes before it grows.
    pub(super) fn new(room: usize, bytes_max: usize) -> Self {
        Self {
            text: String::with_capacity(room),
            bytes_max,
        }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Appends text.
    pub(super) fn put(&mut self, text: &str) -> Outcome<()> {
        if text.len() > self.bytes_max - self.text.len() {
            return Err(too_long(self.bytes_max));
        }
        self.text.push_str(text);
        Ok(())
    }

    /// Appends data as Java prints it. What has to be written first costs the budget its look.
    pub(super) fn put_data(&mut self, data: &Data, budget: &mut Budget) -> Outcome<()> {
        if let Data::Text(text) = data {
            return self.put(text);
        }
        let start = self.text.len();
        data.write_java(&mut self.text, self.bytes_max)
            .map_err(|error| unwritten(error, self.bytes_max))?;
        budget.look(self.text.len() - start)
    }
}

impl<'r> Rendering<'r> {
    /// Appends a value as Java prints it; false where it has no text, as a block that runs in itself.
    pub(super) fn put_value(&mut self, value: &Value<'r>) -> Outcome<bool> {
        match value {
            Value::Data(data) => self.put_data(data)?,
            Value::Block(block) => return self.run(block),
            Value::Parameters | Value::ParametersOf(_) | Value::StageVariables => {
                let map = self.data_map(value)?;
                self.put_data(&Data::Map(map))?;
            }
            Value::Entry(entry) => {
                self.out.put(&entry.key)?;
                self.out.put("=")?;
                self.put_data(&entry.value())?;
            }
            Value::View(..) => {
                let list = self.data(value)?;
                self.put_data(&list)?;
            }
            Value::Class(name) => {
                self.out.put("class ")?;
                self.out.put(name)?;
            }
            Value::Loop(running) => match running.own.get() {
                Some(own) => self.put_data(&Data::Map(own.clone()))?,
                None => self.out.put("{}")?,
            },
            // Groups of `$context` print nothing, recorded; of the others nobody would want Java's text.
            Value::Context(_)
            | Value::Override(_)
            | Value::Input
            | Value::Util
            | Value::Iterator(_) => {}
        }
        Ok(true)
    }

    fn put_data(&mut self, data: &Data) -> Outcome<()> {
        self.out.put_data(data, &mut self.budget)
    }

    /// What a value prints, by itself. Nothing where it has no text.
    pub(super) fn printed(&mut self, value: &Value<'r>) -> Outcome<Option<Text>> {
        if let Value::Data(Data::Text(text)) = value {
            return Ok(Some(text.clone()));
        }
        let (printed, has_text) = self.apart(|rendering| rendering.put_value(value))?;
        if !has_text {
            return Ok(None);
        }
        self.pay_for_text(printed.len())?;
        Ok(Some(printed.into()))
    }

    /// Runs what renders, and gives what it rendered instead of appending it.
    pub(super) fn apart<T>(
        &mut self,
        render: impl FnOnce(&mut Self) -> Outcome<T>,
    ) -> Outcome<(String, T)> {
        let outer = std::mem::take(&mut self.out.text);
        let done = render(self);
        let rendered = std::mem::replace(&mut self.out.text, outer);
        Ok((rendered, done?))
    }
}

/// The reason for people.
pub(super) fn unwritten(error: WriteError, max: usize) -> Halt {
    match error {
        WriteError::Length(_) => too_long(max),
        WriteError::Depth => Halt::fault(error.to_string()),
    }
}
