import { toast } from "sonner";

interface ToastOptions {
  /** What to do now, or what happens next. */
  description?: string;
  action?: { label: string; onClick: () => void };
}

/** Says what happened; an error stays longer, for there is something to do about it. */
export const notify = {
  success: (title: string, options?: ToastOptions) => toast.success(title, options),
  info: (title: string, options?: ToastOptions) => toast(title, options),
  error: (title: string, options?: ToastOptions) =>
    toast.error(title, { duration: 10_000, ...options }),
};
