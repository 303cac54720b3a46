import { CloudOff, SearchX } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button";
import { classes } from "./classes";

interface StateProps {
  icon: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
  role?: "alert" | "status";
}

function State({ icon, title, children, action, className, role }: StateProps) {
  return (
    <div
      role={role}
      className={classes("flex flex-col items-center gap-3 px-6 py-12 text-center", className)}
    >
      <span className="grid size-12 place-items-center rounded-full bg-sunken text-faint">
        {icon}
      </span>
      <p className="text-lg font-semibold text-ink">{title}</p>
      {children && <p className="max-w-md text-soft">{children}</p>}
      {action && <div className="mt-2 flex flex-wrap justify-center gap-3">{action}</div>}
    </div>
  );
}

/** Nothing there yet: one sentence, one deed, one sample. */
export function EmptyState(props: Omit<StateProps, "role" | "className">) {
  return <State {...props} className="rounded-lg border border-dashed border-line-strong/60" />;
}

/** Something is there, but not what was looked for. */
export function NoResultState({ title, onClear }: { title: string; onClear: () => void }) {
  const { t } = useTranslation();
  return (
    <State
      role="status"
      icon={<SearchX aria-hidden className="size-6" />}
      title={title}
      action={
        <Button variant="secondary" size="sm" onPress={onClear}>
          {t("clear_search")}
        </Button>
      }
    />
  );
}

interface ErrorStateProps {
  title: string;
  detail: string;
  onRetry?: () => void;
  isRetrying?: boolean;
}

/** It could not be had: why, and again. */
export function ErrorState({ title, detail, onRetry, isRetrying }: ErrorStateProps) {
  const { t } = useTranslation();
  return (
    <State
      role="alert"
      className="rounded-lg border border-line bg-surface"
      icon={<CloudOff aria-hidden className="size-6 text-danger" />}
      title={title}
      action={
        onRetry && (
          <Button variant="secondary" size="sm" isPending={isRetrying} onPress={onRetry}>
            {t("try_again")}
          </Button>
        )
      }
    >
      {detail}
    </State>
  );
}
