import { fail, redirect } from "@sveltejs/kit";

export const load = ({ url, request, depends }) => {
  depends("app:home");
  return { query: [...url.searchParams], language: request.headers.get("accept-language"), when: new Date(0), map: new Map([["a", 1n]]) };
};

export const actions = {
  greet: async ({ request }) => {
    const form = await request.formData();
    const file = form.get("file");
    if (!form.get("name")) return fail(422, { missing: true });
    return { greeting: `Hello, ${form.get("name")}!`, file: file && { name: file.name, text: await file.text() } };
  },
  enter: async ({ request, cookies }) => {
    cookies.set("user", String((await request.formData()).get("name")), { path: "/", httpOnly: true, maxAge: 60 });
    redirect(303, "/posts/one");
  },
};
