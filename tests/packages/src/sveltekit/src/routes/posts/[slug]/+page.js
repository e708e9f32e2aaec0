import { error } from "@sveltejs/kit";

export const load = async ({ params, fetch, parent }) => {
  const response = await fetch(`/api/${params.slug}`);
  if (!response.ok) error(404, `no post "${params.slug}"`);
  return { post: await response.json(), reader: (await parent()).user };
};
