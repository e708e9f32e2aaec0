import _ from "lodash-es";

export default {
  async fetch() {
    const users = [{ n: "a", g: 1, o: { x: [1] } }, { n: "b", g: 2, o: { x: [2] } }, { n: "c", g: 1, o: { x: [3] } }];
    const deep = _.cloneDeep(users);
    let calls = 0;
    const debounced = _.debounce(() => ++calls, 5);
    debounced(); debounced();
    await new Promise((resolve) => setTimeout(resolve, 20));
    return Response.json([
      _.groupBy(users, "g"), _.sortBy(users, [(u) => -u.g, "n"]).map((u) => u.n), _.chunk([1, 2, 3, 4, 5], 2), _.isEqual(users, deep), deep[0] !== users[0], _.get(users, "[1].o.x[0]"), _.set({}, "a.b[0].c", 1),
      _.merge({ a: { b: 1 } }, { a: { c: 2 } }), _.camelCase("some-kebab_snake"), _.kebabCase("someCamelCase"), _.template, _.uniqBy([{ x: 1 }, { x: 1 }], "x"), _.range(5), calls, _.chain([3, 1, 2]).sort().reverse().value(),
      _.isPlainObject(Object.create(null)), _.isArguments((function () { return arguments; })()), _.isTypedArray(new Uint8Array(1)), _.isMap(new Map()), _.escape("<a & 'b'>"), _.deburr("déjà vu"), _.words("fred, barney & pebbles"),
    ]);
  },
};
