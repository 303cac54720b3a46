import { toast } from "sonner";

interface ToastOptions {
  /** What to do now, or what happens next. */
  description?: string;
  action?: { label: string; onClick: () => void };
  duration?: number;
  /** Its time is over, or it was closed: one of the two, unless its action was taken. */
  onAutoClose?: () => void;
  onDismiss?: () => void;
}

/** Says what happened; an error stays longer, for there is something to do about it. */
export const notify = {
  success: (title: string, options?: ToastOptions) => toast.success(title, options),
  info: (title: string, options?: ToastOptions) => toast(title, options),
  error: (title: string, options?: ToastOptions) =>
    toast.error(title, { duration: 10_000, ...options }),
};
