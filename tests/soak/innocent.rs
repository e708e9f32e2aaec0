//! Tenants that do nothing wrong, and what their right answers are.

use std::cell::Cell;

use http::Request;
use insula_tests::{Answer, App, Body, empty, host, whole};

use crate::scene::Scene;

/// How many there are of each kind: 40 in all.
const KINDS: [(Kind, usize); 9] = [
    (Kind::Hello, 10),
    (Kind::Echo, 9),
    (Kind::Stream, 6),
    (Kind::Timers, 4),
    (Kind::Log, 4),
    (Kind::Fetch, 4),
    (Kind::Sequential, 1),
    (Kind::Oneshot, 1),
    (Kind::Process, 1),
];

/// Sizes of the texts that are echoed: inline, and in chunks on their way in and out.
const SIZES: [usize; 6] = [10, 100, 1000, 100, 10_000, 150_000];

/// Pieces of a streamed answer, and bytes in each: more than goes without credit in all.
const PIECES: u64 = 12;
const PIECE: usize = 8192;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Hello,
    Echo,
    Stream,
    Timers,
    Log,
    Fetch,
    Sequential,
    Oneshot,
    Process,
}

/// One tenant.
pub struct Innocent {
    pub name: String,
    pub kind: Kind,
    origin: String,
    /// The newest version that may have answered.
    version: Cell<u32>,
}

/// All of them; those that fetch do so from `origin`.
pub fn all(origin: &str) -> Vec<Innocent> {
    let each = |(kind, count): (Kind, usize)| {
        (0..count).map(move |number| Innocent {
            name: format!("{}-{number}", kind.name()),
            kind,
            origin: origin.to_owned(),
            version: Cell::new(0),
        })
    };
    KINDS.into_iter().flat_map(each).collect()
}

impl Innocent {
    /// Makes its next version live.
    pub async fn deploy(&self, scene: &Scene) {
        let version = self.version.get() + 1;
        // Before it is live: it may answer before the deploy is acknowledged.
        self.version.set(version);
        let args: &[&str] = match self.kind {
            Kind::Sequential => &["--reuse", "sequential"],
            Kind::Oneshot => &["--reuse", "oneshot"],
            Kind::Process => &["--wall", "process"],
            _ => &[],
        };
        scene.server.deploy_with(&self.name, &self.app(version), args).await;
    }

    /// Whether each request gets an isolate.
    pub fn is_oneshot(&self) -> bool {
        self.kind == Kind::Oneshot
    }

    /// The request with this number.
    pub fn request(&self, number: u64) -> Request<Body> {
        let request = Request::builder().uri(format!("/{number}")).header("host", host(&self.name));
        let request = match self.kind {
            Kind::Echo => request.method("POST").body(whole(echoed(number))),
            _ => request.body(empty()),
        };
        request.expect("a request")
    }

    /// What is wrong with the answer to the request with this number, if anything is.
    pub fn judge(&self, number: u64, answer: &Answer) -> Option<String> {
        let version: Option<u32> = answer.header("x-version").parse().ok();
        if answer.status != 200 || answer.body != self.right_answer(number) {
            let mut shown = format!("{answer:?}");
            shown.truncate(500);
            return Some(format!("{} answered {number} with {shown}", self.name));
        }
        let known = version.is_some_and(|version| (1..=self.version.get()).contains(&version));
        (!known).then(|| format!("{} answered with version {version:?}", self.name))
    }

    fn right_answer(&self, number: u64) -> String {
        match self.kind {
            Kind::Echo => echoed(number),
            Kind::Stream => {
                let piece = |at: u64| format!("{number}:{at};").repeat(PIECE)[..PIECE].to_owned();
                (0..PIECES).map(piece).collect()
            }
            Kind::Fetch => format!("/{number} {}", number % 5000),
            _ => format!("{} {number}", self.name),
        }
    }

    fn app(&self, version: u32) -> App {
        let Self { name, origin, .. } = self;
        App::module(&format!(
            "const VERSION = {version}, NAME = '{name}', ORIGIN = '{origin}';
const number = (request) => request.url.split('/').pop();
const later = (ms) => new Promise((done) => setTimeout(done, ms));
const handle = {};
export default {{ async fetch(request, env, ctx) {{
    const response = await handle(request, env, ctx);
    response.headers.set('x-version', VERSION);
    return response;
}} }};
",
            self.kind.handler()
        ))
    }
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Echo => "echo",
            Self::Stream => "stream",
            Self::Timers => "timers",
            Self::Log => "log",
            Self::Fetch => "fetch",
            Self::Sequential => "sequential",
            Self::Oneshot => "oneshot",
            Self::Process => "process",
        }
    }

    /// A function of `(request, env, ctx)`.
    fn handler(self) -> String {
        match self {
            Self::Hello | Self::Sequential | Self::Oneshot | Self::Process => {
                "(request) => new Response(`${NAME} ${number(request)}`)".to_owned()
            }
            Self::Echo => "async (request) => Response.json(await request.json())".to_owned(),
            Self::Stream => format!(
                "(request) => {{
    const encoder = new TextEncoder();
    let at = 0;
    return new Response(new ReadableStream({{ async pull(controller) {{
        if (at === {PIECES}) return controller.close();
        if (at % 4 === 3) await later(2);
        const text = `${{number(request)}}:${{at++}};`.repeat({PIECE}).slice(0, {PIECE});
        controller.enqueue(encoder.encode(text));
    }} }}));
}}"
            ),
            Self::Timers => "async (request) => {
    let ticks = 0;
    const ticking = setInterval(() => ticks++, 2);
    await Promise.all([1, 7, 15].map(later));
    clearInterval(ticking);
    return new Response(ticks > 0 ? `${NAME} ${number(request)}` : 'no tick');
}"
            .to_owned(),
            Self::Log => "(request, env, ctx) => {
    console.log('asked for', number(request), { deep: { object: [1, 2, 3] } });
    console.warn('x'.repeat(500));
    ctx.waitUntil(later(5).then(() => console.log('later')));
    return new Response(`${NAME} ${number(request)}`);
}"
            .to_owned(),
            Self::Fetch => "async (request) => {
    const asked = number(request);
    const body = 'x'.repeat(asked % 5000);
    const answer = await fetch(`${ORIGIN}/${asked}`, { method: 'POST', body });
    return new Response(await answer.text());
}"
            .to_owned(),
        }
    }
}

fn echoed(number: u64) -> String {
    let size = SIZES[(number % SIZES.len() as u64) as usize];
    let text = format!("{number} ").repeat(size)[..size].to_owned();
    format!(r#"{{"number":{number},"text":"{text}","list":[1,2.5,null,true,{{"a":"b"}}]}}"#)
}
