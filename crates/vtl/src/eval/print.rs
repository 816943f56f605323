//! Values become text.

use super::value::Value;
use super::{Halt, Outcome, Rendering, too_long};
use tollgate_jsonpath::{Text, Value as Data, WriteError};

impl<'r> Rendering<'r> {
    /// Appends text to what is rendered.
    pub(super) fn put(&mut self, text: &str) -> Outcome<()> {
        let max = self.budget.limits().output_bytes_max;
        if text.len() > max - self.out.len() {
            return Err(too_long(max));
        }
        self.out.push_str(text);
        Ok(())
    }

    /// Appends a value as Java prints it; false where it has no text, as a block that runs in itself.
    pub(super) fn put_value(&mut self, value: &Value<'r>) -> Outcome<bool> {
        match value {
            Value::Data(Data::Text(text)) => self.put(text)?,
            Value::Data(data) => self.put_data(data)?,
            Value::Block(block) => return self.run(block),
            Value::Parameters | Value::ParametersOf(_) | Value::StageVariables => {
                let map = self.data_map(value)?;
                self.put_data(&Data::Map(map))?;
            }
            Value::Entry(entry) => {
                self.put(&entry.key)?;
                self.put("=")?;
                self.put_data(&entry.value())?;
            }
            Value::View(..) => {
                let list = self.data(value)?;
                self.put_data(&list)?;
            }
            Value::Class(name) => {
                self.put("class ")?;
                self.put(name)?;
            }
            Value::Loop(running) => match running.own.get() {
                Some(own) => self.put_data(&Data::Map(own.clone()))?,
                None => self.put("{}")?,
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
        let start = self.out.len();
        let max = self.budget.limits().output_bytes_max;
        data.write_java(&mut self.out, max)
            .map_err(|error| unwritten(error, max))?;
        self.budget.look(self.out.len() - start)
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
        let outer = std::mem::take(&mut self.out);
        let done = render(self);
        let rendered = std::mem::replace(&mut self.out, outer);
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
