import { error, json, text } from "@sveltejs/kit";

const posts = { one: { title: "One <1>", html: "<p>first</p>" }, two: { title: "Zwei", html: "<p>&euro;</p>" } };

export const GET = ({ params }) => (Object.hasOwn(posts, params.name) ? json(posts[params.name]) : error(404, "no such post"));
export const PUT = async ({ params, request }) => json({ name: params.name, was: await request.json() }, { status: 201 });
export const fallback = ({ request }) => text(`not for ${request.method}`, { status: 405 });
