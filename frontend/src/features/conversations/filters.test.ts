import { askedOf, filtersOf, searchOf } from "./filters";

const WHO = `usr_${"0".repeat(26)}`;

test("only what the API takes is read from the address", () => {
  const params = new URLSearchParams({
    q: "battery",
    status: "failed",
    feedback: "sideways",
    who: "somebody",
    from: "2026-11-01",
    to: "tomorrow",
    degraded: "true",
    message: "msg_1",
  });
  const filters = { q: "battery", status: "failed", from: "2026-11-01", degraded: "true" };
  expect(filtersOf(params)).toEqual(filters);
  expect(askedOf("b", filters)).toEqual({ botId: "b", ...filters, degraded: true });
});

test("filters go along in an address, and none leave it bare", () => {
  expect(searchOf({ who: WHO }, { message: "msg_1" })).toBe(`?who=${WHO}&message=msg_1`);
  expect(searchOf({})).toBe("");
});
