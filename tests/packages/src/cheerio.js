import * as cheerio from "cheerio";

export default {
  async fetch() {
    const $ = cheerio.load("<ul id=fruits><li class=apple>Apple</li><li class='orange big'>Orange &amp; Co</li></ul><form><input name=a value=1><select name=b><option selected>x</select></form>");
    $(".apple").text("Green apple").attr("data-x", '"quoted"').after("<li>Pear</li>");
    $("li:contains(Orange)").addClass("found").removeClass("big");
    return Response.json([
      $.html(), $("li").map((i, el) => `${i}:${$(el).text()}`).get(), $("#fruits > li:nth-child(2)").html(), $("form").serialize(), $("li").length, $("ul").find(".found").attr("class"), $.root().children().first().prop("tagName"),
      cheerio.load("<a><b/></a>", { xml: true }).xml(), $("li").last().prevAll().length, $.extract({ items: ["li"] }),
    ]);
  },
};
