import { createSchema, createYoga } from "graphql-yoga";

const yoga = createYoga({
  logging: false,
  maskedErrors: true,
  schema: createSchema({
    typeDefs: "type Query { hello(name: String!): String! fail: String list: [Item!]! } type Item { id: ID! } type Mutation { add(a: Int!, b: Int!): Int! } type Subscription { count(to: Int!): Int! }",
    resolvers: {
      Query: { hello: (_, { name }) => `hello ${name}`, fail: () => { throw new Error("secret"); }, list: async () => [{ id: 1 }, { id: 2 }] },
      Mutation: { add: (_, { a, b }) => a + b },
      Subscription: { count: { async *subscribe(_, { to }) { for (let i = 1; i <= to; i++) yield { count: i }; } } },
    },
  }),
});

export default {
  async fetch() {
    const ask = async (query, variables, headers) => {
      const response = await yoga.fetch("http://yoga.test/graphql", { method: "POST", headers: { "content-type": "application/json", accept: "application/json", ...headers }, body: JSON.stringify({ query, variables }) });
      return [response.status, response.headers.get("content-type"), await response.text()];
    };
    return Response.json([
      await ask("query ($n: String!) { hello(name: $n) list { id } }", { n: "Ada" }), await ask("{ fail }"), await ask("{ nope }"), await ask("mutation { add(a: 1, b: 2) }"),
      await ask("subscription { count(to: 3) }", undefined, { accept: "text/event-stream" }), await ask("{ __schema { queryType { name } } }"),
    ]);
  },
};
