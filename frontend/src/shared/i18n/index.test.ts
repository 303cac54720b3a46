import i18next from "i18next";
import { startI18n } from ".";

it("writes numbers as the language writes them", async () => {
  localStorage.setItem("chatsphere-locale", "fa");
  await startI18n();
  i18next.addResourceBundle("fa", "common", { sample: "{{count}} – {{name}}" });
  const t = i18next.t as unknown as (key: string, blanks: object) => string;
  expect(t("sample", { count: 1234, name: "a1" })).toBe("۱٬۲۳۴ – a1");
});
