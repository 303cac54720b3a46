import { type RefObject, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { ModelChoice } from "@/shared/api/inside";
import { useSession } from "@/shared/session";
import { Card, Notice } from "@/shared/ui";
import { Section } from "@/shared/ui/section";
import { check } from "./check";
import { ConflictDialog } from "./conflict-dialog";
import type { EditedBot } from "./edited-bot";
import { LeaveGuard } from "./leave-guard";
import { SaveBar } from "./save-bar";
import { groupsOf, type Setting } from "./schema";
import { SettingField } from "./setting-field";
import { type Editing, useEditing } from "./use-editing";
import { useSettingTexts } from "./use-setting-texts";

interface FormProps {
  loaded: EditedBot;
  settings: Setting[];
  models: readonly ModelChoice[];
}

/** What is wrong, by pointer: what the schema forbids, else what the API refused. */
function useErrors(settings: readonly Setting[], { values, edits, refusals }: Editing) {
  const { faultOf } = useSettingTexts();
  const found = settings.flatMap(({ pointer, schema }) => {
    const fault = pointer in edits ? check(schema, values[pointer]) : undefined;
    return fault ? [[pointer, faultOf(fault)]] : [];
  });
  const faults = Object.fromEntries(found) as Record<string, string>;
  return { faults, errors: { ...refusals, ...faults } };
}

/** Where something is wrong, the first of it is gone to instead. */
function useChecked(faults: Record<string, string>, save: () => Promise<boolean>) {
  const form = useRef<HTMLFormElement>(null);
  const saveChecked = async () => {
    if (Object.keys(faults).length === 0) return save();
    const wrong = ":is(input, textarea)[aria-invalid=true], [data-invalid] :is(input, textarea)";
    form.current?.querySelector<HTMLElement>(wrong)?.focus();
    return false;
  };
  return { form, saveChecked };
}

/** Once there is nothing to save, what had the focus, a bar or a dialog, may be gone. */
function useKeptFocus(form: RefObject<HTMLFormElement | null>, isDirty: boolean) {
  useEffect(() => {
    if (!isDirty) return;
    const keep = () => {
      if (document.activeElement === document.body) form.current?.focus({ preventScroll: true });
    };
    return () => void requestAnimationFrame(keep); // a dialog gives the focus back first
  }, [form, isDirty]);
}

/** All settings of a bot, saved together. */
export function ConfigurationForm({ loaded, settings, models }: FormProps) {
  const { t } = useTranslation("configure");
  const { may } = useSession();
  const isReadOnly = !may("editor");
  const editing = useEditing(loaded);
  const { values, edits, isDirty, isSaving, edit, save, discard } = editing;
  const { faults, errors } = useErrors(settings, editing);
  const { form, saveChecked } = useChecked(faults, save);
  const onSave = () => void saveChecked();
  useKeptFocus(form, isDirty);
  return (
    <form
      ref={form}
      noValidate
      aria-label={t("title")}
      tabIndex={-1}
      // What has the focus is never under the bars.
      className="outline-none [&_:is(input,textarea,button)]:scroll-mt-20 [&_:is(input,textarea,button)]:scroll-mb-28"
      onSubmit={(event) => event.preventDefault()}
    >
      {isReadOnly && (
        <div className="mb-6">
          <Notice>{t("read_only")}</Notice>
        </div>
      )}
      {groupsOf(settings).map(({ name, settings: ofGroup }) => (
        <Section key={name} title={t(`group_${name}`)} lead={t(`group_why_${name}`)}>
          <Card className="flex flex-col gap-6 p-5">
            {ofGroup.map((setting) => (
              <SettingField
                key={setting.pointer}
                setting={setting}
                value={values[setting.pointer]}
                error={errors[setting.pointer]}
                models={models}
                onChange={(value) => edit(setting.pointer, value)}
                isReadOnly={isReadOnly}
              />
            ))}
          </Card>
        </Section>
      ))}
      {isDirty && (
        <SaveBar
          count={Object.keys(edits).length}
          isSaving={isSaving}
          onSave={onSave}
          onDiscard={discard}
        />
      )}
      <LeaveGuard isDirty={isDirty} isSaving={isSaving} save={saveChecked} />
      <ConflictDialog editing={editing} settings={settings} />
    </form>
  );
}
