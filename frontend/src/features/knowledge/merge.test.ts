import type { Document, ListOfDocument } from "@/shared/api/inside";
import { flat, merged, put } from "./merge";

const doc = (id: string, title = "") => ({ id, title }) as Document;
const page = (ids: string[], has_more = false): ListOfDocument => ({
  data: ids.map((id) => doc(id)),
  has_more,
  next_cursor: has_more ? `after ${ids.at(-1)}` : null,
});
const ids = ({ data }: ListOfDocument) => data.map(({ id }) => id).join("");

test("a document that newer ones push off a page stays in the list", () => {
  const now = merged(page(["c", "b", "a"], true), page(["e", "d", "c"], true));
  expect(ids(now)).toBe("edcba");
  expect(now.next_cursor).toBe("after a");
});

test("what is not in a page any more is gone", () => {
  expect(ids(merged(page(["c", "b", "a"], true), page(["c", "a"], false)))).toBe("ca");
});

test("what slips into a page from the next is shown once", () => {
  const pages = [merged(page(["d", "c"], true), page(["d", "b"], true)), page(["b", "a"])];
  expect(flat(pages).map(({ id }) => id)).toEqual(["d", "b", "a"]);
});

test("a new document comes first, a changed one stays in its place", () => {
  const pages = [page(["c", "b"], true), page(["a"])];
  put(pages, doc("d"));
  put(pages, doc("a", "changed"));
  expect(flat(pages).map(({ id, title }) => id + title)).toEqual(["d", "c", "b", "achanged"]);
});
