import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "react-redux";
import { type Message, useStopMutation } from "@/shared/api/inside";
import type { SessionStore } from "@/shared/api/stream";
import type { LiveAnswer } from "./live-answer";
import { Run, type Wish } from "./run";

interface State {
  /** What is under way, from the moment it is asked for. */
  wish: Wish | null;
  live: LiveAnswer | null;
  /** What went wrong, before the answer began or in its middle, and what was wished for. */
  error: unknown;
  failed: Wish | null;
  /** The way to the server is cut just now. */
  isCut: boolean;
}

export interface Answering extends State {
  begin: (wish: Wish) => void;
  stop: () => void;
  /** Leave it to the server, which finishes it without us; and forget what failed. */
  leave: () => void;
}

const IDLE: State = { wish: null, live: null, error: null, failed: null, isCut: false };

type OnStarted = (answer: Message, wish: Wish) => void;

/** One answer at a time: asked for, and followed to its end whatever is cut. */
export function useAnswering(onStarted: OnStarted): Answering {
  const store = useStore() as unknown as SessionStore;
  const [state, setState] = useState(IDLE);
  const running = useRef<Run>(null);
  const told = useRef(onStarted);
  useEffect(() => {
    told.current = onStarted;
  });
  const [requestStop] = useStopMutation();

  const leave = useCallback(() => {
    running.current?.leave();
    running.current = null;
    setState(IDLE);
  }, []);
  useEffect(() => () => running.current?.leave(), []);

  const stop = useCallback(() => {
    const run = running.current;
    if (!run) return;
    run.isStopping = true;
    if (run.live) void requestStop({ messageId: run.live.id });
  }, [requestStop]);

  const begin = useCallback(
    (wish: Wish) => {
      running.current?.leave();
      const change = (next: (last: State) => State) => running.current === run && setState(next);
      const onLive = (live: LiveAnswer) => {
        change((last) => ({ ...last, live }));
        told.current(live.message, wish);
        if (run.isStopping) stop();
      };
      const onCut = (isCut: boolean) => change((last) => ({ ...last, isCut }));
      const run = new Run(store, wish, { onLive, onCut });
      running.current = run;
      setState({ ...IDLE, wish });
      run.toEnd().then(
        () => change(() => IDLE),
        (error: unknown) => change(() => ({ ...IDLE, error, failed: run.rest })),
      );
    },
    [store, stop],
  );
  return useMemo(() => ({ ...state, begin, stop, leave }), [state, begin, stop, leave]);
}
