//! `lol_html` under `js/html_rewriter.js`. The library calls handlers and wants to have them done
//! when they return; the tenant's handlers may take as long as they like. So it runs in a fiber,
//! which stops where a handler is due, does to the token what the handler asks for, and goes on
//! when the handler is done.

mod selectors;

use std::cell::RefCell;
use std::rc::Rc;

use insula_memory::{Fiber, Pause, Step};
use insula_spidermonkey::{Args, Local, Scope, Throw};
use lol_html::errors::RewritingError;
use lol_html::html_content::{
    Comment, ContentType, Doctype, DocumentEnd, Element, EndTag, TextChunk,
};
use lol_html::{
    AsciiCompatibleEncoding, DocumentContentHandlers, ElementContentHandlers, HandlerResult,
    HtmlRewriter, MemorySettings, Settings,
};

use self::selectors::{PIECE, Selectors};
use super::{integer, text};

/// Four times what the worst selectors that are allowed need.
const STACK: usize = 256 << 10;
/// Handlers of one rewriter, each of which costs time at each element.
const MOST_HANDLERS: u32 = 512;

/// What the fiber is resumed with.
enum Order {
    Write(Vec<u8>),
    End,
    /// The handler is done.
    GoOn,
    /// Nobody wants the rest.
    Stop,
    Act(Action),
}

/// What a handler does to its token.
struct Action {
    /// As `js/html_rewriter.js` numbers them.
    method: u32,
    text: String,
    value: String,
    is_html: bool,
}

/// What the fiber waits with.
enum Report {
    Hungry,
    /// It has done a part of its piece.
    Breath,
    /// A handler is due: the kind of token, and which handler.
    Token(u32, u32),
    Done(Outcome),
}

/// What an action comes to.
enum Outcome {
    Nothing,
    Text(Option<String>),
    Flag(bool),
    List(Vec<(String, String)>),
    Refused(String),
}

// Kinds, as `js/html_rewriter.js` knows them.
const HUNGRY: u32 = 0;
const OVER: u32 = 1;
const ELEMENT: u32 = 2;
const TEXT: u32 = 3;
const COMMENT: u32 = 4;
const DOCTYPE: u32 = 5;
const END: u32 = 6;
const END_TAG: u32 = 7;

type Exit = Pause<Order, Report>;

struct Rewriter {
    /// None when it is over and its memory given back.
    fiber: Option<Fiber<Order, Report, Result<(), String>>>,
    output: Rc<RefCell<Vec<u8>>>,
    /// Whether a handler is at work, so that there is a token.
    at_token: bool,
    /// Whether it is in the middle of a piece.
    at_breath: bool,
}

impl Drop for Rewriter {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Rewriter {
    fn stop(&mut self) {
        if let Some(mut fiber) = self.fiber.take() {
            // Each handler that is told so fails, and nothing is asked after that.
            while !fiber.is_over() {
                fiber.resume(Order::Stop);
            }
        }
    }
}

/// Charset or undefined; selectors and what their handlers are for, as a flat array; what the
/// handlers of the document are for.
pub(super) fn rewriter_new<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let charset =
        if args.get(0).is_undefined() { String::new() } else { text(scope, args.get(0))? };
    let mut elements = Selectors::default();
    let mut documents = Vec::new();
    let elements_length = scope.array_length(args.get(1)).unwrap_or(0);
    let documents_length = scope.array_length(args.get(2)).unwrap_or(0);
    if elements_length / 2 + documents_length > MOST_HANDLERS {
        return Err(Throw::TypeError(format!("a rewriter has at most {MOST_HANDLERS} handlers")));
    }
    for index in (0..elements_length.saturating_sub(1)).step_by(2) {
        let mut scope = scope.nested();
        let selector = scope.get_index(args.get(1), index)?;
        let selector = text(&mut scope, selector)?;
        let uses = scope.get_index(args.get(1), index + 1)?;
        elements.add(&selector, integer(uses)?)?;
    }
    for index in 0..documents_length {
        let mut scope = scope.nested();
        let uses = scope.get_index(args.get(2), index)?;
        documents.push(integer(uses)?);
    }
    let encoding = encoding_rs::Encoding::for_label(charset.as_bytes())
        .and_then(AsciiCompatibleEncoding::new)
        .unwrap_or_else(AsciiCompatibleEncoding::utf_8);
    let output = Rc::new(RefCell::new(Vec::new()));
    let sink = output.clone();
    let fiber = Fiber::new(STACK, move |exit: &Exit, first| {
        rewrite(exit, first, encoding, elements, &documents, &sink)
    })
    .map_err(|_| Throw::RangeError("there is no memory for a rewriter".into()))?;
    scope.resource(Rewriter { fiber: Some(fiber), output, at_token: false, at_breath: false })
}

/// Fails for what is no selector, or one that is too much.
pub(super) fn selector_check<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let selector = text(scope, args.get(0))?;
    selectors::parse(&selector)?;
    Ok(scope.undefined())
}

/// `rewriterRun(rewriter, bytes, from)` writes a piece of `bytes`; with `null` ends the document;
/// with `undefined` goes on after a handler. Answers the kind of what is due, and 8 times the
/// handler.
pub(super) fn rewriter_run<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let order = match args.get(1) {
        bytes if bytes.is_undefined() => Order::GoOn,
        bytes if bytes.is_null() => Order::End,
        bytes => {
            let from = integer(args.get(2))? as usize;
            let piece = scope.with_bytes(bytes, |bytes| {
                let rest = bytes.get(from..).unwrap_or_default();
                rest[..rest.len().min(PIECE)].to_vec()
            })?;
            Order::Write(piece)
        }
    };
    let mut order = Some(order);
    loop {
        let due = scope.with_resource(args.get(0), |rewriter: &mut Rewriter| {
            rewriter.run(order.take().unwrap_or(Order::GoOn))
        })?;
        match due {
            Ok(Some(due)) => return Ok(scope.number(due.into())),
            Ok(None) => scope.check_interrupt()?,
            Err(message) => return Err(Throw::TypeError(message)),
        }
    }
}

impl Rewriter {
    /// What is due, or nothing when it is to be told to go on.
    fn run(&mut self, order: Order) -> Result<Option<u32>, String> {
        let goes_on = matches!(order, Order::GoOn);
        let waits = self.at_token || self.at_breath;
        let Some(fiber) = self.fiber.as_mut().filter(|_| goes_on == waits) else {
            return Err("the rewriter is over".into());
        };
        let step = fiber.resume(order);
        self.at_token = matches!(step, Step::Waits(Report::Token(..)));
        self.at_breath = matches!(step, Step::Waits(Report::Breath));
        match step {
            Step::Waits(Report::Token(kind, handler)) => Ok(Some(kind + 8 * handler)),
            Step::Waits(Report::Breath) => Ok(None),
            Step::Waits(_) => Ok(Some(HUNGRY)),
            Step::Over(result) => {
                self.fiber = None;
                result.map(|()| Some(OVER))
            }
        }
    }
}

/// Bytes of a piece, for the caller who goes through its own.
pub(super) fn rewriter_piece<'s>(scope: &mut Scope<'s>, _: Args<'s>) -> Result<Local<'s>, Throw> {
    Ok(scope.number(PIECE as f64))
}

/// What was put out since the last call.
pub(super) fn rewriter_output<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let output =
        scope.with_resource(args.get(0), |rewriter: &mut Rewriter| rewriter.output.take())?;
    scope.uint8_array(&output)
}

/// `rewriterAct(rewriter, method, text, value, isHTML)`: does something to the token at hand.
pub(super) fn rewriter_act<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let mut string = |value: Local<'s>| match value {
        none if none.is_undefined() => Ok(String::new()),
        value => text(scope, value),
    };
    let action = Action {
        method: integer(args.get(1))?,
        text: string(args.get(2))?,
        value: string(args.get(3))?,
        is_html: args.get(4).as_bool() == Some(true),
    };
    let outcome = scope.with_resource(args.get(0), |rewriter: &mut Rewriter| {
        match rewriter.fiber.as_mut().filter(|_| rewriter.at_token) {
            None => Outcome::Refused("the handler of this is done".into()),
            Some(fiber) => match fiber.resume(Order::Act(action)) {
                Step::Waits(Report::Done(outcome)) => outcome,
                _ => Outcome::Refused("the rewriter is over".into()),
            },
        }
    })?;
    match outcome {
        Outcome::Nothing => Ok(scope.undefined()),
        Outcome::Text(None) => Ok(scope.null()),
        Outcome::Text(Some(text)) => scope.string(&text),
        Outcome::Flag(flag) => Ok(scope.boolean(flag)),
        Outcome::Refused(message) => Err(Throw::TypeError(message)),
        Outcome::List(pairs) => {
            let flat = scope.array(&[])?;
            let texts = pairs.into_iter().flat_map(|(name, value)| [name, value]);
            for (text, index) in texts.zip(0..) {
                let mut scope = scope.nested();
                let text = scope.string(&text)?;
                scope.define_index(flat, index, text)?;
                scope.check_interrupt()?;
            }
            Ok(flat)
        }
    }
}

/// Gives the rewriter's memory back now instead of when its object is collected.
pub(super) fn rewriter_free<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    scope.with_resource(args.get(0), Rewriter::stop)?;
    Ok(scope.undefined())
}

/// All of it, in the fiber.
fn rewrite(
    exit: &Exit,
    first: Order,
    encoding: AsciiCompatibleEncoding,
    elements: Selectors,
    documents: &[u32],
    output: &Rc<RefCell<Vec<u8>>>,
) -> Result<(), String> {
    if matches!(first, Order::Stop) {
        return Ok(());
    }
    let bounds = elements.bounds();
    let memory = MemorySettings::new().with_max_allowed_memory_usage(bounds.memory);
    let mut settings =
        Settings::new().with_encoding(encoding).with_memory_settings(memory).with_strict(false);
    for ((selector, uses), index) in elements.into_parsed().into_iter().zip(0..) {
        let handlers = element_handlers(exit, uses, index);
        settings =
            settings.append_element_content_handler((std::borrow::Cow::Owned(selector), handlers));
    }
    for (uses, index) in documents.iter().zip(0..) {
        settings = settings.append_document_content_handler(document_handlers(exit, *uses, index));
    }
    let mut rewriter =
        HtmlRewriter::new(settings, |bytes: &[u8]| output.borrow_mut().extend_from_slice(bytes));
    let told = |error| match error {
        RewritingError::MemoryLimitExceeded(_) => format!(
            "a tag is too long, or too many elements are open: for a rewriter with these selectors, they have {} bytes",
            bounds.memory
        ),
        error => error.to_string(),
    };
    // Making it took a while.
    if !matches!(exit.wait(Report::Breath), Order::GoOn) {
        return Err("the rewriter is over".into());
    }
    let mut order = first;
    loop {
        match order {
            Order::Write(bytes) => {
                for (index, piece) in bytes.chunks(bounds.piece).enumerate() {
                    if index > 0 && !matches!(exit.wait(Report::Breath), Order::GoOn) {
                        return Err("the rewriter is over".into());
                    }
                    rewriter.write(piece).map_err(told)?;
                }
            }
            Order::End => return rewriter.end().map_err(told),
            _ => return Err("the rewriter is over".into()),
        }
        order = exit.wait(Report::Hungry);
    }
}

/// Bits of what handlers are for, as `js/html_rewriter.js` sets them.
const FOR_ELEMENT: u32 = 1;
const FOR_COMMENTS: u32 = 2;
const FOR_TEXT: u32 = 4;
const FOR_DOCTYPE: u32 = 8;
const FOR_END: u32 = 16;
/// Tells a handler of the document from one of an element.
const DOCUMENT: u32 = 1 << 20;

fn element_handlers<'h>(exit: &'h Exit, uses: u32, index: u32) -> ElementContentHandlers<'h> {
    let mut handlers = ElementContentHandlers::default();
    if uses & FOR_ELEMENT != 0 {
        handlers = handlers.element(move |token: &mut Element<'_, '_>| {
            serve(exit, ELEMENT, index, |action| act_on_element(exit, token, action))
        });
    }
    if uses & FOR_COMMENTS != 0 {
        handlers = handlers.comments(move |token: &mut Comment<'_>| {
            serve(exit, COMMENT, index, |action| act_on_comment(token, action))
        });
    }
    if uses & FOR_TEXT != 0 {
        handlers = handlers.text(move |token: &mut TextChunk<'_>| {
            serve(exit, TEXT, index, |action| act_on_text(token, action))
        });
    }
    handlers
}

fn document_handlers<'h>(exit: &'h Exit, uses: u32, index: u32) -> DocumentContentHandlers<'h> {
    let index = DOCUMENT + index;
    let mut handlers = DocumentContentHandlers::default();
    if uses & FOR_DOCTYPE != 0 {
        handlers = handlers.doctype(move |token: &mut Doctype<'_>| {
            serve(exit, DOCTYPE, index, |action| act_on_doctype(token, &action))
        });
    }
    if uses & FOR_COMMENTS != 0 {
        handlers = handlers.comments(move |token: &mut Comment<'_>| {
            serve(exit, COMMENT, index, |action| act_on_comment(token, action))
        });
    }
    if uses & FOR_TEXT != 0 {
        handlers = handlers.text(move |token: &mut TextChunk<'_>| {
            serve(exit, TEXT, index, |action| act_on_text(token, action))
        });
    }
    if uses & FOR_END != 0 {
        handlers = handlers.end(move |token: &mut DocumentEnd<'_>| {
            serve(exit, END, index, |action| act_on_end(token, &action))
        });
    }
    handlers
}

/// Waits for the handler, and does what it asks for.
fn serve(
    exit: &Exit,
    kind: u32,
    handler: u32,
    mut act: impl FnMut(Action) -> Outcome,
) -> HandlerResult {
    let mut order = exit.wait(Report::Token(kind, handler));
    loop {
        match order {
            Order::Act(action) => order = exit.wait(Report::Done(act(action))),
            Order::GoOn => return Ok(()),
            _ => return Err("the rewriter is over".into()),
        }
    }
}

// Methods, as `js/html_rewriter.js` numbers them.
const BEFORE: u32 = 0;
const AFTER: u32 = 1;
const REPLACE: u32 = 2;
const REMOVE: u32 = 3;
const REMOVED: u32 = 4;
const PREPEND: u32 = 5;
const APPEND: u32 = 6;
const SET_INNER_CONTENT: u32 = 7;
const REMOVE_AND_KEEP_CONTENT: u32 = 8;
const NAME: u32 = 9;
const SET_NAME: u32 = 10;
const GET_ATTRIBUTE: u32 = 11;
const HAS_ATTRIBUTE: u32 = 12;
const SET_ATTRIBUTE: u32 = 13;
const REMOVE_ATTRIBUTE: u32 = 14;
const ATTRIBUTES: u32 = 15;
const NAMESPACE: u32 = 16;
const ON_END_TAG: u32 = 17;
const CONTENT: u32 = 18;
const SET_CONTENT: u32 = 19;
const LAST_IN_TEXT_NODE: u32 = 20;
const PUBLIC_ID: u32 = 21;
const SYSTEM_ID: u32 = 22;

/// What the kinds of token have in common.
macro_rules! edit {
    ($token:ident, $action:ident) => {{
        let content = if $action.is_html { ContentType::Html } else { ContentType::Text };
        match $action.method {
            BEFORE => $token.before(&$action.text, content),
            AFTER => $token.after(&$action.text, content),
            REPLACE => $token.replace(&$action.text, content),
            REMOVE => $token.remove(),
            REMOVED => return Outcome::Flag($token.removed()),
            _ => return no_such_method(),
        }
        Outcome::Nothing
    }};
}

fn act_on_element(exit: &Exit, token: &mut Element<'_, '_>, action: Action) -> Outcome {
    let content = if action.is_html { ContentType::Html } else { ContentType::Text };
    match action.method {
        PREPEND => token.prepend(&action.text, content),
        APPEND => token.append(&action.text, content),
        SET_INNER_CONTENT => token.set_inner_content(&action.text, content),
        REMOVE_AND_KEEP_CONTENT => token.remove_and_keep_content(),
        NAME => return Outcome::Text(Some(token.tag_name())),
        SET_NAME => return done(token.set_tag_name(&action.text)),
        GET_ATTRIBUTE => return Outcome::Text(token.get_attribute(&action.text)),
        HAS_ATTRIBUTE => return Outcome::Flag(token.has_attribute(&action.text)),
        SET_ATTRIBUTE => return done(token.set_attribute(&action.text, &action.value)),
        REMOVE_ATTRIBUTE => token.remove_attribute(&action.text),
        ATTRIBUTES => {
            let pairs = token.attributes().iter().map(|pair| (pair.name(), pair.value()));
            return Outcome::List(pairs.collect());
        }
        NAMESPACE => return Outcome::Text(Some(token.namespace_uri().to_owned())),
        ON_END_TAG => {
            let Ok(handler) = action.text.parse() else { return no_such_method() };
            let Some(handlers) = token.end_tag_handlers() else {
                return Outcome::Refused("this element has no end tag".into());
            };
            let exit = exit.clone();
            handlers.push(Box::new(move |token: &mut EndTag<'_>| {
                serve(&exit, END_TAG, handler, |action| act_on_end_tag(token, action))
            }));
        }
        _ => return edit!(token, action),
    }
    Outcome::Nothing
}

fn act_on_end_tag(token: &mut EndTag<'_>, action: Action) -> Outcome {
    match action.method {
        NAME => Outcome::Text(Some(token.name())),
        SET_NAME => {
            token.set_name_str(action.text);
            Outcome::Nothing
        }
        _ => edit!(token, action),
    }
}

fn act_on_text(token: &mut TextChunk<'_>, action: Action) -> Outcome {
    match action.method {
        CONTENT => Outcome::Text(Some(token.as_str().to_owned())),
        LAST_IN_TEXT_NODE => Outcome::Flag(token.last_in_text_node()),
        _ => edit!(token, action),
    }
}

fn act_on_comment(token: &mut Comment<'_>, action: Action) -> Outcome {
    match action.method {
        CONTENT => Outcome::Text(Some(token.text())),
        SET_CONTENT => done(token.set_text(&action.text)),
        _ => edit!(token, action),
    }
}

fn act_on_doctype(token: &mut Doctype<'_>, action: &Action) -> Outcome {
    match action.method {
        NAME => Outcome::Text(token.name()),
        PUBLIC_ID => Outcome::Text(token.public_id()),
        SYSTEM_ID => Outcome::Text(token.system_id()),
        REMOVE => {
            token.remove();
            Outcome::Nothing
        }
        REMOVED => Outcome::Flag(token.removed()),
        _ => no_such_method(),
    }
}

fn act_on_end(token: &mut DocumentEnd<'_>, action: &Action) -> Outcome {
    let content = if action.is_html { ContentType::Html } else { ContentType::Text };
    if action.method != APPEND {
        return no_such_method();
    }
    token.append(&action.text, content);
    Outcome::Nothing
}

fn done<E: std::fmt::Display>(result: Result<(), E>) -> Outcome {
    match result {
        Ok(()) => Outcome::Nothing,
        Err(error) => Outcome::Refused(error.to_string()),
    }
}

fn no_such_method() -> Outcome {
    Outcome::Refused("this cannot be done to a token of this kind".into())
}

#[cfg(test)]
mod tests {
    use insula_memory::{Fiber, Step};

    use super::selectors::MOST_COMBINATORS;
    use super::*;

    /// Rewrites a document in a fiber with this much stack.
    fn rewrite_on(stack: usize, selectors: &[String], html: &str) -> Result<String, String> {
        let mut elements = Selectors::default();
        for selector in selectors {
            elements.add(selector, 0).unwrap_or_else(|_| panic!("{selector} is allowed"));
        }
        let output = Rc::new(RefCell::new(Vec::new()));
        let sink = output.clone();
        let mut fiber = Fiber::new(stack, move |exit: &Exit, first| {
            rewrite(exit, first, AsciiCompatibleEncoding::utf_8(), elements, &[], &sink)
        })
        .expect("a stack");
        let mut order = Order::Write(html.into());
        loop {
            order = match fiber.resume(order) {
                Step::Waits(Report::Hungry) => Order::End,
                Step::Waits(_) => Order::GoOn,
                Step::Over(result) => {
                    result?;
                    return Ok(String::from_utf8(output.take()).expect("as it was"));
                }
            }
        }
    }

    #[test]
    fn the_deepest_selectors_need_half_of_the_stack() {
        let chain = |link: &str, length: usize| link.repeat(length) + "b";
        let mut nested = String::from("[c='d']");
        while selectors::parse(&format!(":not({nested})")).is_ok() {
            nested = format!(":not({nested})");
        }
        let mut prefixes: Vec<String> = (1..60).map(|length| chain("a>", length)).collect();
        prefixes.push(chain("a>", MOST_COMBINATORS));
        for selectors in [
            vec![chain("a>", MOST_COMBINATORS)],
            vec![chain("a ", MOST_COMBINATORS)],
            vec![chain(":not(:not(.c)):nth-of-type(n) ", MOST_COMBINATORS)],
            vec![nested.clone(), format!("a {nested} > b")],
            prefixes,
        ] {
            let html = "<a c=d>".repeat(100) + "<b class=c>text</b>";
            assert_eq!(rewrite_on(STACK / 2, &selectors, &html).as_ref(), Ok(&html));
        }
    }

    #[test]
    fn a_tag_has_the_bytes_that_the_selectors_leave_it() {
        let tag = |bytes| format!("<p v={}>", "a".repeat(bytes));
        let few = ["[v*=b]".to_owned()];
        let many: Vec<_> = (0..400).map(|index| format!("[v*=b{index}]")).collect();
        assert_eq!(rewrite_on(STACK, &few, &tag(1 << 20)), Ok(tag(1 << 20)));
        assert_eq!(rewrite_on(STACK, &many, &tag(50_000)), Ok(tag(50_000)));
        let refusal = rewrite_on(STACK, &many, &tag(1 << 20)).expect_err("it is too long");
        assert!(refusal.starts_with("a tag is too long"), "{refusal}");
        // Of open elements the same, so that many tags in one piece are no way around it.
        let refusal =
            rewrite_on(STACK, &many, &"<p>".repeat(1 << 20)).expect_err("they are too many");
        assert!(refusal.contains("too many elements are open"), "{refusal}");
    }
}
