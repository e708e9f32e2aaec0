export async function handle({ event, resolve }) {
  event.locals.user = event.cookies.get("user") ?? "nobody";
  const response = await resolve(event, { transformPageChunk: ({ html }) => html.replace("<html", `<html data-path="${event.url.pathname}"`) });
  response.headers.set("x-route", event.route.id ?? "none");
  return response;
}

export function handleError({ error, status }) {
  return { message: `${status}: ${error.message}` };
}
