// Server-sent events: a clock that ticks until the client goes away.
// `/` is a page that listens, `/events?every=500&count=10` is the stream itself.

const encoder = new TextEncoder();

export default {
  fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === "/events") return events(request, url.searchParams);
    if (url.pathname === "/") return page();
    return new Response("Not found\n", { status: 404 });
  },
};

function events(request, params) {
  const every = between(100, Number(params.get("every") ?? 1000), 60_000);
  const count = between(1, Number(params.get("count") ?? Infinity), Infinity);
  // A browser that reconnects says which event it saw last.
  let sent = Number(request.headers.get("last-event-id") ?? 0) || 0;
  const last = sent + count;
  let timer;

  const body = new ReadableStream({
    start(controller) {
      const tick = () => {
        sent += 1;
        controller.enqueue(encoder.encode(message(sent)));
        if (sent >= last) finish();
      };
      const finish = () => {
        clearInterval(timer);
        controller.close();
      };
      // The client hung up: nothing more to tell.
      request.signal.addEventListener("abort", () => {
        console.log(`client left after event ${sent}`);
        clearInterval(timer);
      });
      controller.enqueue(encoder.encode("retry: 1000\n\n"));
      timer = setInterval(tick, every);
    },
    cancel() {
      clearInterval(timer);
    },
  });

  return new Response(body, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
  });
}

function message(id) {
  return `id: ${id}\nevent: tick\ndata: ${JSON.stringify({ tick: id })}\n\n`;
}

/** `value`, or the nearest bound; `low` when it is not a number. */
function between(low, value, high) {
  return Math.min(Math.max(low, Number.isNaN(value) ? low : value), high);
}

function page() {
  const html = `<!doctype html>
<meta charset="utf-8">
<title>Ticks</title>
<h1>Ticks</h1>
<ol id="ticks"></ol>
<script>
  new EventSource("/events").addEventListener("tick", (event) => {
    const item = document.createElement("li");
    item.textContent = event.data;
    document.querySelector("#ticks").append(item);
  });
</script>
`;
  return new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } });
}
