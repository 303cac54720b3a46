import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { problemOf } from "@/shared/api";
import { same } from "@/shared/same";
import { notify } from "@/shared/ui/toast";
import { useProblemText } from "@/shared/use-problem-text";
import { type EditedBot, useLazyEditedBotQuery, useSaveBotMutation } from "./edited-bot";
import { patchOf, tidied, type Values, valuesOf } from "./values";

const without = (values: Values, isGone: (pointer: string, value: unknown) => boolean): Values =>
  Object.fromEntries(Object.entries(values).filter(([pointer, value]) => !isGone(pointer, value)));

/** What was changed and not saved yet, on top of the bot as it was when the first change was made. */
function useEdits(loaded: EditedBot) {
  const [pinned, pin] = useState(loaded);
  const [edits, setEdits] = useState<Values>({});
  const isDirty = Object.keys(edits).length > 0;
  const base = isDirty ? pinned : loaded;
  const original = useMemo(() => valuesOf(base.bot), [base]);
  const values = useMemo(() => ({ ...original, ...edits }), [original, edits]);
  const edit = (pointer: string, value: unknown) => {
    if (!isDirty) pin(loaded);
    const isBack = same(value, original[pointer]);
    setEdits((now) => (isBack ? without(now, (p) => p === pointer) : { ...now, [pointer]: value }));
  };
  /** What was typed while it was on its way is not saved yet. */
  const settle = (saved: EditedBot, sent: Values) => {
    pin(saved);
    setEdits((now) => without(now, (pointer, value) => same(value, sent[pointer])));
  };
  return { base, pin, edits, isDirty, values, edit, settle, drop: () => setEdits({}) };
}

/** The settings that a 422 names: `/configuration/fallback_models/0` is about the list. */
function refusalsOf(error: unknown, edits: Values): Record<string, string> {
  const found = (problemOf(error)?.errors ?? []).flatMap(({ pointer, detail }) => {
    const edited = Object.keys(edits).find((own) => `${pointer}/`.startsWith(`${own}/`));
    return edited ? [[edited, detail]] : [];
  });
  return Object.fromEntries(found) as Record<string, string>;
}

/** Send edits, and tell what became of them: what was refused, or what somebody else did meanwhile. */
function useSaving(botId: string) {
  const { t } = useTranslation("configure");
  const textOf = useProblemText();
  const [send, { isLoading: isSaving }] = useSaveBotMutation();
  const [reload] = useLazyEditedBotQuery();
  const [refusals, setRefusals] = useState<Record<string, string>>({});
  const [conflict, setConflict] = useState<EditedBot | null>(null);
  const refuse = async (error: unknown, edits: Values) => {
    const isStale = problemOf(error)?.status === 412;
    const { data: theirs } = isStale ? await reload(botId) : {};
    if (theirs) return setConflict(theirs);
    const found = refusalsOf(error, edits);
    setRefusals(found);
    if (Object.keys(found).length > 0) return;
    notify.error(t("not_saved"), { description: textOf(error) });
  };
  const save = async (edits: Values, { etag }: EditedBot) => {
    setRefusals({});
    setConflict(null);
    const { data, error } = await send({ botId, etag, patch: patchOf(tidied(edits)) });
    if (data) notify.success(t("saved"), { description: t("saved_next") });
    else await refuse(error, edits);
    return data;
  };
  const forgive = (pointer: string) => setRefusals(({ [pointer]: _, ...others }) => others);
  const forget = () => {
    setRefusals({});
    setConflict(null);
  };
  return { save, isSaving, refusals, conflict, forgive, forget };
}

/** Change a bot; nothing of what others changed meanwhile is lost unseen. */
export function useEditing(loaded: EditedBot) {
  const { base, pin, edits, isDirty, values, edit, settle, drop } = useEdits(loaded);
  const { save, isSaving, refusals, conflict, forgive, forget } = useSaving(loaded.bot.id);
  const saveOn = async (on: EditedBot): Promise<boolean> => {
    const saved = await save(edits, on);
    if (saved) settle(saved, edits);
    return saved !== undefined;
  };
  return {
    base,
    values,
    edits,
    isDirty,
    isSaving,
    refusals,
    conflict,
    edit: (pointer: string, value: unknown) => {
      forgive(pointer);
      edit(pointer, value);
    },
    save: () => saveOn(base),
    /** Mine go on top of theirs: what only they changed stays. */
    keepMine: () => {
      if (!conflict) return;
      pin(conflict);
      void saveOn(conflict);
    },
    discard: () => {
      forget();
      drop();
    },
    reconsider: forget,
  };
}

export type Editing = ReturnType<typeof useEditing>;
