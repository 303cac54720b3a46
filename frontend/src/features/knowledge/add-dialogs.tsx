import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type NewCrawl, useStartCrawlMutation } from "@/shared/api/inside";
import { Form, useSubmit } from "@/shared/forms";
import { newKey } from "@/shared/new-key";
import { Button, Field, Notice } from "@/shared/ui";
import { Dialog, DialogActions } from "@/shared/ui/dialog";
import { notify } from "@/shared/ui/toast";
import type { AddBy } from "./add-buttons";
import { useAddDocumentMutation, usePutDocument } from "./documents-api";

interface AddDialogProps {
  botId: string;
  onClose: () => void;
}

const TITLE_MOST = 1000;
const URL_MOST = 2048;

interface FrameProps {
  title: string;
  action: string;
  submit: ReturnType<typeof useSubmit>;
  onClose: () => void;
  children: ReactNode;
}

function Frame({ title, action, submit, onClose, children }: FrameProps) {
  const { t } = useTranslation();
  const { form, refusal, isPending } = submit;
  return (
    <Dialog isOpen size="md" title={title} onClose={onClose}>
      <Form {...form} className="flex flex-col gap-5">
        {refusal && <Notice tone="danger">{refusal}</Notice>}
        {children}
        <DialogActions>
          <Button variant="secondary" onPress={onClose}>
            {t("cancel")}
          </Button>
          <Button type="submit" isPending={isPending}>
            {action}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}

type Content = { url: string } | { title: string; text: string };

/** Add something that is not a file. */
function useAdd({ botId, onClose }: AddDialogProps) {
  const { t } = useTranslation("knowledge");
  const [add] = useAddDocumentMutation();
  const put = usePutDocument();
  return async (content: Content) => {
    const { data, error } = await add({ botId, content, key: newKey() });
    if (!data) return { error };
    const { document, isKnown } = data;
    put(document);
    if (isKnown) notify.info(t("known", { title: document.title }));
    else notify.success(t("added", { title: document.title }), { description: t("added_next") });
    onClose();
  };
}

/** An address as people write it. */
const withScheme = (url: string) => (/^https?:\/\//i.test(url) ? url : `https://${url}`);

function useUrlCheck() {
  const { t } = useTranslation("knowledge");
  return (text: string) => {
    const url = withScheme(text.trim());
    const isUrl = URL.canParse(url) && new URL(url).hostname.includes(".");
    return isUrl ? null : t("url_wrong");
  };
}

function UrlField({ label, hint }: { label: string; hint: string }) {
  const { t } = useTranslation("knowledge");
  return (
    <Field
      name="url"
      autoFocus
      inputMode="url"
      autoComplete="off"
      maxLength={URL_MOST}
      label={label}
      hint={hint}
      placeholder={t("url_example")}
      validate={useUrlCheck()}
    />
  );
}

function UrlDialog(props: AddDialogProps) {
  const { t } = useTranslation("knowledge");
  const add = useAdd(props);
  const submit = useSubmit<"url">(({ url }) => add({ url: withScheme(url) }));
  return (
    <Frame
      title={t("add_url_title")}
      action={t("add_url_do")}
      submit={submit}
      onClose={props.onClose}
    >
      <UrlField label={t("url")} hint={t("url_hint")} />
    </Frame>
  );
}

function TextDialog(props: AddDialogProps) {
  const { t } = useTranslation("knowledge");
  const add = useAdd(props);
  const submit = useSubmit<"title" | "text">(add);
  return (
    <Frame
      title={t("add_text_title")}
      action={t("add_text_do")}
      submit={submit}
      onClose={props.onClose}
    >
      <Field
        name="title"
        autoFocus
        autoComplete="off"
        maxLength={TITLE_MOST}
        label={t("text_title")}
        placeholder={t("text_title_example")}
        validate={(text) => (text.trim() ? null : t("text_title_missing"))}
      />
      <Field
        name="text"
        rows={10}
        label={t("text")}
        hint={t("text_hint")}
        validate={(text) => (text.trim() ? null : t("text_missing"))}
      />
    </Frame>
  );
}

const PAGES = { least: 1, most: 500, usual: "50" };
const linesOf = (text: string) => text.split(/\s+/).filter(Boolean);

type SiteField = "url" | "max_pages" | "include" | "exclude";

function useStart({ botId, onClose }: AddDialogProps) {
  const { t } = useTranslation("knowledge");
  const [start] = useStartCrawlMutation();
  return useSubmit<SiteField>(async ({ url, max_pages, include, exclude }) => {
    const newCrawl: NewCrawl = {
      url: withScheme(url),
      max_pages: Number(max_pages),
      include: linesOf(include),
      exclude: linesOf(exclude),
    };
    const { error } = await start({ botId, newCrawl, "idempotency-key": newKey() });
    if (error) return { error };
    notify.success(t("site_begun"), { description: t("added_next") });
    onClose();
  });
}

function SiteDialog(props: AddDialogProps) {
  const { t } = useTranslation("knowledge");
  const submit = useStart(props);
  const isCount = (text: string) => {
    const count = Number(text);
    return Number.isInteger(count) && count >= PAGES.least && count <= PAGES.most;
  };
  return (
    <Frame
      title={t("add_site_title")}
      action={t("add_site_do")}
      submit={submit}
      onClose={props.onClose}
    >
      <UrlField label={t("site_url")} hint={t("site_url_hint")} />
      <Field
        name="max_pages"
        inputMode="numeric"
        defaultValue={PAGES.usual}
        label={t("site_pages")}
        className="max-w-40"
        validate={(text) => (isCount(text) ? null : t("site_pages_wrong", PAGES))}
      />
      <div className="grid gap-5 sm:grid-cols-2">
        <Field name="include" rows={2} label={t("site_include")} hint={t("site_include_hint")} />
        <Field name="exclude" rows={2} label={t("site_exclude")} hint={t("site_exclude_hint")} />
      </div>
    </Frame>
  );
}

const DIALOGS = { url: UrlDialog, site: SiteDialog, text: TextDialog };

export function AddDialog({ way, ...props }: AddDialogProps & { way: AddBy }) {
  const Shown = DIALOGS[way];
  return <Shown {...props} />;
}
