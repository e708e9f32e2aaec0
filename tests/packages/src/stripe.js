import Stripe from "stripe";

export default {
  async fetch(_request, env) {
    const stripe = new Stripe("sk_test_123", { httpClient: Stripe.createFetchHttpClient(), host: new URL(env.ORIGIN).hostname, port: new URL(env.ORIGIN).port, protocol: "http", maxNetworkRetries: 0, telemetry: false });
    const payload = JSON.stringify({ id: "evt_1", object: "event", type: "charge.succeeded", data: { object: { id: "ch_1" } } });
    const provider = Stripe.createSubtleCryptoProvider();
    const header = await stripe.webhooks.generateTestHeaderStringAsync({ payload, secret: "whsec_x", timestamp: 1700000000, cryptoProvider: provider });
    const event = await stripe.webhooks.constructEventAsync(payload, header, "whsec_x", 10 ** 10, provider);
    const wrong = await stripe.webhooks.constructEventAsync(`${payload} `, header, "whsec_x", 10 ** 10, provider).catch((error) => error.type);
    const old = await stripe.webhooks.constructEventAsync(payload, header, "whsec_x", 300, provider).catch((error) => error.message.slice(0, 40));
    const customer = await stripe.customers.create({ name: "Ada €", metadata: { a: "b" } });
    const failed = await stripe.charges.retrieve("ch_missing").catch((error) => [error.type, error.statusCode, error.code]);
    return Response.json([header, event.type, wrong, old, customer, failed]);
  },
};
