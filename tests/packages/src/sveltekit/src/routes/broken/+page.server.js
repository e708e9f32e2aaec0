export const load = () => {
  throw new TypeError("a defect");
};
