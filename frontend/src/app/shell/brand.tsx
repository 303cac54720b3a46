import { Link } from "react-router";
import { paths } from "@/shared/paths";

const NAME = "ChatSphere";

export function Brand() {
  return (
    <Link
      to={paths.home}
      className="inline-flex items-center gap-2.5 rounded-sm font-semibold tracking-tight text-ink no-underline"
    >
      <img src="/favicon.svg" alt="" width="26" height="26" />
      {NAME}
    </Link>
  );
}
