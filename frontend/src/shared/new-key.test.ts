import { newKey } from "./new-key";

test("a key is made on plain http too, where there is no randomUUID, and is another each time", () => {
  vi.stubGlobal("crypto", {
    getRandomValues: (bytes: Uint8Array) => bytes.map(() => Math.floor(Math.random() * 256)),
  });
  const keys = Array.from({ length: 100 }, newKey);
  vi.unstubAllGlobals();
  expect(new Set(keys).size).toBe(100);
  expect(keys.every((key) => /^[0-9a-f]{32}$/.test(key))).toBe(true);
});
