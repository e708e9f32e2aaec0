//! The platform in real isolates, one behaviour per file.
//!
//! The tests have a `main` of their own, because a process that has run the engine must leave
//! without the engine's exit handlers: they abort while the parent of the isolates lives.

mod support;

mod aftermath;
mod bodies;
mod cloning;
mod compression;
mod contexts;
mod conversions;
mod event_sources;
mod events;
mod fetching;
mod flow;
mod forms;
mod html_rewriting;
mod identity;
mod last_words;
mod messaging;
mod node;
mod patched;
mod rejections;
mod responses;
mod scheduling;
mod settling;
mod shortcuts;
mod stores;
mod streams;
mod texts;
mod url_patterns;
mod webcrypto;
mod webcrypto_hostile;
mod websockets;

use libtest_mimic::{Arguments, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let areas = [
        ("aftermath", aftermath::TESTS),
        ("bodies", bodies::TESTS),
        ("cloning", cloning::TESTS),
        ("compression", compression::TESTS),
        ("contexts", contexts::TESTS),
        ("conversions", conversions::TESTS),
        ("event_sources", event_sources::TESTS),
        ("events", events::TESTS),
        ("fetching", fetching::TESTS),
        ("flow", flow::TESTS),
        ("forms", forms::TESTS),
        ("html_rewriting", html_rewriting::TESTS),
        ("identity", identity::TESTS),
        ("last_words", last_words::TESTS),
        ("messaging", messaging::TESTS),
        ("node", node::TESTS),
        ("patched", patched::TESTS),
        ("rejections", rejections::TESTS),
        ("responses", responses::TESTS),
        ("scheduling", scheduling::TESTS),
        ("settling", settling::TESTS),
        ("shortcuts", shortcuts::TESTS),
        ("stores", stores::TESTS),
        ("streams", streams::TESTS),
        ("texts", texts::TESTS),
        ("url_patterns", url_patterns::TESTS),
        ("webcrypto", webcrypto::TESTS),
        ("webcrypto_hostile", webcrypto_hostile::TESTS),
        ("websockets", websockets::TESTS),
    ];
    let trials = areas.iter().flat_map(|(area, tests)| {
        tests.iter().map(move |&(name, test)| {
            Trial::test(format!("{area}::{name}"), move || {
                test();
                Ok(())
            })
        })
    });
    if !arguments.list {
        support::start_engine();
    }
    let failed = libtest_mimic::run(&arguments, trials.collect()).has_failed();
    insula_spidermonkey::exit_now(if failed { 101 } else { 0 });
}
