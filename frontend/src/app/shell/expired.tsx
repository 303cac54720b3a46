import { lazy, Suspense, useEffect, useRef } from "react";
import { useDispatch, useSelector } from "react-redux";
import { addTagTypes, api } from "@/shared/api/inside";
import { loadTexts } from "@/shared/i18n";
import { selectStatus, sessionEnded, useSession, type WithSession } from "@/shared/session";

const LogInAgain = lazy(async () => {
  const [{ LogInAgain: Loaded }] = await Promise.all([
    import("./log-in-again"),
    loadTexts("entrance"),
  ]);
  return { default: Loaded };
});

/** Once somebody is back, what could not be loaded meanwhile is. */
function useCatchingUp(isExpired: boolean) {
  const dispatch = useDispatch();
  const was = useRef(isExpired);
  useEffect(() => {
    if (was.current && !isExpired) dispatch(api.util.invalidateTags([...addTagTypes]));
    was.current = isExpired;
  }, [isExpired, dispatch]);
}

/** A session that ended by itself: who was here logs in again over the screen, and goes on. */
export function Expired() {
  const status = useSelector((state: WithSession) => selectStatus(state));
  const dispatch = useDispatch();
  const { user } = useSession();
  useCatchingUp(status === "expired");
  const isLost = status === "expired" && !user; // nobody knows who it was
  useEffect(() => {
    if (isLost) dispatch(sessionEnded());
  }, [isLost, dispatch]);
  if (status !== "expired" || !user) return null;
  return (
    <Suspense>
      <LogInAgain email={user.email} onElsewhere={() => dispatch(sessionEnded())} />
    </Suspense>
  );
}
