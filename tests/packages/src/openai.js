import OpenAI, { toFile } from "openai";

export default {
  async fetch(_request, env) {
    const client = new OpenAI({ apiKey: "sk-test", baseURL: `${env.ORIGIN}/openai/v1`, maxRetries: 1 });
    const completion = await client.chat.completions.create({ model: "stand-in", messages: [{ role: "user", content: "hi €" }] });
    let streamed = "";
    for await (const chunk of await client.chat.completions.create({ model: "stand-in", stream: true, messages: [{ role: "user", content: "count" }] })) streamed += chunk.choices[0]?.delta?.content ?? "";
    const failed = await client.models.retrieve("missing").catch((error) => [error.constructor.name, error.status, error.message]);
    const retried = await client.models.list();
    const file = await client.files.create({ purpose: "assistants", file: await toFile(new TextEncoder().encode("contents"), "notes.txt") });
    return Response.json([completion.choices[0].message, streamed, failed, retried.data, file]);
  },
};
