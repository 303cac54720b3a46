import { Download } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useDispatch } from "react-redux";
import { useDownloadMutation } from "@/shared/api/download";
import { useDeleteMeMutation } from "@/shared/api/inside";
import { Form, useSubmit } from "@/shared/forms";
import { sessionEnded, tellTabs } from "@/shared/session";
import { Button, Notice } from "@/shared/ui";
import { Dialog, DialogActions } from "@/shared/ui/dialog";
import { Section } from "@/shared/ui/section";
import { notify } from "@/shared/ui/toast";
import { useProblemText } from "@/shared/use-problem-text";
import { CurrentPassword } from "./password-fields";

/** What is kept of oneself: to take along, and to end. */
export function YourData() {
  const { t } = useTranslation("profile");
  const [isDeleting, setDeleting] = useState(false);
  return (
    <>
      <Section title={t("data")} lead={t("data_lead")}>
        <TakeAlong />
      </Section>
      <Section isDangerous title={t("delete")} lead={t("delete_lead")}>
        <Button variant="secondary" onPress={() => setDeleting(true)}>
          {t("delete_do")}
        </Button>
        {isDeleting && <Delete onClose={() => setDeleting(false)} />}
      </Section>
    </>
  );
}

function TakeAlong() {
  const { t } = useTranslation(["profile", "common"]);
  const textOf = useProblemText();
  const [download, { isLoading }] = useDownloadMutation();
  const take = async () => {
    const { error } = await download({ url: "/api/v1/me/export", name: "chatsphere-me.json" });
    if (error) notify.error(t("common:download_failed"), { description: textOf(error) });
    else notify.success(t("data_taken"), { description: t("data_taken_next") });
  };
  return (
    <Button variant="secondary" isPending={isLoading} onPress={() => void take()}>
      <Download aria-hidden className="size-4" />
      {t("data_take")}
    </Button>
  );
}

function Delete({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(["profile", "common"]);
  const dispatch = useDispatch();
  const [remove] = useDeleteMeMutation();
  const { form, refusal, isPending } = useSubmit<"password">(async ({ password }) => {
    const { error } = await remove({ accountRemoval: { password: password || null } });
    if (!error) {
      dispatch(sessionEnded());
      tellTabs("session-ended");
    }
    return { error };
  });
  return (
    <Dialog isAlert isOpen title={t("delete_ask")} onClose={onClose}>
      <Form {...form} className="flex flex-col gap-5">
        {refusal && <Notice tone="danger">{refusal}</Notice>}
        <p className="text-soft">{t("delete_means")}</p>
        <CurrentPassword name="password" />
        <DialogActions>
          <Button variant="secondary" onPress={onClose}>
            {t("common:cancel")}
          </Button>
          <Button variant="danger" type="submit" isPending={isPending}>
            {t("delete_do")}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}
