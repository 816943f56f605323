//! Renders a tree. Whatever can loop, nest or grow is paid for out of a budget, so that a hostile template ends with an error soon.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>

mod arithmetic;
mod budget;
mod compare;
mod context;
mod expression;
mod input;
mod methods;
mod print;
mod reference;
mod statement;
mod told;
mod util;
mod value;

use tollgate_jsonpath::Text;

use crate::ast::{Known, Tree};
use crate::limits::Limits;
use crate::overrides::Overrides;
use crate::scope::Scope;
use crate::tracer::Tracer;
use budget::Budget;
use input::Input;
use print::Output;
use value::Value;

/// Why rendering does not simply go on.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The template fails, for this reason.
    Fault(Box<str>),
    /// `#break`: the nearest loop or block ends, or the loop with this identity.
    Break(Option<usize>),
    /// `#stop`
    Stop,
}

impl Halt {
    pub(crate) fn fault(reason: impl Into<Box<str>>) -> Self {
        Self::Fault(reason.into())
    }
}

/// Room that is made for the output before it is known.
const OUTPUT_BYTES_FIRST: usize = 4096;

/// What evaluating gives.
type Outcome<T> = Result<T, Halt>;

/// Why a rendering failed, and the place in the template's bytes.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) at: usize,
    pub(crate) reason: Box<str>,
}

/// Renders a tree in a scope; the tracer, if there is one, hears of it.
pub(crate) fn render<'r>(
    tree: &'r Tree,
    scope: &'r dyn Scope,
    overrides: &'r mut Overrides,
    limits: &Limits,
    tracer: Option<&'r mut dyn Tracer>,
) -> Result<String, Failure> {
    let mut rendering = Rendering {
        tracer,
        ..Rendering::new(tree, scope, overrides, limits)
    };
    match rendering.block(&tree.body) {
        Ok(()) | Err(Halt::Break(_) | Halt::Stop) => Ok(rendering.out.into_text()),
        Err(Halt::Fault(reason)) => Err(Failure {
            at: rendering.at,
            reason,
        }),
    }
}

/// One rendering.
struct Rendering<'r> {
    scope: &'r dyn Scope,
    overrides: &'r mut Overrides,
    variables: Vec<Option<Value<'r>>>,
    /// The variables of the loops whose round is for a null: until its end they are nothing, whatever is set.
    hidden: Vec<usize>,
    /// The variables that `#foreach` sets, where the template names them.
    loops: LoopNames,
    input: Input<'r>,
    budget: Budget,
    out: Output,
    /// What is evaluated, for errors.
    at: usize,
    /// The text that stands for whatever does not resolve.
    empty: Text,
    tracer: Option<&'r mut dyn Tracer>,
}

#[derive(Clone, Copy)]
struct LoopNames {
    foreach: Option<usize>,
    count: Option<usize>,
    has_next: Option<usize>,
}

impl LoopNames {
    fn of(known: &Known) -> Self {
        let slot = |known: Option<u32>| known.map(|slot| slot as usize);
        Self {
            foreach: slot(known.foreach),
            count: slot(known.count),
            has_next: slot(known.has_next),
        }
    }
}

impl<'r> Rendering<'r> {
    fn new(
        tree: &'r Tree,
        scope: &'r dyn Scope,
        overrides: &'r mut Overrides,
        limits: &Limits,
    ) -> Self {
        let mut variables = vec![None; tree.names.len()];
        let known = &tree.known;
        let empty = Text::from("");
        let roots = [
            (known.input, Value::Input),
            (known.context, Value::Context(empty.clone())),
            (known.stage_variables, Value::StageVariables),
            (known.util, Value::Util),
        ];
        for (slot, root) in roots {
            if let Some(slot) = slot {
                variables[slot as usize] = Some(root);
            }
        }
        Self {
            scope,
            overrides,
            variables,
            hidden: Vec::new(),
            loops: LoopNames::of(known),
            input: Input::default(),
            budget: Budget::new(limits),
            out: Output::new(tree.length.min(OUTPUT_BYTES_FIRST), limits.output_bytes_max),
            at: 0,
            empty,
            tracer: None,
        }
    }

    /// A text, paid for.
    fn text(&mut self, text: impl AsRef<str> + Into<Text>) -> Outcome<Value<'r>> {
        self.pay_for_text(text.as_ref().len())?;
        Ok(Value::from_text(text.into()))
    }

    fn pay_for_text(&mut self, bytes: usize) -> Outcome<()> {
        /// What a text takes beside its bytes.
        const OVERHEAD: usize = 32;
        let max = self.budget.limits().output_bytes_max;
        if bytes > max {
            return Err(too_long(max));
        }
        self.budget.make(bytes + OVERHEAD)
    }

    /// What stands for nothing.
    fn unresolved(&self) -> Value<'r> {
        Value::from_text(self.empty.clone())
    }
}

impl Value<'_> {
    fn from_text(text: Text) -> Self {
        Self::Data(tollgate_jsonpath::Value::Text(text))
    }
}

fn too_long(max: usize) -> Halt {
    Halt::fault(format!(
        "the template makes a text of more than {max} bytes"
    ))
}
