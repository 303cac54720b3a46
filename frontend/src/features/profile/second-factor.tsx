import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Profile } from "@/shared/api/entrance";
import { type Enrolment, useBeginTotpMutation } from "@/shared/api/inside";
import { Badge, Button, Card } from "@/shared/ui";
import { Section } from "@/shared/ui/section";
import { notify } from "@/shared/ui/toast";
import { useProblemText } from "@/shared/use-problem-text";
import { TurnOff } from "./turn-off";

// Draws QR codes: only who turns it on loads that.
const TurnOn = lazy(() => import("./turn-on").then((m) => ({ default: m.TurnOn })));

export function SecondFactor({ user }: { user: Profile }) {
  const { t } = useTranslation("profile");
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  const [isTurningOff, setTurningOff] = useState(false);
  return (
    <Section title={t("factor")} lead={t("factor_lead")}>
      <Card className="flex flex-wrap items-center justify-between gap-4 p-5">
        <p className="flex items-center gap-3 font-medium">
          {t("factor_app")}
          {user.second_factor ? (
            <Badge tone="success">{t("factor_is_on")}</Badge>
          ) : (
            <Badge>{t("factor_is_off")}</Badge>
          )}
        </p>
        {user.second_factor ? (
          <Button variant="secondary" onPress={() => setTurningOff(true)}>
            {t("factor_turn_off")}
          </Button>
        ) : (
          <Begin onBegun={setEnrolment} />
        )}
      </Card>
      {enrolment && (
        <Suspense>
          <TurnOn enrolment={enrolment} onClose={() => setEnrolment(null)} />
        </Suspense>
      )}
      {isTurningOff && <TurnOff onClose={() => setTurningOff(false)} />}
    </Section>
  );
}

function Begin({ onBegun }: { onBegun: (enrolment: Enrolment) => void }) {
  const { t } = useTranslation("profile");
  const textOf = useProblemText();
  const [begin, { isLoading }] = useBeginTotpMutation();
  const ask = async () => {
    const { data, error } = await begin();
    if (data) onBegun(data);
    else notify.error(t("factor_failed"), { description: textOf(error) });
  };
  return (
    <Button variant="secondary" isPending={isLoading} onPress={() => void ask()}>
      {t("factor_turn_on")}
    </Button>
  );
}
