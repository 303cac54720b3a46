import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { problemOf } from "./api";

/** Why it did not work, in words for a person: ours where we have some for the code, else the API's. */
export function useProblemText(): (error: unknown) => string {
  const { t, i18n } = useTranslation();
  return useCallback(
    (error) => {
      const problem = problemOf(error);
      if (!problem) return t("problem_offline");
      const key = `common:problem_${problem.code}`;
      return i18n.exists(key) ? String(i18n.t(key as never)) : problem.detail;
    },
    [t, i18n],
  );
}
