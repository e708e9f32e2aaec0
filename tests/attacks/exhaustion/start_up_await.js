// Tries: never to finish its start.
// expect: rejected

await new Promise(() => {});

export default { fetch() {} };
