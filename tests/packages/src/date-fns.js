import * as fns from "date-fns";
import { de, ja } from "date-fns/locale";

export default {
  async fetch() {
    const at = new Date(Date.UTC(2024, 1, 29, 13, 5, 9));
    const other = new Date(Date.UTC(2025, 6, 1));
    return Response.json([
      fns.formatISO(at, { representation: "date" }), fns.format(at, "EEEE, d. MMMM yyyy QQQ", { locale: de }), fns.format(at, "PPPP", { locale: ja }), fns.formatDistance(at, other), fns.formatDistanceStrict(at, other, { unit: "day" }),
      fns.addMonths(at, 12).toISOString(), fns.differenceInBusinessDays(other, at), fns.eachDayOfInterval({ start: at, end: fns.addDays(at, 3) }).length, fns.parse("03/04/2024", "dd/MM/yyyy", at).getMonth(),
      fns.isValid(fns.parseISO("2024-02-30")), fns.getISOWeek(at), fns.intervalToDuration({ start: at, end: other }), fns.isLeapYear(at), fns.startOfWeek(at, { weekStartsOn: 1 }).getDay(),
    ]);
  },
};
