import { Toucan } from "toucan-js";

export default {
  async fetch(_request, env) {
    const sent = [];
    const waiting = [];
    const sentry = new Toucan({
      dsn: `${env.ORIGIN.replace("://", "://key@")}/1`,
      context: { waitUntil: (promise) => waiting.push(promise) },
      request: new Request("http://app.test/path?q=1", { headers: { "user-agent": "test" } }),
      requestDataOptions: { allowedHeaders: ["user-agent"], allowedSearchParams: /.*/ },
      beforeSend(event) { sent.push([event.exception?.values?.map((value) => [value.type, value.value]), event.message, event.level, event.tags, event.request?.url, event.user, event.breadcrumbs?.map((crumb) => crumb.message)]); return event; },
    });
    sentry.setTag("place", "edge");
    sentry.setUser({ id: "7" });
    sentry.addBreadcrumb({ message: "before" });
    sentry.captureException(new TypeError("reported"));
    sentry.captureMessage("hello", "warning");
    return Response.json([sent, await Promise.all(waiting).then((all) => all.length)]);
  },
};
