import { and, desc, eq, gt, inArray, like, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/pg-proxy";
import { integer, pgTable, serial, text, timestamp } from "drizzle-orm/pg-core";
import { QueryBuilder, sqliteTable, text as sqliteText } from "drizzle-orm/sqlite-core";

const users = pgTable("users", { id: serial("id").primaryKey(), name: text("name").notNull(), age: integer("age"), created: timestamp("created").defaultNow() });
const posts = pgTable("posts", { id: serial("id").primaryKey(), author: integer("author").references(() => users.id), title: text("title") });
const notes = sqliteTable("notes", { id: sqliteText("id").primaryKey(), body: sqliteText("body", { mode: "json" }) });

export default {
  async fetch() {
    const asked = [];
    const db = drizzle(async (query, params, method) => { asked.push([query, params, method]); return { rows: [[1, "Ada", 36, "2024-01-01 00:00:00"]] }; });
    const rows = await db.select().from(users).where(and(eq(users.name, "Ada"), gt(users.age, 30))).orderBy(desc(users.id)).limit(5);
    await db.insert(users).values([{ name: "a" }, { name: "b", age: 2 }]).returning();
    await db.update(users).set({ age: sql`${users.age} + 1` }).where(inArray(users.id, [1, 2, 3]));
    await db.delete(users).where(like(users.name, "x%"));
    const joined = db.select({ title: posts.title, name: users.name, n: sql`count(*)` }).from(posts).leftJoin(users, eq(posts.author, users.id)).groupBy(users.name).toSQL();
    const builder = new QueryBuilder().select().from(notes).where(eq(notes.body, { a: 1 })).toSQL();
    return Response.json([rows, asked, joined, builder]);
  },
};
