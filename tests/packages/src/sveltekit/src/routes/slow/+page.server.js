const later = (value) => new Promise((resolve) => setTimeout(resolve, 10, value));

export const load = async () => ({ now: await later("at once"), soon: later({ text: "streamed €" }), never: later().then(() => { throw new Error("too late"); }) });
