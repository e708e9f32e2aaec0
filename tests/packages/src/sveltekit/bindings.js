// What the adapter's worker finds in `cloudflare:workers`: variables, and where its static files are.
export const env = {
  ...process.env,
  ASSETS: { fetch: (request) => fetch(`${process.env.ORIGIN}/assets${new URL(request.url ?? request).pathname}`) },
};
