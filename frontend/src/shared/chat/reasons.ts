/** Why an answer did not help, as the dashboard offers it; the API takes any text. */
export const REASONS = [
  "wrong",
  "incomplete",
  "wrong_source",
  "not_answered",
  "tone",
  "something_else",
] as const;

export type Reason = (typeof REASONS)[number];

export const isReason = (text: string): text is Reason => REASONS.some((one) => one === text);
